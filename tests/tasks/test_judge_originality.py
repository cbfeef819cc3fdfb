"""evaluate of instruments of one recording: a report of new pieces beside the recording."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from fixtures_instrument import linear_family, tiny_instrument
from timbrel.errors import AbilityError, ExistsError, UnknownNameError, UsageError
from timbrel.evaluation.report import read_report
from timbrel.instruments import folder
from timbrel.instruments.instrument import Instrument
from timbrel.progress import Tracker
from timbrel.signal import files, resampling
from timbrel.signal.files import Sound
from timbrel.tasks import judge_originality as task
from timbrel.tasks.evaluate import evaluate_named, evaluate_together
from timbrel.tasks.instruments import open_named
from timbrel.tasks.judge_originality import (
    audible,
    judge_originality,
    learned_from_recordings,
    new_pieces,
)
from timbrel.tasks.same_recordings import Takes, longest, same, same_or_refuse
from timbrel.tasks.train import train
from timbrel.tasks.workspace import Workspace

__all__ = ["linear_family", "tiny_instrument"]

RATE, SECONDS = 8000, 3.0
SMALL = ("network.layers=4", "training.previews=1")


def melody(seed: int, *, rate: int = RATE, seconds: float = SECONDS, channels: int = 1) -> Sound:
    """Plucked notes that never come again, a little different in each channel."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(seconds * rate)) / rate
    sound = np.zeros(len(time_s))
    for begin in np.arange(0, seconds, 0.15):
        hz, since = 220 * 2 ** (rng.uniform(0, 24) / 12), time_s - begin
        sound += np.where(since >= 0, np.exp(-6 * since), 0) * np.sin(2 * np.pi * hz * since)
    rows = np.stack([sound * (1 - 0.3 * number) for number in range(channels)])
    return Sound(torch.from_numpy(rows / np.abs(rows).max() * 0.7).float(), rate)


def learn(workspace: Workspace, recipe: str, name: str, sound: Path, *settings: str) -> None:
    steps = 3 if recipe == "caw-tiny" else 4
    train(workspace, recipe, name=name, sounds=[sound], steps=steps, settings=settings)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Three instruments: two of one recording, told by other names, and one of another."""
    place = tmp_path_factory.mktemp("one recording")
    workspace = Workspace(place / "workspace")
    for name, seed in (("take.wav", 1), ("the same.wav", 1), ("other.wav", 2)):
        files.write(place / name, melody(seed), encoding="float_32")
    learn(workspace, "single-tiny", "idea", place / "take.wav", "training.previews=1")
    learn(workspace, "caw-tiny", "paste", place / "the same.wav", *SMALL)
    learn(workspace, "caw-tiny", "other", place / "other.wav", *SMALL)
    return workspace


def test_a_report_has_its_numbers_pictures_and_sounds(home: Workspace, tmp_path: Path) -> None:
    found = judge_originality(home, ["idea"], out=tmp_path / "report", count=2)
    assert found.systems == ("idea", "Montage")
    assert found.recordings == ("take.wav",)
    assert [one["length_s"] for one in found.outputs["idea"]] == pytest.approx([SECONDS] * 2, 0.01)
    assert found.verdict[0].startswith("idea copies")
    assert found.facts["idea"]["new pieces"] == 2
    kept = read_report(tmp_path / "report")
    assert kept["kind"] == "originality"
    told = json.loads(json.dumps(asdict(found)))
    assert kept["outputs"]["Montage"][0]["copy_ratio"] > 0.8
    assert kept["outputs"]["idea"][0]["novelty"] == told["outputs"]["idea"][0]["novelty"]
    assert [one["title"] for one in kept["sections"]] == [one.title for one in found.sections]
    drawn = {path.stem for path in (tmp_path / "report" / "pictures").glob("*.png")}
    assert {"plot", "map-1", "parts-1", "sound-1", "map-montage", "map-itself"} <= drawn
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    heard = sorted((tmp_path / "report" / "sounds").iterdir())
    assert page.count("<audio") == len(heard) == 4, "the recording, a montage, two pieces"
    assert all(f"sounds/{path.name}" in page for path in heard)
    with pytest.raises(ExistsError):
        judge_originality(home, ["idea"], out=tmp_path / "report", count=2)


def test_the_same_seed_makes_the_same_pieces(home: Workspace) -> None:
    paste, tracker = open_named(home, "paste"), Tracker("making", 0)
    one, again, other = (
        new_pieces(paste, 2, seconds=1.0, seed=seed, tracker=tracker) for seed in (3, 3, 4)
    )
    assert all(torch.equal(a.samples, b.samples) for a, b in zip(one, again, strict=True))
    assert not torch.equal(one[0].samples, other[0].samples)
    assert not torch.equal(one[0].samples, one[1].samples)


def test_who_plays_the_recording_back_is_found_out(
    home: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def thief(instrument: Instrument, count: int, **_: object) -> list[Sound]:
        return [task.takes_of(instrument).sounds[0]] * count

    monkeypatch.setattr(task, "new_pieces", thief)
    found = judge_originality(home, ["idea"], out=tmp_path / "report", count=2)
    assert found.verdict[0].endswith("it plays the recording back.")
    assert found.outputs["idea"][0]["copy_ratio"] > 0.98
    assert found.outputs["idea"][0]["unlikeness"] < 0.01


def test_several_of_one_recording_stand_in_one_report(home: Workspace, tmp_path: Path) -> None:
    """They play at 8 and 4 kHz, and their files had other names."""
    found = judge_originality(home, ["paste", "idea"], out=tmp_path / "report", count=2)
    assert found.systems == ("paste", "idea", "Montage")
    assert found.title == "paste, idea"
    assert set(found.facts) == {"paste", "idea"}
    assert {name: len(outputs) for name, outputs in found.outputs.items()}["paste"] == 2
    assert open_named(home, "paste").sample_rate == 4000
    assert (tmp_path / "report" / "pictures" / "map-2.png").is_file()


def test_instruments_of_two_recordings_are_refused(home: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'other'.*'paste'|'paste'.*'other'") as said:
        judge_originality(home, ["paste", "other"], out=tmp_path / "report")
    assert "evaluate them apart" in str(said.value)
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize(
    ("names", "count", "says"),
    [
        (["idea"], 1, "1 new pieces"),
        (["idea"], 65, "2 to 64"),
        (["idea", "idea"], 2, "'idea' 2 times"),
    ],
)
def test_what_makes_no_sense_is_refused(
    home: Workspace, tmp_path: Path, names: list[str], count: int, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        judge_originality(home, names, out=tmp_path / "report", count=count)


def test_kinds_are_told_apart_and_not_mixed(
    home: Workspace, tmp_path: Path, tiny_instrument: Instrument
) -> None:
    drums = home.instrument_folder("drums")
    folder.save(drums, tiny_instrument, run_folder=tmp_path, force=True)
    assert learned_from_recordings(home, ["idea", "paste"])
    assert not learned_from_recordings(home, ["drums"])
    with pytest.raises(UsageError, match=r"'idea', which learned from a recording, beside 'drums'"):
        learned_from_recordings(home, ["drums", "idea"])
    with pytest.raises(UnknownNameError):
        learned_from_recordings(home, ["nobody"])


def test_a_librarys_report_refuses_them(home: Workspace, tmp_path: Path) -> None:
    with pytest.raises(AbilityError, match="from a recording and from no library"):
        evaluate_together(home, ["idea", "paste"], out=tmp_path / "report")
    with pytest.raises(AbilityError, match="judge_originality"):
        evaluate_named(home, "idea", out=tmp_path / "report")


def test_rates_that_cannot_be_judged_are_raised_and_nothing_is_added() -> None:
    low = melody(1, rate=4000)
    raised = audible(low)
    assert (raised.sample_rate, raised.samples.shape) == (8000, (1, round(8000 * SECONDS)))
    spectrum = torch.fft.rfft(raised.samples[0]).abs()
    middle = len(spectrum) // 2
    assert spectrum[middle + 200 :].max() < 0.01 * spectrum[:middle].max()
    assert audible(raised).samples is raised.samples


# --- one recording, heard differently ------------------------------------------------------------


def takes(sound: Sound, owner: str = "x", hole: slice | None = None) -> Takes:
    known = torch.ones(sound.samples.shape[1])
    samples = sound.samples.clone()
    if hole is not None:
        known[hole], samples[:, hole] = 0, 0
    return Takes(owner, ("take.wav",), (Sound(samples, sound.sample_rate),), (known,))


def lowered(sound: Sound, rate: int) -> Sound:
    return Sound(resampling.resample(sound.samples, from_hz=sound.sample_rate, to_hz=rate), rate)


def test_one_recording_is_known_at_another_rate_with_holes_and_cut() -> None:
    whole = melody(1, rate=16_000, channels=2)
    mono = Sound(whole.samples.mean(dim=0, keepdim=True), 16_000)
    assert same(takes(whole), takes(mono))
    assert same(takes(whole), takes(lowered(mono, 5512)))
    assert same(takes(whole), takes(Sound(whole.samples[:, :16_000], 16_000)))
    assert same(takes(whole), takes(lowered(mono, 8000), hole=slice(4000, 16_000)))
    assert not same(takes(whole), takes(melody(2)))
    later = Sound(whole.samples[:, 1600:], 16_000)
    assert not same(takes(whole), takes(later)), "a tenth of a second off is another beginning"


def test_what_is_judged_by_is_whoever_heard_most() -> None:
    whole, brief = melody(1), Sound(melody(1).samples[:, :RATE], RATE)
    low, holed = lowered(whole, 4000), takes(whole, "holed", hole=slice(0, 8000))
    several = [takes(brief), takes(low), holed, takes(whole, "whole")]
    assert longest(several).owner == "whole"
    same_or_refuse(several)
    with pytest.raises(UsageError, match="evaluate them apart"):
        same_or_refuse([takes(whole, "a"), takes(melody(5), "b")])


def test_recordings_of_one_name_are_told_apart() -> None:
    sound, known = melody(1), torch.ones(24_000)
    twice = Takes("x", ("take.wav", "take.wav"), (sound, sound), (known, known))
    assert list(twice.named) == ["take.wav", "take.wav (2)"]
