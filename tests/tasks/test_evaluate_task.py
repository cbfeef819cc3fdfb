"""evaluate, from an instrument to a report's folder."""

from dataclasses import replace
from pathlib import Path

import pytest

from fixtures_instrument import linear_family, made_sounds, tiny_instrument
from timbrel.errors import AbilityError, ExistsError
from timbrel.evaluation.hearing import Choice
from timbrel.evaluation.report import read_report
from timbrel.instruments.cloud import SoundNote
from timbrel.instruments.instrument import Instrument
from timbrel.signal.files import Sound
from timbrel.tasks.evaluate import evaluate, round_trip

__all__ = ["linear_family", "tiny_instrument"]

TRAINING, _ = made_sounds()
HELD_OUT, LABELS = made_sounds(count=12, seed=77)


def read(id_: str) -> Sound:
    number = int(id_[2:]) if id_.startswith("id") else int(id_[1:])
    sounds = TRAINING if id_.startswith("id") else HELD_OUT
    return Sound(sounds[number][None], 16_000, id_)


@pytest.fixture
def judged(tiny_instrument: Instrument) -> Instrument:
    notes = [SoundNote(f"t{n}", f"{k}-{n}.wav", k, "test") for n, k in enumerate(LABELS)]
    return replace(tiny_instrument, sounds=(*tiny_instrument.sounds, *notes))


def test_an_instrument_is_judged_into_a_folder(judged: Instrument, tmp_path: Path) -> None:
    choice = Choice(examples=2, generated_examples=2)
    report = evaluate(judged, read=read, out=tmp_path / "report", choice=choice)
    assert report.counts.held_out == 12
    assert report.counts.training == 30
    assert report.counts.generated == 32
    assert report.skipped == ()
    means = report.reconstruction["log_spectral_distance"].means["all"]
    assert means["round_trip"].value < means["reconstruction"].value
    assert report.listening is not None
    assert report.listening.held_out.overall.value == 1
    assert report.facts["recipe"] == "linear-tiny"
    assert read_report(tmp_path / "report")["title"] == "tiny"
    with pytest.raises(ExistsError):
        evaluate(judged, read=read, out=tmp_path / "report")


def test_the_round_trip_leaves_the_network_out(judged: Instrument) -> None:
    back = round_trip(judged, read("t0"), seed=0)
    assert back.samples.shape == (1, 8000)
    assert (back.samples - read("t0").samples).abs().max() < 1.5


def test_an_instrument_that_cannot_reconstruct_is_refused(
    judged: Instrument, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(judged.__dict__, "abilities", frozenset({"generate"}))
    with pytest.raises(AbilityError, match="cannot reconstruct"):
        evaluate(judged, read=read, out=tmp_path / "report")
    assert not (tmp_path / "report").exists()
