/** Recipes by what they are for, in plain words. Pure. */

import type { Recipe } from "../../api/types";

export type Purpose = Recipe["purpose"];

export interface PurposeWords {
  id: Purpose;
  name: string;
  /** What you have, and what you get. */
  says: string;
}

/** What most people come for. The rest is behind "all recipes". */
export const PURPOSES: readonly PurposeWords[] = [
  { id: "one-shots", name: "One-shots", says: "From drums, hits and effects: new ones, mixes of them, and a map to play." },
  { id: "notes", name: "Notes", says: "From single notes of instruments: morphs that keep pitch, loudness and timbre apart." },
  { id: "songs", name: "Songs", says: "From a set of songs or loops: new music of any length with a beat that holds." },
  { id: "recording", name: "One recording", says: "From one recording, or a few: variations, continuations, repairs, new pieces." },
  { id: "phase", name: "Phase", says: "Better phase for other instruments: what they play sounds cleaner." },
  { id: "research", name: "Research", says: "Models of papers, as they were or for a laptop, to compare with." },
  { id: "trial", name: "Trials", says: "Very small ones: they show in seconds that all works, and sound poor." },
];

export const MAIN: readonly Purpose[] = ["one-shots", "notes", "songs", "recording"];

/** The recipes of a purpose, the recommended first. */
export const ofPurpose = (recipes: readonly Recipe[], purpose: Purpose): readonly Recipe[] =>
  recipes.filter((one) => one.purpose === purpose).toSorted((one, other) => Number(other.recommended) - Number(one.recommended));

/** The recipe to begin with: the recommended one of a purpose, else its first. */
export const firstOf = (recipes: readonly Recipe[], purpose: Purpose): Recipe | undefined => ofPurpose(recipes, purpose)[0];

/** "44.1 kHz, up to 8 s, from the library". */
export function facts(recipe: Recipe): string {
  const rate = `${Number((recipe.sample_rate / 1000).toFixed(1))} kHz`;
  const long = recipe.duration_s >= 90 ? `${Math.round(recipe.duration_s / 60)} min` : `${Number(recipe.duration_s.toFixed(1))} s`;
  return `${rate}, up to ${long}, ${recipe.takes === "library" ? "from the library" : "from recordings"}`;
}

const ABILITIES: Readonly<Record<string, string>> = {
  generate: "new sounds",
  map: "map",
  morph: "morphs",
  reconstruct: "playing back",
  vary: "variations",
  continue: "continuations",
  inpaint: "filling holes",
  extend_bandwidth: "missing highs",
  denoise: "less noise",
  phase: "phase",
};

export const abilityName = (ability: string): string => ABILITIES[ability] ?? ability.replaceAll("_", " ");
