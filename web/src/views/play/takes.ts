/** What one sound of Play is asked to be: a seed, the sliders, a label, a length, a tempo. Pure. */

import type { Model } from "../../api/models";

export interface Take {
  readonly seed: number;
  /** Just audible steps, by slider. */
  readonly values: Readonly<Record<string, number>>;
  /** Sliders that new sounds keep. */
  readonly locked: readonly string[];
  /** "" for any. */
  readonly label: string;
  /** null: as long as the instrument likes. */
  readonly seconds: number | null;
  readonly tempo: number | null;
}

export const MOST_SEED = 2 ** 32 - 1;

export const firstTake = (seed: number): Take => ({ seed, values: {}, locked: [], label: "", seconds: null, tempo: null });

/** Six figures: enough to be new, short enough to be told to a friend. */
export const randomSeed = (random: () => number = Math.random): number => Math.floor(random() * 1_000_000);

/** What a person typed as a seed; null where it is none. */
export function seedOf(text: string): number | null {
  const digits = text.trim().replace(/[\s,]/g, "");
  if (!/^\d{1,10}$/.test(digits)) return null;
  const seed = Number(digits);
  return seed <= MOST_SEED ? seed : null;
}

/** The values that say something: 0 of an unlocked slider is the same as none. */
export function slidersOf(take: Take): { values: Record<string, number>; locked: string[] } {
  const said = Object.entries(take.values).filter(([name, value]) => value !== 0 || take.locked.includes(name));
  return { values: Object.fromEntries(said), locked: [...take.locked].sort() };
}

/** The body of a `play` request. */
export function wishOf(take: Take, count = 1): Model<"PlayWish"> {
  return {
    count,
    seed: take.seed,
    label: take.label || null,
    seconds: take.seconds,
    tempo_bpm: take.tempo,
    sliders: slidersOf(take),
  };
}

/** The same for takes that sound the same. */
export function keyOf(take: Take): string {
  const { values, locked } = slidersOf(take);
  const sorted = Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([take.seed, sorted, locked, take.label, take.seconds, take.tempo]);
}

export const moved = (take: Take, name: string, value: number): Take => ({ ...take, values: { ...take.values, [name]: value } });

export function lockedAs(take: Take, name: string, locked: boolean): Take {
  const others = take.locked.filter((other) => other !== name);
  return { ...take, locked: locked ? [...others, name] : others };
}

/** All sliders that are not locked, somewhere in the inner two thirds of their ways. */
export function shuffled(take: Take, sliders: readonly Model<"SliderInfo">[], random: () => number = Math.random): Take {
  const free = sliders.filter((slider) => !take.locked.includes(slider.name));
  const values = free.map((slider) => [slider.name, Math.round((slider.low + (slider.high - slider.low) * (1 / 6 + (random() * 2) / 3)) * 2) / 2]);
  return { ...take, values: { ...take.values, ...(Object.fromEntries(values) as Record<string, number>) } };
}

/** All sliders that are not locked back in the middle. */
export const levelled = (take: Take): Take => ({
  ...take,
  values: Object.fromEntries(Object.entries(take.values).filter(([name]) => take.locked.includes(name))),
});
