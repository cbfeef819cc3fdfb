/** Listening tests in plain words: what each kind asks, and what it needs. Pure. */

import type { ListenWish, Made } from "../../api/types";

export type Kind = NonNullable<ListenWish["test"]>;

export interface KindWords {
  id: Kind;
  name: string;
  /** What a listener is asked. */
  asks: string;
  /** What it answers. */
  answers: string;
  originals: "needed" | "possible";
  /** Sounds are set side by side, so that they must belong together. */
  sideBySide: boolean;
}

export const KINDS: readonly KindWords[] = [
  { id: "preference", name: "Which is better", asks: "Two versions: which do you like better?", answers: "Which instrument people like better.", originals: "possible", sideBySide: true },
  { id: "questionnaire", name: "Real or made", asks: "One sound: is it real or made, how musical, is it of use?", answers: "Whether new sounds pass as real, and are of use.", originals: "needed", sideBySide: false },
  { id: "mos", name: "How good", asks: "One sound: how good, from bad to excellent?", answers: "How good each instrument is on its own.", originals: "possible", sideBySide: false },
  { id: "abx", name: "Is it heard", asks: "X is A or B: which?", answers: "Whether a difference from the original is heard at all.", originals: "needed", sideBySide: true },
  { id: "mushra", name: "How far off", asks: "Versions beside their original: 0 to 100 for each.", answers: "How far each instrument is from the original.", originals: "needed", sideBySide: true },
];

export const kindName = (id: string): string => KINDS.find((one) => one.id === id)?.name ?? id;

/** Sounds of the history by their instrument, those with most first. */
export function byInstrument(made: readonly Made[]): ReadonlyMap<string, readonly Made[]> {
  const groups = new Map<string, Made[]>();
  for (const one of made) groups.set(one.instrument, [...(groups.get(one.instrument) ?? []), one]);
  return new Map([...groups].sort((one, other) => other[1].length - one[1].length));
}

export interface TestDraft {
  name: string;
  kind: Kind;
  /** Instruments that take part. */
  systems: readonly string[];
  originals: readonly string[];
  items: number | null;
  seed: number;
}

export const MOST_SYSTEMS = 8;

/** What keeps a test from being built, in sentences that say what to do. */
export function missing(draft: TestDraft, groups: ReadonlyMap<string, readonly Made[]>, names: readonly string[]): string[] {
  const words = KINDS.find((one) => one.id === draft.kind)!;
  const chosen = draft.systems.filter((name) => groups.has(name));
  const found: string[] = [];
  if (!draft.name.trim()) found.push("Give the test a name.");
  else if (names.includes(draft.name.trim())) found.push(`There is a test ${draft.name.trim()} already: choose another name.`);
  if (!chosen.length) found.push("Choose whose sounds are heard.");
  if (chosen.length > MOST_SYSTEMS) found.push(`Choose ${MOST_SYSTEMS} at most.`);
  if (words.originals === "needed" && !draft.originals.length) found.push("Choose originals of the library: they are what is compared with.");
  if (draft.kind === "preference" && chosen.length === 1 && !draft.originals.length) found.push("Choose a second instrument, or originals: one alone cannot be liked better.");
  return found;
}

export function listenWish(draft: TestDraft, groups: ReadonlyMap<string, readonly Made[]>): ListenWish {
  const systems = draft.systems.filter((name) => groups.has(name)).map((name) => [name, (groups.get(name) ?? []).map((one) => one.sound)] as const);
  return {
    kind: "listen", name: draft.name.trim(), test: draft.kind, systems: Object.fromEntries(systems), originals: [...draft.originals],
    items: draft.items, seed: draft.seed,
  };
}

/** So many of the numbers below `total`, by chance, in order. */
export function drawn(total: number, wanted: number, random: () => number = Math.random): number[] {
  const found = new Set<number>();
  const most = Math.min(total, wanted);
  while (found.size < most) found.add(Math.floor(random() * total));
  return [...found].sort((one, other) => one - other);
}
