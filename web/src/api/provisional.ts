/** The shapes that the foundation needs of the server's answers, until `types.ts` holds them all. */

export type JobState = "queued" | "running" | "done" | "failed" | "stopped";

export interface Progress {
  stage: string;
  done: number;
  /** null where the amount is not known. */
  total: number | null;
  seconds_left: number | null;
  note: string | null;
}

/** What an error says: what was given, what is accepted, what to do next. */
export interface Trouble {
  given: string;
  accepted: string;
  advice: string;
  text: string;
}

export interface Job {
  id: string;
  /** "scan", "train", "map" ... */
  kind: string;
  title: string;
  state: JobState;
  progress: Progress | null;
  error: Trouble | null;
  /** The command that does the same. */
  command: string;
  result: unknown;
  created_s: number;
  started_s?: number | null;
  ended_s?: number | null;
}

export interface LibraryFacts {
  sounds: number;
  hours: number;
  labels?: number;
}

export interface InstrumentFacts {
  name: string;
  family: string;
  abilities: readonly string[];
}

export interface State {
  workspace: string;
  version: string;
  library: LibraryFacts | null;
  instruments: readonly InstrumentFacts[];
}

export type Changed = "library" | "instruments" | "made" | "reports" | "tests";

export type ServerMessage = { type: "job"; job: Job } | { type: "changed"; what: Changed };
