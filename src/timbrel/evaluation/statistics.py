"""What a number is worth: means with bootstrap intervals, rates with Wilson intervals, spreads."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from timbrel.errors import UsageError

Z_95 = 1.959963984540054  # the normal distribution's 97.5 % point
DRAWN_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval.

    Attributes:
        value: The mean or the rate.
        low: Lower end of the interval.
        high: Upper end of the interval.
        count: From how many sounds.
    """

    value: float
    low: float
    high: float
    count: int


UNDEFINED = Interval(math.nan, math.nan, math.nan, 0)  # of nothing


@dataclass(frozen=True)
class Spread:
    """Where the middle and the bulk of some numbers lie.

    Attributes:
        lower_quartile: A quarter lies below.
        median: Half lies below.
        upper_quartile: Three quarters lie below.
        count: From how many sounds.
    """

    lower_quartile: float
    median: float
    upper_quartile: float
    count: int


def mean_interval(values: Sequence[float], *, seed: int, resamples: int = 2000) -> Interval:
    """Gives a mean with its 95 % percentile bootstrap interval.

    Args:
        values: One number a sound, finite, at least one.
        seed: Seed of the resampling; the same seed gives the same interval.
        resamples: How often the sounds are drawn anew.

    Returns:
        The mean and its interval; from one sound alone, an interval without width.

    Raises:
        UsageError: When there are no values or one is not finite.

    Source:
        Efron and Tibshirani, "An introduction to the bootstrap" (1993), chapter 13.

    Example:
        >>> mean_interval([2.0, 2.0, 2.0], seed=0)
        Interval(value=2.0, low=2.0, high=2.0, count=3)
    """
    drawn = np.asarray(values, dtype=np.float64)
    if not drawn.size or not np.isfinite(drawn).all():
        raise UsageError("no values, or one that is not finite", "at least one finite number")
    rng = np.random.default_rng(seed)
    # In blocks: fast for few sounds, and flat memory however many there are.
    block = max(1, DRAWN_AT_ONCE // drawn.size)
    means = np.concatenate(
        [
            drawn[rng.integers(0, drawn.size, (min(block, resamples - start), drawn.size))].mean(1)
            for start in range(0, resamples, block)
        ]
    )
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(drawn.mean()), float(low), float(high), int(drawn.size))


def defined_mean(values: Sequence[float], *, seed: int) -> Interval:
    """Gives the mean of those values that are numbers, with its interval.

    Args:
        values: One value a sound; not a number where it is undefined for this sound.
        seed: Seed of the resampling.

    Returns:
        As `mean_interval`; `UNDEFINED` where no value is a number.

    Example:
        >>> defined_mean([2.0, math.nan, 2.0], seed=0)
        Interval(value=2.0, low=2.0, high=2.0, count=2)
    """
    defined = [value for value in values if not math.isnan(value)]
    return mean_interval(defined, seed=seed) if defined else UNDEFINED


def set_interval(
    judge: Callable[[NDArray[np.int64]], float],
    count: int,
    *,
    seed: int,
    resamples: int = 200,
    lowest: float = 0.0,
) -> Interval:
    """Gives a number of a whole set of sounds with its 95 % interval.

    The set is drawn anew with replacement; the spread of what comes out, times 1.96, is how far the
    interval reaches to both sides of the number of the set itself. (Numbers of drawn sets are not
    centred on it: a set with repeats is less varied than the set, so percentiles would mislead.)

    Args:
        judge: Rows of the set, with repeats -> number.
        count: How many sounds the set has, at least 1.
        seed: Seed of the resampling.
        resamples: How often the set is drawn anew.
        lowest: The least value there is; the interval ends there.

    Returns:
        The number and its interval.

    Raises:
        UsageError: When the set is empty.

    Source:
        Efron and Tibshirani, "An introduction to the bootstrap" (1993), chapter 6 and section 13.3.

    Example:
        >>> values = np.array([1.0, 2.0, 3.0])
        >>> found = set_interval(lambda rows: float(values[rows].mean()), 3, seed=0)
        >>> found.value, 0.8 < found.high - found.value < 1.1
        (2.0, True)
    """
    if count < 1:
        raise UsageError("an empty set", "at least one sound")
    rng = np.random.default_rng(seed)
    value = judge(np.arange(count))
    drawn = [judge(rng.integers(0, count, count)) for _ in range(resamples)]
    reach = Z_95 * float(np.std(drawn, ddof=1))
    return Interval(value, max(lowest, value - reach), value + reach, count)


def rate_interval(successes: int, count: int) -> Interval:
    """Gives a rate with its 95 % Wilson score interval, sound for small counts too.

    Args:
        successes: How many succeeded, 0 to `count`.
        count: How many were tried, at least 1.

    Returns:
        The rate and its interval, within 0 to 1.

    Raises:
        UsageError: When the counts make no rate.

    Source:
        Wilson, "Probable inference, the law of succession, and statistical inference" (1927).

    Example:
        >>> rate = rate_interval(8, 10)
        >>> round(rate.low, 3), round(rate.high, 3)
        (0.49, 0.943)
    """
    if not 0 <= successes <= count or count < 1:
        raise UsageError(f"{successes} successes of {count}", "0 to all of at least one")
    rate = successes / count
    centre = rate + Z_95**2 / (2 * count)
    reach = Z_95 * math.sqrt(rate * (1 - rate) / count + Z_95**2 / (4 * count**2))
    scale = 1 + Z_95**2 / count
    low, high = max(0.0, (centre - reach) / scale), min(1.0, (centre + reach) / scale)
    return Interval(rate, low, high, count)


def spread(values: Sequence[float]) -> Spread:
    """Gives the quartiles of some numbers.

    Args:
        values: One number a sound, at least one.

    Returns:
        Lower quartile, median and upper quartile.

    Raises:
        UsageError: When there are no values.

    Example:
        >>> spread([1.0, 2.0, 3.0, 4.0, 5.0])
        Spread(lower_quartile=2.0, median=3.0, upper_quartile=4.0, count=5)
    """
    if not len(values):
        raise UsageError("no values", "at least one number")
    low, middle, high = np.percentile(np.asarray(values, dtype=np.float64), [25, 50, 75])
    return Spread(float(low), float(middle), float(high), len(values))
