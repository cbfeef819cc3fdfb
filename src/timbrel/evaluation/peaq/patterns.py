"""Patterns: what the ear makes of level, of linear distortion and of modulation."""

from dataclasses import dataclass

import numpy as np

from timbrel.evaluation.peaq import bands
from timbrel.evaluation.peaq.bands import Array

# How many bands below and above a band correct it.
_BELOW, _ABOVE = 3, 4
_SLOWEST_S = 0.05


@dataclass(frozen=True)
class Modulation:
    """How the envelope of each band moves.

    Attributes:
        depth: Of the modulation, [C, N, BANDS].
        loudness: The smoothed loudness, a measure without unit, [C, N, BANDS].
    """

    depth: Array
    loudness: Array


def modulation(at_once: Array) -> Modulation:
    """Measures how fast the loudness of each band changes, relative to it.

    Args:
        at_once: Excitation without what lasts over time, [C, N, BANDS].

    Returns:
        The depth of modulation and the loudness.

    Source:
        BS.1387-1, annex 2, 3.2, equations 54 to 57.
    """
    loudness = at_once**0.3
    before = np.concatenate([np.zeros_like(loudness[:, :1]), loudness[:, :-1]], axis=1)
    change = np.abs(loudness - before) * bands.SAMPLE_RATE / bands.HOP_SAMPLES
    slow = bands.smoothing(slowest_s=_SLOWEST_S)
    mean = bands.smooth(loudness, slow)
    return Modulation(bands.smooth(change, slow) / (1 + mean / 0.3), mean)


def adapted(reference: Array, test: Array) -> tuple[Array, Array]:
    """Takes out of two excitations what differs by level and by slow linear distortion.

    Args:
        reference: Lasting excitation of the reference, [C, N, BANDS].
        test: Lasting excitation of the test, [C, N, BANDS].

    Returns:
        Both, adapted to each other, [C, N, BANDS].

    Source:
        BS.1387-1, annex 2, 3.1, equations 42 to 53.
    """
    slow = bands.smoothing(slowest_s=_SLOWEST_S)
    reference, test = _levelled(reference, test, slow)
    ones = np.ones(bands.BANDS)
    common = bands.smooth(test * reference, slow, gain=ones)
    alone = bands.smooth(reference * reference, slow, gain=ones)
    for_reference = bands.smooth(_neighbours(np.minimum(common / alone, 1)), slow)
    for_test = bands.smooth(_neighbours(np.minimum(alone / common, 1)), slow)
    return reference * for_reference, test * for_test


def _levelled(reference: Array, test: Array, slow: Array) -> tuple[Array, Array]:
    """Turns down the louder one of the two by one factor a frame."""
    ours, theirs = bands.smooth(reference, slow), bands.smooth(test, slow)
    product = np.sqrt(ours * theirs).sum(axis=-1, keepdims=True)
    level = (product / theirs.sum(axis=-1, keepdims=True)) ** 2
    return reference / np.maximum(level, 1), test * np.minimum(level, 1)


def _neighbours(corrections: Array) -> Array:
    """Averages over neighbouring bands, over fewer at the ends."""
    band = np.arange(bands.BANDS)
    distance = band[:, None] - band[None]
    near = ((distance >= -_BELOW) & (distance <= _ABOVE)).astype(np.float64)
    return np.asarray(corrections @ (near / near.sum(axis=0)), dtype=np.float64)
