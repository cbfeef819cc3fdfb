/** What the Train view keeps while other views are looked at, and what it asks the server for. */

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { Recipe, RecipeDetail, Recipes, Training, TrainingNames, Warnings } from "../../api/types";
import { changes, jobs } from "../../state/workspace";
import { useAsked, type Asked } from "../hearing/asked";
import { EMPTY, type Draft } from "./draft";

export const draft = signal<Draft>(EMPTY);
export const setDraft = (change: Partial<Draft>): void => { draft.value = { ...draft.value, ...change }; };

export const useRecipes = (): Asked<Recipes> => useAsked<Recipes>("/api/recipes");
export const useRecipe = (name: string): Asked<RecipeDetail> => useAsked<RecipeDetail>(name ? `/api/recipes/${encodeURIComponent(name)}` : null);
export const useWarnings = (recipe: Recipe | undefined): Asked<Warnings> =>
  useAsked<Warnings>(recipe?.takes === "library" ? `/api/recipes/${encodeURIComponent(recipe.name)}/warnings` : null, [changes.library.value]);

/** A training as its jobs go on: asked again at each word of them, but not oftener than every two seconds. */
export function useTraining(name: string): Asked<Training> {
  const job = jobs.value.find((one) => one.kind === "train" && one.instrument === name);
  const beat = useBeat(`${job?.id} ${job?.state} ${job?.progress?.stage} ${Math.floor(job?.progress?.done ?? 0)}`);
  return useAsked<Training>(name ? `/api/trainings/${encodeURIComponent(name)}` : null, [changes.instruments.value, job?.state, beat]);
}

const BEAT_MS = 2000;

/** Follows a word that changes often, at a calm pace; the last change is never lost. */
function useBeat(word: string): string {
  const [kept, keep] = useState({ word, at: 0 });
  useEffect(() => {
    if (word === kept.word) return undefined;
    const timer = setTimeout(() => keep({ word, at: Date.now() }), Math.max(0, kept.at + BEAT_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [word, kept]);
  return kept.word;
}

export interface TrainingName {
  name: string;
  under_way: boolean;
}

export function useTrainingNames(): readonly TrainingName[] {
  const trains = jobs.value.filter((one) => one.kind === "train").map((one) => `${one.id} ${one.state}`).join();
  const { value } = useAsked<TrainingNames>("/api/trainings", [changes.instruments.value, trains]);
  return (value?.trainings ?? []).map((one) => ({ name: String(one["name"] ?? ""), under_way: Boolean(one["under_way"]) })).filter((one) => one.name);
}
