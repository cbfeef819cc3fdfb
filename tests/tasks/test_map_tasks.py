"""Map and pick: one layout, whoever asks; and a page that plays what is still there."""

import io
import json
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from task_sounds import make_sounds, tone
from timbrel.cli.main import run
from timbrel.errors import (
    ExistsError,
    LibraryError,
    SoundFileError,
    UnknownNameError,
    UsageError,
)
from timbrel.evaluation.hearing import Choice
from timbrel.instruments.folder import open_instrument
from timbrel.mapping import inverse
from timbrel.mapping.layout import open_map
from timbrel.signal.files import Sound, read, write
from timbrel.tasks.evaluate import evaluate_named, report_folder
from timbrel.tasks.map import draw_map, vorbis_bytes
from timbrel.tasks.pick import Wish, pick
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
    assert b"audio/ogg" in made["html"].path.read_bytes()
    everything = len(open_instrument(own.instrument_folder("tiny")).sounds)
    assert everything > 24
    assert {one.library_sounds for one in made.values()} == {said["library_sounds"]} == {everything}
    assert f"24 of the library&#x27;s {everything} sounds" in made["html"].path.read_text("utf-8")
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
        Wish(at=((point["x"], point["y"]),)),
        projection="pca",
        out=tmp_path / "an *odd* name.wav",
    )
    assert (made.name, made.label) == (point["name"], point["label"])
    assert made.distance < 1e-4
    assert made.path.name == "an *odd* name.wav"
    assert read(made.path).sample_rate == 16_000
    said = json.loads(made.path.with_suffix(".json").read_text(encoding="utf-8"))
    assert said["ability"] == "pick"
    settings = said["settings"]
    assert settings["at"] == [point["x"], point["y"]]
    assert (settings["projection"], settings["map_seed"]) == ("pca", 0)
    first = said["parents"][0]
    assert [first[key] for key in ("id", "name", "label")] == [
        point[key] for key in ("id", "name", "label")
    ]
    assert first["weight"] > 0.99
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_a_pick_between_sounds_names_all_it_is_mixed_of(own: Workspace, tmp_path: Path) -> None:
    made = pick(
        own, "tiny", Wish(at=((0.4, 0.6),)), projection="pca", seed=3, out=tmp_path / "mid.wav"
    )
    said = json.loads(made.path.with_suffix(".json").read_text(encoding="utf-8"))
    instrument = open_instrument(own.instrument_folder("tiny"))
    latents = dict(zip(instrument.cloud.ids, instrument.cloud.latents, strict=True))
    assert said["settings"]["map_seed"] == 3
    assert said["parents"][0]["name"] == made.name
    assert sum(one["weight"] for one in said["parents"]) == pytest.approx(1)
    mixed = sum(one["weight"] * latents[one["id"]] for one in said["parents"])
    assert torch.allclose(mixed, torch.tensor(said["latent"]), atol=1e-4)


def test_the_command_that_a_page_shows_picks_from_that_very_map(
    own: Workspace, tmp_path: Path
) -> None:
    shutil.rmtree(own.maps, ignore_errors=True)
    page = draw_map(own, "tiny", projection="pca", seed=3, out=tmp_path / "map.html").path
    (layout,) = own.maps.iterdir()
    found = re.search(r'id="data">(.*?)</script>', page.read_text(encoding="utf-8"))
    assert found
    tool, *shown = shlex.split(json.loads(found[1])["command"])
    assert tool == "timbrel"
    there = ["--at", "0.4,0.6", "--out", str(tmp_path / "picked.wav")]
    assert run(["--workspace", str(own.root), *shown, *there]) == 0
    assert list(own.maps.iterdir()) == [layout], "no other map was laid out for it"
    said = json.loads((tmp_path / "picked.json").read_text(encoding="utf-8"))
    kept = open_map(layout)
    expected = inverse.latent_at(kept, [(0.4, 0.6)])[0]
    assert said["latent"] == pytest.approx(expected.tolist(), abs=1e-6)
    assert (said["settings"]["projection"], said["settings"]["map_seed"]) == ("pca", kept.seed)


def test_sounds_for_a_page_are_what_was_heard_at_any_rate() -> None:
    for rate, expected in ((4_000, 44_100), (8_000, 8_000), (44_100, 44_100), (96_000, 44_100)):
        step = 2 * np.pi * 440 / rate
        tone = torch.sin(torch.arange(rate) * step).repeat(2, 1) * 2
        tone[:, rate // 2 :] = 0
        content = vorbis_bytes(Sound(tone, rate), duration_s=0.75)
        samples, got = soundfile.read(io.BytesIO(content))
        assert got == expected
        assert len(samples) == pytest.approx(got / 2, abs=got * 0.01), "the silence is cut off"
        spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 8 * got))
        assert spectrum.argmax() / 8 == pytest.approx(440, abs=0.3)
    with pytest.raises(SoundFileError, match="NaN"):
        vorbis_bytes(Sound(torch.full((1, 100), float("nan")), 44_100), duration_s=1.0)


def test_the_same_point_is_the_same_sound(own: Workspace, tmp_path: Path) -> None:
    for name in ("one", "two"):
        pick(own, "tiny", Wish(at=((0.25, 0.75),)), projection="pca", out=tmp_path / f"{name}.flac")
    first, second = (read(tmp_path / f"{name}.flac").samples for name in ("one", "two"))
    assert first.equal(second)


def test_a_pick_that_cannot_be_is_refused(own: Workspace, tmp_path: Path) -> None:
    for at in ((-0.1, 0.5), (0.5, 1.1), (float("nan"), 0.5)):
        with pytest.raises(UsageError, match="from 0 to 1"):
            pick(own, "tiny", Wish(at=(at,)), out=tmp_path / "x.wav")
    with pytest.raises(UsageError, match=r"\.wav"):
        pick(own, "tiny", Wish(at=((0.5, 0.5),)), out=tmp_path / "x.mp3")
    (tmp_path / "x.json").write_text("mine")
    with pytest.raises(ExistsError, match=r"x\.json"):
        pick(own, "tiny", Wish(at=((0.5, 0.5),)), projection="pca", out=tmp_path / "x.wav")
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
    shutil.rmtree(own.maps, ignore_errors=True)
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


@pytest.mark.slow
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


def test_new_sounds_join_the_map_and_move_no_old_one(own: Workspace, tmp_path: Path) -> None:
    before = draw_map(own, "tiny", projection="pca", out=tmp_path / "1.json")
    (kept,) = [path for path in own.maps.iterdir() if "-pca-0." in path.name]
    old = open_map(kept).positions
    for number in range(3):
        later = tone(500.0 + number, np.random.default_rng(number))
        write(tmp_path / "later" / f"later {number}.wav", later)
    scan(own, [tmp_path / "later"])
    after = draw_map(own, "tiny", projection="pca", out=tmp_path / "2.json")
    assert after.added == 3
    assert after.sounds == before.sounds + after.added
    assert open_map(kept).positions[: len(old)].tobytes() == old.tobytes()
    again = draw_map(own, "tiny", projection="pca", out=tmp_path / "3.json")
    assert (again.sounds, again.added) == (after.sounds, after.added)
    draw_map(own, "tiny", projection="pca", fresh=True, out=tmp_path / "4.json")
    assert len(open_map(kept)) == after.sounds
    assert open_map(kept).placed == 0
    assert open_map(kept).positions[: len(old)].tobytes() != old.tobytes()


def test_points_and_sounds_are_mixed_by_weight(own: Workspace, tmp_path: Path) -> None:
    instrument = open_instrument(own.instrument_folder("tiny"))
    ids, latents = instrument.cloud.ids, instrument.cloud.latents
    wish = Wish(sounds=(ids[0], ids[1]), weights=(3.0, 1.0))
    made = pick(own, "tiny", wish, projection="pca", out=tmp_path / "mix.wav")
    said = json.loads(made.path.with_suffix(".json").read_text(encoding="utf-8"))
    assert torch.allclose(
        torch.tensor(said["latent"]), 0.75 * latents[0] + 0.25 * latents[1], atol=1e-5
    )
    assert [one["weight"] for one in said["parents"]] == pytest.approx([0.75, 0.25])
    beyond = Wish(sounds=(ids[0], ids[1]), weights=(40.0, -39.0))
    far = pick(own, "tiny", beyond, projection="pca", out=tmp_path / "far.wav")
    assert "outside the cloud" in far.note
    said = json.loads(far.path.with_suffix(".json").read_text(encoding="utf-8"))
    assert said["settings"]["outside"] == far.note
    away = (latents - torch.tensor(said["latent"])).norm(dim=1).min()
    apart = torch.cdist(latents, latents).fill_diagonal_(torch.inf).min(dim=1).values
    assert away <= apart.max() * 1.001
    assert sum(one["weight"] for one in said["parents"]) == pytest.approx(1)


def test_a_file_is_a_sound_to_mix_and_strangers_are_refused(own: Workspace, tmp_path: Path) -> None:
    (file,) = make_sounds(tmp_path / "one", count=2).rglob("noise*/*.wav")
    made = pick(own, "tiny", Wish(sounds=(str(file),)), projection="pca", out=tmp_path / "a.wav")
    said = json.loads(made.path.with_suffix(".json").read_text(encoding="utf-8"))
    assert said["parents"][0]["name"] == file.name
    assert str(tmp_path) not in made.path.with_suffix(".json").read_text(encoding="utf-8")
    for wish in (Wish(), Wish(sounds=("nothing such",)), Wish(at=((0.5, 0.5),), weights=(1, 2))):
        with pytest.raises(UsageError):
            pick(own, "tiny", wish, projection="pca", out=tmp_path / "b.wav")


def test_settings_make_a_map_of_their_own_and_picks_find_it(own: Workspace, tmp_path: Path) -> None:
    shutil.rmtree(own.maps, ignore_errors=True)
    command = ["--workspace", str(own.root), "map", "tiny", "--projection", "tsne"]
    command += ["--set", "perplexity=5", "--set", "iterations=250", "--out"]
    assert run([*command, str(tmp_path / "t.html")]) == 0
    (kept,) = own.maps.iterdir()
    assert open_map(kept).options == {"perplexity": 5.0, "iterations": 250}
    assert "--set perplexity=5" in (tmp_path / "t.html").read_text(encoding="utf-8")
    wish = Wish(at=((0.5, 0.5), (0.2, 0.2)), weights=(1.0, 1.0))
    settings = ["perplexity=5", "iterations=250"]
    pick(own, "tiny", wish, projection="tsne", settings=settings, out=tmp_path / "p.wav")
    assert list(own.maps.iterdir()) == [kept]
    with pytest.raises(UsageError, match="perplexity"):
        draw_map(own, "tiny", projection="tsne", settings=["perplexty=5"], out=tmp_path / "x.png")


def test_a_map_without_labels_gets_words_and_names_from_another_library(
    own: Workspace, tmp_path: Path
) -> None:
    flat = tmp_path / "flat"
    flat.mkdir()
    for path in make_sounds(tmp_path / "labelled", count=20).rglob("*.wav"):
        shutil.copy(path, flat / f"{path.parent.name}_{path.name}")
    workspace = Workspace(tmp_path / "plain")
    scan(workspace, [flat])
    train(workspace, "sample-vae-tiny", name="tiny", steps=1, settings=["network.hidden_size=16"])
    made = draw_map(workspace, "tiny", projection="pca", out=tmp_path / "words.json")
    assert made.areas
    table = json.loads(made.path.read_text(encoding="utf-8"))
    assert {one["label"] for one in table["sounds"]} == {""}
    named = draw_map(
        workspace, "tiny", projection="pca", names_from=own.root, out=tmp_path / "named.json"
    )
    assert {name for name, _ in named.areas} <= {"noise", "tön"}
    table = json.loads(named.path.read_text(encoding="utf-8"))
    right = [one["name"].startswith(one["found"]) for one in table["sounds"] if one["found"]]
    assert len(right) > 10
    assert np.mean(right) > 0.9
    with pytest.raises(LibraryError):
        draw_map(workspace, "tiny", projection="pca", names_from=tmp_path, out=tmp_path / "n.png")
