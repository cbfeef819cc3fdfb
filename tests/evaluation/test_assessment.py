"""Whole assessments of made-up instruments whose quality is known beforehand."""

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from timbrel.errors import LibraryError, SoundFileError
from timbrel.evaluation.assessment import Assessment, assess
from timbrel.evaluation.choosing import Choice, drawn, spread_over_labels
from timbrel.evaluation.material import Entry, Made, Material
from timbrel.evaluation.metrics import mse_db
from timbrel.evaluation.metrics.mse_db import METRIC
from timbrel.evaluation.results import Unavailable, as_json
from timbrel.progress import Progress
from timbrel.signal.files import Sound

RATE = 16_000
LABELS = ("pluck", "hiss", "thump")
Through = Callable[[Sound], Sound]


def made_sound(label: str, number: int) -> Sound:
    """One sound of a label; each number is another one."""
    rng = torch.Generator().manual_seed(1000 * LABELS.index(label) + number)
    time_s = torch.arange(RATE // 4) / RATE
    draw = torch.rand(3, generator=rng)
    noise = torch.randn(len(time_s), generator=rng)
    coloured = noise + (2 * draw[1] - 1) * noise.roll(1)
    fade = torch.exp(-(3 + 80 * draw[0]) * time_s)
    hz = {"pluck": 400 * 8 ** draw[1], "hiss": 0, "thump": 40 * 4 ** draw[1]}[label]
    samples = coloured * 0.2 if label == "hiss" else torch.sin(2 * math.pi * hz * time_s)
    return Sound((0.5 * fade * samples + 1e-4 * noise)[None], RATE, f"{label}-{number}")


def entries(numbers: Iterable[int]) -> list[Entry]:
    return [Entry(f"{k}/{n}", f"{k}-{n}.wav", k) for n in numbers for k in LABELS]


def read(id_: str) -> Sound:
    label, number = id_.split("/")
    return made_sound(label, int(number))


def noisy(level: float) -> Through:
    def through(sound: Sound) -> Sound:
        noise = torch.randn(sound.samples.shape, generator=torch.Generator().manual_seed(9))
        return Sound(sound.samples + level * noise, sound.sample_rate)

    return through


def generated(numbers: Iterable[int]) -> list[Made]:
    return [
        Made(made_sound(label, number), f"made-{label}-{number}", label)
        for number in numbers
        for label in LABELS
    ]


MATERIAL = Material(
    held_out=entries(range(8)),
    training=entries(range(100, 115)),
    read=read,
    reconstruct=noisy(1e-4),
    round_trip=noisy(1e-5),
    generated=generated(range(200, 206)),
)


# As much as shows a fact that does not depend on how many sounds there are.
FEW = replace(
    MATERIAL,
    held_out=entries(range(2)),
    training=entries(range(100, 106)),
    generated=generated(range(200, 202)),
)
# Of an instrument that only generates, nothing is reconstructed.
GENERATES = replace(MATERIAL, reconstruct=None)

QUICK = Choice(slow=0, copied=0)
SOME = Choice(slow=3, copied=6, examples=3, generated_examples=3)


def judged(material: Material, choice: Choice = QUICK) -> Assessment:
    return assess(material, title="drums", facts={"recipe": "tiny"}, choice=choice)


@cache
def a_good_one() -> Assessment:
    """Judged once for all tests of a process that only read it."""
    return judged(MATERIAL, SOME)


@pytest.fixture(scope="module")
def good() -> Assessment:
    return a_good_one()


DISTANCES = ("log_spectral_distance", "mse_db", "multi_resolution_spectral", "snr")


def test_a_good_instrument_lies_between_its_floors(good: Assessment) -> None:
    for measure in (good.report.reconstruction[name] for name in DISTANCES):
        means = measure.means["all"]
        order = [means["round_trip"], means["reconstruction"], means["nearest"]]
        values = [mean.value for mean in order]
        assert values == sorted(values, reverse=measure.higher_is_better), measure.title
        assert all(mean.low <= mean.value <= mean.high for mean in order)
        assert measure.gain_over_nearest.low > 0
        assert measure.better_than_nearest > 0.95
        assert set(measure.means) == {"all", *LABELS}
        assert measure.means["hiss"]["reconstruction"].count == 8


def test_its_verdict_says_so(good: Assessment) -> None:
    first, *others = good.report.verdict
    assert "does more than play what it was given" in first
    assert not any("too many" in sentence for sentence in others)
    assert any("as it should be" in sentence for sentence in others)


def test_sounds_of_the_right_kind_are_named_new_and_varied(good: Assessment) -> None:
    report = good.report
    assert report.listening is not None
    assert report.listening.generated is not None
    assert report.listening.held_out.overall.value > 0.9
    assert report.listening.ratio == pytest.approx(1, abs=0.1)
    assert report.generated_copying is not None
    assert report.generated_copying.near_copies.low <= report.held_out_copying.near_copies.high
    ratios = [found.ratio for found in report.diversity.values()]
    assert all(ratio is not None and 0.5 < ratio < 2 for ratio in ratios)


def test_slow_metrics_take_a_part_of_each_label_and_say_so(good: Assessment) -> None:
    grade = good.report.reconstruction["odg"]
    assert grade.asked == good.report.counts.slow == 3
    assert set(grade.means) == {"all", *LABELS}
    assert grade.means["hiss"]["reconstruction"].count <= 1
    assert good.report.reconstruction["mse_db"].asked == 24
    assert good.report.joined is not None
    assert good.report.joined.count == 3
    values = good.report.joined.values
    assert values["round_trip"] > values["nearest"]
    bests = [grade.best[label] for label in LABELS if not math.isnan(grade.best[label])]
    assert grade.best["all"] == max(bests)


def test_a_metric_that_is_undefined_for_some_is_a_mean_over_the_others(good: Assessment) -> None:
    """There is no pitch error where there is no pitch: in hiss."""
    pitch = good.report.reconstruction["pitch_error"]
    assert pitch.undefined["reconstruction"] >= 1 / 3
    assert math.isnan(pitch.means["hiss"]["reconstruction"].value)
    defined = pitch.means["pluck"]["reconstruction"].count
    assert 0 < defined <= pitch.means["all"]["reconstruction"].count < pitch.asked
    table = json.loads(as_json(good.report))
    assert table["reconstruction"]["pitch_error"]["means"]["hiss"]["nearest"]["value"] is None


def test_generated_sounds_are_compared_as_sets_beside_as_many_real_ones(good: Assessment) -> None:
    counts, sets = good.report.counts, good.report.sets
    assert counts.matched == 18
    assert {"ndb", "frechet_classifier", "frechet_spectrogram"} <= set(sets)
    for measure in sets.values():
        assert measure.generated is not None
        assert measure.held_out is not None
        assert measure.generated.count == measure.held_out.count == 18
        assert measure.reference == 22
    assert sets["frechet_spectrogram"].ratio == pytest.approx(1, abs=0.7)


def test_the_copy_check_looks_for_stretches_and_features_too(good: Assessment) -> None:
    made, real = good.report.generated_copying, good.report.held_out_copying
    assert made is not None
    for copying in (made, real):
        assert copying.runs is not None
        assert copying.runs.copied.count == 6
        assert copying.feature_distance is not None
    again = [
        replace(m, sound=Sound(0.3 * m.sound.samples, RATE)) for m in generated(range(100, 102))
    ]
    found = judged(replace(GENERATES, generated=again), Choice(slow=0, copied=6)).report
    assert found.generated_copying is not None
    runs = found.generated_copying.runs
    assert runs is not None
    assert runs.copied.value == 1
    assert {run.source for run in runs.longest} == {
        f"{k}-{n}.wav" for k in LABELS for n in (100, 101)
    }


def test_a_metric_whose_package_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = replace(METRIC, extra="evaluate", packages=("no_such_package",))
    monkeypatch.setattr(mse_db, "METRIC", absent)
    report = judged(FEW).report
    assert "mse_db" not in report.reconstruction
    assert Unavailable(METRIC.title, 'pip install "timbrel[evaluate]"') in report.unavailable


def test_what_comes_later_is_left_out_where_asked() -> None:
    found = judged(FEW, replace(QUICK, longest_s=0.1))
    assert all(s.samples.shape[1] == 1600 for s in found.reconstructed[0].sounds.values())


def test_training_sounds_played_again_are_found_out() -> None:
    copies = [replace(made, sound=Sound(0.3 * made.sound.samples, RATE)) for made in
              generated(range(100, 106))]  # fmt: skip
    report = judged(replace(GENERATES, generated=copies)).report
    assert report.generated_copying is not None
    assert report.generated_copying.near_copies.value == 1
    names = [(sound.name, sound.nearest) for sound in report.generated_copying.sounds]
    assert names[0] == ("made-pluck-100", "pluck-100.wav")
    assert any("near copies of one: too many" in sentence for sentence in report.verdict)


def test_one_sound_again_and_again_is_found_out() -> None:
    same = [Made(made_sound(k, 200), f"{k}-{n}", k) for n in range(4) for k in LABELS]
    report = judged(replace(GENERATES, generated=same)).report
    assert all(found.ratio == pytest.approx(0, abs=1e-6) for found in report.diversity.values())
    assert any("too much alike" in sentence for sentence in report.verdict)


def test_wrong_labels_are_found_out() -> None:
    wrong = [replace(made, label="hiss") for made in generated(range(200, 206))]
    report = judged(replace(GENERATES, generated=wrong)).report
    assert report.listening is not None
    assert report.listening.label_ratios["hiss"] < 0.5
    assert any("weak labels: hiss" in sentence for sentence in report.verdict)


def test_a_bad_instrument_loses_against_the_nearest_training_sound() -> None:
    report = judged(replace(FEW, reconstruct=noisy(0.5))).report
    measure = report.reconstruction["log_spectral_distance"]
    assert measure.gain_over_nearest.high < 0
    assert "train longer" in report.verdict[0]
    hopeless = judged(replace(FEW, reconstruct=noisy(0.5), round_trip=noisy(0.5))).report
    assert "no training can change that" in hopeless.verdict[0]


def test_the_nearest_floor_ignores_level_and_delay() -> None:
    """A training sound that is the held-out one, later and quieter, is as good as the sound."""

    def shifted(id_: str) -> Sound:
        label, number = id_.split("/")
        sound = made_sound(label, int(number) % 100)
        late = torch.nn.functional.pad(0.1 * sound.samples, (777, 0))
        return Sound(late, RATE) if int(number) >= 100 else sound

    twins = replace(FEW, read=shifted, training=entries(range(100, 102)), generated=())
    measure = judged(twins).report.reconstruction["log_spectral_distance"]
    assert measure.means["all"]["nearest"].value < 0.2


def test_rates_lengths_and_channels_may_differ() -> None:
    def through(sound: Sound) -> Sound:
        padded = torch.nn.functional.pad(sound.samples, (0, 1000))
        return Sound(padded.repeat(2, 1), RATE)

    report = judged(replace(FEW, reconstruct=through, generated=())).report
    means = report.reconstruction["log_spectral_distance"].means["all"]
    assert means["reconstruction"].value == pytest.approx(0, abs=1e-6)
    assert report.generated_copying is None
    assert report.diversity == {}


def test_an_instrument_that_plays_shorter_sounds_is_judged_on_what_it_plays() -> None:
    def cut(sound: Sound) -> Sound:
        return Sound(sound.samples[:, :2000], RATE)

    found = judged(replace(FEW, reconstruct=cut, round_trip=cut))
    snr = found.report.reconstruction["snr"].means["all"]["reconstruction"]
    assert snr.value == 200, "an exact copy has an infinite ratio, which counts as 200 dB"
    assert all(s.samples.shape[1] == 2000 for s in found.reconstructed[0].sounds.values())


def test_sounds_that_cannot_be_read_are_named_and_passed_over() -> None:
    def failing(id_: str) -> Sound:
        if id_ in {"pluck/0", "hiss/100"}:
            raise SoundFileError(f"{id_} cannot be read")
        if id_ == "thump/0":
            return Sound(torch.full((1, 100), math.nan), RATE)
        return read(id_)

    report = judged(replace(FEW, read=failing)).report
    assert [sound.name for sound in report.skipped] == [
        "pluck-0.wav",
        "thump-0.wav",
        "hiss-100.wav",
    ]
    assert report.counts.held_out == 4
    assert report.counts.training == 17
    assert report.verdict[-1].startswith("3 sounds could not be judged")


def test_a_neighbour_that_vanishes_meanwhile_costs_only_its_place_on_the_page() -> None:
    heard = list[str]()

    def vanishing(id_: str) -> Sound:
        heard.append(id_)
        if heard.count("pluck/103") > 1:
            raise SoundFileError("pluck-103.wav is gone")
        return read(id_)

    copy = [Made(made_sound("pluck", 103), "made", "pluck")]  # its neighbour is known: itself
    material = replace(FEW, held_out=entries(range(1)), read=vanishing, generated=copy)
    found = judged(material)
    (example,) = found.generated
    assert list(example.sounds) == ["generated"]
    assert "pluck-103.wav" in example.note
    assert "cannot be read any more" in example.note
    assert [sound.name for sound in found.report.skipped] == ["pluck-103.wav"]


def test_a_broken_reconstruction_is_named_and_a_silent_one_counts_as_bad() -> None:
    broken = replace(FEW, reconstruct=lambda s: Sound(s.samples * math.nan, RATE))
    with pytest.raises(LibraryError, match="not finite"):
        judged(broken)
    silent = judged(replace(FEW, reconstruct=lambda s: Sound(0 * s.samples, RATE))).report
    assert silent.counts.held_out == 6
    assert silent.reconstruction["snr"].means["all"]["reconstruction"].value == 0


@pytest.mark.parametrize("lacking", ["held_out", "training"])
def test_without_held_out_or_training_sounds_there_is_one_clear_error(lacking: str) -> None:
    held_out = [] if lacking == "held_out" else FEW.held_out
    training = [] if lacking == "training" else FEW.training
    with pytest.raises(LibraryError, match="no held-out or no training sound"):
        judged(replace(FEW, held_out=held_out, training=training))


def test_without_labels_there_is_a_report_without_a_listener() -> None:
    def bare(found: Iterable[Entry]) -> list[Entry]:
        return [replace(entry, label="") for entry in found]

    made = [replace(sound, label="") for sound in generated(range(200, 203))]
    report = judged(
        replace(FEW, held_out=bare(FEW.held_out), training=bare(FEW.training), generated=made)
    ).report  # fmt: skip
    assert report.listening is None
    assert set(report.reconstruction["snr"].means) == {"all"}
    assert report.diversity[""].ratio is not None


def test_the_same_seed_gives_the_same_report_and_only_a_part_is_judged_where_asked() -> None:
    small = replace(QUICK, held_out=4, training=12, examples=2, generated_examples=3, seed=7)
    first, second = judged(FEW, small), judged(FEW, small)
    assert as_json(first.report) == as_json(second.report)
    assert first.report.counts.held_out == 4
    assert first.report.counts.training == 12
    assert len(first.reconstructed) == 2
    assert sorted(example.label for example in first.generated) == sorted(LABELS)
    assert as_json(judged(FEW, replace(small, seed=8)).report) != as_json(first.report)


def test_the_json_is_strict(good: Assessment) -> None:
    measure = replace(good.report.reconstruction["snr"], better_than_nearest=math.inf)
    report = replace(good.report, reconstruction={"snr": measure})
    table = json.loads(as_json(report), parse_constant=lambda name: pytest.fail(name))
    assert table["format"] == 2
    assert table["reconstruction"]["snr"]["better_than_nearest"] is None
    assert table["reconstruction"]["snr"]["means"]["all"]["nearest"]["count"] == 24
    assert table["verdict"] == list(good.report.verdict)


def test_progress_is_told() -> None:
    seen: list[Progress] = []
    assess(FEW, title="x", facts={}, choice=replace(QUICK, held_out=3), report=seen.append)
    last = {moment.stage: moment.done for moment in seen}
    assert last["reconstructing held-out sounds"] == 3
    assert last["hearing training sounds"] == 18


def test_examples_are_spread_over_labels() -> None:
    labels = ["kick"] * 50 + ["snare"] * 2 + ["hat"]
    chosen = [labels[index] for index in spread_over_labels(labels, 6, seed=0)]
    assert chosen == ["hat", "kick", "kick", "kick", "snare", "snare"]


def test_a_part_is_drawn_without_repeats_in_order(rng: np.random.Generator) -> None:
    part = drawn(range(1000), 100, seed=1)
    assert part == sorted(set(part))
    assert len(part) == 100
    assert part != drawn(range(1000), 100, seed=2)


def faded(first: Sound, second: Sound) -> list[Sound]:
    """A morph that is nothing but a crossfade."""
    return [
        Sound((1 - w) * first.samples + w * second.samples, RATE) for w in (0, 0.25, 0.5, 0.75, 1)
    ]


def test_morphs_that_are_crossfades_are_neither_better_nor_worse_than_crossfades() -> None:
    found = judged(replace(FEW, morph=faded), replace(QUICK, morphs=3, morph_examples=2))
    morphs = found.report.morphs
    assert morphs is not None
    assert len(set(morphs.pairs)) == 3
    assert all(row.difference.value == 0 for row in morphs.rows.values() if row.difference.count), (
        "the same sounds have the same numbers"
    )
    assert "listener" in morphs.features
    assert "not surely better or worse than a crossfade" in found.report.verdict[-1]
    assert len(found.morphed) == 2
    assert len(found.morphed[0].sounds) == 10


def test_a_pair_that_cannot_be_morphed_is_named_and_passed_over() -> None:
    def fails(first: Sound, _second: Sound) -> list[Sound]:
        raise SoundFileError(f"{first.source} is silent", "a sound that can be heard")

    found = judged(replace(FEW, morph=fails), replace(QUICK, morphs=1))
    assert found.report.morphs is None
    assert found.morphed == ()
    assert " to " in found.report.skipped[-1].name


def test_without_a_way_to_morph_there_is_no_table(good: Assessment) -> None:
    assert good.report.morphs is None
