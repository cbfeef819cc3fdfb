import { useState } from "preact/hooks";
import type { InstrumentDetail, Training } from "../../api/types";
import { Button } from "../../design/Button";
import { CommandLine } from "../../design/CommandLine";
import { ErrorNote, Thrown } from "../../design/ErrorNote";
import { NumberField } from "../../design/NumberField";
import { Panel } from "../../design/Panel";
import { Progress } from "../../design/Progress";
import { route, write } from "../../state/route";
import { toastError } from "../../state/toasts";
import { changes, resumeJob, startJob, stopJob } from "../../state/workspace";
import { useAsked } from "../hearing/asked";
import { numbersOf, onThePage } from "./course";
import { LossPanel } from "./LossPanel";
import { Markdown } from "./Markdown";
import { Previews } from "./Previews";
import { useTraining } from "./store";
import { Abilities, State, type Entry } from "./Standing";

/** One training: how it goes, how it sounds, what it came to, and what can be done with it. */
export function TrainingDetail({ entry }: { entry: Entry }) {
  const { name, instrument, job } = entry;
  const { value: training, error } = useTraining(name);
  const isHealthy = instrument !== null && !instrument.problem;
  const detail = useAsked<InstrumentDetail>(isHealthy ? `/api/instruments/${encodeURIComponent(name)}` : null, [changes.instruments.value]);
  return (
    <div class="train-detail">
      <header class="t-row" data-wrap>
        <h2 class="train-detail-name t-clip">{name}</h2>
        <State entry={entry} />
        <span class="t-soft t-clip t-grow">{instrument?.title || training?.recipe}</span>
        <GoThere entry={entry} />
      </header>
      {instrument?.problem && <ErrorNote text={`${name} cannot be played.`} given={instrument.problem} accepted="" advice="Train it anew, or put back the files of its folder from a copy. Nothing else is affected." />}
      <Work entry={entry} training={training} />
      {job?.state === "failed" && job.error && <ErrorNote {...job.error} onRetry={job.resumable ? () => void resumeJob(job.id) : undefined} />}
      {(training?.verdict || instrument?.verdict) && <Panel title="What it came to"><p class="train-verdict">{onThePage(training?.verdict || instrument?.verdict || "")}</p></Panel>}
      {error !== null && !instrument?.problem ? <Thrown error={error} /> : (
        <>
          <LossPanel training={training} isOfRecordings={instrument?.of_recordings ?? false} />
          <Panel title="As it learns"><Previews previews={training?.previews ?? []} isLive={job?.state === "running"} /></Panel>
        </>
      )}
      {isHealthy && instrument && <Panel title="What it can do"><Abilities of={instrument} /></Panel>}
      {detail.value?.card && <Panel title="Card"><Markdown text={detail.value.card} skipTitle /></Panel>}
    </div>
  );
}

function GoThere({ entry: { name, instrument } }: { entry: Entry }) {
  if (!instrument || instrument.problem) return null;
  const view = instrument.of_recordings ? "recording" : instrument.has_map || instrument.abilities?.includes("map") ? "map" : "play";
  const words = { recording: "Open in Recording", map: "Open its map", play: "Play it" }[view];
  return <a class="t-button" data-kind="plain" href={write(view, { ...route.value.params, tab: null, training: null, instrument: name })}>{words}</a>;
}

/** What runs, with its time left and how to stop it; or how to go on. */
function Work({ entry, training }: { entry: Entry; training: Training | null }) {
  const { job, name } = entry;
  if (job?.state === "queued") {
    return (
      <div class="train-work">
        <p class="t-grow">{job.position > 0 ? `It waits: ${job.position} before it.` : "It begins in a moment."}</p>
        <Button icon="close" onClick={() => void stopJob(job.id)}>Take out</Button>
      </div>
    );
  }
  if (job?.state === "running") {
    const { progress } = job;
    return (
      <div class="train-work">
        <div class="t-grow"><Progress label={capital(progress?.stage || "beginning")} done={progress?.done ?? 0} total={progress?.total || null} secondsLeft={progress?.seconds_left} note={progress?.note || " "} /></div>
        <Button icon="stop" onClick={() => void stopJob(job.id)}>Stop and keep</Button>
        <CommandLine command={job.command} compact />
      </div>
    );
  }
  if (entry.underWay) return <Resume name={name} jobId={job?.resumable ? job.id : null} />;
  return entry.instrument && !entry.instrument.problem && training ? <GoOn name={name} training={training} /> : null;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function Resume({ name, jobId }: { name: string; jobId: string | null }) {
  const resume = (): void => void (jobId ? resumeJob(jobId) : startJob({ kind: "train", name, resume: true }).catch(toastError));
  return (
    <div class="train-work">
      <p class="t-grow">It was stopped before its end. It goes on exactly where it was.</p>
      <Button kind="go" icon="play" onClick={resume}>Go on</Button>
    </div>
  );
}

/** Longer than it was to last: the budget counts from the first start. */
function GoOn({ name, training }: { name: string; training: Training }) {
  const spent = numbersOf(training.history.columns["seconds"]).reduce<number>((most, one) => Math.max(most, one ?? 0), 0) / 60;
  const [minutes, setMinutes] = useState(10);
  const [busy, setBusy] = useState(false);
  const start = async (): Promise<void> => {
    setBusy(true);
    await startJob({ kind: "train", name, resume: true, minutes: Math.round((Math.max(spent, training.minutes ?? 0) + minutes) * 10) / 10 }).catch(toastError);
    setBusy(false);
  };
  return (
    <div class="train-work">
      <p class="t-grow">It has trained for {spent < 1 ? `${Math.round(spent * 60)} s` : `${spent.toFixed(spent < 10 ? 1 : 0)} min`} and can go on with all that it has learned.</p>
      <div class="train-amount"><NumberField label="Minutes to go on" hideLabel unit="min" min={0.5} max={10_000} step={0.5} value={minutes} onChange={setMinutes} /></div>
      <Button icon="play" busy={busy} onClick={() => void start()}>Go on for longer</Button>
    </div>
  );
}
