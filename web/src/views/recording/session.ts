/** What the Recording view keeps: what is in sight, what is heard, holes, tools, files. One instrument at a time. */

import { computed, signal } from "@preact/signals";
import { get } from "../../api/client";
import type { Copies, Made, MadeSounds } from "../../api/types";
import { toastError } from "../../state/toasts";
import { Deck } from "../hearing/deck";
import type { Chosen } from "../hearing/SoundPicker";
import { soundUrl } from "../sounds/refs";
import { batches, INITIAL, MADE_KINDS, type Settings, type ToolId } from "./wishes";
import type { Span } from "./viewport";

export type Mode = "play" | "hole" | "loop";

/** A lane: the recording, a file that was brought, or a proposal. */
export interface Track {
  sound: string;
  url: string;
  name: string;
  kind: "recording" | "file" | "made";
  duration_s: number;
  made: Made | null;
}

export const deck = new Deck();
export const owner = signal("");
export const recordings = signal<readonly Track[]>([]);
export const files = signal<readonly Track[]>([]);
export const proposals = signal<readonly Track[]>([]);
export const holes = signal<readonly Span[]>([]);
export const chosenHole = signal(-1);
/** The file whose holes are drawn; null for the recording. */
export const target = signal<string | null>(null);
export const mode = signal<Mode>("play");
export const tool = signal<ToolId>("inpaint");
export const settings = signal<Settings>(INITIAL);
export const showsRejected = signal(false);
export const showsCopies = signal(true);
const asked = signal<Span | null>(null);

export const tracks = computed<readonly Track[]>(() => {
  const shown = proposals.value.filter((one) => showsRejected.value || !one.made?.rejected);
  return [...recordings.value, ...files.value, ...shown];
});

/** The longest of what is shown: all lanes have one scale of time. */
export const total = computed(() => Math.max(1, ...tracks.value.map((one) => one.duration_s)));
export const view = computed<Span>(() => asked.value ?? { from: 0, to: total.value });
export const setView = (span: Span | null): void => { asked.value = span && span.to - span.from < total.value - 1e-6 ? span : null; };

export const targetTrack = computed<Track | null>(() => files.value.find((one) => one.sound === target.value) ?? recordings.value[0] ?? null);

export const set = (change: Partial<Settings>): void => { settings.value = { ...settings.value, ...change }; };

export const trackOfFile = (file: Chosen): Track => ({ ...file, url: soundUrl(file.sound), kind: "file", made: null });
const trackOfMade = (made: Made): Track => ({ sound: made.sound, url: soundUrl(made.sound), name: made.name, kind: "made", duration_s: made.duration_s, made });

export function addFile(file: Chosen): void {
  if (!files.value.some((one) => one.sound === file.sound)) files.value = [...files.value, trackOfFile(file)];
}

/** Takes a file out of sight, and out of whatever it was to be used for. */
export function removeFile(sound: string): void {
  files.value = files.value.filter((one) => one.sound !== sound);
  const { guide, file } = settings.value;
  set({ guide: guide === sound ? null : guide, file: file === sound ? null : file });
  if (target.value === sound) target.value = null;
}

/** Begins with another instrument. */
export function reset(name: string): void {
  if (owner.value === name) return;
  deck.pause();
  deck.setLoop(null);
  owner.value = name;
  [recordings.value, files.value, proposals.value, holes.value] = [[], [], [], []];
  [chosenHole.value, target.value, asked.value] = [-1, null, null];
  settings.value = INITIAL;
  deck.heard.value = "";
}

const MOST_PROPOSALS = 1000;

/** The sounds of the history that this instrument made, the newest first. */
export async function loadProposals(name: string): Promise<void> {
  const { made } = await get<MadeSounds>("/api/made", { query: { words: name, count: MOST_PROPOSALS } });
  if (owner.value !== name) return;
  const own = made.filter((one) => one.instrument === name && MADE_KINDS.has(one.kind));
  if (!proposals.value.length && own.length) set({ seed: 1 + Math.max(...own.map((one) => one.seed)) });
  proposals.value = batches(own).map(trackOfMade);
}

export function replaceMade(made: Made): void {
  proposals.value = proposals.value.map((one) => (one.sound === made.sound ? trackOfMade(made) : one));
}

/** Copy maps by sound; "none" where it cannot be had. They are asked for one after the other. */
export const copies = signal<ReadonlyMap<string, Copies | "none">>(new Map());
let line: Promise<void> = Promise.resolve();
const queued = new Set<string>();

export function askCopies(name: string, sound: string): void {
  if (queued.has(sound)) return;
  queued.add(sound);
  line = line.then(async () => {
    if (owner.value !== name || !showsCopies.value) return void queued.delete(sound);
    const found = await get<Copies>(`/api/instruments/${encodeURIComponent(name)}/copies`, { query: { sound } }).catch((thrown: unknown) => {
      toastError(thrown);
      return "none" as const;
    });
    copies.value = new Map([...copies.value, [sound, found]]);
  });
}
