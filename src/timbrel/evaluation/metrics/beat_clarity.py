"""Beat clarity: how well the onsets of a sound repeat from beat to beat."""

import math

from torch import Tensor

from timbrel.evaluation.metrics import SoundMetric
from timbrel.evaluation.metrics._alone import checked
from timbrel.signal.tempo import track_beats

SHORTEST_S = 2.0


def beat_clarity(sound: Tensor, sample_rate: int) -> float:
    """Measures how clear the beat of a sound is.

    The autocorrelation of its onsets one and two beats later, beyond what chance gives.

    Args:
        sound: A sound, [T].
        sample_rate: Its rate in Hz.

    Returns:
        From 0 (noise, silence) to 1 (a machine's beat); not a number where the sound is shorter
        than two seconds.

    Raises:
        UsageError: When the sound is empty or not finite.

    Source:
        After Ellis, "Beat tracking by dynamic programming" (2007).

    Example:
        >>> import torch
        >>> clicks = torch.zeros(6 * 16_000)
        >>> clicks[::8000] = 1.0
        >>> round(beat_clarity(clicks, 16_000), 1)
        1.0
    """
    heard = checked(sound)
    if len(heard) < SHORTEST_S * sample_rate:
        return math.nan
    return track_beats(heard, sample_rate).clarity


METRIC = SoundMetric(
    title="Beat clarity",
    unit="",
    higher_is_better=True,
    ideal=1.0,
    needs="sound",
    requirement="R2",
    source="after Ellis 2007",
    compute=beat_clarity,
    undefined_where="shorter than two seconds",
)
