"""The pages of the recipes: what each is for, every setting of it, and the size of its networks."""

import functools

from site_tables import cell, number, settings_table

from timbrel import recipes
from timbrel.tasks import recipes as task

GROUPS = {
    "front_end": "How sound is encoded",
    "phase": "How magnitudes become sound",
    "network": "The network and its objective",
    "training": "Training",
}
FOLDERS = {"front_end": "frontends", "phase": "phase"}


def recipe_page(name: str) -> str:
    """Writes the page of a recipe.

    Args:
        name: Its name.

    Returns:
        Markdown.
    """
    told = described(name)
    recipe = told.recipe
    parts = [
        f"# Recipe `{name}`",
        f"**{recipe.title}.** {recipe.about}",
        f"Family [`{recipe.family}`](../families/{recipe.family}.md). "
        f"Hears and plays {recipe.duration_s:g} s at {recipe.sample_rate:,} Hz.",
        f"```sh\ntimbrel recipes {name}   # this page in the terminal\n```",
        "Every setting below can be changed for one training by `--set`, a setting of a group by "
        "its group's name and a dot, such as `--set training.batch_size=32`.",
        "## Size",
        _sizes(told.networks),
        "## The recipe itself",
        settings_table(recipe, leave_out=["name", "title", "about", "family", *GROUPS]),
    ]
    for group, title in GROUPS.items():
        parts += [f"## {title}: `{group}`", _group(recipe, group)]
    return "\n\n".join(parts) + "\n"


@functools.cache
def described(name: str) -> task.RecipeDescription:
    """Describes a recipe; its networks are laid out, without numbers, to be counted.

    Args:
        name: Its name.

    Returns:
        The recipe, its file and the counts.
    """
    return task.describe(name)


def _group(recipe: recipes.Recipe, group: str) -> str:
    options = getattr(recipe, group)
    table = settings_table(options)
    if group not in FOLDERS:
        return table
    return f"[`{options.name}`](../{FOLDERS[group]}/{options.name}.md)\n\n{table}"


def _sizes(networks: dict[str, int]) -> str:
    rows = [f"| {part} | {number(count)} |" for part, count in networks.items()]
    return "\n".join(["| part | parameters |", "|---|---|", *rows])


def recipe_list(family: str | None = None, *, prefix: str = "") -> str:
    """Lists recipes as a table, with their sizes.

    Args:
        family: Only those of this family; None for all.
        prefix: The way from the page to the folder of the recipes' pages.

    Returns:
        Markdown.
    """
    head = ["| recipe | what it is | rate | length | parameters |", "|---|---|---|---|---|"]
    told = [described(name) for name in recipes.names()]
    rows = [
        f"| [`{one.recipe.name}`]({prefix}{one.recipe.name}.md) | {cell(one.recipe.title)} "
        f"| {one.recipe.sample_rate:,} Hz | {one.recipe.duration_s:g} s "
        f"| {number(one.networks['total'])} |"
        for one in told
        if family in (None, one.recipe.family)
    ]
    return "\n".join([*head, *rows])
