import { useEffect } from "preact/hooks";
import type { Recipe } from "../../api/types";
import { Thrown } from "../../design/ErrorNote";
import { TextField } from "../../design/Field";
import { NumberField } from "../../design/NumberField";
import { Panel } from "../../design/Panel";
import { Segmented } from "../../design/Tabs";
import { Toggle } from "../../design/Toggle";
import { route, setParams } from "../../state/route";
import { instruments, state } from "../../state/workspace";
import { Advanced } from "./Advanced";
import { freeName, type Budget } from "./draft";
import { EstimatePanel } from "./EstimatePanel";
import { RecipeChooser } from "./RecipeChooser";
import { firstOf, PURPOSES } from "./recipes";
import { FromLibrary, FromRecordings } from "./Sources";
import { draft, setDraft, useRecipes } from "./store";

/** A new training: what for, from what, how long; and what to expect of it. */
export function NewTraining() {
  const { value, error } = useRecipes();
  const recipes = value?.recipes ?? [];
  const recipe = recipes.find((one) => one.name === draft.value.recipe);
  const purpose = route.value.params["purpose"];
  useEffect(() => {
    const wanted = PURPOSES.find((one) => one.id === purpose);
    const first = wanted && recipes.length ? firstOf(recipes, wanted.id) : undefined;
    if (!first) return;
    choose(first);
    setParams({ purpose: null });
  }, [purpose, recipes.length]);
  if (error !== null) return <Thrown error={error} />;
  return (
    <div class="train-new">
      <div class="train-steps">
        <Panel title="What is it for?">
          {value ? <RecipeChooser recipes={recipes} current={draft.value.recipe} onChoose={choose} /> : <div class="train-purposes-wait" />}
        </Panel>
        {recipe && <Panel title="What does it learn from?">{recipe.takes === "library" ? <FromLibrary /> : <FromRecordings />}</Panel>}
        {recipe && <Panel title="Name and time"><NameAndTime /></Panel>}
        {recipe && <Panel title="Advanced"><Advanced key={recipe.name} recipe={recipe} /></Panel>}
      </div>
      <EstimatePanel recipe={recipe} />
    </div>
  );
}

function choose(recipe: Recipe): void {
  const { name } = draft.value;
  const taken = instruments.value.map((one) => one.name);
  const stem = recipe.takes === "library" ? (state.value?.workspace ?? recipe.name) : "piece";
  setDraft({ recipe: recipe.name, name: name || freeName(stem, taken) });
}

const BUDGETS: readonly { id: Budget; label: string }[] = [
  { id: "minutes", label: "Minutes" },
  { id: "steps", label: "Steps" },
  { id: "whole", label: "To its end" },
];

function NameAndTime() {
  const { name, budget, minutes, steps, force } = draft.value;
  const isTaken = instruments.value.some((one) => one.name === name.trim());
  return (
    <div class="t-stack">
      <div class="train-name">
        <TextField label="Name" value={name} onInput={(text) => setDraft({ name: text.slice(0, 120) })} error={isTaken && !force ? "There is an instrument of this name." : null} />
        <div class="t-field">
          <span class="t-label">How long</span>
          <div class="t-row" data-wrap>
            <Segmented label="How long" choices={BUDGETS} current={budget} onChange={(id) => setDraft({ budget: id })} />
            {budget === "minutes" && <div class="train-amount"><NumberField label="Minutes" hideLabel unit="min" min={0.1} max={100_000} step={0.1} value={minutes} onChange={(value) => setDraft({ minutes: value })} /></div>}
            {budget === "steps" && <div class="train-amount"><NumberField label="Steps" hideLabel min={1} max={1_000_000_000} value={steps} onChange={(value) => setDraft({ steps: value })} /></div>}
          </div>
        </div>
      </div>
      {isTaken && <Toggle label="Replace the instrument of this name" checked={force} onChange={(checked) => setDraft({ force: checked })} hint="What it learned is then gone for good." />}
      <p class="t-hint">It can be stopped at any moment and is kept as good as it has become; it can go on later.</p>
    </div>
  );
}
