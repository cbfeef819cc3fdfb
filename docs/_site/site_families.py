"""The pages of the families: each family's own card, what it can do, its settings and recipes."""

import json
from pathlib import Path

from site_recipes import recipe_list
from site_tables import settings_table

import timbrel
from timbrel import plugins

DOCS = Path(__file__).resolve().parents[1]
FOLDER = Path(timbrel.__path__[0]) / "families"
MADE = "assets/families"


def family_page(name: str) -> str:
    """Writes the page of a family.

    Args:
        name: The name of its folder.

    Returns:
        Markdown.
    """
    family = plugins.load("families", name)
    card = (FOLDER / name / "card.md").read_text(encoding="utf-8").split("\n", 1)[1].strip()
    offers = ", ".join(f"`{one}`" for one in sorted(family.abilities))
    parts = [
        f"# `{name}`",
        f"*{family.title[0].upper()}{family.title[1:]}.* Learns from {family.needs}. "
        f"Its networks offer {offers} "
        "([what that makes possible](../../instruments.md#what-it-can-do)).",
        card,
        *_heard(name),
        "## Its recipes",
        recipe_list(name, prefix="../recipes/"),
        "## Settings of its network",
        "What a recipe says under `[network]`; the values are what holds where it says nothing.",
        settings_table(family.config),
        f"Source: {family.source}.",
    ]
    return "\n\n".join(parts) + "\n"


def _heard(name: str) -> list[str]:
    """The pictures and sounds that `docs/make_pictures.py` made, where it made some."""
    facts = DOCS / MADE / f"{name}.json"
    if not facts.is_file():
        return []
    told = json.loads(facts.read_text(encoding="utf-8"))
    players = [
        f"{one['title']}<br>"
        f'<audio controls preload="none" src="../../{MADE}/{one["file"]}"></audio>'
        for one in told["sounds"]
    ]
    figure = [
        '<figure class="sounds" markdown>',
        f"![{told['alt']}](../../{MADE}/{name}.png){{ .picture }}",
        f'<figcaption markdown="span">{told["made"]}</figcaption>',
        "</figure>",
    ]
    return ["## What it looks and sounds like", "\n".join(figure), "\n\n".join(players)]
