"""Modes: a struck body is a sum of sines, each with its own frequency, strength and decay."""

import numpy as np
from numpy.typing import ArrayLike

from timbrel.library.demo_sounds import SAMPLE_RATE, Samples

_LN_1000 = float(np.log(1000.0))
_HIGHEST_HZ = 0.45 * SAMPLE_RATE

# Frequencies over the lowest: N. H. Fletcher, T. D. Rossing, The Physics of Musical Instruments,
# 2nd ed. 1998: ideal membrane (zeros of Bessel functions, section 3.4), free bar (2.15), church
# bell (21.2). Tuned bars: marimba and vibraphone 1:4:10, xylophone 1:3:6 (19.3 to 19.5).
MEMBRANE = np.array([1.0, 1.594, 2.136, 2.296, 2.653, 2.918, 3.156, 3.501, 3.600, 3.652, 4.06])
FREE_BAR = np.array([1.0, 2.756, 5.404, 8.933, 13.344, 18.637])
MARIMBA = np.array([1.0, 3.93, 9.24, 16.3])
VIBRAPHONE = np.array([1.0, 3.984, 10.668, 17.98, 23.68])
XYLOPHONE = np.array([1.0, 3.01, 6.05, 11.2])
BELL = np.array([0.5, 1.0, 1.183, 1.506, 2.0, 2.514, 2.662, 3.011, 4.166, 5.433, 6.796, 8.215])


def modal(
    frequencies_hz: ArrayLike, amplitudes: ArrayLike, decays_s: ArrayLike, length_samples: int
) -> Samples:
    """Sums decaying sines, hundreds of them at the price of one matrix product.

    A decaying sine is a power z^t of one complex number, and z^(bL + l) = z^(bL) z^l: so B block
    starts times L steps within a block give all T = BL samples.

    Args:
        frequencies_hz: One a mode, [M]; modes that the sample rate cannot hold are left out.
        amplitudes: One a mode, [M], or one for all.
        decays_s: Times to fall by 60 dB, [M], or one for all.
        length_samples: T.

    Returns:
        Samples, [T], each sine from phase zero.

    Example:
        >>> tone = modal([441.0], 1.0, 1e9, 200)
        >>> bool(np.allclose(tone, np.sin(2 * np.pi * 0.01 * np.arange(200))))
        True
    """
    hz, amplitude, decay_s = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(a, float)) for a in (frequencies_hz, amplitudes, decays_s))
    )
    kept = hz < _HIGHEST_HZ
    log_z = (2j * np.pi * hz[kept] - _LN_1000 / decay_s[kept]) / SAMPLE_RATE
    step = int(np.ceil(np.sqrt(length_samples)))
    inside = np.exp(np.outer(log_z, np.arange(step)))
    starts = np.exp(np.outer(np.arange(step) * step, log_z)) * amplitude[kept]
    # the imaginary part of (starts @ inside), without making the real one
    blocks = starts.real @ inside.imag + starts.imag @ inside.real
    return np.asarray(blocks.ravel()[:length_samples])


def bent(ratios: ArrayLike, amplitudes: ArrayLike, decays_s: ArrayLike, hz: Samples) -> Samples:
    """Sums decaying sines that all follow one changing frequency, as a struck skin's do.

    Args:
        ratios: Frequency of each mode over the lowest, [M].
        amplitudes: One a mode, [M], or one for all.
        decays_s: Times to fall by 60 dB, [M], or one for all.
        hz: Frequency of the lowest mode at each sample, [T].

    Returns:
        Samples, [T], each sine from phase zero.
    """
    turns = np.cumsum(hz) / SAMPLE_RATE
    turns -= turns[0]
    t = np.arange(len(hz)) / SAMPLE_RATE
    total = np.zeros(len(hz))
    modes = (np.atleast_1d(np.asarray(a, float)) for a in (ratios, amplitudes, decays_s))
    for ratio, amplitude, decay_s in zip(*np.broadcast_arrays(*modes), strict=True):
        total += amplitude * np.exp(-_LN_1000 / decay_s * t) * np.sin(2.0 * np.pi * ratio * turns)
    return total


def damping(
    frequencies_hz: ArrayLike, *, decay_s: float, corner_hz: float, slope: float
) -> Samples:
    """How long each mode lasts where high ones die first.

    Args:
        frequencies_hz: One a mode, [M].
        decay_s: Time in which the lowest fall by 60 dB.
        corner_hz: Where that time has halved.
        slope: How fast it shrinks above: 1 as 1/f, 2 as 1/f².

    Returns:
        Times to fall by 60 dB, [M].

    Example:
        >>> damping([0.0, 1000.0], decay_s=2.0, corner_hz=1000.0, slope=1.0).tolist()
        [2.0, 1.0]
    """
    return decay_s / (1.0 + (np.asarray(frequencies_hz, float) / corner_hz) ** slope)
