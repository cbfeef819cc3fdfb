import { useState } from "preact/hooks";
import type { Recipe } from "../../api/types";
import { Badge } from "../../design/Badge";
import { Button } from "../../design/Button";
import { Icon } from "../../design/Icon";
import { several } from "../../design/numbers";
import { facts, firstOf, MAIN, ofPurpose, PURPOSES, type Purpose, type PurposeWords } from "./recipes";

export interface RecipeChooserProps {
  recipes: readonly Recipe[];
  current: string;
  onChoose: (recipe: Recipe) => void;
}

/** What the instrument is for: four cards, and all recipes behind a button. */
export function RecipeChooser({ recipes, current, onChoose }: RecipeChooserProps) {
  const chosen = recipes.find((one) => one.name === current);
  const [showsAll, setShowsAll] = useState(chosen !== undefined && !isMain(chosen, recipes));
  return (
    <div class="t-stack">
      <div class="train-purposes" role="radiogroup" aria-label="What the instrument is for" onKeyDown={moveAmong}>
        {PURPOSES.filter((one) => MAIN.includes(one.id)).map((words, at) => (
          <PurposeCard
            key={words.id} words={words} recipe={firstOf(recipes, words.id)} isFirst={at === 0} hasChoice={chosen !== undefined && MAIN.includes(chosen.purpose)}
            isChosen={chosen?.purpose === words.id} onChoose={onChoose}
          />
        ))}
      </div>
      <div class="t-row" data-wrap>
        <Button size="s" kind="quiet" icon={showsAll ? "up" : "down"} onClick={() => setShowsAll(!showsAll)}>
          {showsAll ? "Fewer recipes" : `All ${several(recipes.length, "recipe")}`}
        </Button>
        {chosen && !isMain(chosen, recipes) && !showsAll && <span class="t-soft">Chosen: {chosen.name}</span>}
      </div>
      {showsAll && <AllRecipes recipes={recipes} current={current} onChoose={onChoose} />}
    </div>
  );
}

const isMain = (recipe: Recipe, recipes: readonly Recipe[]): boolean => MAIN.includes(recipe.purpose) && firstOf(recipes, recipe.purpose)?.name === recipe.name;

interface PurposeCardProps {
  words: PurposeWords;
  recipe: Recipe | undefined;
  isFirst: boolean;
  hasChoice: boolean;
  isChosen: boolean;
  onChoose: (recipe: Recipe) => void;
}

function PurposeCard({ words, recipe, isFirst, hasChoice, isChosen, onChoose }: PurposeCardProps) {
  if (!recipe) return null;
  return (
    <button
      type="button" role="radio" class="train-purpose" aria-checked={isChosen} tabIndex={isChosen || (isFirst && !hasChoice) ? 0 : -1}
      onClick={() => onChoose(recipe)}
    >
      <span class="train-purpose-head"><strong>{words.name}</strong>{isChosen && <Icon name="check" />}</span>
      <span>{words.says}</span>
      <span class="t-soft t-small">{facts(recipe)}</span>
    </button>
  );
}

function AllRecipes({ recipes, current, onChoose }: RecipeChooserProps) {
  return (
    <div class="train-recipes" role="radiogroup" aria-label="All recipes" onKeyDown={moveAmong}>
      {PURPOSES.map((words) => <Group key={words.id} words={words} recipes={ofPurpose(recipes, words.id as Purpose)} current={current} onChoose={onChoose} />)}
    </div>
  );
}

function Group({ words, recipes, current, onChoose }: RecipeChooserProps & { words: PurposeWords }) {
  if (!recipes.length) return null;
  return (
    <section class="train-recipe-group">
      <h3>{words.name}</h3>
      <p class="t-hint">{words.says}</p>
      {recipes.map((recipe) => (
        <button key={recipe.name} type="button" role="radio" class="train-recipe" aria-checked={recipe.name === current} tabIndex={recipe.name === current ? 0 : -1} title={recipe.about} onClick={() => onChoose(recipe)}>
          <span class="t-row"><strong class="t-clip">{recipe.name}</strong>{recipe.recommended && <Badge tone="accent">recommended</Badge>}</span>
          <span class="t-small">{recipe.title}</span>
          <span class="t-soft t-small">{facts(recipe)}</span>
        </button>
      ))}
    </section>
  );
}

/** Arrow keys among the cards of a group; the one reached is chosen. */
function moveAmong(event: KeyboardEvent): void {
  const all = [...(event.currentTarget as Element).querySelectorAll<HTMLButtonElement>("[role=radio]")];
  const here = all.indexOf(event.target as HTMLButtonElement);
  const to = { ArrowRight: here + 1, ArrowDown: here + 1, ArrowLeft: here - 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined || here < 0) return;
  event.preventDefault();
  const next = all[(to + all.length) % all.length];
  next?.focus();
  next?.click();
}
