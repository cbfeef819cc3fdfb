"""How an error changes with pitch: slopes of straight lines, with intervals."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from timbrel.evaluation.statistics import Interval
from timbrel.experiments._s4_tables import BY_PITCH, PITCHES

SEMITONES, RESAMPLES = 12, 2000


def s4_slope(name: str) -> tuple[Interval, Interval]:
    """Gives the slope of S4's own figures.

    Args:
        name: One of S4's networks.

    Returns:
        dB² an octave, and that in per cent of the mean.

    Example:
        >>> flat, rising = s4_slope("log-magnitude triple")[0], s4_slope("log-mel triple")[0]
        >>> flat.low < 0 < flat.high, rising.low > 0
        (True, True)
    """
    return slope([float(pitch) for pitch in PITCHES], BY_PITCH[name], seed=0)


def slope(
    pitches: Sequence[float], values: Sequence[float], *, seed: int
) -> tuple[Interval, Interval]:
    """Fits a straight line over pitch, and says how sure its slope is.

    Args:
        pitches: MIDI numbers, three different ones at least.
        values: A value each.
        seed: Seed of the resampling.

    Returns:
        The slope an octave, and the slope in per cent of the mean, with percentile bootstrap
        intervals.

    Example:
        >>> found, share = slope([36, 48, 60, 72], [1.0, 2.0, 3.0, 4.0], seed=0)
        >>> round(found.value, 6), round(share.value, 6)
        (1.0, 40.0)
    """
    octaves, errors = np.asarray(pitches) / SEMITONES, np.asarray(values)
    rng, count = np.random.default_rng(seed), len(errors)
    drawn = rng.integers(0, count, (RESAMPLES, count))
    slopes, means = _fitted(octaves[drawn], errors[drawn])
    (value,), (mean,) = _fitted(octaves[None], errors[None])
    kept = np.isfinite(slopes)
    return (
        _percentiles(value, slopes[kept], count),
        _percentiles(100 * value / mean, 100 * slopes[kept] / means[kept], count),
    )


def _fitted(x: Any, y: Any) -> tuple[Any, Any]:
    """Least-squares slopes and means, row by row; not a number where all x are one."""
    centred, mean = x - x.mean(1, keepdims=True), y.mean(1)
    width = (centred**2).sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (centred * (y - mean[:, None])).sum(1) / np.where(width > 0, width, np.nan), mean


def _percentiles(value: float, drawn: Any, count: int) -> Interval:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(float(value), float(low), float(high), count)
