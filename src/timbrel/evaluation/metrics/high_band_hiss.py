"""High-band hiss: how loud the treble of a sound still is in its quiet moments."""

import math

import torch
from torch import Tensor

from timbrel.evaluation.metrics import SoundMetric
from timbrel.evaluation.metrics._alone import checked, spectra

LOW_HZ = 5000.0
WINDOW_S, HOP_S = 0.023, 0.01
QUIET = 0.1  # of the time
LOWEST_DB = -100.0
LEAST_FRAMES = 50


def high_band_hiss(sound: Tensor, sample_rate: int) -> float:
    """Measures what never ceases above 5 kHz, up to half the rate, against the whole sound.

    The level of the band that a tenth of the time lies below, less the mean level of the sound. A
    hi-hat that comes and goes is no hiss.

    Args:
        sound: A sound, [T].
        sample_rate: Its rate in Hz; compare sounds of one rate.

    Returns:
        The hiss in dB, -100 at least: -40 where a steady hiss has a ten thousandth of the power.
        Not a number where the sound is silent, shorter than half a second or of less than 12 kHz.

    Raises:
        UsageError: When the sound is empty or not finite.

    Source:
        timbrel's own, for S1's fourth requirement; the quiet moments as Martin (2001).

    Example:
        >>> noise = torch.randn(32_000, generator=torch.Generator().manual_seed(0))
        >>> -7 < high_band_hiss(noise, 16_000) < -4
        True
    """
    power = spectra(checked(sound), sample_rate, window_s=WINDOW_S, hop_s=HOP_S)
    first = math.ceil(LOW_HZ / (sample_rate / 2 / (power.shape[1] - 1)))
    total = power.sum(dim=1).mean() if len(power) else torch.zeros(())
    if len(power) < LEAST_FRAMES or first + 8 > power.shape[1] or not bool(total > 0):
        return math.nan
    quiet = power[:, first:].sum(dim=1).quantile(QUIET)
    return max(float(10 * torch.log10(quiet / total)), LOWEST_DB)


METRIC = SoundMetric(
    title="Hiss above 5 kHz",
    unit="dB",
    higher_is_better=False,
    ideal=None,
    needs="sound",
    requirement="R4",
    source="timbrel, after Martin 2001",
    compute=high_band_hiss,
    undefined_where="shorter than half a second, silent, or of a rate below 12 kHz",
)
