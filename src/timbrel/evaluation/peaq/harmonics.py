"""Error harmonic structure: whether what was added has partials of its own."""

import numpy as np

from timbrel.evaluation.peaq.bands import Array

_LAGS = 256


def error_harmonics(reference: Array, test: Array) -> Array:
    """Measures how periodic the difference of two log spectra is.

    The autocorrelation of the difference along frequency, without its mean and under a Hann
    window, is transformed again; its highest peak after the first fall tells.

    Args:
        reference: Powers of bins, [..., BINS].
        test: Powers of bins, [..., BINS].

    Returns:
        The squared height of the peak, 0 where the spectra agree, [...].

    Source:
        BS.1387-1, annex 2, 4.8; the mean is taken off before the window as Kabal (2002), 5.8
        advises, the window stands as in the standard.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = np.log(test[..., : 2 * _LAGS] / reference[..., : 2 * _LAGS])
        nothing = (test == 0) & (reference == 0)
        difference = np.where(nothing[..., : 2 * _LAGS], 0, difference)
        correlation = _correlation(difference)
        centred = correlation - correlation.mean(axis=-1, keepdims=True)
        spectrum = np.abs(np.fft.rfft(centred * _window())) ** 2
    # Where one of two frames is digital silence nothing is periodic.
    return _highest_peak(np.nan_to_num(spectrum, nan=0.0, posinf=0.0))


def _correlation(difference: Array) -> Array:
    """Correlates the first half with what stands up to 255 bins higher, normalised."""
    size = 2 * _LAGS
    first = np.fft.rfft(difference[..., :_LAGS], size)
    products = np.fft.irfft(np.conj(first) * np.fft.rfft(difference), size)[..., :_LAGS]
    powers = np.cumsum(difference**2, axis=-1)
    before = np.concatenate([np.zeros_like(powers[..., :1]), powers[..., : _LAGS - 1]], axis=-1)
    shifted = powers[..., _LAGS - 1 : -1] - before
    return np.asarray(products / np.sqrt(shifted[..., :1] * shifted), dtype=np.float64)


def _highest_peak(spectrum: Array) -> Array:
    rising = spectrum[..., 1:] > spectrum[..., :-1]
    return np.asarray(np.where(rising, spectrum[..., 1:], 0).max(axis=-1), dtype=np.float64)


def _window() -> Array:
    return np.asarray(np.hanning(_LAGS) * np.sqrt(8 / 3) / _LAGS, dtype=np.float64)
