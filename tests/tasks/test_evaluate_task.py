"""evaluate, from an instrument to a report's folder."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from fixtures_instrument import linear_family, made_sounds, tiny_instrument
from timbrel.errors import AbilityError, ExistsError, UsageError
from timbrel.evaluation.choosing import Choice
from timbrel.evaluation.material import Entry
from timbrel.evaluation.report import read_report
from timbrel.instruments.cloud import SoundNote
from timbrel.instruments.instrument import Instrument
from timbrel.signal.files import Sound
from timbrel.tasks.evaluate import evaluate, evaluate_together, round_trip
from timbrel.tasks.judged_sounds import generated_counts, held_out_of_all
from timbrel.tasks.train import train
from timbrel.tasks.workspace import Workspace

__all__ = ["linear_family", "tiny_instrument"]

CHEAP = ("training.previews=1", "network.hidden_size=16", "phase.iterations=2")
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
    choice = Choice(examples=2, generated_examples=2, slow=2, copied=4, morphs=2, morph_examples=1)
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
    assert report.morphs is not None
    assert report.morphs.rows["off_level_lu"].morph.count == 2
    assert 0 < report.morphs.rows["parents_off_db"].morph.value < 30
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "How good is a morph" in page
    assert len(list((tmp_path / "report" / "sounds").glob("morph-*.wav"))) == 10
    with pytest.raises(ExistsError):
        evaluate(judged, read=read, out=tmp_path / "report")


def test_the_round_trip_leaves_the_network_out(judged: Instrument) -> None:
    back = round_trip(judged, read("t0"), seed=0)
    assert back.samples.shape == (1, 8000)
    assert (back.samples - read("t0").samples).abs().max() < 1.5


def test_an_instrument_that_only_generates_is_judged_by_what_it_makes(
    judged: Instrument, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(judged.__dict__, "abilities", frozenset({"generate"}))
    few = Choice(slow=0, copied=0, generated_examples=2, per_label=4)
    report = evaluate(judged, read=read, out=tmp_path / "report", choice=few)
    assert report.reconstruction == {}
    assert report.counts.held_out == 12
    assert report.sets
    assert report.listening is not None
    assert report.listening.reconstructions is None
    assert report.requirements is None  # it plays half a second
    assert "only makes them" in report.verdict[0]
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "What comes back" not in page
    assert "What it generates" in page


def test_what_knows_no_labels_is_judged_on_a_library_that_has_them(
    judged: Instrument, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network that learned against a critic has no cloud, whatever the folders are called."""
    cloudless = replace(judged.cloud, latents=torch.zeros(len(judged.cloud), 0))
    only_makes = replace(judged, cloud=cloudless)
    for name, value in {
        "abilities": frozenset({"generate"}),
        "offers": frozenset({"decode", "sample"}),
        "latent_size": judged.latent_size,
    }.items():
        monkeypatch.setitem(only_makes.__dict__, name, value)
    monkeypatch.setattr(
        type(judged.network),
        "sample",
        lambda _, count, generator: torch.randn(count, judged.latent_size, generator=generator),
        raising=False,
    )
    few = Choice(slow=0, copied=0, generated_examples=2)
    report = evaluate(only_makes, read=read, out=tmp_path / "report", choice=few)
    assert report.counts.generated == 16
    assert report.counts.matched == 12, "all beside all"
    assert report.sets
    assert report.diversity[""].ratio is not None
    assert report.listening is not None
    assert report.listening.generated is None


def test_an_instrument_that_makes_no_sounds_is_refused(
    judged: Instrument, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(judged.__dict__, "abilities", frozenset({"phase"}))
    with pytest.raises(AbilityError, match="cannot generate"):
        evaluate(judged, read=read, out=tmp_path / "report")
    assert not (tmp_path / "report").exists()


def with_ids(instrument: Instrument, name: str, ids: dict[str, str]) -> Instrument:
    notes = tuple(SoundNote(id_, id_, "", split) for id_, split in ids.items())
    return replace(instrument, name=name, sounds=notes)


def test_songs_that_none_learned_from_are_held_out_of_all_each_in_its_own_pieces(
    judged: Instrument,
) -> None:
    long = with_ids(judged, "long", {"a@0": "train", "b@0": "test", "c@0": "test"})
    short = with_ids(
        judged, "short", {"a@0": "train", "b@0": "test", "b@100": "test", "c": "train"}
    )
    found = held_out_of_all([long, short])
    assert [entry.id for entry in found["long"]] == ["b@0"]
    assert [entry.id for entry in found["short"]] == ["b@0", "b@100"]
    other = with_ids(judged, "other", {"a@0": "train", "b@0": "train", "c@5": "test"})
    with pytest.raises(UsageError, match="held-out sound in common"):
        held_out_of_all([short, other])


def test_of_one_recording_only_pieces_that_none_learned_from_are_held_out(
    judged: Instrument,
) -> None:
    one = with_ids(judged, "one", {"a@0": "train", "a@50": "test", "a@60": "test"})
    other = with_ids(judged, "other", {"a@0": "train", "a@50": "train", "a@60": "test"})
    assert [entry.id for entry in held_out_of_all([one, other])["one"]] == ["a@60"]


def test_as_many_sounds_are_generated_as_are_held_out_and_16_at_least(judged: Instrument) -> None:
    first, second = sorted({label for label in judged.cloud.labels if label})
    held_out = [Entry(str(n), "", first) for n in range(40)] + [Entry("x", "", second)]
    assert generated_counts(judged, held_out, Choice()) == {first: 40, second: 16}
    assert generated_counts(judged, held_out, Choice(per_label=64)) == {first: 64, second: 64}
    assert generated_counts(judged, held_out, Choice(held_out=1)) == {first: 16, second: 16}


@pytest.mark.slow
def test_two_instruments_stand_in_one_report(trained: Workspace, tmp_path: Path) -> None:
    """The same held-out sounds; the shorter instrument says how much of them is judged."""
    workspace = Workspace(shutil.copytree(trained.root, tmp_path / "ws"))
    settings = (*CHEAP, "duration_s=0.25")
    train(workspace, "sample-vae-tiny", name="short", steps=5, settings=settings)
    few = Choice(slow=0, copied=2, examples=2, generated_examples=2, per_label=4)
    found, skipped = evaluate_together(workspace, ["tiny", "short"], choice=few)
    assert not skipped
    folder = workspace.reports / "tiny+short"
    assert (folder / "index.html").is_file()
    assert read_report(folder)["instruments"] == ["tiny", "short"]
    own = [read_report(folder / "instruments" / name) for name in found.instruments]
    assert own[0]["counts"]["labels"] == own[1]["counts"]["labels"]
    assert {one["facts"]["judged up to (s)"] for one in own} == {0.25}
    assert {one["facts"]["generated sounds"] for one in own} == {"noise 4, tön 4"}
    morphs = found.sections[-1]
    assert morphs.title == "How good is a morph"
    assert {row.title: len(row.values) for row in morphs.rows}["Off the even level"] == 2
    distance = found.sections[0].rows[0]
    counts = {value.count for value in distance.values.values()}
    assert counts == {found.held_out}
    with pytest.raises(ExistsError):
        evaluate_together(workspace, ["tiny", "short"], choice=few)
    with pytest.raises(UsageError, match="'tiny' 2 times"):
        evaluate_together(workspace, ["tiny", "tiny"], choice=few)
