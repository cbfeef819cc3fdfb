"""Packs: everything of a folder of sounds in one file, and nothing that points elsewhere."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fixtures_command import Command, timbrel

__all__ = ["timbrel"]


def _renders(folder: Path, count: int = 3) -> Path:
    folder.mkdir()
    for number in range(count):
        samples = 0.5 * np.sin(np.arange(4000) * 0.1 * (1 + number % 8))
        soundfile.write(folder / f"söund {number:03d}.wav", samples, 16_000, subtype="PCM_24")
    told = {"kind": "generate", "instrument": "drums", "seed": 7, "parents": [{"name": "kick"}]}
    (folder / "söund 000.json").write_text(json.dumps(told), "utf-8")
    return folder


def test_a_pack_holds_sounds_samplers_instruments_and_where_they_come_from(
    timbrel: Command, tmp_path: Path
) -> None:
    renders = _renders(tmp_path / "renders")
    (renders / "broken.wav").write_bytes(b"nothing to hear")
    made = timbrel("--json", "export", "renders", "--format", "pack", "--out", "new kicks.zip")
    assert made.status == 3
    assert [Path(one["path"]).name for one in made.document["skipped"]] == ["broken.wav"]
    with zipfile.ZipFile(tmp_path / "new kicks.zip") as pack:
        assert pack.testzip() is None
        assert sorted(pack.namelist()) == sorted(made.document["files"])
        (root,) = {name.split("/")[0] for name in pack.namelist()}
        waves = [name for name in pack.namelist() if name.startswith(f"{root}/sounds/s")]
        for name in (one for one in waves if one.endswith(".wav")):
            samples, rate = soundfile.read(io.BytesIO(pack.read(name)))
            assert (rate, len(samples)) == (16_000, 4000)
        assert {Path(name).suffix for name in pack.namelist()} >= {".sfz", ".dspreset"}
        first, *others = json.loads(pack.read(f"{root}/provenance.json"))["sounds"]
        assert (first["instrument"], first["seed"]) == ("drums", 7)
        assert len(others) == 2
        readme = pack.read(f"{root}/README.txt").decode()
        assert "3 sounds that timbrel made with drums." in readme
        assert "generate, seed 7, of kick" in readme
    assert not list(tmp_path.glob(".pack-*"))
    (renders / "söund 001.json").write_text('{"parents": 5, "instrument": ["x"]}', "utf-8")
    strange = timbrel("export", "renders", "--format", "pack", "--out", "strange.zip")
    assert strange.status == 3  # for the broken sound alone
    (renders / "söund 001.json").unlink()
    before = (tmp_path / "new kicks.zip").read_bytes()
    again = timbrel("export", "renders", "--format", "pack", "--out", "new kicks.zip")
    assert (again.status, "--force" in again.err) == (2, True)
    timbrel("export", "renders", "--format", "pack", "--out", "new kicks.zip", "--force")
    assert (tmp_path / "new kicks.zip").read_bytes() == before


def test_more_sounds_than_keys_are_packed_without_instruments(
    timbrel: Command, tmp_path: Path
) -> None:
    _renders(tmp_path / "renders", 129)
    made = timbrel("--json", "export", "renders", "--format", "pack", "--out", "many.zip")
    assert made.status == 0
    assert "129 sounds are more than 128 keys" in made.document["notes"][0]
    assert len([name for name in made.document["files"] if name.endswith(".wav")]) == 129
    assert not [name for name in made.document["files"] if name.endswith((".sfz", ".dspreset"))]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["renders", "--out", "pack"], "ends in .zip"),
        (["nowhere", "--out", "pack.zip"], "no folder nowhere"),
        (["renders", "--out", "file/pack.zip"], "file is a file"),
        (["renders", "--out", "folder.zip", "--force"], "folder.zip exists already"),
        (["renders", "--out", "pack.zip", "--layout", "kit"], "a folder of sounds as they are"),
        (["renders", "--out", "pack.zip", "--license", "mit"], "--license"),
        (["empty", "--out", "pack.zip"], "no sound"),
    ],
)
def test_what_is_no_pack_is_said_in_a_line(
    timbrel: Command, tmp_path: Path, arguments: list[str], said: str
) -> None:
    _renders(tmp_path / "renders", 1)
    (tmp_path / "file").touch()
    for name in ("empty", "folder.zip"):
        (tmp_path / name).mkdir()
    ended = timbrel("export", *arguments, "--format", "pack")
    assert ended.status == 2
    assert said in ended.err
    assert len(ended.err.strip().splitlines()) == 1
    assert not (tmp_path / "pack.zip").exists()
