"""Scan, library, search, compare and recipes, as a user asks for them."""

import math
import shutil
from dataclasses import replace
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
from timbrel.evaluation.metrics import snr
from timbrel.signal.files import Sound, read, write
from timbrel.tasks import library, recipes
from timbrel.tasks.compare import compare, unavailable, undefined
from timbrel.tasks.copies import duplicates
from timbrel.tasks.instruments import open_named
from timbrel.tasks.layouts import layout_of
from timbrel.tasks.scan import scan
from timbrel.tasks.search import search, search_map
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
    assert {row.label for row in library.listed(scanned, label="noise")} == {"noise"}
    assert sum(1 for _ in library.listed(scanned)) == 32
    for ask in (library.summarise, library.listed):
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
    ((group,), skipped) = duplicates(Workspace(tmp_path / "ws"))
    assert [row.path.name for row in group.rows] == ["leise.wav", "tön 01.wav"]
    assert not skipped


def test_a_search_by_aspect_and_label(scanned: Workspace, sounds: Path) -> None:
    wanted = sounds / "tön" / "tön 03.wav"
    found = search(scanned, wanted, top=3, by={"pitch": 1, "length": 0.5}, label="tön")
    assert found[0].row.path == wanted
    assert {match.row.label for match in found} == {"tön"}


def test_a_render_is_found_by_its_name(fresh: Workspace, sounds: Path) -> None:
    made = fresh.renders / "first" / "tone-01.wav"
    made.parent.mkdir(parents=True)
    shutil.copy(sounds / "tön" / "tön 05.wav", made)
    for name in ("tone-01", "tone-01.wav", "first/tone-01", "first/tone-01.wav"):
        assert search(fresh, Path(name), top=1)[0].row.path.name == "tön 05.wav"
    shutil.copytree(made.parent, fresh.renders / "second")
    with pytest.raises(UsageError, match=r"first/tone-01.wav, second/tone-01.wav"):
        search(fresh, Path("tone-01"))
    assert search(fresh, Path("second/tone-01"), top=1)[0].row.path.name == "tön 05.wav"


def test_the_sounds_at_a_point_of_a_map(trained: Workspace) -> None:
    laid_out = layout_of(trained, open_named(trained, "tiny", "cpu"), projection="pca")
    at = tuple(float(value) for value in laid_out.positions[3])
    first, second = search_map(trained, "tiny", at=at, projection="pca", top=2)
    assert (first.row.id, first.distance) == (laid_out.ids[3], pytest.approx(0, abs=1e-6))
    assert second.distance >= first.distance
    tones = search_map(trained, "tiny", at=at, projection="pca", top=99, label="tön")
    assert {one.row.label for one in tones} == {"tön"}
    with pytest.raises(UsageError, match="from 0 to 1"):
        search_map(trained, "tiny", at=(1.5, 0), projection="pca")
    with pytest.raises(UsageError, match="top = 0"):
        search_map(trained, "tiny", at=(0.5, 0.5), projection="pca", top=0)
    with pytest.raises(UnknownNameError, match="no label 'bell'; accepted: noise, tön"):
        search_map(trained, "tiny", at=(0.5, 0.5), projection="pca", label="bell")


def test_a_search_means_the_map_of_the_settings_it_was_drawn_with(trained: Workspace) -> None:
    instrument = open_named(trained, "tiny", "cpu")
    settings = ["perplexity=2", "iterations=250"]
    laid_out = layout_of(trained, instrument, projection="tsne", settings=settings)
    at = tuple(float(value) for value in laid_out.positions[3])
    (first,) = search_map(trained, "tiny", at=at, projection="tsne", settings=settings, top=1)
    assert (first.row.id, first.distance) == (laid_out.ids[3], pytest.approx(0, abs=1e-6))


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


def test_metrics_without_a_value_say_why(tmp_path: Path) -> None:
    noise = torch.randn(1, RATE_HZ, generator=torch.Generator().manual_seed(0)) * 0.1
    for name, samples in (("a", noise), ("b", noise.flip(1))):
        write(tmp_path / f"{name}.wav", Sound(samples, RATE_HZ))
    asked = ["pitch_error", "mse_db"]
    found = compare(tmp_path / "a.wav", tmp_path / "b.wav", metrics=asked)
    assert math.isnan(found["pitch_error"])
    assert undefined(found).keys() == {"pitch_error"}
    assert "pitch" in undefined(found)["pitch_error"]
    with pytest.raises(UsageError, match="two sets of sounds"):
        compare(tmp_path / "a.wav", tmp_path / "b.wav", metrics=["ndb"])


def test_metrics_whose_package_is_missing_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = replace(snr.METRIC, extra="evaluate", packages=("no_such_package",))
    monkeypatch.setattr(snr, "METRIC", absent)
    assert unavailable({"mse_db": 0.0})[absent.title] == 'pip install "timbrel[evaluate]"'
    assert absent.title not in unavailable({"snr": 0.0})
