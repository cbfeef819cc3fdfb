/** A training that is being put together: what it asks the server for, and what is still missing. Pure. */

import type { EstimateWish, Recipe, TrainWish } from "../../api/types";

export interface Source {
  sound: string;
  name: string;
  duration_s: number;
}

export interface HoleText {
  from: number;
  to: number;
}

export type Budget = "minutes" | "steps" | "whole";

export interface Draft {
  recipe: string;
  name: string;
  budget: Budget;
  minutes: number;
  steps: number;
  seed: number;
  /** An instrument of a recording whose weights it begins with; "" for none. */
  origin: string;
  sources: readonly Source[];
  holes: readonly HoleText[];
  /** One `key=value` a line. */
  settings: string;
  force: boolean;
}

export const EMPTY: Draft = {
  recipe: "", name: "", budget: "minutes", minutes: 20, steps: 2000, seed: 0, origin: "", sources: [], holes: [], settings: "", force: false,
};

export const MOST_SOURCES = 64;

export const settingsOf = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));

const budgetOf = (draft: Draft): Pick<TrainWish, "minutes" | "steps"> => ({
  minutes: draft.budget === "minutes" ? draft.minutes : null,
  steps: draft.budget === "steps" ? draft.steps : null,
});

const isOfRecordings = (recipe: Recipe): boolean => recipe.takes === "recording";

export function trainWish(draft: Draft, recipe: Recipe): TrainWish {
  const ofRecordings = isOfRecordings(recipe);
  return {
    kind: "train",
    name: draft.name.trim(),
    recipe: recipe.name,
    ...budgetOf(draft),
    sounds: ofRecordings ? draft.sources.map((one) => one.sound) : [],
    holes: ofRecordings ? draft.holes.map(({ from, to }): [number, number] => [from, to]) : [],
    origin: ofRecordings && draft.origin ? draft.origin : null,
    settings: settingsOf(draft.settings),
    seed: draft.seed,
    resume: false,
    force: draft.force,
  };
}

export const estimateWish = (draft: Draft, recipe: Recipe): EstimateWish => ({
  kind: "estimate",
  recipe: recipe.name,
  ...budgetOf(draft),
  sounds: isOfRecordings(recipe) ? draft.sources.map((one) => one.sound) : [],
});

/** What is taken, in the workspace. */
export interface Around {
  names: readonly string[];
  sounds: number;
}

/** What keeps it from being started, in sentences that say what to do; empty where nothing does. */
export function missing(draft: Draft, recipe: Recipe | undefined, around: Around): string[] {
  if (!recipe) return ["Choose what the instrument is for."];
  const found: string[] = [];
  if (isOfRecordings(recipe)) {
    if (!draft.sources.length) found.push("Choose a recording to learn from.");
    const bad = draft.holes.find((hole) => hole.to <= hole.from);
    if (bad) found.push(`A hole from ${bad.from} s to ${bad.to} s has no length: let it end after it begins.`);
  } else if (!around.sounds) found.push("The library is empty: add sounds in Library first.");
  if (!draft.name.trim()) found.push("Give the instrument a name.");
  else if (around.names.includes(draft.name.trim()) && !draft.force) found.push(`There is a ${draft.name.trim()} already: choose another name, or say below that it may be replaced.`);
  const wrong = settingsOf(draft.settings).find((line) => !/^[\w.]+\s*=\s*\S/.test(line));
  if (wrong) found.push(`The setting "${wrong}" is not of the form key=value, such as training.batch_size=32.`);
  return found;
}

/** A name that is free: of the purpose, or of the recording, with a number where it is taken. */
export function freeName(stem: string, taken: readonly string[]): string {
  const plain = stem.replace(/\.[a-z0-9]{2,4}$/i, "").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").toLowerCase().slice(0, 40) || "instrument";
  let name = plain;
  for (let number = 2; taken.includes(name); number++) name = `${plain}-${number}`;
  return name;
}
