"""Averages over frames, channels and both ears: from numbers a frame to one number a sound."""

import numpy as np

from timbrel.evaluation.peaq.bands import Array

_WINDOW_FRAMES = 4
_FORGET = 0.9


def mean(values: Array, weights: Array | None = None) -> float:
    """Averages over frames, then over channels.

    Args:
        values: One number a frame, [C, N].
        weights: How much a frame counts, 0 or more, [C, N]; None counts all the same.

    Returns:
        The mean; not a number where no frame counts.

    Source:
        BS.1387-1, annex 2, 5.2.1 and 5.2.2, linear and weighted averages.

    Example:
        >>> mean(np.array([[1.0, 2.0], [4.0, 0.0]]), np.array([[1.0, 1.0], [1.0, 0.0]]))
        2.75
    """
    weights = np.ones_like(values) if weights is None else weights
    with np.errstate(invalid="ignore"):
        return float(((values * weights).sum(axis=-1) / weights.sum(axis=-1)).mean())


def mean_db(values: Array) -> float:
    """Averages powers over frames, and the dB of that over channels.

    Args:
        values: One power a frame, above 0, [C, N].

    Returns:
        The mean in dB; not a number where there is no frame.
    """
    return float(np.mean([10 * np.log10(mean(row[None])) for row in values]))


def root_mean_square(values: Array) -> float:
    """Averages squares over frames, and the roots of that over channels.

    Args:
        values: One number a frame, [C, N].

    Returns:
        The root mean square; not a number where there is no frame.
    """
    return float(np.mean([np.sqrt(mean(row[None] ** 2)) for row in values]))


def windowed(values: Array) -> float:
    """Averages so that short bursts weigh more: fourth powers of means of four roots.

    Args:
        values: One number a frame, at least 0, [C, N].

    Returns:
        The average; not a number where there are fewer than four frames.

    Source:
        BS.1387-1, annex 2, 5.2.3, windowed average.

    Example:
        >>> round(windowed(np.full((1, 8), 9.0)), 6)
        9.0
    """
    sums = np.cumsum(np.pad(np.sqrt(values), ((0, 0), (1, 0))), axis=-1)
    means = (sums[:, _WINDOW_FRAMES:] - sums[:, :-_WINDOW_FRAMES]) / _WINDOW_FRAMES
    return root_mean_square(means**2)


def highest_smoothed(probabilities: Array) -> float:
    """Finds the highest of probabilities that are smoothed over frames.

    Args:
        probabilities: One a frame, 0 to 1, [N].

    Returns:
        The highest, 0 to 1; not a number where there is no frame.

    Source:
        BS.1387-1, annex 2, 4.7.1, maximum filtered probability of detection, without forgetting.

    Example:
        >>> round(highest_smoothed(np.array([1.0, 0.0])), 6)
        0.1
    """
    if not len(probabilities):
        return float("nan")
    state, highest = 0.0, 0.0
    for probability in probabilities.tolist():
        state = _FORGET * state + (1 - _FORGET) * probability
        highest = max(highest, state)
    return highest


def distorted_block(probabilities: Array, steps: Array) -> float:
    """Averages the just noticeable steps of frames whose difference is rather heard than not.

    Args:
        probabilities: Of detection, one a frame, 0 to 1, [N].
        steps: Just noticeable steps, one a frame, [N].

    Returns:
        The decimal logarithm of the mean; 0 where nothing is heard, -0.5 where it has no steps.

    Source:
        BS.1387-1, annex 2, 4.7.2, average distorted block.

    Example:
        >>> distorted_block(np.array([0.9, 0.1]), np.array([100.0, 5.0]))
        2.0
    """
    distorted = steps[probabilities > 0.5]
    if not len(distorted):
        return 0.0
    return float(np.log10(distorted.mean())) if distorted.any() else -0.5
