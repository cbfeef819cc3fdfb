"""Redrawn: means of sounds, and distances between them, as they come out when drawn anew.

Pieces of one song are not independent, so songs are drawn, each with all of its pieces.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from timbrel.evaluation.statistics import UNDEFINED, Interval

RESAMPLES = 400
FARTHEST = 5.0  # spreads; farther off, and without a value where there should be one, is all alike

Table = NDArray[np.float64]


class Draws:
    """The numbers of a group of sounds, and their means as they come out when drawn anew.

    The first draw is the group itself; in the others its sources are drawn, each with all that
    came from it.

    Args:
        table: The numbers of each sound, not a number where there is none, [Q, M].
        sources: What each sound is a piece of, [Q].
        seed: Seed of the draws.
    """

    def __init__(self, table: Table, sources: Sequence[str], seed: int) -> None:
        self.table = table
        names, source = np.unique(list(sources), return_inverse=True)
        self.sources = len(names)
        even = np.full(max(self.sources, 1), 1 / max(self.sources, 1))
        drawn = np.random.default_rng(seed).multinomial(self.sources, even, RESAMPLES)
        self.weights = np.concatenate([np.ones((1, len(table))), drawn[:, source]])

    def means(self) -> Table:
        """Finds the mean of each number in each draw.

        Returns:
            Means over the sounds that have a value, not a number where none has, [draws, M].
        """
        known = np.isfinite(self.table)
        sums = self.weights @ np.where(known, self.table, 0.0)
        counts = self.weights @ known
        return np.where(counts > 0, sums / np.maximum(counts, 1e-9), np.nan)

    def missing(self) -> Table:
        """Finds how often each number has no value, in each draw.

        Returns:
            Shares of the sounds, [draws, M].
        """
        total = self.weights.sum(axis=1, keepdims=True)
        missing = self.weights @ ~np.isfinite(self.table)
        return np.asarray(missing / np.maximum(total, 1e-9), np.float64)

    def mean(self, place: int) -> Interval:
        """Mean of one number with its interval.

        Args:
            place: Its column.

        Returns:
            The mean over the sounds that have it; undefined where none has.
        """
        values = self.means()[:, place]
        return interval(values, int(np.isfinite(self.table[:, place]).sum()))

    def undefined(self, place: int) -> float:
        """Tells how often one number has no value.

        Args:
            place: Its column.

        Returns:
            Share of the sounds; not a number where there are none.
        """
        return float((~np.isfinite(self.table[:, place])).mean()) if len(self.table) else math.nan


def spreads(table: Table) -> Table:
    """Tells how much sounds differ in each number.

    Args:
        table: The numbers of each sound, [Q, M].

    Returns:
        Standard deviations, no less than a fiftieth of the mean, [M].

    Example:
        >>> spreads(np.array([[1.0], [3.0], [np.nan]]))
        array([1.])
    """
    known = np.isfinite(table)
    counts = np.maximum(known.sum(axis=0), 1)
    values = np.where(known, table, 0.0)
    means = values.sum(axis=0) / counts
    deviation = np.sqrt((known * (values - means) ** 2).sum(axis=0) / counts)
    return np.asarray(np.maximum(deviation, np.maximum(0.02 * np.abs(means), 1e-3)), np.float64)


def distances(judged: Draws, real: Draws, *, needed: NDArray[np.bool_]) -> Table:
    """Tells how far the means of sounds are from those of songs.

    Sounds without a value count as farthest off: so many as the songs have fewer of them.

    Args:
        judged: The sounds.
        real: The songs.
        needed: Which numbers count as missing even where the songs, cut as short, have none
            either, [M].

    Returns:
        Distances in spreads of the songs, 0 to 5, not a number where none can be told, [draws, M].
    """
    if not len(judged.table):
        return np.full((RESAMPLES + 1, real.table.shape[1]), np.nan)
    apart = np.abs(judged.means() - real.means()) / spreads(real.table)
    without = judged.missing()
    extra = np.where(needed, without, np.clip(without - real.missing(), 0, 1))
    within = np.minimum(np.nan_to_num(apart), FARTHEST)
    known = np.isfinite(apart) | (extra > 0)
    return np.where(known, within * (1 - extra) + FARTHEST * extra, np.nan)


def interval(draws: Table, count: int) -> Interval:
    """Gives a number with its interval.

    Args:
        draws: The number itself, then as it comes out when drawn anew, [draws].
        count: From how many sounds.

    Returns:
        The number with the middle 95 % of the others; undefined where it is none.
    """
    value = float(draws[0])
    others = draws[1:][np.isfinite(draws[1:])]
    if not math.isfinite(value) or not len(others):
        return UNDEFINED
    low, high = np.percentile(others, [2.5, 97.5])
    return Interval(value, min(float(low), value), max(float(high), value), count)
