import { Button } from "../../design/Button";
import { Icon } from "../../design/Icon";
import { IconButton } from "../../design/IconButton";
import { Progress } from "../../design/Progress";
import { go } from "../../state/route";
import { toastError } from "../../state/toasts";
import { chooseInstrument, startJob, state } from "../../state/workspace";
import { FIRST_RECIPE, freeName, nextStep, type Step, type StepId } from "./journey";

interface JourneyProps {
  steps: readonly Step[];
  /** Closes the list, where there is a library already. */
  onClose?: (() => void) | undefined;
}

/** The whole way as a list that ticks itself; the next step has its button. */
export function Journey({ steps, onClose }: JourneyProps) {
  const next = nextStep(steps);
  return (
    <section class="lib-journey" aria-label="The way from sounds to an instrument">
      <ol>
        {steps.map((step, at) => (
          <li key={step.id} data-state={step.done ? "done" : step === next ? "next" : "later"} aria-current={step === next ? "step" : undefined}>
            <span class="lib-step-sign" aria-hidden="true">{step.done ? <Icon name="check" size={0.875} /> : at + 1}</span>
            <div class="lib-step-text">
              <strong>{step.title}<span class="t-unseen">{step.done ? ", done" : ""}</span></strong>
              {step.job ? <StepJob step={step} /> : <span class="t-soft">{step.says}</span>}
            </div>
          </li>
        ))}
      </ol>
      {next && !next.job && <StepAction id={next.id} />}
      {onClose && <IconButton icon="close" size="s" label="Close this list" onClick={onClose} />}
    </section>
  );
}

function StepJob({ step: { job } }: { step: Step }) {
  const progress = job?.progress;
  if (!job || !progress) return <span class="t-soft">{job?.state === "queued" ? "Waiting for its turn" : "Beginning"}</span>;
  return <Progress label={progress.stage} done={progress.done} total={progress.total || null} secondsLeft={progress.seconds_left} />;
}

function StepAction({ id }: { id: StepId }) {
  if (id === "train")
    return (
      <div class="t-row" data-wrap>
        <Button kind="go" icon="train" onClick={() => void trainFirst()}>Train a small one</Button>
        <Button kind="quiet" onClick={() => go("train")}>Choose a recipe</Button>
      </div>
    );
  if (id === "map") return <Button kind="go" icon="map" onClick={() => go("map")}>Open the map</Button>;
  if (id === "play") return <Button kind="go" icon="map" onClick={() => go("map")}>Play the map</Button>;
  if (id === "take") return <Button kind="go" icon="history" onClick={() => go("history")}>See what was made</Button>;
  return null;
}

async function trainFirst(): Promise<void> {
  const name = freeName((state.value?.instruments ?? []).map((one) => one.name));
  await startJob({ kind: "train", name, recipe: FIRST_RECIPE }).then(() => chooseInstrument(name), toastError);
}
