"""All generated pages of the site, and the navigation that holds them."""

import ast
import functools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from site_families import family_page
from site_recipes import recipe_list, recipe_page
from site_rooms import ROOMS, room_pages

import timbrel
from timbrel import plugins, recipes

DOCS = Path(__file__).resolve().parents[1]
TASKS = Path(timbrel.__path__[0]) / "tasks"


@functools.cache
def pages() -> dict[str, str]:
    """Writes all generated pages.

    Returns:
        Path below docs to Markdown.
    """
    made = {"reference/index.md": _overview()}
    made["reference/families/index.md"] = _families()
    for name in plugins.names("families"):
        made[f"reference/families/{name}.md"] = family_page(name)
    made["reference/recipes/index.md"] = _recipes()
    for name in recipes.names():
        made[f"reference/recipes/{name}.md"] = recipe_page(name)
    for folder, room in ROOMS.items():
        made |= room_pages(folder, room)
    for name in task_modules():
        made[f"reference/tasks/{name}.md"] = f"# `timbrel.tasks.{name}`\n\n{_members(name)}"
    return made


def _overview() -> str:
    rooms = [("families", "Families"), ("recipes", "Recipes")]
    rooms += [(folder.split("/")[1], room.title) for folder, room in ROOMS.items()]
    lines = [f"- [{title}]({folder}/index.md)" for folder, title in rooms]
    return (
        "# Reference\n\nEach page here is made from the thing that it describes when the site is "
        "built: what a file of a plug-in room declares, the settings of a recipe, the docstring "
        "of a function. A newcomer in a room has its page by itself.\n\n"
        + "\n".join([*lines, "- [The tasks, for Python](../tasks.md)"])
        + "\n"
    )


def _families() -> str:
    rows = []
    for name in plugins.names("families"):
        family = plugins.load("families", name)
        rows.append(
            f"| [`{name}`]({name}.md) | {family.title} | {family.needs} | {family.source} |"
        )
    table = "\n".join(
        ["| family | what it is | learns from | source |", "|---|---|---|---|", *rows]
    )
    about = "A family is a kind of model: its settings, its network and what training minimises."
    return f"# Families\n\n{about} To add one: [Extend](../../extending/family.md).\n\n{table}\n"


def _recipes() -> str:
    about = (
        "A recipe is a complete, checked TOML file: family, front end, training. `train` "
        "follows it; `timbrel recipes NAME` shows one in full."
    )
    return f"# Recipes\n\n{about}\n\n{recipe_list()}\n"


def task_modules() -> list[str]:
    """Lists the modules of `timbrel.tasks` that the page of the tasks names.

    Returns:
        Names of modules, in the page's order.
    """
    text = (DOCS / "tasks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", text, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`([a-z_]+)`", row)]
    return [name for name in named if (TASKS / f"{name}.py").is_file()]


def _members(name: str) -> str:
    """One block for each public function and class that the module itself defines."""
    tree = ast.parse((TASKS / f"{name}.py").read_text(encoding="utf-8"))
    defined = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    return "\n".join(f"::: timbrel.tasks.{name}.{one}\n" for one in defined)


def placed(nav: Any, paths: Iterable[str]) -> list[Any]:
    """Puts pages into a navigation.

    Args:
        nav: The navigation as mkdocs.yml has it; "FOLDER/*" stands for all pages of a folder.
        paths: All pages.

    Returns:
        The same with the pages in place, and with a last entry "More" where some stand nowhere.
    """
    every = sorted(set(paths), key=lambda path: (not path.endswith("index.md"), _name(path)))
    full = [_filled(entry, every) for entry in nav]
    left = [path for path in every if path not in set(_leaves(full))]
    return [*full, {"More": sorted(left)}] if left else full


def _filled(entry: Any, paths: list[str]) -> Any:
    if isinstance(entry, dict):
        ((title, inner),) = entry.items()
        return {title: _filled(inner, paths)}
    if isinstance(entry, list):
        return [one for inner in entry for one in _spread(inner, paths)]
    return _all_of(entry, paths) if entry.endswith("/*") else entry


def _spread(entry: Any, paths: list[str]) -> list[Any]:
    if isinstance(entry, str) and entry.endswith("/*"):
        return list(_all_of(entry, paths))
    return [_filled(entry, paths)]


def _all_of(pattern: str, paths: list[str]) -> list[Any]:
    inside = [path for path in paths if path.startswith(pattern.removesuffix("*"))]
    return [path if path.endswith("index.md") else {_name(path): path} for path in inside]


def _name(path: str) -> str:
    return Path(path).stem


def _leaves(nav: Any) -> Iterable[str]:
    if isinstance(nav, str):
        yield nav
    else:
        for inner in nav.values() if isinstance(nav, dict) else nav:
            yield from _leaves(inner)
