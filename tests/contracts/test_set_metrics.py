"""What every metric of sets promises: its ideal, its direction, its rules."""

from dataclasses import replace

import numpy as np
import pytest

from timbrel import plugins
from timbrel.errors import UsageError
from timbrel.evaluation.metrics import SetMetric, SoundSet
from timbrel.evaluation.sound_sets import load_set_metrics

METRICS = load_set_metrics()
NAMES = sorted(METRICS)


def made_set(seed: int, count: int = 200, *, shift: float = 0.0, spread: float = 1.0) -> SoundSet:
    """Sounds of four kinds, some dB apart."""
    rng = np.random.default_rng(seed)
    kinds = np.random.default_rng(99).normal(-40, 6, size=(4, 8))[rng.integers(0, 4, count)]
    table = (kinds + shift + spread * rng.normal(0, 3, size=(count, 8))).astype(np.float32)
    return SoundSet(table, table / np.float32(80), table / np.float32(10))


REFERENCE = made_set(0)


def test_the_usual_metrics_of_sets_are_there() -> None:
    assert {"ndb", "ndb_jensen_shannon", "frechet_classifier", "frechet_spectrogram"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_equal_sets_have_the_ideal_value_in_any_order(name: str) -> None:
    shuffled = REFERENCE.take(np.random.default_rng(1).permutation(len(REFERENCE)))
    value = METRICS[name].compute(REFERENCE, shuffled)
    assert value == pytest.approx(METRICS[name].ideal, abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("change", ["shift", "spread"])
def test_sets_that_are_farther_off_score_worse(name: str, change: str) -> None:
    sets = [made_set(5, shift=shift) for shift in (0.0, 4.0, 12.0)]
    if change == "spread":
        sets = [made_set(5, spread=spread) for spread in (1.0, 0.4, 0.05)]
    sign = -1 if METRICS[name].higher_is_better else 1
    scores = [sign * METRICS[name].compute(REFERENCE, one) for one in sets]
    assert scores[0] < scores[1] < scores[2]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_number_and_the_set_is_left_alone(name: str) -> None:
    test = made_set(3)
    before = test.pictures.copy()
    first, second = (METRICS[name].compute(REFERENCE, test, seed=4) for _ in range(2))
    assert first == second
    assert (test.pictures == before).all()


@pytest.mark.parametrize("name", NAMES)
def test_sets_without_sounds_are_refused(name: str) -> None:
    nothing = REFERENCE.take(np.zeros(0, dtype=np.int64))
    for pair in ((REFERENCE, nothing), (nothing, REFERENCE)):
        with pytest.raises(UsageError):
            METRICS[name].compute(*pair)


def test_without_features_the_one_that_needs_them_says_so() -> None:
    bare = replace(REFERENCE, features=np.zeros((len(REFERENCE), 0), np.float32))
    with pytest.raises(UsageError, match="points of shape"):
        METRICS["frechet_classifier"].compute(bare, bare)


@pytest.mark.parametrize("name", NAMES)
def test_the_declaration_is_complete(name: str) -> None:
    declared = plugins.load("evaluation.metrics", name)
    assert isinstance(declared, SetMetric)
    assert declared.title
    assert declared.source
    assert declared.needs == "sets"
    assert declared.fitted.__name__ == name
