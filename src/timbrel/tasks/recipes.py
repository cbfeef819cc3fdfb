"""Recipes: what `train` can make."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from timbrel import plugins, recipes
from timbrel.recipes import Recipe

if TYPE_CHECKING:
    from torch import nn

# As many labels as a drum library has: only label-conditioned networks depend on it.
_EXAMPLE_LABELS = tuple(f"label {number}" for number in range(12))


@dataclass(frozen=True)
class RecipeLine:
    """A recipe in a list.

    Attributes:
        name: The name by which `train` knows it.
        title: What it is, in one line.
        family: Its kind of model.
        sample_rate: Rate at which it hears and plays, in Hz.
        duration_s: Length it hears and plays, in s.
    """

    name: str
    title: str
    family: str
    sample_rate: int
    duration_s: float


@dataclass(frozen=True)
class RecipeDescription:
    """A recipe in full.

    Attributes:
        recipe: The recipe.
        toml: Its file, each setting with its sentence and unit.
        networks: Parameters of each part of the network, and of all of it as "total".
    """

    recipe: Recipe
    toml: str
    networks: dict[str, int]


def overview() -> list[RecipeLine]:
    """Lists the recipes that there are.

    Returns:
        One line each, in alphabetical order.
    """
    return [_line(recipes.find(name)) for name in recipes.names()]


def _line(recipe: Recipe) -> RecipeLine:
    return RecipeLine(
        recipe.name, recipe.title, recipe.family, recipe.sample_rate, recipe.duration_s
    )


def describe(name: str) -> RecipeDescription:
    """Describes one recipe, down to the parameters of its networks.

    Args:
        name: A shipped recipe's name or the path of a recipe file.

    Returns:
        The recipe, its file, and the counts.

    Raises:
        UnknownNameError: When there is no such recipe.
        RecipeError: When the file does not fit.
    """
    recipe = recipes.find(name)
    return RecipeDescription(recipe, recipes.as_toml(recipe), _parameters(recipe))


def _parameters(recipe: Recipe) -> dict[str, int]:
    network = _shaped(recipe)
    parts = {
        part: sum(weight.numel() for weight in module.parameters())
        for part, module in network.named_children()
    }
    total = sum(weight.numel() for weight in network.parameters())
    return {**{part: count for part, count in parts.items() if count}, "total": total}


def slice_s(recipe: Recipe) -> float:
    """Says how long the slices are that a recipe's network learns from.

    Args:
        recipe: The recipe.

    Returns:
        Seconds; 0 where it learns from whole sounds.

    Example:
        >>> slice_s(recipes.find("dense-s0")), slice_s(recipes.find("sample-vae-tiny"))
        (3.0, 0.0)
    """
    shape: tuple[int, int] = recipe.front_end.code_shape(recipe.length_samples)  # type: ignore[attr-defined]
    return recipe.duration_s / shape[1] * int(getattr(_shaped(recipe), "slice_frames", 0))


def _shaped(recipe: Recipe) -> "nn.Module":
    """A network that is not made: on the device "meta" it has shapes and no numbers."""
    import torch

    from timbrel.families import DataFacts

    bins, frames = recipe.front_end.code_shape(recipe.length_samples)  # type: ignore[attr-defined]
    family = plugins.load("families", recipe.family)
    whole = recipe.length_samples if family.needs == "one recording" else 0
    facts = DataFacts(bins, frames, _EXAMPLE_LABELS, recipe.sample_rate, length_samples=whole)
    with torch.device("meta"), torch.random.fork_rng(devices=[]):
        network: nn.Module = family.build(recipe.network, facts)
    return network
