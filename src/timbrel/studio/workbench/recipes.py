"""Recipes by what they are for, and what to know before training with one."""

from typing import Literal

from timbrel import recipes as all_recipes
from timbrel.recipes import Recipe as Found
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.models.training import Recipe, RecipeDetail, Recipes, Warnings
from timbrel.tasks import recipes as task
from timbrel.tasks.recorded import learns_from_recordings

Purpose = Literal["one-shots", "notes", "songs", "recording", "phase", "research", "trial"]
OURS: dict[str, Purpose] = {
    "one-shot": "one-shots", "morph": "notes", "long-form": "songs", "single": "recording",
    "vocoder": "phase",
}  # fmt: skip
PHASES = ("fourier_vocoder", "deep_griffin_lim")
FEWEST = 200  # sounds that a model of a library begins to learn from


def listed() -> Recipes:
    """Lists the recipes, those that we recommend first.

    Returns:
        The recipes.
    """
    found = [_told(all_recipes.find(name)) for name in all_recipes.names()]
    return Recipes(recipes=sorted(found, key=lambda recipe: (not recipe.recommended, recipe.name)))


def _told(recipe: Found) -> Recipe:
    return Recipe(
        name=recipe.name,
        title=recipe.title,
        about=recipe.about,
        family=recipe.family,
        sample_rate=recipe.sample_rate,
        duration_s=recipe.duration_s,
        purpose=_purpose(recipe),
        recommended=recipe.name in OURS,
        takes="recording" if learns_from_recordings(recipe) else "library",
    )


def _purpose(recipe: Found) -> Purpose:
    if recipe.name in OURS:
        return OURS[recipe.name]
    if recipe.name.endswith("-tiny"):
        return "trial"
    return "phase" if recipe.family in PHASES else "research"


def detail(name: str) -> RecipeDetail:
    """Gives a recipe in full.

    Args:
        name: Its name.

    Returns:
        Its file and how large its networks are.

    Raises:
        UnknownNameError: When there is none.
    """
    found = task.describe(_known(name))
    return RecipeDetail(toml=found.toml, networks=found.networks, command=f"timbrel recipes {name}")


def _known(name: str) -> str:
    from timbrel.errors import UnknownNameError

    if name not in all_recipes.names():  # a file of that name is not meant here
        raise UnknownNameError("recipe", name, all_recipes.names())
    return name


def warnings(bench: Bench, name: str) -> Warnings:
    """Says what to know before training with a recipe on this library.

    Args:
        bench: What the studio works with.
        name: The recipe.

    Returns:
        Sentences; none where all is well.

    Raises:
        UnknownNameError: When there is no such recipe.
    """
    recipe = all_recipes.find(_known(name))
    if learns_from_recordings(recipe):
        return Warnings(warnings=[])
    table = bench.table_or_none()
    if table is None or not len(table):
        return Warnings(warnings=["The library is empty: bring sounds to it first."])
    found, count = [], len(table)
    if count < FEWEST:
        found.append(
            f"The library has {count} sounds; below {FEWEST} an instrument repeats more than it "
            "invents. Bring more, or try a recipe for one recording."
        )
    lengths = [row["duration_s"] for row in table.records(range(count))]
    longer = sum(length > recipe.duration_s for length in lengths)
    if not recipe.pieces and longer > count / 10:
        found.append(
            f"{longer} of {count} sounds are longer than the {recipe.duration_s:g} s that this "
            "recipe hears; their ends are not learned."
        )
    if recipe.pieces and max(lengths) < recipe.duration_s:
        found.append(
            f"No sound is as long as the {recipe.duration_s:g} s pieces that this recipe learns."
        )
    pitched = [row for row in table.records(range(count)) if row["pitch_semitones"] is not None]
    if recipe.name.startswith("morph") and len(pitched) < count / 2:
        found.append(
            f"Only {len(pitched)} of {count} sounds have a known pitch; this recipe keeps pitch "
            "apart and needs single notes."
        )
    return Warnings(warnings=found)
