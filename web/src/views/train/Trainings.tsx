import type { Instrument, Job } from "../../api/models";
import { Button } from "../../design/Button";
import { EmptyState } from "../../design/EmptyState";
import { Progress } from "../../design/Progress";
import { several } from "../../design/numbers";
import { route, setParams } from "../../state/route";
import { instruments, jobs } from "../../state/workspace";
import { useTrainingNames } from "./store";
import { State, type Entry } from "./Standing";
import { TrainingDetail } from "./TrainingDetail";

/** The newest job that trains an instrument. */
export const trainJob = (name: string): Job | null => jobs.value.find((one) => one.kind === "train" && one.instrument === name) ?? null;

const isOpen = (job: Job | null): boolean => job?.state === "running" || job?.state === "queued";

/** All trainings and instruments at the left, the chosen one beside them. */
export function Trainings() {
  const entries = useEntries();
  const asked = route.value.params["training"] ?? route.value.params["instrument"];
  const current = entries.find((one) => one.name === asked) ?? entries[0];
  if (!current) {
    const start = <Button kind="go" icon="plus" onClick={() => setParams({ tab: "new" })}>Train an instrument</Button>;
    return <EmptyState icon="train" title="No instrument yet" actions={start}>An instrument learns from your sounds on this machine. It takes minutes, can be heard as it learns, and can be stopped at any time.</EmptyState>;
  }
  return (
    <div class="train-trainings">
      <nav class="train-list" aria-label="Trainings and instruments">
        {entries.map((entry) => <EntryButton key={entry.name} entry={entry} isCurrent={entry === current} />)}
      </nav>
      <TrainingDetail key={current.name} entry={current} />
    </div>
  );
}

function useEntries(): Entry[] {
  const names = useTrainingNames();
  const trained = instruments.value;
  const training = jobs.value.filter((one) => one.kind === "train" && (isOpen(one) || one.state === "failed" || one.state === "stopped")).map((one) => one.instrument);
  const all = [...new Set([...names.filter((one) => one.under_way).map((one) => one.name), ...training, ...trained.map((one) => one.name), ...names.map((one) => one.name)])].filter(Boolean);
  const entries = all.map((name) => ({
    name,
    instrument: trained.find((one) => one.name === name) ?? null,
    underWay: names.some((one) => one.name === name && one.under_way),
    job: trainJob(name),
  }));
  return entries.toSorted((one, other) => Number(isOpen(other.job)) - Number(isOpen(one.job)));
}

function EntryButton({ entry, isCurrent }: { entry: Entry; isCurrent: boolean }) {
  const { name, instrument, job } = entry;
  const progress = isOpen(job) ? job?.progress : null;
  return (
    <button type="button" class="train-entry" aria-current={isCurrent ? "true" : undefined} onClick={() => setParams({ training: name, tab: "all" })}>
      <span class="t-row"><strong class="t-clip t-grow">{name}</strong><State entry={entry} /></span>
      {progress ? <Progress bare label={`Training ${name}`} done={progress.done} total={progress.total || null} /> : (
        <span class="t-soft t-small t-clip">{instrument?.problem || tell(instrument)}</span>
      )}
    </button>
  );
}

function tell(instrument: Instrument | null): string {
  if (!instrument) return "No instrument yet";
  return [instrument.recipe, instrument.of_recordings ? several(instrument.sounds, "recording") : several(instrument.sounds, "sound")].join(", ");
}
