"""Lower sampling rates by whole factors, and back: the levels of a growing network.

A sample of the lower rate stands in the middle of the samples that it replaces, as their mean
would, so that repeating each sample brings a sound back to where it was in time.

    0   1   2   3   4   5   6   7     samples
      0       1       2       3       at half the rate
          0               1           at a quarter
"""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from timbrel.errors import UsageError

REACH = 32  # samples of the lower rate that the filter reaches to either side
_TAPS = 2 * REACH + 1
_EDGE = 0.92  # middle of the filter's slope, in units of the lower Nyquist frequency
_BETA = 8.0  # of the Kaiser window: 80 dB down from 1.0 on, untouched up to 0.84
_ROW_SAMPLES = 256  # that one row of a product of matrices has, about: quickest by trial


def decimated(sound: Tensor, factor: int, *, aliased: bool = False) -> Tensor:
    """Lowers the sampling rate by a whole factor.

    Args:
        sound: Waveforms, [..., T].
        factor: Samples that become one; T is a multiple of it.
        aliased: Whether every factor-th sample is kept and that is all, so that high frequencies
            fold down to wrong ones. Else what is above the new Nyquist frequency is gone (80 dB
            down), and what is below 0.84 of it comes through at its level.

    Returns:
        Waveforms, float32 [..., T / factor].

    Raises:
        UsageError: When the factor is below 1 or does not divide the length.

    Source:
        Crochiere & Rabiner 1983, section 2.3; Kaiser 1974 (the window). Aliased: S1, section 6.2,
        as it describes its own data.

    Example:
        >>> round(float(decimated(torch.ones(1, 1024), 8)[0, 64]), 3)
        1.0
    """
    length = sound.shape[-1]
    _check(length, factor)
    sound = sound.float()
    if factor == 1 or aliased:
        return sound[..., ::factor]
    outputs = _outputs(factor)
    kernels = _kernels(factor).to(sound.device)
    parts = kernels.shape[1] // outputs
    count = -(-length // (outputs * factor))
    before = -(-REACH // outputs)
    padded = sound.new_zeros(*sound.shape[:-1], count + parts - 1, outputs * factor)
    padded.flatten(-2)[..., before * outputs * factor :][..., :length] = sound
    products = _product(padded, kernels).view(*padded.shape[:-1], parts, outputs)
    lower = products[..., :count, 0, :].clone()
    for part in range(1, parts):
        lower += products[..., part : part + count, part, :]
    return lower.flatten(-2)[..., : length // factor]


def interpolated(sound: Tensor, factor: int) -> Tensor:
    """Raises the sampling rate by a whole factor and adds no frequencies that were not there.

    Args:
        sound: Waveforms, [..., T].
        factor: Samples that one becomes.

    Returns:
        Waveforms, float32 [..., T * factor].

    Raises:
        UsageError: When the factor is below 1.

    Source:
        Crochiere & Rabiner 1983, section 2.3.

    Example:
        >>> round(float(interpolated(torch.ones(1, 128), 8)[0, 512]), 3)
        1.0
    """
    _check(sound.shape[-1] * factor, factor)
    sound = sound.float()
    if factor == 1:
        return sound
    near = functional.pad(sound, (REACH, REACH)).unfold(-1, _TAPS, 1)
    kernel = factor * _kernel(factor).view(_TAPS, factor).flip(0).to(sound.device)
    return _product(near, kernel).flatten(-2)


def _product(rows: Tensor, kernel: Tensor) -> Tensor:
    # also where autocast is on: half precision would fill the filter's 80 dB with noise
    with torch.autocast(rows.device.type, enabled=False):
        return rows @ kernel


def _check(length: int, factor: int) -> None:
    if factor < 1 or length % factor:
        raise UsageError(
            f"{length} samples and a factor of {factor}",
            "a factor of 1 or more that divides the length",
        )


def _kernel(factor: int) -> Tensor:
    """A low-pass filter, as long as all the samples that one of the lower rate is made of."""
    # by numpy, so that a graph that is being written gets numbers and not their making
    taps = _TAPS * factor
    place = np.arange(taps) - (taps - 1) / 2
    kernel = np.sinc(place * _EDGE / factor) * np.kaiser(taps, _BETA)
    return torch.from_numpy((kernel / kernel.sum()).astype(np.float32))


def _outputs(factor: int) -> int:
    """Samples of the lower rate that one row of the product stands for."""
    return min(REACH, max(1, _ROW_SAMPLES // factor))


@lru_cache(maxsize=32)
def _kernels(factor: int) -> Tensor:
    """The filter as a matrix, so that a long convolution is one product of matrices.

    A sound is cut into rows, each as long as `outputs` samples of the lower rate. A row gives to
    these, and to the ones of rows that the filter reaches: to each what that row adds to it.

    Returns:
        [outputs * factor, parts * outputs]; part p tells what the rows p later take.
    """
    outputs = _outputs(factor)
    before = -(-REACH // outputs)
    parts = (outputs - 1 + REACH) // outputs + before + 1
    kernel = _kernel(factor).view(_TAPS, factor)
    matrix = torch.zeros(outputs, factor, parts, outputs)
    for part in range(parts):
        for place in range(outputs):
            for output in range(outputs):
                tap = (part - before) * outputs + place - output + REACH
                if 0 <= tap < _TAPS:
                    matrix[place, :, part, output] = kernel[tap]
    return matrix.view(outputs * factor, parts * outputs)
