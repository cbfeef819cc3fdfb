/** The server's shapes by their own names; `types.ts` is written from its OpenAPI. */

import type { components } from "./types";

/** Any of them: `Model<"LibrarySound">`. */
export type Model<Name extends keyof components["schemas"]> = components["schemas"][Name];

export type Job = Model<"Job">;
export type JobState = Job["state"];
export type State = Model<"State">;
export type Instrument = Model<"Instrument">;

/** What an error says: what was given, what is accepted, what to do next. */
export type Trouble = Model<"Fault">;

export type Changed = "library" | "instruments" | "made" | "reports" | "tests";
export type ServerMessage = { type: "job"; job: Job } | { type: "changed"; what: Changed };
