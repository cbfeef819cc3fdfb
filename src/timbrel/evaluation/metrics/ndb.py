"""NDB: in how many kinds of spectrogram are there significantly too many or too few sounds."""

import numpy as np

from timbrel.evaluation.metrics import Judge, SetMetric, SoundSet
from timbrel.evaluation.metrics._bins import Counts, judged_by_bins
from timbrel.evaluation.statistics import Z_95


def ndb(reference: SoundSet, seed: int) -> Judge:
    """Counts the bins whose share of sounds differs significantly from that of real sounds.

    Real pictures (16 bands times 32 moments) are sorted into 50 bins by k-means (fewer where there
    are under 500 real sounds); a bin is different where a two-sample test of proportions finds
    p < 0.05. Sounds that are as real ones are have about one different bin of twenty, by chance; a
    generator that only knows some kinds of sound has many. Fewer sounds to judge find fewer
    differences: compare sets of one size.

    Args:
        reference: Real sounds.
        seed: Seed of the bins.

    Returns:
        A judge that gives the number of different bins, 0 to 50.

    Raises:
        UsageError: When a set is empty.

    Source:
        Richardson and Weiss, "On GANs and GMMs" (2018), section 3.
    """
    return judged_by_bins(reference, seed, different_bins)


def different_bins(real: Counts, others: Counts) -> float:
    """Counts the bins in which two samples differ by a two-sided test of two proportions.

    Args:
        real: Sounds in each bin, [K].
        others: Sounds in each bin, [K].

    Returns:
        How many bins have p < 0.05.

    Source:
        The pooled two-proportion z-test, as in Richardson and Weiss (2018), section 3.

    Example:
        >>> different_bins(np.array([50, 50]), np.array([90, 10]))
        2.0
    """
    m, n = real.sum(), others.sum()
    pooled = (real + others) / (m + n)
    error = np.sqrt(pooled * (1 - pooled) * (1 / m + 1 / n))
    apart = np.abs(real / m - others / n)
    return float((apart > Z_95 * error).sum())


METRIC = SetMetric(
    title="NDB, number of statistically different bins",
    unit="bins",
    higher_is_better=False,
    ideal=0.0,
    needs="sets",
    source="Richardson and Weiss 2018",
    fitted=ndb,
)
