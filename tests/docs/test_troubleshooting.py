"""Every error that the page of symptoms quotes is one that timbrel says."""

import ast
import fnmatch
import re
import shlex
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fixtures_command import Command, timbrel
from fixtures_pages import ROOT

__all__ = ["timbrel"]

PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"^```console\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
RUN = [block.splitlines() for block in QUOTED if block.startswith("$ ")]
TEXTS = [block.strip() for block in QUOTED if not block.startswith("$ ")]


@cache
def _said() -> str:
    """All texts of the source, one a line; what is filled in later is a tab."""
    found = []
    for file in sorted((ROOT / "src" / "timbrel").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    one.value if isinstance(one, ast.Constant) else "\t" for one in node.values
                ]
                found.append("".join(str(part) for part in parts))
    return "\n".join(found)


def _fragments(text: str) -> list[str]:
    """What of an error stands in the source as it is: an error is put together of three parts."""
    parts = re.split(r"…|; accepted: |; |\n", text.removesuffix("."))
    return [part.strip(" ;()") for part in parts if len(part.strip(" ;().'")) > 3]


def test_there_are_enough_symptoms() -> None:
    assert len(re.findall(r"^### ", PAGE, re.MULTILINE)) >= 25
    assert len(RUN) >= 20


@pytest.mark.parametrize("text", TEXTS, ids=[text[:50] for text in TEXTS])
def test_a_quoted_error_stands_in_the_source(text: str) -> None:
    fragments = _fragments(text)
    assert fragments
    assert [part for part in fragments if part not in _said()] == []


def test_a_quote_that_nobody_says_would_be_noticed() -> None:
    assert [part for part in _fragments("the moon is … full; wait.") if part not in _said()]


@pytest.mark.parametrize("lines", RUN, ids=[lines[-2][10:60] for lines in RUN])
def test_a_command_of_the_page_ends_in_its_error(
    lines: list[str], timbrel: Command, tmp_path: Path
) -> None:
    _prepare(tmp_path)
    *commands, expected = lines
    for command in commands:
        ended = timbrel(*shlex.split(command)[2:])
    assert ended.status in (1, 2)
    pattern = re.sub(r"([\[\]*?])", r"[\1]", expected).replace("…", "*")
    assert fnmatch.fnmatchcase(ended.err.strip(), pattern), ended.err


def _prepare(folder: Path) -> None:
    tone = 0.5 * np.sin(0.1 * np.arange(8000))
    (folder / "empty-folder").mkdir()
    (folder / "few").mkdir()
    (folder / "notes.txt").write_text("no folder")
    (folder / "mine.toml").write_text("family = ")
    (folder / "broken.wav").write_bytes(b"no sound at all")
    soundfile.write(folder / "silence.wav", 0 * tone, 8000)
    soundfile.write(folder / "tone.wav", tone, 8000)
    soundfile.write(folder / "few" / "tone.wav", tone, 8000)
