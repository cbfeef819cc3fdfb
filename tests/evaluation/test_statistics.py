"""Intervals against scipy and against what they promise."""

import numpy as np
import pytest
from scipy import stats

from timbrel.errors import UsageError
from timbrel.evaluation.statistics import mean_interval, rate_interval, spread


def test_the_bootstrap_is_scipys(rng: np.random.Generator) -> None:
    values = rng.exponential(2.0, size=80)
    ours = mean_interval(values.tolist(), seed=1, resamples=20_000)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=rng
    ).confidence_interval
    assert ours.value == pytest.approx(values.mean())
    assert ours.low == pytest.approx(theirs.low, abs=0.03)
    assert ours.high == pytest.approx(theirs.high, abs=0.03)


def test_the_bootstrap_covers_the_true_mean_about_95_times_of_100(
    rng: np.random.Generator,
) -> None:
    hits = 0
    for trial in range(300):
        found = mean_interval(rng.normal(5, 2, size=40).tolist(), seed=trial, resamples=400)
        hits += found.low <= 5 <= found.high
    assert 0.90 <= hits / 300 <= 0.99


def test_the_same_seed_gives_the_same_interval_and_another_seed_another(
    rng: np.random.Generator,
) -> None:
    values = rng.normal(size=30).tolist()
    assert mean_interval(values, seed=3) == mean_interval(values, seed=3)
    assert mean_interval(values, seed=3) != mean_interval(values, seed=4)


def test_many_values_are_drawn_in_blocks(rng: np.random.Generator) -> None:
    values = rng.normal(10, 1, size=400_000)
    found = mean_interval(values.tolist(), seed=0, resamples=40)
    assert found.high - found.low == pytest.approx(2 * 1.96 / np.sqrt(400_000), rel=0.4)


@pytest.mark.parametrize(("successes", "count"), [(0, 7), (7, 7), (3, 9), (81, 100), (1, 1)])
def test_rates_have_scipys_wilson_intervals(successes: int, count: int) -> None:
    theirs = stats.binomtest(successes, count).proportion_ci(method="wilson")
    ours = rate_interval(successes, count)
    assert ours.value == successes / count
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_quartiles_are_numpys(rng: np.random.Generator) -> None:
    values = rng.normal(size=101)
    found = spread(values.tolist())
    assert found.lower_quartile == np.sort(values)[25]
    assert found.median == np.median(values)
    assert found.upper_quartile == np.sort(values)[75]


@pytest.mark.parametrize("values", [[], [1.0, float("nan")], [float("inf")]])
def test_means_of_nothing_or_of_no_numbers_are_refused(values: list[float]) -> None:
    with pytest.raises(UsageError):
        mean_interval(values, seed=0)


def test_spreads_and_rates_of_nothing_are_refused() -> None:
    with pytest.raises(UsageError):
        spread([])
    with pytest.raises(UsageError):
        rate_interval(2, 1)
    with pytest.raises(UsageError):
        rate_interval(0, 0)
