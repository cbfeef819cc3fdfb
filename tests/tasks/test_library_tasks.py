"""Scan, library, search, compare and recipes, as a user asks for them."""

import math
from pathlib import Path

import pytest
import torch
from task_sounds import RATE_HZ, make_sounds

from timbrel import recipes as recipe_files
from timbrel.errors import (
    LibraryError,
    SoundFileError,
    UnknownNameError,
    UsageError,
)
from timbrel.signal.files import Sound, read, write
from timbrel.tasks import library, recipes
from timbrel.tasks.compare import compare
from timbrel.tasks.scan import scan
from timbrel.tasks.search import duplicates, search
from timbrel.tasks.workspace import Workspace


def test_several_sources_are_one_library(sounds: Path, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "ws")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "broken.wav").write_bytes(b"RIFF")
    bad = tmp_path / "bad"
    write(bad / "good.wav", Sound(0.5 * torch.ones(1, 800).cumsum(1).sin(), RATE_HZ))
    done = scan(workspace, [sounds, bad, bad])
    assert (done.added, done.unchanged) == (33, 1)
    assert [one.path.name for one in done.skipped] == ["broken.wav"]
    assert library.summarise(workspace).count == 33
    assert [one.kind for one in library.skipped(workspace)] == ["unreadable"]


def test_a_missing_source_shows_before_anything_is_scanned(sounds: Path, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "ws")
    with pytest.raises(LibraryError, match="nowhere does not exist"):
        scan(workspace, [sounds, tmp_path / "nowhere"])
    assert not workspace.root.exists()
    with pytest.raises(UsageError, match="no folder"):
        scan(workspace, [])
    with pytest.raises(UnknownNameError, match="did you mean 'folder'"):
        scan(workspace, [sounds], reader="foldr")


def test_a_library_is_summed_up_and_listed_by_label(scanned: Workspace) -> None:
    assert library.summarise(scanned).labels == {"noise": 16, "tön": 16}
    assert library.summarise(scanned, label="tön").count == 16
    assert {row.label for row in library.rows(scanned, label="noise")} == {"noise"}
    assert sum(1 for _ in library.rows(scanned)) == 32
    for ask in (library.summarise, library.rows):
        with pytest.raises(UnknownNameError, match="noise"):
            ask(scanned, label="noize")


def test_a_sound_of_the_library_is_its_own_nearest(scanned: Workspace, sounds: Path) -> None:
    wanted = sounds / "tön" / "tön 03.wav"
    first, second = search(scanned, wanted, top=2)
    assert first.row.path == wanted
    assert first.distance == pytest.approx(0, abs=1e-4)
    assert second.distance > first.distance


def test_a_search_for_what_is_no_sound_says_so(scanned: Workspace, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    for path in (tmp_path / "empty.wav", tmp_path / "none.wav"):
        with pytest.raises(SoundFileError, match=path.name):
            search(scanned, path)


def test_a_quieter_copy_is_a_duplicate(tmp_path: Path) -> None:
    folder = make_sounds(tmp_path / "sounds", count=8)
    original = read(folder / "tön" / "tön 01.wav")
    write(folder / "tön" / "leise.wav", Sound(0.5 * original.samples, RATE_HZ))
    scan(Workspace(tmp_path / "ws"), [folder])
    (group,) = duplicates(Workspace(tmp_path / "ws"))
    assert [row.path.name for row in group] == ["leise.wav", "tön 01.wav"]


def test_a_file_compared_with_itself_is_perfect(sounds: Path) -> None:
    path = sounds / "noise" / "noise 00.wav"
    found = compare(path, path)
    assert found["snr"] == math.inf
    assert found["log_spectral_distance"] == 0
    assert list(compare(path, path, metrics=["mse_db"])) == ["mse_db"]
    with pytest.raises(UnknownNameError, match="metric"):
        compare(path, path, metrics=["mse_dB "])


def test_half_the_level_is_six_db_of_noise(sounds: Path, tmp_path: Path) -> None:
    path = sounds / "noise" / "noise 00.wav"
    write(tmp_path / "half.wav", Sound(0.5 * read(path).samples, RATE_HZ), encoding="float_32")
    found = compare(path, tmp_path / "half.wav", metrics=["snr"])
    assert found["snr"] == pytest.approx(20 * math.log10(2), abs=0.01)


def test_recipes_are_listed_and_described() -> None:
    assert [line.name for line in recipes.overview()] == recipe_files.names()
    described = recipes.describe("sample-vae-s3")
    parts = {part: count for part, count in described.networks.items() if part != "total"}
    assert described.networks["total"] == sum(parts.values()) == 8_284_512  # as S3 says
    assert 'name = "sample-vae-s3"' in described.toml
    with pytest.raises(UnknownNameError, match="did you mean 'sample-vae-s3'"):
        recipes.describe("sample-vae-s33")
