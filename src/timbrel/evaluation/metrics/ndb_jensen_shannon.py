"""Jensen-Shannon divergence of the bins of NDB: by how much the kinds of sound differ in number."""

import numpy as np
from numpy.typing import NDArray

from timbrel.evaluation.metrics import Judge, SetMetric, SoundSet
from timbrel.evaluation.metrics._bins import Counts, judged_by_bins


def ndb_jensen_shannon(reference: SoundSet, seed: int) -> Judge:
    """Measures how far the shares of sounds in the bins of `ndb` are from those of real sounds.

    Next to NDB it needs no threshold, and tells a little too many from far too many.

    Args:
        reference: Real sounds.
        seed: Seed of the bins.

    Returns:
        A judge that gives the divergence in nats, 0 to 0.69.

    Raises:
        UsageError: When a set is empty.

    Source:
        Lin, "Divergence measures based on the Shannon entropy" (1991), on the bins of Richardson
        and Weiss (2018).
    """
    return judged_by_bins(reference, seed, jensen_shannon)


def jensen_shannon(real: Counts, others: Counts) -> float:
    """Measures the Jensen-Shannon divergence of two samples sorted into bins.

    Args:
        real: Sounds in each bin, [K].
        others: Sounds in each bin, [K].

    Returns:
        The divergence in nats: 0 for equal shares, the logarithm of 2 where no bin holds both.

    Source:
        Lin (1991), section IV.

    Example:
        >>> round(jensen_shannon(np.array([5, 0]), np.array([0, 7])), 4)
        0.6931
    """
    p, q = real / real.sum(), others / others.sum()
    middle = (p + q) / 2
    return (_divergence(p, middle) + _divergence(q, middle)) / 2


def _divergence(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    some = p > 0
    return float((p[some] * np.log(p[some] / q[some])).sum())


METRIC = SetMetric(
    title="Jensen-Shannon divergence of NDB's bins",
    unit="nats",
    higher_is_better=False,
    ideal=0.0,
    needs="sets",
    source="Lin 1991; Richardson and Weiss 2018",
    fitted=ndb_jensen_shannon,
)
