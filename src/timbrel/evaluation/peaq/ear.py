"""The ear: from samples to the excitation of its bands, frame by frame."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from timbrel.evaluation.peaq import bands
from timbrel.evaluation.peaq.bands import Array

# What a sine of full scale is taken to be on the loudspeaker.
FULL_SCALE_DB_SPL = 92.0
# The largest magnitude that a windowed sine of 1019.5 Hz, which falls between two bins, reaches,
# relative to one that falls on a bin.
_BETWEEN_BINS = 0.84971762641205

_LOWER_DB_PER_BARK = 27.0
_POWER_LAW = 0.4
_TINY_POWER = 1e-12


@dataclass(frozen=True)
class Excitation:
    """What a sound does to the ear.

    Attributes:
        at_once: After spreading over bands only, [C, N, BANDS].
        lasting: After spreading over time as well, [C, N, BANDS].
    """

    at_once: Array
    lasting: Array


def framed(sound: Array) -> Array:
    """Cuts a sound into overlapping frames; the last is filled up with silence.

    Args:
        sound: [C, T].

    Returns:
        A view, [C, N, FRAME_SAMPLES].

    Example:
        >>> framed(np.zeros((1, 4096))).shape
        (1, 4, 2048)
    """
    count = max(sound.shape[1] // bands.HOP_SAMPLES, 1)
    padded = np.pad(sound, ((0, 0), (0, (count + 1) * bands.HOP_SAMPLES - sound.shape[1])))
    windows = np.lib.stride_tricks.sliding_window_view(padded, bands.FRAME_SAMPLES, axis=1)
    return windows[:, :: bands.HOP_SAMPLES]


def power_spectra(frames: Array) -> Array:
    """Measures the power of each bin, at the level of playback.

    Args:
        frames: [C, N, FRAME_SAMPLES], full scale 1.

    Returns:
        Powers relative to the threshold of 0 dB SPL, [C, N, BINS].

    Source:
        BS.1387-1, annex 2, 2.1.3, equations 3 to 5.
    """
    factor = 10 ** (FULL_SCALE_DB_SPL / 10) / _calibration() ** 2
    return np.asarray(np.abs(np.fft.rfft(frames * _window())) ** 2 * factor, dtype=np.float64)


def band_powers(weighted: Array) -> Array:
    """Collects the power of bins into bands.

    Args:
        weighted: Powers of bins after outer and middle ear, [C, N, BINS].

    Returns:
        Powers of bands, never 0, [C, N, BANDS].

    Source:
        BS.1387-1, annex 2, 2.1.5.
    """
    return np.asarray(np.maximum(weighted @ _grouping(), _TINY_POWER), dtype=np.float64)


def excitation(powers: Array) -> Excitation:
    """Adds the ear's own noise and spreads over bands and over time.

    Args:
        powers: Of bands, [C, N, BANDS].

    Returns:
        The excitation with and without what lasts over time.

    Source:
        BS.1387-1, annex 2, 2.1.6 to 2.1.8.
    """
    at_once = spread(powers + bands.internal_noise())
    lasting = bands.smooth(at_once, bands.smoothing(slowest_s=0.03))
    return Excitation(at_once, np.maximum(lasting, at_once))


def spread(powers: Array) -> Array:
    """Spreads the power of each band over its neighbours: downwards 27 dB a Bark, upwards less.

    The upper slope is flatter for louder and for higher bands. What reaches a band from several
    adds up with an exponent of 0.4, and equal powers of 1 in all bands stay 1.

    Args:
        powers: With the ear's own noise, [..., BANDS].

    Returns:
        Spread powers, [..., BANDS].

    Source:
        BS.1387-1, annex 2, 2.1.7, equations 15 to 20; Kabal (2002), equations 23 to 28.

    Example:
        >>> bool(np.allclose(spread(np.ones(109)), 1))
        True
    """
    return _spread(powers) / _spread_of_ones()


def _spread(powers: Array) -> Array:
    """Spreads without the normalisation by what equal bands give."""
    lower, upper = 10 ** (-_LOWER_DB_PER_BARK / 10 * bands.BAND_BARK), _upper_slope(powers)
    band = np.arange(bands.BANDS)
    below = (1 - lower ** (band + 1)) / (1 - lower)
    above = (1 - upper ** (bands.BANDS - band)) / (1 - upper)
    shares = (powers / (below + above - 1)) ** _POWER_LAW
    total = shares.copy()
    for step in range(bands.BANDS - 1, 0, -1):
        total[..., step - 1] += lower**_POWER_LAW * total[..., step]
    moving, slope = shares, upper**_POWER_LAW
    for step in range(1, bands.BANDS):
        moving = moving[..., :-1] * slope[..., : bands.BANDS - step]
        total[..., step:] += moving
    return np.asarray(total ** (1 / _POWER_LAW), dtype=np.float64)


def _upper_slope(powers: Array) -> Array:
    """Gives the factor from one band to the next higher one: -24 - 230 Hz / fc + 0.2 L dB/Bark."""
    _, centre_hz, _ = bands.edges_hz()
    fixed = 10 ** ((-2.4 - 23 / centre_hz) * bands.BAND_BARK)
    return np.asarray(fixed * powers ** (0.2 * bands.BAND_BARK), dtype=np.float64)


@cache
def _spread_of_ones() -> Array:
    return _spread(np.ones(bands.BANDS))


@cache
def _grouping() -> Array:
    return bands.grouping()


@cache
def _window() -> Array:
    return np.hanning(bands.FRAME_SAMPLES)


def _calibration() -> float:
    return _BETWEEN_BINS / 4 * (bands.FRAME_SAMPLES - 1)
