"""The pages that tell how to add a plug-in, followed to the letter in a copy of the repository."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fixtures_pages import ROOT, lines

PAGES = ["metric", "phase_method", "reader", "family"]
_FILE = re.compile(r'^```[a-z]+ title="([^"]+)"\n(.*?)^```', re.DOTALL | re.MULTILINE)
# One interpreter for all commands of a page: what a person types, without starting torch each time.
_FOLLOWS = """
import json, os, sys
import pytest
from timbrel.cli.main import run
os.environ.setdefault("OMP_NUM_THREADS", "1")
for words in json.loads(sys.argv[1]):
    if words[:3] == ["python", "-m", "pytest"]:
        status = pytest.main([*words[3:], "-p", "no:cacheprovider"])
    else:
        assert words[0] == "timbrel", words
        status = run(words[1:])
    print("ENDED", int(status), flush=True)
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of what a newcomer works in: the package, its contract tests, some sounds."""
    shutil.copytree(ROOT / "src", tmp_path / "src")
    (tmp_path / "tests").mkdir()
    for file in (ROOT / "tests").glob("*.py"):
        shutil.copy2(file, tmp_path / "tests")
    shutil.copytree(ROOT / "tests" / "contracts", tmp_path / "tests" / "contracts")
    shutil.copy2(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_followed_to_the_letter_ends_well(page: str, clone: Path) -> None:
    text = (ROOT / "docs" / "extending" / f"{page}.md").read_text(encoding="utf-8")
    written = _FILE.findall(text)
    assert written
    for path, content in written:
        file = clone / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    _given(page, clone)
    commands = lines(text)
    assert sum(words[0] == "python" for words in commands) == 1
    said = _followed(commands, clone)
    assert re.findall(r"^ENDED (\d+)$", said, re.MULTILINE) == ["0"] * len(commands), said
    assert re.search(r"\b[1-9]\d* passed", said), said
    assert " skipped" not in said, said


def _followed(commands: list[list[str]], clone: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _FOLLOWS, json.dumps(commands)],
        capture_output=True, text=True, check=False, cwd=clone,
        env={
            **os.environ, "PYTHONPATH": str(clone / "src"), "PYTHONDONTWRITEBYTECODE": "1",
            "TIMBREL_DATA": str(clone),
        },
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def _given(page: str, clone: Path) -> None:
    """What a page takes for granted: sounds to compare or to read, and an instrument to play."""
    _tone(clone / "kick.wav", 60)
    _tone(clone / "snare.wav", 180)
    if page == "reader":
        for number in range(3):
            _tone(clone / "pack" / f"Tom-{number}.wav", 100 + number)
    if page == "family":
        for number in range(24):
            _tone(clone / "some-sounds" / "tone" / f"{number}.wav", 100 + 20 * number)
    if page == "phase_method":
        _instrument(clone)


def _tone(path: Path, hz: float) -> None:
    seconds = np.arange(8000) / 16_000
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * hz * seconds) * np.exp(-8 * seconds), 16_000)


def _instrument(clone: Path) -> None:
    """The instrument `tones` of the workspace."""
    from timbrel.tasks.scan import scan
    from timbrel.tasks.train import train
    from timbrel.tasks.workspace import Workspace

    for number in range(24):
        _tone(clone / "sounds" / "tone" / f"{number}.wav", 100 + 20 * number)
    workspace = Workspace(clone / "timbrel-workspace")
    scan(workspace, [clone / "sounds"])
    train(workspace, "pca-tiny", name="tones")
