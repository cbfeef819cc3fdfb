"""Grain error: how much smoother or rougher the texture of a sound is than it should be."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.metrics._spectra import FRAMES, checked_pair
from timbrel.signal.stft import magnitude

NEIGHBOURS = 9
RANGE_DB = 50.0
FLOOR_DB = 80.0


def grain(sound: Tensor) -> float:
    """Measures how rough the texture of a sound is.

    The standard deviation of the dB magnitude (Hann window of 1024 samples, hop 256, cut off 80 dB
    below the largest) around its mean over 9 × 9 cells, over the cells within 50 dB of the largest.
    White noise has about 5.6 dB, what a decoder has averaged far less, sharp partials more.

    Args:
        sound: A sound, [T], of at least one sample that is not 0.

    Returns:
        The roughness in dB.

    Example:
        >>> noise = torch.randn(40_000, generator=torch.Generator().manual_seed(0))
        >>> 5.3 < grain(noise) < 5.8
        True
    """
    power = magnitude(sound.double()[None], FRAMES)[0].square()
    level_db = 10 * torch.log10((power / power.max()).clamp(min=10 ** (-FLOOR_DB / 10)))
    rough = (level_db - _local_mean(level_db))[level_db > -RANGE_DB]
    return float(rough.std(correction=0))


def _local_mean(level_db: Tensor) -> Tensor:
    """The mean of the cells around each, [F, N]; at an edge, of those there are."""
    around = NEIGHBOURS // 2
    mean: Tensor = functional.avg_pool2d(
        level_db[None, None], NEIGHBOURS, stride=1, padding=around, count_include_pad=False
    )
    return mean[0, 0]


def grain_error(reference: Tensor, test: Tensor, sample_rate: int) -> float:
    """Measures the difference of the `grain` of two sounds, without its sign.

    It says whether noise was averaged away or added, and not whether the noise is the same.

    Args:
        reference: The sound as it should be, [T].
        test: The sound to judge, [T].
        sample_rate: Their rate in Hz; the window is given in samples.

    Returns:
        The difference in dB, 0 or more; NaN where the test sound is silent.

    Raises:
        UsageError: When the pair cannot be compared.

    Source:
        timbrel's own; the dB magnitudes of Gaussian noise spread by 5.57 dB, which follows from the
        exponential distribution of its periodogram (Brillinger, "Time series", 1981, 5.2).

    Example:
        >>> noise = torch.randn(8000, generator=torch.Generator().manual_seed(0))
        >>> round(grain_error(noise, 0.5 * noise, 16_000), 6)
        0.0
    """
    reference, test = checked_pair(reference, test)
    return math.fabs(grain(reference) - grain(test)) if bool(test.any()) else math.nan


METRIC = Metric(
    title="Grain error",
    unit="dB",
    higher_is_better=False,
    ideal=0.0,
    needs="pair",
    source="timbrel, after Brillinger 1981",
    compute=grain_error,
    undefined_where="a silent test sound",
)
