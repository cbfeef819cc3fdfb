"""Bandwidth: where a sound ends towards high frequencies, and bringing others down to there."""

import torch
from torch import Tensor

from timbrel.signal import levels
from timbrel.signal.resampling import resample
from timbrel.signal.stft import FrameSpec, power

FRAMES = FrameSpec(n_fft=8192, hop_samples=4096)
BELOW_PEAK_DB = 80.0
ANCHORS_HZ = (3500, 7000)
_ENDS = 0.978  # of half a rate: where resampling to it leaves 80 dB less; up to 0.91 it is exact
# Rates that a sound is brought down to and up again for an anchor. At 8 kHz it is as before up to
# 3.64 kHz and gone (by more than 100 dB) from 4 kHz on; BS.1534 wants 25 dB at 4 and 50 at 4.5 kHz.
_ANCHOR_RATES_HZ = {3500: 8000, 7000: 16_000}


def bandwidth_hz(samples: Tensor, sample_rate: int) -> float:
    """Measures where a sound ends: above lies nothing within 80 dB of its strongest frequency.

    Args:
        samples: A sound that fades at its ends (a hard edge is a click, and reaches up to half
            the rate), [C, T], at least one sample.
        sample_rate: Its rate in Hz.

    Returns:
        The frequency in Hz, up to half the rate; 0 for silence.

    Example:
        >>> tone = torch.sin(2 * torch.pi * 1000 / 16_000 * torch.arange(16_000))[None]
        >>> 1000 < bandwidth_hz(tone * torch.hann_window(16_000), 16_000) < 1100
        True
    """
    spectrum = power(levels.to_mono(samples), FRAMES)[0].mean(dim=1)
    loud = torch.nonzero(spectrum > spectrum.max() * 10 ** (-BELOW_PEAK_DB / 10))
    if not len(loud):
        return 0.0
    return min(float(loud[-1]) + 1, FRAMES.bins - 1) * sample_rate / FRAMES.n_fft


def limited(samples: Tensor, sample_rate: int, to_hz: float) -> Tensor:
    """Takes away what lies above a frequency, by lowering the rate and raising it again.

    S2 brought its originals down in this way: to the rate of the sounds that its model made.

    Args:
        samples: A sound, [C, T].
        sample_rate: Its rate in Hz.
        to_hz: Where it shall end, in Hz, above 0, as `bandwidth_hz` measures it.

    Returns:
        The sound, [C, T]: the same up to 0.93 of that frequency, and 80 dB down from there on.

    Example:
        >>> limited(torch.zeros(2, 1001), 44_100, 6000).shape
        torch.Size([2, 1001])
    """
    return _through(samples, sample_rate, round(2 * to_hz / _ENDS))


def _through(samples: Tensor, sample_rate: int, rate: int) -> Tensor:
    if rate >= sample_rate:
        return samples
    lower = resample(samples, from_hz=sample_rate, to_hz=rate)
    back = resample(lower, from_hz=rate, to_hz=sample_rate)
    return levels.fit_length(back, samples.shape[-1], fade_samples=0)


def anchor(samples: Tensor, sample_rate: int, *, cutoff_hz: int) -> Tensor:
    """Makes an anchor of a reference: a low-pass filtered copy of it.

    Args:
        samples: The reference, [C, T].
        sample_rate: Its rate in Hz.
        cutoff_hz: One of `ANCHORS_HZ`: the low anchor or the mid-range one.

    Returns:
        The anchor, [C, T].

    Source:
        ITU-R BS.1534-3, section 5.1: low-pass filters of 3.5 kHz and 7 kHz.

    Example:
        >>> tone = torch.sin(2 * torch.pi * 5000 / 44_100 * torch.arange(44_100))[None]
        >>> float(anchor(tone, 44_100, cutoff_hz=3500)[:, 4410:-4410].abs().max()) < 1e-3
        True
    """
    return _through(samples, sample_rate, _ANCHOR_RATES_HZ[cutoff_hz])


def anchors_for(original_hz: float) -> tuple[int, ...]:
    """Says which anchors differ from references that end at a frequency.

    Args:
        original_hz: Where the references end, in Hz.

    Returns:
        Cutoff frequencies in Hz: those whose anchor loses something.

    Example:
        >>> anchors_for(20_000), anchors_for(6000)
        ((3500, 7000), (3500,))
    """
    return tuple(hz for hz in ANCHORS_HZ if original_hz > _ANCHOR_RATES_HZ[hz] / 2)
