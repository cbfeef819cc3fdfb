"""Spectral change: how differently a sound ends from how it begins."""

import math

import torch
from torch import Tensor

from timbrel.evaluation.metrics import SoundMetric
from timbrel.evaluation.metrics._alone import checked, mel_levels_db, spectra

MELS, HIGH_HZ, RANGE_DB = 32, 7500.0, 80.0
WINDOW_S, HOP_S = 0.046, 0.023
LEAST_FRAMES = 8


def spectral_change(sound: Tensor, sample_rate: int) -> float:
    """Measures how far the spectrum moves from a sound's first to its last quarter.

    The mean power of 32 mel bands up to 7.5 kHz over each of the two quarters, in dB; the standard
    deviation over bands of their difference. So a change of level alone is none.

    Args:
        sound: A sound, [T].
        sample_rate: Its rate in Hz.

    Returns:
        The change in dB: half of g where the upper half of the bands rises by g. Not a number
        where a quarter is silent or shorter than 0.2 s.

    Raises:
        UsageError: When the sound is empty or not finite.

    Source:
        The log-spectral distance (Gray and Markel 1976) of mean spectra, without its gain.

    Example:
        >>> noise = torch.randn(32_000, generator=torch.Generator().manual_seed(0))
        >>> spectral_change(noise, 16_000) < 1
        True
    """
    power = spectra(checked(sound), sample_rate, window_s=WINDOW_S, hop_s=HOP_S)
    quarter = len(power) // 4
    ends = torch.stack([power[:quarter].mean(dim=0), power[len(power) - quarter :].mean(dim=0)])
    if quarter < LEAST_FRAMES or not bool((ends.sum(dim=1) > 0).all()):
        return math.nan
    ends = ends / ends.sum(dim=1, keepdim=True)
    first, last = mel_levels_db(ends, sample_rate, mels=MELS, high_hz=HIGH_HZ, range_db=RANGE_DB)
    return float((last - first).std(correction=0))


METRIC = SoundMetric(
    title="Spectral change from start to end",
    unit="dB",
    higher_is_better=None,
    ideal=None,
    needs="sound",
    requirement="R2",
    source="after Gray and Markel 1976",
    compute=spectral_change,
    undefined_where="its beginning or end is silent, or it is shorter than a second",
)
