/** Two instruments by ear: what was made with which seed, and what was found. */

import { signal } from "@preact/signals";
import { post } from "../../api/client";
import type { Made, MadeNow } from "../../api/types";
import { load } from "../../audio/engine";
import { loudnessOf, matchedGains } from "../hearing/loudness";
import { Deck } from "../hearing/deck";
import { soundUrl } from "../sounds/refs";

export type Side = "a" | "b";
export const SIDES: readonly Side[] = ["a", "b"];
export const SEEDS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7];

/** A pair is kept by what made it; both sides have the same label and seed. */
export interface Asked {
  instrument: string;
  label: string;
  seconds: number | null;
  seed: number;
}

export const keyOfAsked = (asked: Asked): string => [asked.instrument, asked.label, asked.seconds ?? "", asked.seed].join("\u0000");

/** Sounds that were made, by what was asked. */
export const sounds = signal<ReadonlyMap<string, Made>>(new Map());
export const preferred = signal<ReadonlyMap<string, string>>(new Map());
export const deck = new Deck();
/** Loudness of each address, in LUFS. */
const known = new Map<string, number>();

export async function make(asked: Asked): Promise<Made> {
  const kept = sounds.value.get(keyOfAsked(asked));
  if (kept) return kept;
  const wish = { count: 1, seed: asked.seed, label: asked.label || null, seconds: asked.seconds };
  const { made } = await post<MadeNow>(`/api/instruments/${encodeURIComponent(asked.instrument)}/play`, wish);
  const first = made[0];
  if (!first) throw new Error(`${asked.instrument} made no sound.`);
  sounds.value = new Map([...sounds.value, [keyOfAsked(asked), first]]);
  return first;
}

async function loudness(url: string): Promise<number> {
  const have = known.get(url);
  if (have !== undefined) return have;
  const buffer = await load(url);
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, at) => buffer.getChannelData(at));
  const measured = loudnessOf(channels, buffer.sampleRate);
  known.set(url, measured);
  return measured;
}

export interface Matched {
  /** By how many dB each side is turned down. */
  down: Readonly<Record<Side, number>>;
}

/** Sets the deck so that both sounds of a pair are equally loud. */
export async function match(pair: Readonly<Record<Side, Made>>): Promise<Matched> {
  const urls = SIDES.map((side) => soundUrl(pair[side].sound));
  const gains = matchedGains(await Promise.all(urls.map(loudness)));
  deck.setGains(Object.fromEntries(urls.map((url, at) => [url, gains[at] ?? 1])));
  const [a, b] = gains.map((gain) => -20 * Math.log10(gain));
  return { down: { a: Math.abs(a ?? 0), b: Math.abs(b ?? 0) } };
}

/** How often each of two instruments was liked better. */
export function tally(liked: ReadonlyMap<string, string>, names: readonly [string, string]): readonly [number, number] {
  const own = [...liked].filter(([pair]) => pair.startsWith(`${names[0]}\u0000${names[1]}\u0000`));
  return [own.filter(([, name]) => name === names[0]).length, own.filter(([, name]) => name === names[1]).length];
}
