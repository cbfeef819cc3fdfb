"""What the metrics of bins share: real pictures sorted into bins, and how many fall into each."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from timbrel.errors import UsageError
from timbrel.evaluation.metrics import SoundSet, Table

BINS = 50
SOUNDS_A_BIN = 10  # at least, on average: no test can find a difference among fewer
STARTS = 4

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Bins:
    """Where real sounds lie: the middles of their clusters, and how many are in each.

    Attributes:
        centres: [K, D].
        counts: Real sounds in each, [K].
    """

    centres: Table
    counts: Counts

    def count(self, pictures: Table) -> Counts:
        """Counts how many sounds fall into each bin: each goes to the nearest centre.

        Args:
            pictures: [Q, D].

        Returns:
            Sounds in each bin, [K].
        """
        a, b = pictures.astype(np.float64), self.centres.astype(np.float64)
        squared = (b**2).sum(axis=1)[None] - 2 * a @ b.T
        return np.bincount(squared.argmin(axis=1), minlength=len(b))


def bins_of(pictures: Table, *, seed: int) -> Bins:
    """Sorts real pictures into 50 bins by k-means; into fewer where there are under 500 of them.

    Args:
        pictures: Pictures of real sounds, [M, D].
        seed: Seed of the first centres.

    Returns:
        The bins.

    Raises:
        UsageError: When there are no pictures.

    Source:
        Richardson and Weiss, "On GANs and GMMs" (2018), section 3.
    """
    from sklearn.cluster import KMeans

    _refuse_none(pictures)
    most = min(BINS, max(2, len(pictures) // SOUNDS_A_BIN))
    kinds = len(np.unique(pictures, axis=0))
    sorter = KMeans(min(most, kinds), n_init=STARTS, random_state=seed % 2**32).fit(pictures)
    bins = Bins(np.asarray(sorter.cluster_centers_), np.zeros(0, dtype=np.int64))
    return Bins(bins.centres, bins.count(pictures))


def judged_by_bins(
    reference: SoundSet, seed: int, compare: Callable[[Counts, Counts], float]
) -> Callable[[SoundSet], float]:
    """Makes a judge that sorts a set into the bins of real sounds and compares the counts.

    Args:
        reference: Real sounds.
        seed: Seed of the bins.
        compare: (counts of real sounds [K], counts of the others [K]) -> number.

    Returns:
        The judge.

    Raises:
        UsageError: When a set is empty.
    """
    bins = bins_of(reference.pictures, seed=seed)

    def judge(test: SoundSet) -> float:
        _refuse_none(test.pictures)
        return compare(bins.counts, bins.count(test.pictures))

    return judge


def _refuse_none(pictures: Table) -> None:
    if not len(pictures):
        raise UsageError("a set without sounds", "sets of at least one sound each")
