"""Sets of sounds: learned from one half, compared with the other, equally many of each label."""

from dataclasses import replace

import numpy as np
import pytest
from test_assessment import LABELS, RATE, made_sound

from timbrel.errors import UsageError
from timbrel.evaluation.features import train_features
from timbrel.evaluation.glimpses import Glimpse, glimpse, statistics_of
from timbrel.evaluation.sketches import sketch
from timbrel.evaluation.sound_sets import interleaved, know, matched, set_measures
from timbrel.signal.files import Sound


def glimpses(numbers: range, label: str = "") -> list[Glimpse]:
    return [
        glimpse(made_sound(k, number)) for number in numbers for k in LABELS if label in ("", k)
    ]


TRAINING = glimpses(range(100, 124))
NAMES = list(LABELS) * 24


@pytest.fixture(scope="module")
def known():  # type: ignore[no-untyped-def]
    return know(TRAINING, NAMES, seed=0)


def test_a_glimpse_holds_the_sketch_and_small_pictures_of_one_level() -> None:
    sound = made_sound("pluck", 1)
    seen, louder = glimpse(sound), glimpse(replace(sound, samples=0.1 * sound.samples))
    assert (seen.sketch == sketch(sound)).all()
    assert seen.picture.shape == (512,)
    assert seen.statistics.shape == (64,)
    assert seen.picture.min() >= -80
    assert seen.picture.max() <= 0
    assert louder.picture == pytest.approx(seen.picture, abs=0.01)
    assert louder.statistics == pytest.approx(seen.statistics, abs=1e-3)


def test_statistics_tell_a_dull_sound_and_a_steady_one() -> None:
    hiss, pluck = (statistics_of(made_sound(k, 3)) for k in ("hiss", "pluck"))
    assert hiss[15:20].mean() > 0
    top = statistics_of(Sound(made_sound("hiss", 3).samples, RATE))[31]
    assert top < 0.01, "16 kHz sounds have nothing in the band below 16 kHz"
    assert pluck.shape == hiss.shape


def test_the_halves_hold_half_of_each_label(known) -> None:  # type: ignore[no-untyped-def]
    assert len(known.reference) == 36
    ranks = interleaved(NAMES, seed=0)
    kept = [name for name, rank in zip(NAMES, ranks, strict=True) if rank % 2]
    assert [kept.count(label) for label in LABELS] == [12, 12, 12]


def test_features_bring_sounds_of_one_label_together(known) -> None:  # type: ignore[no-untyped-def]
    unheard = known.set_of(glimpses(range(300, 310))).features
    own = [unheard[place::3] for place in range(3)]
    inside = np.mean([part.std(axis=0).mean() for part in own])
    between = np.std([part.mean(axis=0) for part in own], axis=0).mean()
    assert between > inside
    assert unheard.std() == pytest.approx(1, rel=0.5)


def test_features_are_the_same_by_seed() -> None:
    sketches = np.stack([one.sketch for one in TRAINING])
    first, second, other = (train_features(sketches, NAMES, seed=s).of(sketches) for s in (0, 0, 1))
    assert (first == second).all()
    assert (first != other).any()
    with pytest.raises(UsageError, match=r"1 label\(s\)"):
        train_features(sketches, ["kick"] * len(sketches), seed=0)


def test_good_sounds_score_as_held_out_ones_and_one_kind_alone_far_worse(known) -> None:  # type: ignore[no-untyped-def]
    real = known.set_of(glimpses(range(200, 212)))
    good = set_measures(known, known.set_of(glimpses(range(400, 412))), real, seed=0)
    alone = set_measures(known, known.set_of(glimpses(range(400, 436), "hiss")), real, seed=0)
    for name, measure in good.items():
        assert measure.generated is not None
        assert measure.held_out is not None
        assert measure.generated.low <= measure.generated.value <= measure.generated.high
        assert measure.generated.count == measure.held_out.count == 36
        bad = alone[name].generated
        assert bad is not None
        assert bad.low > measure.generated.value, name
        assert alone[name].held_out == measure.held_out


def test_without_labels_one_metric_is_undefined_and_says_why() -> None:
    bare = know(TRAINING, [""] * len(TRAINING), seed=0)
    some = bare.set_of(TRAINING[:20])
    found = set_measures(bare, some, some, seed=0)
    undefined = {name for name, measure in found.items() if measure.generated is None}
    assert undefined == {"frechet_classifier"}
    assert found["frechet_classifier"].ratio is None
    assert "one number or more" in found["frechet_classifier"].reason


def test_as_many_of_each_label_are_compared() -> None:
    made, real = matched(["a", "b", "b", "c"], ["b", "a", "a", "b", "b", "d"])
    assert made.tolist() == [0, 1, 2]
    assert real.tolist() == [0, 1, 3]


def test_one_training_sound_is_not_enough() -> None:
    with pytest.raises(UsageError, match="1 training sound"):
        know(TRAINING[:1], NAMES[:1], seed=0)
