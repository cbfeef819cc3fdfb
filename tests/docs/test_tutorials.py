"""The first ten minutes and the tutorials, command by command, at a scale for tests."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fixtures_command import Command, timbrel
from fixtures_pages import ROOT, commands, scaled
from timbrel.evaluation import choosing
from timbrel.evaluation.choosing import Choice
from timbrel.library.demo_sounds import folder as demo_folder

__all__ = ["timbrel"]

PAGES = [
    "first_ten_minutes",
    "tutorials/exhibit",
    *(
        pytest.param(f"tutorials/{name}", marks=pytest.mark.slow)
        for name in ("producer", "songwriter", "researcher")
    ),
]
# They serve until they are stopped, or take minutes at any scale; test_commands.py parses them,
# and each has tests of its own. A report of a listening test needs listeners.
ELSEWHERE = ("studio", "listen serve", "listen report", "experiment")
RATE_HZ = 16_000


@dataclass(frozen=True)
class Few(Choice):
    """As little in a report as makes one."""

    held_out: int = 3
    examples: int = 1
    generated_examples: int = 1
    slow: int = 0
    copied: int = 0
    morphs: int = 0
    pieces: int = 2


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_work_in_order(
    page: str, timbrel: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(demo_folder.fill.__kwdefaults__, "per_label", 2)
    monkeypatch.setattr(choosing, "Choice", Few)
    _given(tmp_path, np.random.default_rng(0))
    shown = commands(ROOT / "docs" / f"{page}.md")
    tried = [scaled(words) for words in shown if not _elsewhere(words)]
    assert len(tried) >= 8
    for words in tried:
        ended = timbrel(*words)
        assert ended.status == 0, (words, ended.err)
        assert _is_made(words), words


def _elsewhere(words: list[str]) -> bool:
    rest = words[2:] if words[0] in ("--workspace", "--seed") else words
    return " ".join(rest).startswith(ELSEWHERE)


def _is_made(words: list[str]) -> bool:
    """What a command was told to write is there."""
    return "--out" not in words or Path(words[words.index("--out") + 1]).exists()


def _given(folder: Path, rng: np.random.Generator) -> None:
    """What a reader brings along: samples in folders, a recording, takes that want mending."""
    for label, hz in {"kick": 60.0, "snare": 300.0, "low-tom": 110.0}.items():
        for number in range(1, 10):
            _write(folder / "samples" / label / f"{label}-{number}.wav", hz * 1.05**number, rng)
    for name in ("idea", "old-take", "noisy-take", "takes/one", "takes/two"):
        _write(folder / f"{name}.wav", 220.0, rng, seconds=2.0)


def _write(path: Path, hz: float, rng: np.random.Generator, *, seconds: float = 0.4) -> None:
    time_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    beat = np.exp(-6 * (time_s % 0.5))
    tone = np.sin(2 * np.pi * hz * time_s) + 0.3 * rng.standard_normal(len(time_s))
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.4 * beat * tone, RATE_HZ)
