import { useEffect, useState } from "preact/hooks";
import { get } from "../../api/client";
import type { Instrument, Job, Model } from "../../api/models";
import { Button } from "../../design/Button";
import { NumberField } from "../../design/NumberField";
import { JobCard } from "../../shell/JobDrawer";
import { toastError } from "../../state/toasts";
import { changes, jobs, startJob } from "../../state/workspace";
import type { Made } from "./rank";
import { Results } from "./Results";
import { sessionOf } from "./session";
import { randomSeed, wishOf } from "./takes";

/** Makes many sounds and keeps the best, to be compared by ear. */
export function Many({ about }: { about: Instrument }) {
  const pieces = Boolean(about.of_recordings);
  const [count, setCount] = useState(pieces ? 2 : 32);
  const [keep, setKeep] = useState(8);
  const [seconds, setSeconds] = useState(10);
  const [asking, setAsking] = useState(false);
  const job = lastJob(jobs.value, about.name);
  const isOpen = job?.state === "running" || job?.state === "queued";
  const begin = async (): Promise<void> => {
    setAsking(true);
    await startJob(pieces ? { kind: "generate", instrument: about.name, count, seconds, seed: randomSeed() } : wishFor(about.name, count, keep)).catch(toastError);
    setAsking(false);
  };
  return (
    <div class="play-many">
      <div class="play-many-ask">
        <NumberField label={pieces ? "Pieces" : "Make"} value={count} min={1} max={pieces ? 16 : 10_000} onChange={(next) => { setCount(next); setKeep(Math.min(keep, next)); }} />
        {pieces
          ? <NumberField label="Length of each" value={seconds} min={1} max={600} unit="s" onChange={setSeconds} />
          : <NumberField label="Keep the best" value={keep} min={1} max={count} onChange={setKeep} />}
        <Button kind={pieces ? "go" : "plain"} icon="dice" busy={asking || isOpen} onClick={() => void begin()}>{pieces ? "Make pieces" : "Make many"}</Button>
        <p class="t-hint t-grow">{pieces ? "New pieces in the manner of the recording." : "With the label, length and sliders that are set. The best are clear, not silent, unlike each other and near to the library's own."}</p>
      </div>
      {job && (job.state !== "done" || !job.made?.length) && <JobCard job={job} />}
      <Kept about={about} ids={job?.made ?? []} />
    </div>
  );
}

function wishFor(instrument: string, count: number, keep: number): Model<"GenerateWish"> {
  const { seed: _, count: __, ...asked } = wishOf(sessionOf(instrument).take);
  return { kind: "generate", instrument, count, keep: keep < count ? keep : null, seed: randomSeed(), ...asked };
}

const lastJob = (all: readonly Job[], instrument: string): Job | undefined => all.find((job) => job.kind === "generate" && job.instrument === instrument);

/** The sounds of the last job; asked for again as they are measured. */
function Kept({ about, ids }: { about: Instrument; ids: readonly string[] }) {
  const [made, setMade] = useState<readonly Made[]>([]);
  const wanted = ids.join(" ");
  const version = changes.made.value;
  useEffect(() => {
    if (!wanted) return setMade([]);
    const timer = setTimeout(() => {
      listOf(new Set(wanted.split(" "))).then(setMade, toastError);
    }, 150);
    return () => clearTimeout(timer);
  }, [wanted, version]);
  return <Results about={about} made={made} onChange={(changed) => setMade((now) => now.map((one) => (one.id === changed.id ? changed : one)))} />;
}

const PAGE = 1000;

/** Some sounds of the history, wherever in it they are. */
async function listOf(ids: ReadonlySet<string>): Promise<Made[]> {
  const found: Made[] = [];
  for (let from = 0; found.length < ids.size; from += PAGE) {
    const { made, total } = await get<Model<"MadeSounds">>("/api/made", { query: { start: from, count: PAGE } });
    found.push(...made.filter((one) => ids.has(one.id)));
    if (from + PAGE >= total) break;
  }
  const order = [...ids];
  return found.sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id));
}
