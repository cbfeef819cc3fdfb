"""Map and pick: one layout, whoever asks; and a page that plays what is still there."""

import json
import shutil
from pathlib import Path

import pytest
from task_sounds import make_sounds

from timbrel.errors import ExistsError, LibraryError, UnknownNameError, UsageError
from timbrel.evaluation.hearing import Choice
from timbrel.mapping.layout import open_map
from timbrel.signal.files import read
from timbrel.tasks.evaluate import evaluate_named, report_folder
from timbrel.tasks.map import draw_map
from timbrel.tasks.pick import pick
from timbrel.tasks.scan import scan
from timbrel.tasks.train import train
from timbrel.tasks.workspace import Workspace


@pytest.fixture
def own(trained: Workspace, tmp_path: Path) -> Workspace:
    """A copy of the trained workspace that a test may change."""
    shutil.copytree(trained.root, tmp_path / "own")
    return Workspace(tmp_path / "own")


def test_a_map_is_drawn_by_its_ending(own: Workspace, tmp_path: Path) -> None:
    made = {
        ending: draw_map(own, "tiny", projection="pca", out=tmp_path / f"karte.{ending}")
        for ending in ("png", "json", "html")
    }
    assert {one.sounds for one in made.values()} == {24}
    assert made["png"].path.read_bytes().startswith(b"\x89PNG")
    said = json.loads(made["json"].path.read_text(encoding="utf-8"))
    assert len(said["sounds"]) == 24
    assert {label["label"] for label in said["labels"]} == {"noise", "tön"}
    assert (made["html"].heard, made["html"].skipped) == (24, [])
    assert b"audio/flac" in made["html"].path.read_bytes()
    with pytest.raises(ExistsError):
        draw_map(own, "tiny", projection="pca", out=tmp_path / "karte.png")
    with pytest.raises(UsageError, match=r"\.png \.json \.html"):
        draw_map(own, "tiny", out=tmp_path / "karte.jpg")
    with pytest.raises(UnknownNameError, match="pca"):
        draw_map(own, "tiny", projection="pcs", out=tmp_path / "karte2.png")


def test_picking_at_a_sound_of_the_map_finds_that_sound(own: Workspace, tmp_path: Path) -> None:
    drawn = draw_map(own, "tiny", projection="pca", out=tmp_path / "map.json")
    point = json.loads(drawn.path.read_text(encoding="utf-8"))["sounds"][3]
    made = pick(
        own,
        "tiny",
        at=(point["x"], point["y"]),
        projection="pca",
        out=tmp_path / "an *odd* name.wav",
    )
    assert (made.name, made.label) == (point["name"], point["label"])
    assert made.distance < 1e-4
    assert made.path.name == "an *odd* name.wav"
    assert read(made.path).sample_rate == 16_000
    said = json.loads(made.path.with_suffix(".json").read_text(encoding="utf-8"))
    assert said["ability"] == "pick"
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_the_same_point_is_the_same_sound(own: Workspace, tmp_path: Path) -> None:
    for name in ("one", "two"):
        pick(own, "tiny", at=(0.25, 0.75), projection="pca", out=tmp_path / f"{name}.flac")
    first, second = (read(tmp_path / f"{name}.flac").samples for name in ("one", "two"))
    assert first.equal(second)


def test_a_pick_that_cannot_be_is_refused(own: Workspace, tmp_path: Path) -> None:
    for at in ((-0.1, 0.5), (0.5, 1.1), (float("nan"), 0.5)):
        with pytest.raises(UsageError, match="from 0 to 1"):
            pick(own, "tiny", at=at, out=tmp_path / "x.wav")
    with pytest.raises(UsageError, match=r"\.wav"):
        pick(own, "tiny", at=(0.5, 0.5), out=tmp_path / "x.mp3")
    (tmp_path / "x.json").write_text("mine")
    with pytest.raises(ExistsError, match=r"x\.json"):
        pick(own, "tiny", at=(0.5, 0.5), projection="pca", out=tmp_path / "x.wav")
    assert not (tmp_path / "x.wav").exists()


def test_a_layout_is_made_once_and_again_when_damaged(own: Workspace, tmp_path: Path) -> None:
    shutil.rmtree(own.maps, ignore_errors=True)
    draw_map(own, "tiny", projection="pca", out=tmp_path / "1.json")
    (kept,) = own.maps.iterdir()
    before = kept.stat().st_mtime_ns, kept.read_bytes()
    draw_map(own, "tiny", projection="pca", out=tmp_path / "2.json")
    assert (kept.stat().st_mtime_ns, kept.read_bytes()) == before
    kept.write_bytes(b"not a map")
    draw_map(own, "tiny", projection="pca", out=tmp_path / "3.json")
    assert open_map(kept).projection == "pca"
    assert (tmp_path / "1.json").read_text() == (tmp_path / "3.json").read_text()


def test_a_renamed_instrument_keeps_its_map_and_says_its_new_name(
    own: Workspace, tmp_path: Path
) -> None:
    draw_map(own, "tiny", projection="pca", out=tmp_path / "1.json")
    own.instrument_folder("tiny").rename(own.instrument_folder("huge"))
    draw_map(own, "huge", projection="pca", out=tmp_path / "2.json")
    assert json.loads((tmp_path / "2.json").read_text(encoding="utf-8"))["instrument"] == "huge"
    assert len(list(own.maps.iterdir())) == 1


def test_a_page_is_drawn_without_sounds_that_are_gone(own: Workspace, tmp_path: Path) -> None:
    shutil.rmtree(own.library)
    made = draw_map(own, "tiny", projection="pca", out=tmp_path / "map.html")
    assert (made.sounds, made.heard) == (24, 0)
    assert "no library" in made.skipped[0].reason


def test_a_page_names_the_files_that_are_gone(own: Workspace, tmp_path: Path, sounds: Path) -> None:
    moved, workspace = make_sounds(tmp_path / "moved", count=20), Workspace(tmp_path / "ws")
    scan(workspace, [moved])
    train(workspace, "sample-vae-tiny", name="tiny", steps=1, settings=["network.hidden_size=16"])
    shutil.rmtree(moved / "noise")
    made = draw_map(workspace, "tiny", projection="pca", out=tmp_path / "map.html")
    assert 0 < made.heard < made.sounds
    assert {one.path.parent for one in made.skipped} == {moved / "noise"}
    assert made.heard + len(made.skipped) == made.sounds


def test_a_report_stands_among_the_reports(own: Workspace) -> None:
    few = Choice(held_out=4, training=8, examples=1, generated_examples=1)
    report = evaluate_named(own, "tiny", choice=few)
    folder = report_folder(own, "tiny")
    assert report.counts.held_out == 4
    assert (folder / "index.html").is_file()
    with pytest.raises(ExistsError, match="--force"):
        evaluate_named(own, "tiny")


def test_a_report_without_the_library_says_what_is_missing(own: Workspace, tmp_path: Path) -> None:
    shutil.rmtree(own.library)
    with pytest.raises(LibraryError, match="timbrel scan"):
        evaluate_named(own, "tiny")
    scan(own, [make_sounds(tmp_path / "others", count=4)])
    with pytest.raises(LibraryError, match="none of the sounds"):
        evaluate_named(own, "tiny")
    with pytest.raises(UnknownNameError):
        evaluate_named(own, "none")
