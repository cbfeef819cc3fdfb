"""What is printed: names that a terminal might obey are harmless, JSON is strict."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fixtures_command import Command
from timbrel.cli.session import Session
from timbrel.tasks.workspace import Workspace


def _sound(path: Path, step: float = 0.2) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.5 * np.sin(np.arange(8000) * step), 16_000)


def test_hostile_and_foreign_names_are_listed_whole(timbrel: Command, tmp_path: Path) -> None:
    names = ["a\x1b[2Jb.wav", "Größe 大.wav", "[red]x.wav", "two\nlines.wav"]
    for number, name in enumerate(names):
        _sound(tmp_path / name, 0.1 + number)
    assert timbrel("scan", ".").status == 0
    listed = timbrel("library", "--list")
    assert "\x1b" not in listed.out
    assert "Größe 大.wav" in listed.out
    assert "[red]x.wav" in listed.out
    found = timbrel("--json", "library", "--list").document
    assert sorted(Path(one["path"]).name for one in found["sounds"]) == sorted(names)


def test_an_answer_is_out_before_a_server_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever begins a server through a pipe waits for its address."""
    pipe = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(pipe))
    told = Session(Workspace(Path("ws")), True, True, "cpu", 0, False, None)
    told.finish({"address": "http://127.0.0.1:1/"}, lambda: None)
    assert json.loads(pipe.getvalue())["address"] == "http://127.0.0.1:1/"


def test_skipped_inputs_are_named_and_end_with_3(timbrel: Command, tmp_path: Path) -> None:
    _sound(tmp_path / "s" / "good.wav")
    (tmp_path / "s" / "bad.wav").write_bytes(b"nothing to hear")
    soundfile.write(tmp_path / "s" / "silent.wav", np.zeros(8000), 16_000)
    ended = timbrel("--json", "--quiet", "scan", "s")
    assert ended.status == 3
    assert ended.document["added"] == 1
    kinds = {Path(one["path"]).name: one["kind"] for one in ended.document["skipped"]}
    assert kinds == {"bad.wav": "unreadable", "silent.wav": "silent"}
    assert all(f"{name}: " in ended.err for name in kinds)


def test_a_name_of_two_lines_writes_one(timbrel: Command, tmp_path: Path) -> None:
    _sound(tmp_path / "s" / "good.wav")
    (tmp_path / "s" / "a\ntimbrel: all is well.wav").write_bytes(b"nothing to hear")
    lines = timbrel("--quiet", "scan", "s").err.splitlines()
    assert not [line for line in lines if line.startswith("timbrel: all")]
    assert any("a\\ntimbrel: all is well.wav: " in line for line in lines)


def test_identical_sounds_have_an_infinite_ratio_that_json_does_not_know(
    timbrel: Command, tmp_path: Path
) -> None:
    _sound(tmp_path / "a.wav")
    ended = timbrel("--json", "compare", "a.wav", "a.wav", "--metric", "snr")
    assert ended.status == 0
    assert ended.document == {"snr": None}
    assert "inf" in timbrel("compare", "a.wav", "a.wav", "--metric", "snr").out


def test_duplicates_and_labels(timbrel: Command, tmp_path: Path) -> None:
    for label, step in (("low", 0.05), ("high", 0.9)):
        (tmp_path / label).mkdir()
        tone = np.sin(np.arange(8000) * step) * np.exp(-np.arange(8000) / 1500)
        soundfile.write(tmp_path / label / "a.wav", 0.9 * tone, 16_000)
        soundfile.write(tmp_path / label / "b.wav", 0.88 * tone, 16_000, subtype="PCM_24")
    assert timbrel("scan", "low", "high").status == 0
    (tmp_path / "labels.csv").write_text("file,label\na.wav,bass\n", encoding="utf-8")
    assert timbrel("scan", "low", "--labels", "labels.csv").status == 0
    assert timbrel("--json", "library").document["labels"]["bass"] == 1
    groups = timbrel("--json", "search", "--duplicates").document["duplicates"]
    assert sorted(len(group) for group in groups) == [2, 2]
    assert [sum(one["keep"] for one in group) for group in groups] == [1, 1]
    listed = timbrel("search", "--duplicates").out
    assert listed.startswith("2 groups")
    assert listed.count("keep") == 2
    nearest = timbrel("--json", "search", "high/a.wav", "--top", "1").document["matches"]
    assert [Path(one["path"]).parent.name for one in nearest] == ["high"]
    by_aspect = ("search", "high/a.wav", "--by", "pitch=1,length=0.5")
    assert "loudness" in timbrel(*by_aspect).out.splitlines()[0]
    (one,) = timbrel("--json", *by_aspect, "--label", "bass").document["matches"]
    aspects = one["aspects"]
    assert one["distance"] ** 2 == pytest.approx(aspects["pitch"] ** 2 + aspects["length"] ** 2 / 2)
    (tmp_path / "high" / "b.wav").unlink()
    ended = timbrel("search", "--duplicates")
    assert ended.status == 3
    assert "b.wav" in ended.err
    assert timbrel("library", "--label", "bas").status == 2
