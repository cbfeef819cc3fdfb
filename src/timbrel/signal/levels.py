"""Levels and lengths of sounds: peak, RMS, loudness, silence, fitting to a length."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from timbrel.signal import units
from timbrel.signal.resampling import resample

LOUDNESS_BLOCK_S = 0.4
_LOWEST_RATE_HZ = 8000


def peak(samples: Tensor) -> float:
    """Gives the largest absolute sample.

    Args:
        samples: A sound of any shape; NaN anywhere gives NaN.

    Returns:
        The peak, linear, full scale at 1; 0 for no samples.

    Example:
        >>> peak(torch.tensor([[0.25, -0.5]]))
        0.5
    """
    return float(samples.abs().max()) if samples.numel() else 0.0


def peak_db(samples: Tensor) -> float:
    """Gives the peak as a level.

    Args:
        samples: A sound of any shape.

    Returns:
        The sample peak in dB of full scale; -inf for silence.

    Example:
        >>> round(peak_db(torch.tensor([[0.5]])), 2)
        -6.02
    """
    return units.amplitude_to_db(peak(samples))


def rms_db(samples: Tensor) -> float:
    """Gives the root mean square over all channels and samples as a level.

    Args:
        samples: A sound of any shape.

    Returns:
        The level in dB where a square wave of amplitude 1 has 0; -inf for silence.

    Example:
        >>> rms_db(torch.tensor([[1.0, -1.0]]))
        0.0
    """
    if not samples.numel():
        return -math.inf
    return units.amplitude_to_db(math.sqrt(float(samples.double().square().mean())))


def is_finite(samples: Tensor) -> bool:
    """Tells whether every sample is a number: neither NaN nor infinite.

    Args:
        samples: A sound of any shape.

    Returns:
        True where all are finite.

    Example:
        >>> is_finite(torch.tensor([0.0, math.nan]))
        False
    """
    return bool(torch.isfinite(samples).all())


def is_silent(samples: Tensor, threshold_db: float = -80.0) -> bool:
    """Tells whether nothing in a sound rises above a threshold.

    Args:
        samples: A sound of any shape; one without samples is silent, one with NaN is not.
        threshold_db: The highest peak that still counts as silence, in dB of full scale.

    Returns:
        True where the peak is at or below the threshold.

    Example:
        >>> is_silent(torch.zeros(1, 8)), is_silent(torch.full((1, 8), 0.01))
        (True, False)
    """
    return peak_db(samples) <= threshold_db


def loudness_lufs(samples: Tensor, sample_rate: int) -> float:
    """Gives the integrated loudness, gated, of ITU-R BS.1770-4.

    A sound shorter than one gating block (400 ms) is followed by silence up to one block, as a
    momentary meter would hear it on its own. Channels stand in the order L R C Ls Rs, or
    L R C LFE Ls Rs where there are six (the LFE does not count); more are mixed to one.

    Args:
        samples: A sound, [C, T].
        sample_rate: Its rate in Hz.

    Returns:
        The loudness in LUFS; -inf for silence (nothing above the gate of -70 LUFS), NaN where a
        sample is not finite.

    Source:
        ITU-R BS.1770-4, computed by pyloudnorm (Steinmetz and Reiss, AES 150, 2021).

    Example:
        >>> tone = torch.sin(2 * math.pi * 997 / 48000 * torch.arange(48000.0))[None]
        >>> round(loudness_lufs(tone, 48000), 1)
        -3.0
    """
    import pyloudnorm

    if not is_finite(samples):
        return math.nan
    if peak(samples) == 0.0:
        return -math.inf
    samples = _metered_channels(samples)
    if sample_rate < _LOWEST_RATE_HZ:
        samples = resample(samples, from_hz=sample_rate, to_hz=_LOWEST_RATE_HZ)
        sample_rate = _LOWEST_RATE_HZ
    missing = math.ceil(LOUDNESS_BLOCK_S * sample_rate) - samples.shape[-1]
    samples = functional.pad(samples, (0, max(0, missing)))
    meter = pyloudnorm.Meter(sample_rate, "DeMan", LOUDNESS_BLOCK_S)
    return float(meter.integrated_loudness(samples.double().T.numpy()))


def _metered_channels(samples: Tensor) -> Tensor:
    if samples.shape[0] == 6:
        return samples[[0, 1, 2, 4, 5]]
    return samples if samples.shape[0] <= 5 else to_mono(samples)


def to_mono(samples: Tensor) -> Tensor:
    """Mixes all channels to one, by their mean.

    Args:
        samples: A sound, [C, T].

    Returns:
        The mix, [1, T].

    Example:
        >>> to_mono(torch.tensor([[1.0, 0.0], [0.0, 0.0]]))
        tensor([[0.5000, 0.0000]])
    """
    return samples.mean(dim=0, keepdim=True)


def fit_length(samples: Tensor, length_samples: int, *, fade_samples: int = 256) -> Tensor:
    """Makes a sound exactly so long: cuts it with a short fade, or adds silence.

    Args:
        samples: A sound, [..., T].
        length_samples: The wanted length, 0 or more.
        fade_samples: The length of the fade at a cut, 0 or more; no fade where nothing is cut.

    Returns:
        The sound, [..., length_samples].

    Example:
        >>> fit_length(torch.ones(1, 2), 4)
        tensor([[1., 1., 0., 0.]])
        >>> fit_length(torch.ones(1, 9), 4, fade_samples=2)
        tensor([[1.0000, 1.0000, 0.8536, 0.1464]])
    """
    missing = length_samples - samples.shape[-1]
    if missing >= 0:
        return functional.pad(samples, (0, missing))
    fade = min(fade_samples, length_samples)
    # Half a cosine from 1 to 0, sampled between its ends so that no sample is spent on 1 or 0.
    steps = (torch.arange(fade, dtype=samples.dtype, device=samples.device) + 0.5) / max(fade, 1)
    out = samples[..., :length_samples].clone()
    out[..., length_samples - fade :] *= 0.5 + 0.5 * torch.cos(math.pi * steps)
    return out


def trim_end(samples: Tensor, threshold_db: float = -60.0) -> Tensor:
    """Cuts off the quiet end of a sound.

    Args:
        samples: A sound, [C, T].
        threshold_db: What counts as quiet, in dB relative to the sound's own peak.

    Returns:
        The sound up to its last sample above the threshold in any channel, [C, T'];
        at least one sample stays where there was one.

    Example:
        >>> trim_end(torch.tensor([[1.0, 0.5, 0.0, 0.0]])).shape
        torch.Size([1, 2])
    """
    if not samples.numel():
        return samples
    loud = samples.abs().amax(dim=0) > peak(samples) * units.db_to_amplitude(threshold_db)
    places = torch.nonzero(loud)
    return samples[:, : int(places[-1]) + 1 if len(places) else 1]
