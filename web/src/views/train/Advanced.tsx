import { useState } from "preact/hooks";
import type { Recipe } from "../../api/types";
import { Button } from "../../design/Button";
import { CommandLine } from "../../design/CommandLine";
import { Thrown } from "../../design/ErrorNote";
import { TextField } from "../../design/Field";
import { NumberField } from "../../design/NumberField";
import { count } from "../../design/numbers";
import { Select } from "../../design/Select";
import { instruments } from "../../state/workspace";
import { draft, setDraft, useRecipe } from "./store";

/** Seed, a beginning from another instrument, and every setting of the recipe. */
export function Advanced({ recipe }: { recipe: Recipe }) {
  const [isOpen, setOpen] = useState(draft.value.settings !== "");
  return (
    <div class="t-stack">
      <p class="t-soft">{recipe.about || recipe.title}</p>
      <div><Button size="s" kind="quiet" icon={isOpen ? "up" : "down"} onClick={() => setOpen(!isOpen)}>{isOpen ? "Hide the settings" : "Seed, beginning and settings"}</Button></div>
      {isOpen && <Settings recipe={recipe} />}
    </div>
  );
}

function Settings({ recipe }: { recipe: Recipe }) {
  const { seed, origin, settings } = draft.value;
  const alike = instruments.value.filter((one) => one.of_recordings && one.family === recipe.family && !one.problem);
  const origins = [{ value: "", label: "Nothing: fresh weights" }, ...alike.map((one) => ({ value: one.name, label: one.name }))];
  return (
    <div class="t-stack">
      <div class="train-name">
        <NumberField label="Seed" min={0} max={2 ** 32 - 1} value={seed} onChange={(value) => setDraft({ seed: value })} hint="The same seed and sounds give the same instrument." />
        {recipe.takes === "recording" && <Select label="Begin with" value={origin} options={origins} onChange={(value) => setDraft({ origin: value })} hint="What another recording taught shortens the way." />}
      </div>
      <TextField
        label="Settings" mono rows={3} value={settings} placeholder="training.batch_size=32" onInput={(text) => setDraft({ settings: text })}
        hint="One key=value a line, with the names of the recipe below; a table's name comes before a dot."
      />
      <RecipeText name={recipe.name} />
    </div>
  );
}

function RecipeText({ name }: { name: string }) {
  const { value, error } = useRecipe(name);
  if (error !== null) return <Thrown error={error} />;
  const networks = Object.entries(value?.networks ?? {});
  return (
    <>
      <pre class="train-toml" tabIndex={0} aria-label={`The recipe ${name}`}>{value?.toml ?? " "}</pre>
      {networks.length > 0 && <p class="t-hint">Numbers that are learned: {networks.map(([part, size]) => `${part} ${count(size)}`).join(", ")}.</p>}
      {value && <CommandLine command={value.command} />}
    </>
  );
}
