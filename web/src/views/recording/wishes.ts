/** The tools of a recording's instrument, and what each asks the server for. Pure. */

import type { ContinueWish, DenoiseWish, ExtendWish, GenerateWish, InpaintWish, VaryWish } from "../../api/types";
import { merged } from "./holes";
import type { Span } from "./viewport";

export type ToolId = "inpaint" | "vary" | "continue" | "generate" | "extend" | "denoise";

export interface Tool {
  id: ToolId;
  ability: string;
  name: string;
  says: string;
  /** What its button says. */
  makes: string;
  /** What was done to a sound that it made. */
  did: string;
}

export const TOOLS: readonly Tool[] = [
  { id: "inpaint", ability: "inpaint", name: "Fill holes", says: "Draw holes over what is damaged or unwanted. Each is filled so that it is not heard.", makes: "Fill them", did: "holes filled" },
  { id: "vary", ability: "vary", name: "Vary", says: "The same piece, played differently: a little, or beyond recognition.", makes: "Vary", did: "varied" },
  { id: "continue", ability: "continue", name: "Continue", says: "Goes on where the recording ends.", makes: "Continue", did: "continued" },
  { id: "generate", ability: "generate", name: "New pieces", says: "New pieces in the manner of the recording, of any length.", makes: "Make", did: "new piece" },
  { id: "extend", ability: "extend_bandwidth", name: "Missing highs", says: "Adds the high frequencies that a dull sound lacks.", makes: "Add highs", did: "highs added" },
  { id: "denoise", ability: "denoise", name: "Less noise", says: "Takes steady noise out of a sound of the same kind.", makes: "Take noise out", did: "noise taken out" },
];

export const toolsOf = (abilities: readonly string[]): readonly Tool[] => TOOLS.filter((tool) => abilities.includes(tool.ability));

/** All that can be set; each tool reads its own. */
export interface Settings {
  count: number;
  seed: number;
  amount: number;
  keep_s: number;
  guide: string | null;
  seconds: number;
  /** 0 for as long as the recording. */
  piece_s: number;
  file: string | null;
  /** 0 for nearly half the file's rate. */
  known_hz: number;
  strength: number;
}

export const INITIAL: Settings = { count: 2, seed: 1, amount: 0.5, keep_s: 0, guide: null, seconds: 8, piece_s: 0, file: null, known_hz: 0, strength: 1 };

export type MakingWish = InpaintWish | VaryWish | ContinueWish | GenerateWish | ExtendWish | DenoiseWish;

export interface Subject {
  instrument: string;
  holes: readonly Span[];
  /** A file whose holes are filled; null for the recording. */
  target: string | null;
}

/** What a tool asks for; null where something is missing. */
export function wishOf(tool: ToolId, { instrument, holes, target }: Subject, set: Settings): MakingWish | null {
  const shared = { instrument, seed: set.seed };
  switch (tool) {
    case "inpaint": return holes.length ? { kind: "inpaint", ...shared, count: set.count, holes: merged(holes).map(({ from, to }) => [from, to]), sound: target } : null;
    case "vary": return { kind: "vary", ...shared, count: set.count, amount: set.amount, keep_s: set.keep_s, guide: set.guide };
    case "continue": return { kind: "continue", ...shared, count: set.count, seconds: set.seconds };
    case "generate": return { kind: "generate", ...shared, count: set.count, seconds: set.piece_s || null, sliders: { values: {}, locked: [] } };
    case "extend": return set.file ? { kind: "extend", ...shared, sound: set.file, known_hz: set.known_hz || null } : null;
    case "denoise": return set.file ? { kind: "denoise", ...shared, sound: set.file, strength: set.strength } : null;
  }
}

/** What is to be done before a tool can work. */
export const missing = (tool: ToolId): string =>
  tool === "inpaint" ? "Draw a hole first: choose Hole above the waveform and drag over it, or press H." : "Bring the file first.";

export const MADE_KINDS: ReadonlySet<string> = new Set([...TOOLS.map((tool) => tool.id), "play"]);
/** Kinds that are held against the recording; the others are other sounds made better. */
export const COMPARED: ReadonlySet<string> = new Set(["inpaint", "vary", "continue", "generate", "play"]);

/** The newest work first, and what one command made in its own order. */
export function batches<T extends { command: string }>(newestFirst: readonly T[]): T[] {
  const runs: T[][] = [];
  for (const one of newestFirst) {
    const last = runs.at(-1);
    if (last?.[0]?.command === one.command) last.unshift(one);
    else runs.push([one]);
  }
  return runs.flat();
}
