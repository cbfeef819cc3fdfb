"""Audible length: for how long a sound can be heard."""

import torch
from torch import Tensor

from timbrel.evaluation.metrics import SoundMetric
from timbrel.evaluation.metrics._alone import checked, frame_powers

FRAME_S = 0.02
RANGE_DB = 60.0


def audible_length(sound: Tensor, sample_rate: int) -> float:
    """Measures how long a sound lasts, without the silence before and after it.

    From the first to the last 20 ms whose level is within 60 dB of the loudest 20 ms.

    Args:
        sound: A sound, [T].
        sample_rate: Its rate in Hz.

    Returns:
        The length in seconds; 0 for silence.

    Raises:
        UsageError: When the sound is empty or not finite.

    Source:
        S1's first requirement: ten seconds and more, which silence does not make.

    Example:
        >>> noise = torch.randn(16_000, generator=torch.Generator().manual_seed(0))
        >>> audible_length(torch.cat([torch.zeros(8_000), noise, torch.zeros(4_000)]), 16_000)
        1.0
    """
    heard = checked(sound)
    size = max(round(FRAME_S * sample_rate), 1)
    power = frame_powers(
        torch.nn.functional.pad(heard, (0, -len(heard) % size)), sample_rate, frame_s=FRAME_S
    )
    if not bool(power.max() > 0):
        return 0.0
    loud = torch.nonzero(power > power.max() * 10 ** (-RANGE_DB / 10))[:, 0]
    first, last = int(loud[0]) * size, min((int(loud[-1]) + 1) * size, len(heard))
    return (last - first) / sample_rate


METRIC = SoundMetric(
    title="Audible length",
    unit="s",
    higher_is_better=None,
    ideal=None,
    needs="sound",
    requirement="R1",
    source="S1, requirement 1",
    compute=audible_length,
)
