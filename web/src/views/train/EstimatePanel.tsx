import { useEffect, useRef, useState } from "preact/hooks";
import type { Recipe } from "../../api/types";
import { Button } from "../../design/Button";
import { CommandLine } from "../../design/CommandLine";
import { ErrorNote } from "../../design/ErrorNote";
import { Icon } from "../../design/Icon";
import { Panel } from "../../design/Panel";
import { Progress } from "../../design/Progress";
import { setParams } from "../../state/route";
import { toastError } from "../../state/toasts";
import { instruments, jobOf, startJob, state } from "../../state/workspace";
import { estimateWish, missing, trainWish, type Draft } from "./draft";
import { estimateOf, expectation, figures, shareOf, type Estimate } from "./expect";
import { draft, useWarnings } from "./store";

/** What a training would take, what to know before, and the button that starts it. */
export function EstimatePanel({ recipe }: { recipe: Recipe | undefined }) {
  const [busy, setBusy] = useState(false);
  const gaps = missing(draft.value, recipe, { names: instruments.value.map((one) => one.name), sounds: state.value?.library?.count ?? 0 });
  const start = async (): Promise<void> => {
    if (!recipe) return;
    setBusy(true);
    try {
      const wish = trainWish(draft.value, recipe);
      await startJob(wish);
      setParams({ tab: "all", training: wish.name });
      draft.value = { ...draft.value, name: "", force: false };
    } catch (thrown) {
      toastError(thrown);
    }
    setBusy(false);
  };
  return (
    <aside class="train-side" aria-label="What to expect">
      <Panel title="What to expect">
        <div class="t-stack">
          {recipe ? <Expectation recipe={recipe} /> : <p class="t-soft">Choose what the instrument is for. Time, memory and how good it becomes are then told for this machine and these sounds.</p>}
          {gaps.length > 0 && recipe && <ul class="train-gaps">{gaps.map((gap) => <li key={gap}><Icon name="info" size={1} /><span>{gap}</span></li>)}</ul>}
          <Button kind="go" size="l" icon="train" busy={busy} disabled={gaps.length > 0} onClick={() => void start()}>Start training</Button>
        </div>
      </Panel>
    </aside>
  );
}

function Expectation({ recipe }: { recipe: Recipe }) {
  const { value } = useWarnings(recipe);
  const isReady = recipe.takes === "library" ? Boolean(state.value?.library) : draft.value.sources.length > 0;
  return (
    <>
      {isReady && <Measured key={recipe.name} recipe={recipe} />}
      {value?.warnings.map((text) => <p key={text} class="train-warning"><Icon name="warning" size={1} /><span>{text}</span></p>)}
    </>
  );
}

/** The words of an estimate's question that need a new answer; the budget is counted here. */
const questionOf = (of: Draft, recipe: Recipe): string => `${recipe.name} ${recipe.takes === "recording" ? of.sources.map((one) => one.sound).join() : (state.value?.library?.count ?? 0)}`;
const answers = new Map<string, string>();

function Measured({ recipe }: { recipe: Recipe }) {
  const question = questionOf(draft.value, recipe);
  const [id, setId] = useState(answers.get(question));
  const asked = useRef("");
  const ask = (): void => {
    asked.current = question;
    startJob(estimateWish({ ...draft.value, budget: "whole" }, recipe)).then((job) => { answers.set(question, job.id); setId(job.id); }, toastError);
  };
  useEffect(() => {
    const known = answers.get(question);
    setId(known);
    if (known && jobOf(known)) return undefined;
    const timer = setTimeout(ask, 500);
    return () => clearTimeout(timer);
  }, [question]);
  const job = jobOf(id);
  const estimate = estimateOf(job?.result);
  if (job?.error) return <ErrorNote {...job.error} onRetry={ask} />;
  if (!estimate) return <div class="train-measuring"><Progress label="Trying a few steps on this machine" done={job?.progress?.done ?? 0} total={job?.progress?.total || null} secondsLeft={job?.progress?.seconds_left} /></div>;
  return <Told estimate={estimate} recipe={recipe} command={job?.command ?? ""} />;
}

function Told({ estimate, recipe, command }: { estimate: Estimate; recipe: Recipe; command: string }) {
  const { budget, minutes, steps } = draft.value;
  const budgeted = { minutes: budget === "minutes" ? minutes : null, steps: budget === "steps" ? steps : null };
  const share = shareOf(estimate, budgeted);
  return (
    <div class="t-stack">
      <dl class="train-figures">{figures(estimate, budgeted).map(([name, text]) => <div key={name}><dt>{name}</dt><dd>{text}</dd></div>)}</dl>
      <Progress bare label={`${Math.round(share * 100)} % of the recipe's full training`} done={share} total={1} />
      <p><strong>{Math.round(share * 100)} % of its full training.</strong> {expectation(share, state.value?.library?.count ?? 0, recipe.takes === "recording")}</p>
      <CommandLine command={command} />
    </div>
  );
}
