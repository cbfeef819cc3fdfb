"""scan with each reader, and with as many processes as were asked for."""

import json
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from fixtures_command import Command
from timbrel.library import pool
from timbrel.library.demo_sounds import folder as demo_folder


def _note(folder: Path, name: str, hz: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tone = 0.5 * np.sin(2 * np.pi * hz * np.arange(8000) / 16_000)
    soundfile.write(folder / f"{name}.wav", tone, 16_000)


def test_notes_laid_out_as_in_nsynth_bring_their_labels(timbrel: Command, tmp_path: Path) -> None:
    table = {}
    for name, family, pitch in (("bass_1-040", "bass", 40), ("flute_2-072", "flute", 72)):
        _note(tmp_path / "notes" / "audio", name, 440 * 2 ** ((pitch - 69) / 12))
        table[name] = {
            "instrument_family_str": family,
            "instrument_str": name[:-4],
            "pitch": pitch,
        }
    (tmp_path / "notes" / "examples.json").write_text(json.dumps(table), encoding="utf-8")
    ended = timbrel("--json", "scan", "notes", "--reader", "nsynth")
    assert ended.status == 0, ended.err
    rows = timbrel("--json", "library", "--list").document["sounds"]
    found = {row["label"]: (row["group"], row["pitch_semitones"]) for row in rows}
    assert found == {"bass": ("bass_1", 40), "flute": ("flute_2", 72)}


def test_a_folder_that_is_not_laid_out_so_is_refused(timbrel: Command, tmp_path: Path) -> None:
    _note(tmp_path / "notes", "a", 440)
    ended = timbrel("scan", "notes", "--reader", "nsynth")
    assert ended.status == 1
    assert "examples.json" in ended.err


def test_the_demo_reader_makes_sounds_of_its_own(
    timbrel: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_folder, "fill", partial(demo_folder.fill, per_label=1))
    ended = timbrel("--json", "scan", "made", "--reader", "demo")
    assert ended.status == 0, ended.err
    assert ended.document["added"] == 14
    assert len(timbrel("--json", "library").document["labels"]) == 14


def test_threads_bound_the_processes_that_read(
    timbrel: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    real = subprocess.Popen

    def popen(command: list[str], **options: Any) -> Any:
        started.append(command)
        return real(command, **options)

    for number in range(20):  # three requests: more than one process would be busy
        _note(tmp_path / "many", str(number), 200 + 50 * number)
    monkeypatch.setattr(pool.subprocess, "Popen", popen)
    ended = timbrel("--json", "--threads", "1", "scan", "many")
    assert ended.document["added"] == 20
    assert sum(pool.worker.__name__ in command for command in started) == 1
