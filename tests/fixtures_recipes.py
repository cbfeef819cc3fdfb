"""Which recipes tests may build: not those whose weights alone are a good part of a gigabyte.

Nor those that hear half a minute at 44.1 kHz at once: their first look takes a minute.
"""

from functools import cache

from timbrel import recipes
from timbrel.recipes import Recipe
from timbrel.tasks.recipes import describe
from timbrel.tasks.recorded import learns_from_recordings

HEAVY_PARAMETERS = 40_000_000
HEAVY_SAMPLES = 1_000_000


@cache
def is_light(name: str) -> bool:
    """Whether a recipe is small enough to be made, trained and saved in a test."""
    recipe = recipes.find(name)
    if recipe.length_samples > HEAVY_SAMPLES:
        return False
    if learns_from_recordings(recipe):
        return True  # they are small, and have so many layers that to count takes long
    return describe(name).networks["total"] < HEAVY_PARAMETERS


def lighter(name: str) -> list[Recipe]:
    """The light recipes of the same family, which are tested in a heavy one's place."""
    family = recipes.find(name).family
    found = (recipes.find(other) for other in recipes.names())
    return [other for other in found if other.family == family and is_light(other.name)]
