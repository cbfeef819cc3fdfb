"""The bands of the ear: a quarter of a Bark each, and what the ear does in each of them."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SAMPLE_RATE = 48_000
FRAME_SAMPLES = 2048
HOP_SAMPLES = FRAME_SAMPLES // 2
BINS = FRAME_SAMPLES // 2 + 1

BANDS = 109
BAND_BARK = 0.25
LOWEST_HZ, HIGHEST_HZ = 80.0, 18_000.0

_BIN_HZ = SAMPLE_RATE / FRAME_SAMPLES


def edges_hz() -> tuple[Array, Array, Array]:
    """Gives the lower edge, centre and upper edge of each band.

    Returns:
        Three rows of frequencies in Hz, [BANDS] each, from 80 Hz to 18 kHz.

    Source:
        ITU-R BS.1387-1, annex 2, section 2.1.5, equation 10 and table 6; computed by the formula,
        as Kabal, "An examination and interpretation of ITU-R BS.1387" (2002), 2.6 advises.

    Example:
        >>> low, centre, high = edges_hz()
        >>> [round(float(edges[-1]), 2) for edges in (low, centre, high)]
        [17385.42, 17690.04, 18000.0]
    """
    first, last = (7 * np.arcsinh(hz / 650) for hz in (LOWEST_HZ, HIGHEST_HZ))
    low = first + BAND_BARK * np.arange(BANDS)
    high = np.minimum(low + BAND_BARK, last)
    low_hz, centre_hz, high_hz = (650 * np.sinh(z / 7) for z in (low, (low + high) / 2, high))
    return low_hz, centre_hz, high_hz


def grouping() -> Array:
    """Gives the share of each FFT bin that each band collects.

    A bin is as wide as the distance to the next one, so that a bin on an edge is divided.

    Returns:
        Shares from 0 to 1, [BINS, BANDS].

    Source:
        BS.1387-1, annex 2, 2.1.5, as interpreted by Kabal (2002), equations 13 to 15.

    Example:
        >>> bool(np.isclose(grouping().sum(), (18_000 - 80) / 23.4375))
        True
    """
    low, _, high = edges_hz()
    centres = _BIN_HZ * np.arange(BINS)[:, None]
    overlap = np.minimum(high, centres + _BIN_HZ / 2) - np.maximum(low, centres - _BIN_HZ / 2)
    return np.asarray(np.maximum(overlap, 0) / _BIN_HZ, dtype=np.float64)


def ear_weight() -> Array:
    """Gives what outer and middle ear pass of the power of each bin.

    Returns:
        Factors of power, [BINS]; 0 at 0 Hz.

    Source:
        BS.1387-1, annex 2, 2.1.4, equations 7 to 9.

    Example:
        >>> int(ear_weight().argmax() * 48_000 / 2048)  # the ear canal's resonance
        3304
    """
    khz = np.maximum(_BIN_HZ * np.arange(BINS) / 1000, 1e-9)
    gain_db = -0.6 * 3.64 * khz**-0.8 + 6.5 * np.exp(-0.6 * (khz - 3.3) ** 2) - 1e-3 * khz**3.6
    return np.asarray(10 ** (gain_db / 10), dtype=np.float64)


def internal_noise() -> Array:
    """Gives the power of the ear's own noise in each band.

    Returns:
        Powers, [BANDS], falling with frequency.

    Source:
        BS.1387-1, annex 2, 2.1.6, equation 13.
    """
    _, centre_hz, _ = edges_hz()
    return np.asarray(10 ** (0.4 * 0.364 * (centre_hz / 1000) ** -0.8), dtype=np.float64)


def smoothing(*, slowest_s: float) -> Array:
    """Gives the coefficient of a first-order filter over frames, slower in low bands.

    Args:
        slowest_s: Time constant at 100 Hz in seconds, above 0.008.

    Returns:
        Coefficients from 0 to 1, [BANDS].

    Source:
        BS.1387-1, annex 2, 2.1.8, equations 21 to 23: 8 ms at the least.

    Example:
        >>> bool(smoothing(slowest_s=0.03)[0] > smoothing(slowest_s=0.03)[-1])
        True
    """
    _, centre_hz, _ = edges_hz()
    constant_s = 0.008 + 100 / centre_hz * (slowest_s - 0.008)
    return np.asarray(np.exp(-HOP_SAMPLES / SAMPLE_RATE / constant_s), dtype=np.float64)


def smooth(patterns: Array, coefficient: Array, *, gain: Array | None = None) -> Array:
    """Filters patterns over frames, from silence on: y[n] = coefficient y[n-1] + gain x[n].

    Args:
        patterns: What to filter, [C, N, BANDS].
        coefficient: Of each band, 0 to 1, [BANDS].
        gain: Of each band, [BANDS]; None takes 1 - coefficient.

    Returns:
        The filtered patterns, [C, N, BANDS].

    Example:
        >>> steps = smooth(np.ones((1, 3, BANDS)), np.full(BANDS, 0.5))
        >>> steps[0, :, 0].tolist()
        [0.5, 0.75, 0.875]
    """
    smoothed = patterns * (1 - coefficient if gain is None else gain)
    for frame in range(1, smoothed.shape[1]):
        smoothed[:, frame] += coefficient * smoothed[:, frame - 1]
    return smoothed
