"""Spectral flatness: how like white noise the spectrum of a sound is."""

import math

import torch
from torch import Tensor

from timbrel.evaluation.metrics import SoundMetric
from timbrel.evaluation.metrics._alone import checked, spectra

WINDOW_S, HOP_S = 0.046, 0.023
LOW_HZ, HIGH_HZ = 60.0, 7500.0
HEARD_DB = 40.0  # frames this far below the loudest do not count
RANGE_DB = 80.0  # in a frame


def spectral_flatness(sound: Tensor, sample_rate: int) -> float:
    """Measures how flat the spectrum of a sound is: the geometric over the arithmetic mean.

    From 60 Hz to 7.5 kHz, of the frames within 40 dB of the loudest; their mean in dB.

    Args:
        sound: A sound, [T].
        sample_rate: Its rate in Hz.

    Returns:
        The flatness in dB: -2.5 for white noise, -60 and below for one tone. Not a number where
        the sound is silent or shorter than 46 ms.

    Raises:
        UsageError: When the sound is empty or not finite.

    Source:
        Gray and Markel, "A spectral-flatness measure for studying the autocorrelation method of
        linear prediction of speech analysis" (1974).

    Example:
        >>> noise = torch.randn(32_000, generator=torch.Generator().manual_seed(0))
        >>> round(spectral_flatness(noise, 16_000), 1)
        -2.5
    """
    power = spectra(checked(sound), sample_rate, window_s=WINDOW_S, hop_s=HOP_S)
    step_hz = sample_rate / 2 / (power.shape[1] - 1)
    band = power[:, math.ceil(LOW_HZ / step_hz) : math.floor(HIGH_HZ / step_hz) + 1].double()
    level = band.mean(dim=1)
    if not len(level) or not bool(level.max() > 0):
        return math.nan
    heard = band[level > level.max() * 10 ** (-HEARD_DB / 10)]
    relative = heard / heard.mean(dim=1, keepdim=True)
    levels_db = 10 * torch.log10(relative.clamp(min=10 ** (-RANGE_DB / 10)))
    return float(levels_db.mean())


METRIC = SoundMetric(
    title="Spectral flatness",
    unit="dB",
    higher_is_better=None,
    ideal=None,
    needs="sound",
    requirement="R4",
    source="Gray and Markel 1974",
    compute=spectral_flatness,
    undefined_where="shorter than 46 ms, or silent",
)
