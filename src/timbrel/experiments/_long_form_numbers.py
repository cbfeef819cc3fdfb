"""How far made sounds are from the songs, requirement by requirement, and who is ahead.

Of each measure the mean of the made sounds is set beside that of the songs, cut to the same length
and heard at the same rate. Their difference counts in units of the songs' own spread, so that beats
and decibels can be averaged: a requirement's distance is the mean over its measures.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from timbrel.evaluation.statistics import Z_95, Interval

FARTHEST = (
    10.0  # spreads: what is farther is as far; it keeps one measure from being all that counts
)
LEAST_SHARE = 0.05  # of the songs' mean: a spread below it is taken for it
DEFINED = 0.5  # of the sounds must have a number for a measure to be about them
RESAMPLES = 500
FEWEST = 5  # sounds of either kind that a distance needs

Values = Mapping[str, Sequence[float | None]]
Rows = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Pair:
    """What was measured of an instrument's sounds, and of songs at its rate and length.

    Attributes:
        made: Measure to its value for each made sound; None where it is undefined.
        songs: The same of songs.
    """

    made: Values
    songs: Values


def away(made: FloatArray, songs: FloatArray) -> float:
    """Measures how far sounds are from songs by one measure.

    Args:
        made: A value a made sound; not a number where it is undefined.
        songs: A value a song.

    Returns:
        The difference of the means in units of the songs' standard deviation, 0 to 10; 10 where
        songs have the measure and most made sounds have not; not a number where most songs have
        not.

    Example:
        >>> away(np.array([3.0, 3.0]), np.array([0.0, 2.0]))
        2.0
    """
    known, real = made[np.isfinite(made)], songs[np.isfinite(songs)]
    if not len(real) or len(real) < DEFINED * len(songs):
        return math.nan
    if not len(known) or len(known) < DEFINED * len(made):
        return FARTHEST
    spread = max(float(real.std()), LEAST_SHARE * abs(float(real.mean())))
    difference = abs(float(known.mean() - real.mean()))
    if spread <= 0:
        return FARTHEST if difference > 0 else 0.0
    return min(FARTHEST, difference / spread)


def away_interval(pair: Pair, measures: Sequence[str], *, seed: int) -> Interval | None:
    """Gives the distance of a requirement: the mean over its measures, with its interval.

    Args:
        pair: What was measured.
        measures: The measures of the requirement.
        seed: Seed of the bootstrap, which draws made sounds and songs anew.

    Returns:
        The distance in spreads; None where no measure is defined, or there are too few sounds.
    """
    tables = _tables(pair, measures)
    value = _mean_away(*tables)
    if math.isnan(value) or min(map(len, tables)) < FEWEST:
        return None
    reach = _reach(_drawn(tables, np.random.default_rng(seed)))
    return Interval(value, max(0.0, value - reach), value + reach, len(tables[0]))


def ahead(first: Pair, second: Pair, measures: Sequence[str], *, seed: int) -> Interval | None:
    """Says by how much one instrument is nearer to the songs than another.

    Args:
        first: What was measured of one.
        second: What was measured of the other.
        measures: The measures of a requirement; those that both lengths can have count.
        seed: Seed of the bootstrap.

    Returns:
        The second's distance minus the first's, in spreads, with its 95 % interval: above 0 the
        first is surely nearer. None where the two have no measure in common.
    """
    shared = [one for one in measures if _defined(first, one) and _defined(second, one)]
    ours, theirs = (away_interval(one, shared, seed=seed) for one in (first, second))
    if ours is None or theirs is None:
        return None
    rng = np.random.default_rng(seed)
    near, far = (_drawn(_tables(one, shared), rng) for one in (first, second))
    reach = _reach(far - near)
    value = theirs.value - ours.value
    return Interval(value, value - reach, value + reach, min(ours.count, theirs.count))


def _defined(pair: Pair, measure: str) -> bool:
    return not math.isnan(_mean_away(*_tables(pair, [measure])))


def _tables(pair: Pair, measures: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    return _table(pair.made, measures), _table(pair.songs, measures)


def _table(values: Values, measures: Sequence[str]) -> FloatArray:
    """A row a sound, a column a measure; what is undefined is not a number."""
    columns = [
        [math.nan if value is None else float(value) for value in values.get(measure, ())]
        for measure in measures
    ]
    return np.array(columns, dtype=np.float64).T if columns else np.zeros((0, 0))


def _mean_away(made: FloatArray, songs: FloatArray) -> float:
    distances = [away(made[:, row], songs[:, row]) for row in range(made.shape[1])]
    known = [one for one in distances if not math.isnan(one)]
    return float(np.mean(known)) if known else math.nan


def _drawn(tables: tuple[FloatArray, FloatArray], rng: np.random.Generator) -> FloatArray:
    """The distance of sets that are drawn anew, sounds and songs both."""
    found = []
    for _ in range(RESAMPLES):
        made, songs = (table[rng.integers(0, len(table), len(table))] for table in tables)
        found.append(_mean_away(made, songs))
    return np.asarray(found)


def _reach(drawn: FloatArray) -> float:
    known = drawn[np.isfinite(drawn)]
    return Z_95 * float(np.std(known, ddof=1)) if len(known) > 1 else math.inf
