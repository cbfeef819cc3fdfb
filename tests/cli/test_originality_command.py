"""`timbrel evaluate` of instruments that learned from one recording, as a person types it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from fixtures_command import Command
from timbrel.signal import files
from timbrel.signal.files import Sound
from timbrel.tasks.train import train
from timbrel.tasks.workspace import Workspace

CHEAP = ("network.layers=4", "training.previews=1")


def take(path: Path) -> Path:
    """Three seconds of plucked notes."""
    rng, time_s = np.random.default_rng(1), np.arange(24_000) / 8000
    notes = np.zeros(24_000)
    for begin in np.arange(0, 3, 0.2):
        since, hz = time_s - begin, rng.uniform(200, 900)
        notes += np.where(since >= 0, np.exp(-6 * since), 0) * np.sin(6.283 * hz * since)
    files.write(path, Sound(torch.from_numpy(0.2 * notes).float()[None], 8000), on_clip="scale")
    return path


@pytest.mark.slow
def test_a_report_of_one_recording_needs_no_library(timbrel: Command, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "ws")
    for name in ("idea", "second"):
        sound = take(tmp_path / f"{name}.wav")
        train(workspace, "caw-tiny", name=name, sounds=[sound], steps=3, settings=CHEAP)
    common = ("--workspace", workspace.root, "evaluate", "--per-label", 2)

    told = timbrel("--json", *common, "idea", "--out", "report")
    assert told.status == 0, told.err
    kept = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    kept.pop("format")
    assert told.document["report"] == kept
    assert told.document["page"].endswith("index.html")

    both = timbrel(*common, "idea", "second")
    assert both.status == 0, both.err
    assert "idea copies" in both.out
    assert "second copies" in both.out
    assert "Does it copy?" in both.out
    assert "nan" not in both.out
    assert (workspace.reports / "idea+second" / "index.html").is_file()

    many = timbrel("--workspace", workspace.root, "evaluate", "idea", "--per-label", 65)
    assert many.status == 2
    assert "2 to 64" in many.err
    again = timbrel(*common, "idea", "--out", "report")
    assert again.status == 2
    assert "--force" in again.err


def test_help_says_what_is_judged_of_one_recording(timbrel: Command) -> None:
    said = " ".join(timbrel("evaluate", "--help").out.split())
    assert "Instruments that learned from one recording are judged by new pieces" in said
    assert "Several must have learned from the same one" in said
    assert "new pieces, 6 without it" in said


def test_the_experiment_says_where_its_recordings_come_from(timbrel: Command) -> None:
    listed = {one["name"]: one for one in timbrel("experiment", "--json").document["experiments"]}
    assert "TIMBREL_DATA" in listed["one-recording"]["needs"]
    ended = timbrel("experiment", "one-recording", "--set", "minute=1")
    assert ended.status == 2
    assert "minutes" in ended.err
