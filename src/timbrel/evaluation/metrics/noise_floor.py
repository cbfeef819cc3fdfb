"""Noise floor: how quiet it gets between the events of a sound, band by band."""

import math

import torch
from torch import Tensor

from timbrel.evaluation.metrics import SoundMetric
from timbrel.evaluation.metrics._alone import checked, spectra

CENTRES_HZ = (500.0, 1000.0, 2000.0, 4000.0)  # octaves that sounds of any usual rate have
WINDOW_S, HOP_S = 0.046, 0.01
QUIET, LOUD = 0.1, 0.95  # of the time
LOWEST_DB = -100.0
LEAST_FRAMES = 50


def noise_floor(sound: Tensor, sample_rate: int) -> float:
    """Measures how far below its events a sound falls between them.

    For each of four octaves from 350 Hz to 5.7 kHz: the level that a tenth of the time lies below,
    less the level that is reached in a twentieth of the time; the mean over the octaves. Noise that
    never ceases fills what would be quiet, in all of them.

    Args:
        sound: A sound, [T].
        sample_rate: Its rate in Hz.

    Returns:
        The floor in dB below the events: -60 for bursts with noise 60 dB below them in between,
        about -3 for noise alone; at least -100. Not a number where the sound is shorter than half
        a second or silent.

    Raises:
        UsageError: When the sound is empty or not finite.

    Source:
        Martin, "Noise power spectral density estimation based on optimal smoothing and minimum
        statistics" (2001): noise is what a band never falls below.

    Example:
        >>> noise = torch.randn(32_000, generator=torch.Generator().manual_seed(0))
        >>> gate = torch.arange(32_000) % 8_000 < 1_600
        >>> round(noise_floor(noise * torch.where(gate, 1.0, 0.001), 16_000) / 5) * 5
        -60
    """
    power = spectra(checked(sound), sample_rate, window_s=WINDOW_S, hop_s=HOP_S)
    if len(power) < LEAST_FRAMES or not bool(power.max() > 0):
        return math.nan
    step_hz = sample_rate / 2 / (power.shape[1] - 1)
    octaves = torch.stack([_octave(power, hz / step_hz) for hz in CENTRES_HZ])
    lowest = octaves.max() * 10 ** (LOWEST_DB / 10)
    quiet, loud = octaves.clamp(min=lowest).quantile(torch.tensor([QUIET, LOUD]), dim=1)
    return float((10 * torch.log10(quiet / loud)).mean())


def _octave(power: Tensor, centre: float) -> Tensor:
    """The power of the octave around a bin, [N]."""
    low, high = math.ceil(centre / math.sqrt(2)), math.ceil(centre * math.sqrt(2))
    return power[:, low:high].sum(dim=1)


METRIC = SoundMetric(
    title="Noise floor between events",
    unit="dB",
    higher_is_better=False,
    ideal=None,
    needs="sound",
    requirement="R4",
    source="after Martin 2001",
    compute=noise_floor,
    undefined_where="shorter than half a second, or silent",
)
