"""Loudness: of a sound, and of the noise that another one adds to it."""

import numpy as np

from timbrel.evaluation.peaq import bands
from timbrel.evaluation.peaq.bands import Array
from timbrel.evaluation.peaq.patterns import Modulation

_SCALE = 1.07664
_POWER_LAW = 0.23


def loudness_sone(lasting: Array) -> Array:
    """Measures how loud each frame is.

    Args:
        lasting: Excitation, [C, N, BANDS].

    Returns:
        Loudness in sone, [C, N].

    Source:
        BS.1387-1, annex 2, 3.3, equations 58 to 61.
    """
    _, centre_hz, _ = bands.edges_hz()
    threshold = 10 ** (0.364 * (centre_hz / 1000) ** -0.8)
    index_db = -2 - 2.05 * np.arctan(centre_hz / 4000) - 0.75 * np.arctan((centre_hz / 1600) ** 2)
    index = 10 ** (index_db / 10)
    specific = (1 - index + index * lasting / threshold) ** _POWER_LAW - 1
    specific = _SCALE * (threshold / (1e4 * index)) ** _POWER_LAW * specific
    return np.asarray(np.maximum(specific, 0).sum(axis=-1) * 24 / bands.BANDS, dtype=np.float64)


def noise_loudness(
    reference: Array, test: Array, of_reference: Modulation, of_test: Modulation
) -> Array:
    """Measures how loud what the test adds is, where the reference partly masks it.

    Args:
        reference: Adapted excitation of the reference, [C, N, BANDS].
        test: Adapted excitation of the test, [C, N, BANDS].
        of_reference: Modulation of the reference.
        of_test: Modulation of the test.

    Returns:
        Partial loudness of each frame, at least 0, [C, N].

    Source:
        BS.1387-1, annex 2, 4.3, equations 66 to 69, with the constants of RmsNoiseLoud.
    """
    noise = bands.internal_noise()
    ours, theirs = 0.15 * of_reference.depth + 0.5, 0.15 * of_test.depth + 0.5
    masking = np.exp(-1.5 * (test - reference) / reference)
    added = np.maximum(theirs * test - ours * reference, 0)
    partial = (1 + added / (noise + ours * reference * masking)) ** _POWER_LAW - 1
    partial *= (noise / theirs) ** _POWER_LAW
    return np.asarray(np.maximum(partial.sum(axis=-1) * 24 / bands.BANDS, 0), dtype=np.float64)
