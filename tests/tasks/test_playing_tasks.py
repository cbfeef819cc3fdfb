"""Reconstruct, generate, morph: files in, files out, and what cannot be used named."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from task_sounds import RATE_HZ
from timbrel.errors import (
    ExistsError,
    SoundFileError,
    UnknownNameError,
    UsageError,
)
from timbrel.signal.files import Sound, read, write
from timbrel.tasks.generate import generate
from timbrel.tasks.instruments import open_named
from timbrel.tasks.morph import morph, suggest_pairs
from timbrel.tasks.reconstruct import reconstruct
from timbrel.tasks.workspace import Workspace


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def ends(sounds: Path) -> list[Path]:
    return [sounds / "tön" / "tön 00.wav", sounds / "noise" / "noise 00.wav"]


def test_bad_sounds_are_named_and_the_others_played(
    trained: Workspace, ends: list[Path], tmp_path: Path
) -> None:
    silent, broken = tmp_path / "silent.wav", tmp_path / "broken.wav"
    write(silent, Sound(torch.zeros(1, 8000), RATE_HZ))
    broken.write_bytes(b"RIFF")
    given = [ends[0], silent, broken, tmp_path / "none.wav", ends[1]]
    made = reconstruct(trained, "tiny", given, out=tmp_path / "out")
    assert [path.name for path in made.paths] == [
        "tön 00-reconstructed.wav",
        "noise 00-reconstructed.wav",
    ]
    assert [one.path for one in made.skipped] == [silent, broken, tmp_path / "none.wav"]
    assert all(one.reason and str(one.path) not in one.reason for one in made.skipped)
    assert read(made.paths[0]).samples.shape == (1, 8000)
    with pytest.raises(SoundFileError, match="none of 2 sounds"):
        reconstruct(trained, "tiny", [silent, broken], out=tmp_path / "out2")


def test_a_folder_stands_for_its_sounds(trained: Workspace, sounds: Path, tmp_path: Path) -> None:
    few = tmp_path / "few" / "deep"
    few.mkdir(parents=True)
    for number in (2, 1):
        shutil.copy(sounds / "tön" / f"tön 0{number}.wav", few)
    (few / "notes.txt").touch()
    made = reconstruct(trained, "tiny", [few.parent], out=tmp_path / "out")
    assert [path.name[:6] for path in made.paths] == ["tön 01", "tön 02"]
    (tmp_path / "empty").mkdir()
    for nothing in ([tmp_path / "empty"], []):
        with pytest.raises(UsageError, match="no sound"):
            reconstruct(trained, "tiny", nothing, out=tmp_path / "out")


def test_the_same_seed_makes_the_same_files(
    trained: Workspace, ends: list[Path], tmp_path: Path
) -> None:
    verbs: list[tuple[Any, dict[str, Any]]] = [
        (generate, {"count": 2, "label": "tön"}),
        (generate, {"count": 2, "from_prior": True}),
        (morph, {"sounds": ends, "steps": 3}),
        (reconstruct, {"sounds": ends}),
    ]
    for number, (verb, options) in enumerate(verbs):
        outs = [tmp_path / f"{number}-{turn}" for turn in ("one", "two")]
        for out in outs:
            made = verb(trained, "tiny", out=out, seed=5, **options)
            assert made.paths == [path for path in made.paths if path.parent == out]
        assert contents(outs[0]) == contents(outs[1])
        assert len(contents(outs[0])) == 2 * len(made.paths)


def test_another_seed_makes_other_sounds(trained: Workspace, tmp_path: Path) -> None:
    for seed in (1, 2):
        generate(trained, "tiny", count=1, out=tmp_path / str(seed), seed=seed)
    assert contents(tmp_path / "1") != contents(tmp_path / "2")


def test_sounds_of_one_label_come_from_that_label(trained: Workspace, tmp_path: Path) -> None:
    made = generate(trained, "tiny", count=3, label="tön", out=tmp_path / "out")
    assert [path.name for path in made.paths] == [f"000{n}-tön.wav" for n in (1, 2, 3)]
    for path in made.paths:
        said = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        assert {parent["label"] for parent in said["parents"]} == {"tön"}
        assert said["instrument"] == "tiny"
    with pytest.raises(UnknownNameError, match="did you mean 'noise'"):
        generate(trained, "tiny", count=1, label="nois", out=tmp_path / "out")


def test_a_morph_begins_and_ends_at_its_sounds(
    trained: Workspace, ends: list[Path], tmp_path: Path
) -> None:
    made = morph(trained, "tiny", ends, steps=3, out=tmp_path / "line")
    back = reconstruct(trained, "tiny", ends, out=tmp_path / "back")
    for step, whole in ((made.paths[0], back.paths[0]), (made.paths[-1], back.paths[1])):
        trimmed = read(step).samples
        kept = trimmed.shape[1] - RATE_HZ // 100  # the trimmed end has a fade of 5 ms
        assert torch.equal(trimmed[:, :kept], read(whole).samples[:, :kept])
    square = morph(trained, "tiny", [*ends, *ends], steps=2, out=tmp_path / "square")
    assert len(square.paths) == 4
    triangle = morph(trained, "tiny", [*ends, ends[0]], steps=2, out=tmp_path / "triangle")
    assert triangle.paths[0].stem == "morph-0001-A100-B0-C0"
    for wrong in (ends[:1], [*ends, *ends, ends[0]]):
        with pytest.raises(UsageError, match="two to four"):
            morph(trained, "tiny", wrong, steps=2, out=tmp_path / "wrong")
    with pytest.raises(UnknownNameError, match="linear"):
        morph(trained, "tiny", ends, steps=2, curve="liner", out=tmp_path / "wrong")


def test_nothing_is_overwritten_unasked(trained: Workspace, tmp_path: Path) -> None:
    generate(trained, "tiny", count=1, out=tmp_path / "out", label="tön")
    before = contents(tmp_path / "out")
    with pytest.raises(ExistsError, match="--force"):
        generate(trained, "tiny", count=1, out=tmp_path / "out", label="tön", seed=8)
    assert contents(tmp_path / "out") == before
    generate(trained, "tiny", count=1, out=tmp_path / "out", label="tön", seed=8, force=True)
    assert contents(tmp_path / "out") != before


def test_an_out_that_is_a_file_is_refused(trained: Workspace, tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(UsageError, match="is a file"):
        generate(trained, "tiny", count=1, out=tmp_path / "out")
    with pytest.raises(SoundFileError, match="cannot"):
        generate(trained, "tiny", count=1, out=tmp_path / "out" / "deeper")


def test_pairs_are_the_least_alike_and_each_sound_is_in_one(trained: Workspace) -> None:
    pairs = suggest_pairs(trained, "tiny", count=5)
    values = [pair.correlation for pair in pairs]
    assert values == sorted(values)
    members = [member.id for pair in pairs for member in (pair.first, pair.second)]
    assert len(set(members)) == 10
    cloud = open_named(trained, "tiny").cloud
    table = torch.corrcoef(cloud.latents)
    assert values[0] == pytest.approx(float(table.min()), abs=1e-5)
    first = pairs[0]
    at = [cloud.ids.index(member.id) for member in (first.first, first.second)]
    assert float(table[at[0], at[1]]) == pytest.approx(first.correlation, abs=1e-5)
    assert len(suggest_pairs(trained, "tiny", count=1000)) == 12
    with pytest.raises(UsageError):
        suggest_pairs(trained, "tiny", count=0)


def test_an_unknown_instrument_is_one_clear_line(trained: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'tiny'"):
        generate(trained, "tinny", count=1, out=tmp_path)
    with pytest.raises(UsageError, match="device"):
        generate(trained, "tiny", count=1, out=tmp_path, device="abacus")
