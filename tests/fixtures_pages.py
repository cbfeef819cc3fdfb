"""The commands that pages show: found in their text, parsed, and scaled down to be run."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

ROOT = Path(__file__).resolve().parents[1]
_FENCED = re.compile(r"^```([^\n]*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_TINY = {
    "one-shot": "one-shot-tiny", "single": "single-tiny", "long-form": "long-form-tiny",
    "morph": "morph-tiny", "sample-vae-laptop": "sample-vae-tiny", "pca": "pca-tiny",
    "sample-vae-s3": "sample-vae-tiny",
}  # fmt: skip
_MOST = {"--count": 3, "--keep": 2, "--steps": 4, "--seconds": 1.0, "--per-label": 2}


def pages() -> list[Path]:
    """All pages that a person reads."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands(page: Path) -> list[list[str]]:
    """What stands behind `timbrel` in each line of a page's blocks, as words."""
    every = lines(page.read_text(encoding="utf-8"))
    return [words[1:] for words in every if words[0] == "timbrel"]


def lines(text: str) -> list[list[str]]:
    """The commands of a page's blocks, of `timbrel` and of `python -m`, as words."""
    shown = [
        line
        for kind, block in _FENCED.findall(text)
        if kind in ("sh", "text", "")
        for line in block.replace("\\\n", " ").splitlines()
        if re.match(r"(\$ )?(timbrel|python -m) ", line)
    ]
    return [_words(line) for line in shown]


def _words(line: str) -> list[str]:
    words = shlex.split(line.removeprefix("$ "), comments=True)
    ends = [at for at, word in enumerate(words) if word in ("|", ">", "2>", "&&")]
    return words[: ends[0] if ends else None]


def parse(words: Sequence[str]) -> str:
    """Parses a command without doing it; the name of the verb, or an error of the parser."""
    command: Any = _app()
    try:
        context = command.make_context("timbrel", list(words))
    except typer.Exit:  # such as --version, which answers at once
        return f"timbrel {words[0]}"
    while isinstance(command, TyperGroup) or hasattr(command, "commands"):
        rest = [*getattr(context, "_protected_args", ()), *context.args]
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)
    return str(context.command_path)


def _app() -> Any:
    from timbrel.cli.main import app

    return get_command(app)


def scaled(words: Sequence[str]) -> list[str]:
    """The same command at a scale for tests: tiny recipes, three steps, few and short sounds.

    Maps are laid out by PCA, for UMAP compiles itself for half a minute. Nothing is chosen as worth
    keeping, for after three steps nothing is.
    """
    made = list(words)
    if "--keep" in made:
        at = made.index("--keep")
        del made[at : at + 2]
    if {"map", "pick"} & set(made) and "--projection" not in made:
        made += ["--projection", "pca"]
    if "train" in made and "--resume" not in made:
        at = made.index("train") + 1
        made[at] = _TINY.get(made[at], made[at])
    if "--minutes" in made:
        at = made.index("--minutes")
        made[at : at + 2] = ["--steps", "5" if "--resume" in made else "3"]
    for option, most in _MOST.items():
        if option in made:
            at = made.index(option) + 1
            made[at] = str(min(type(most)(made[at]), most))
    return made
