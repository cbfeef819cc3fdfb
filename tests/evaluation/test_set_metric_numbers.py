"""Metrics of sets against numbers worked out by hand, other formulas and other libraries."""

import math

import numpy as np
import pytest
from scipy import linalg, stats
from scipy.spatial.distance import jensenshannon

from timbrel.evaluation.metrics import SoundSet, Table
from timbrel.evaluation.metrics._frechet import frechet_to
from timbrel.evaluation.metrics.ndb import METRIC as NDB
from timbrel.evaluation.metrics.ndb import different_bins
from timbrel.evaluation.metrics.ndb_jensen_shannon import METRIC as DIVERGENCE
from timbrel.evaluation.metrics.ndb_jensen_shannon import jensen_shannon


def points(rng: np.random.Generator, count: int, size: int) -> Table:
    mixing = rng.normal(size=(size, size))
    return (rng.normal(size=(count, size)) @ mixing + rng.normal(size=size)).astype(np.float32)


def by_sqrtm(a: Table, b: Table) -> float:
    """The distance as it is usually written, with scipy's general matrix root."""
    s, r = np.cov(a.astype(float), rowvar=False), np.cov(b.astype(float), rowvar=False)
    shift = a.astype(float).mean(axis=0) - b.astype(float).mean(axis=0)
    return float(shift @ shift + np.trace(s + r - 2 * linalg.sqrtm(s @ r).real))


@pytest.mark.parametrize("size", [1, 3, 32])
def test_the_frechet_distance_is_scipys_either_way_round(
    rng: np.random.Generator, size: int
) -> None:
    a, b = points(rng, 80, size), points(rng, 60, size)
    expected = by_sqrtm(a, b) if size > 1 else _of_one_number(a, b)
    assert frechet_to(a)(b) == pytest.approx(expected, rel=1e-6)
    assert frechet_to(b)(a) == pytest.approx(expected, rel=1e-6)


def _of_one_number(a: Table, b: Table) -> float:
    """Of two normal distributions of one number: shift and sigmas' difference, squared."""
    one, other = a.astype(float), b.astype(float)
    return float((one.mean() - other.mean()) ** 2 + (one.std(ddof=1) - other.std(ddof=1)) ** 2)


def test_known_gaussians_are_as_far_apart_as_the_formula_says(rng: np.random.Generator) -> None:
    """Sigmas 1 and 3 in two dimensions, 5 apart: 25 + 2 * (3 - 1)^2 = 33."""
    a = rng.normal(size=(200_000, 2)).astype(np.float32)
    b = (3 * rng.normal(size=(200_000, 2)) + [3, 4]).astype(np.float32)
    assert frechet_to(a)(b) == pytest.approx(33, rel=0.01)


def test_fewer_points_than_dimensions_still_have_a_distance(rng: np.random.Generator) -> None:
    a, b = points(rng, 200, 30), points(rng, 10, 30)
    assert math.isfinite(frechet_to(a)(b))
    assert frechet_to(b)(b) == pytest.approx(0, abs=1e-4)


def kinds(counts: list[int]) -> SoundSet:
    """So many sounds of each of three kinds that nobody could confuse."""
    middles = np.array([[-70.0, -70], [-40, 0], [0, -60]], dtype=np.float32)
    table = np.repeat(middles, counts, axis=0)
    return SoundSet(table, table, table)


def test_ndb_of_a_case_by_hand() -> None:
    """Three bins, 100 real sounds (50, 30, 20), 100 others (50, 10, 40).

    Bin 1: no difference. Bin 2: pooled share 0.2, error sqrt(0.2 * 0.8 * 0.02) = 0.0566, 0.2 apart:
    z = 3.54. Bin 3: pooled 0.3, error 0.0648, 0.2 apart: z = 3.09. Two of three are different.
    """
    real, others = kinds([50, 30, 20]), kinds([50, 10, 40])
    assert NDB.compute(real, others) == 2
    assert NDB.compute(real, kinds([47, 33, 20])) == 0
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.5, 0.1, 0.4])
    assert DIVERGENCE.compute(real, others) == pytest.approx(jensenshannon(p, q) ** 2)


def test_a_missing_kind_is_found_out() -> None:
    assert NDB.compute(kinds([50, 30, 20]), kinds([50, 50, 0])) == 2
    assert jensen_shannon(np.array([5, 0]), np.array([0, 7])) == pytest.approx(math.log(2))


def test_the_test_of_a_bin_is_the_chi_square_test_of_its_table(rng: np.random.Generator) -> None:
    """The pooled z-test squared is Pearson's test of the two-by-two table."""
    for _ in range(30):
        a, b = rng.integers(1, 40, 2)
        real, others = np.array([a, 50 - a]), np.array([b, 70 - b])
        table = [[a, 50 - a], [b, 70 - b]]
        p = stats.chi2_contingency(table, correction=False).pvalue
        assert (different_bins(real, others) == 2) == (p < 0.05)


def test_sounds_like_real_ones_have_one_different_bin_of_twenty(rng: np.random.Generator) -> None:
    """5 % of 50 bins are different by chance: 2.5 on average."""
    counts = []
    for _ in range(200):
        one, other = (np.bincount(rng.integers(0, 50, 2000), minlength=50) for _ in range(2))
        counts.append(different_bins(one, other))
    assert np.mean(counts) == pytest.approx(2.5, abs=0.5)
