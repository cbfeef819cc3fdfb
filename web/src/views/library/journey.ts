/** The way from an empty workspace to sounds in a folder, in five steps that tick themselves. Pure. */

import type { Job, State } from "../../api/types";

export type StepId = "scan" | "train" | "map" | "play" | "take";

export interface Step {
  id: StepId;
  title: string;
  /** What it comes to, or what is to be done. */
  says: string;
  done: boolean;
  /** The job that is at it now. */
  job: Job | null;
}

export const FIRST_RECIPE = "one-shot-tiny";
export const FIRST_NAME = "first";

const isOpen = (job: Job): boolean => job.state === "running" || job.state === "queued";

/** Where a workspace stands. `took` is whether anything was dragged or downloaded from this browser. */
export function journey(state: State, jobs: readonly Job[], took: boolean): Step[] {
  const sounds = state.library?.count ?? 0;
  const playable = state.instruments.filter((one) => !one.problem && !one.of_recordings);
  const at = (kind: Job["kind"]): Job | null => jobs.find((job) => job.kind === kind && isOpen(job)) ?? null;
  const isMapped = state.made > 0 || jobs.some((job) => job.kind === "map" && job.state === "done");
  return [
    { id: "scan", title: "Scan", says: sounds ? `${sounds.toLocaleString("en-US")} sounds` : "Bring sounds in", done: sounds > 0, job: at("scan") },
    { id: "train", title: "Train", says: playable.length ? `Instrument ${playable[0]?.name}` : "An instrument learns", done: playable.length > 0, job: at("train") },
    { id: "map", title: "Map", says: isMapped ? "Laid out" : "Lay them out by ear", done: isMapped, job: at("map") },
    { id: "play", title: "Play", says: state.made ? `${state.made.toLocaleString("en-US")} sounds made` : "Click for a new sound", done: state.made > 0, job: null },
    { id: "take", title: "Take away", says: "Drag it out, or pack", done: took && state.made > 0, job: null },
  ];
}

/** The first step that is not done. */
export const nextStep = (steps: readonly Step[]): Step | null => steps.find((step) => !step.done) ?? null;

/** A name that no instrument has yet. */
export function freeName(taken: readonly string[], wanted = FIRST_NAME): string {
  if (!taken.includes(wanted)) return wanted;
  for (let number = 2; ; number++) if (!taken.includes(`${wanted}-${number}`)) return `${wanted}-${number}`;
}
