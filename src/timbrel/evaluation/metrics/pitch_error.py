"""Pitch error: how far the pitch of a sound is from where it should be."""

import math

from torch import Tensor

from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.metrics._spectra import checked_pair
from timbrel.signal.pitch import pitch_hz
from timbrel.signal.units import cents


def pitch_error(reference: Tensor, test: Tensor, sample_rate: int) -> float:
    """Measures the interval between the pitches of two sounds, without its sign.

    An octave confused is 1,200 cents, so reports do well to give the median.

    Args:
        reference: The sound as it should be, [T].
        test: The sound to judge, [T].
        sample_rate: Their rate in Hz.

    Returns:
        The interval in cents (100 a semitone), 0 or more; NaN where either has no clear pitch, or
        is shorter than 86 ms.

    Raises:
        UsageError: When the pair cannot be compared.

    Source:
        De Cheveigné and Kawahara, "YIN" (2002), by `timbrel.signal.pitch`.

    Example:
        >>> import torch
        >>> time_s = torch.arange(16_000) / 16_000
        >>> a4, sharp = (torch.sin(2 * math.pi * hz * time_s) for hz in (440.0, 445.0))
        >>> round(pitch_error(a4, sharp, 16_000), 1)
        19.6
    """
    a, b = (pitch_hz(x, sample_rate) for x in checked_pair(reference, test))
    return math.fabs(cents(a, b))


METRIC = Metric(
    title="Pitch error",
    unit="cents",
    higher_is_better=False,
    ideal=0.0,
    needs="pair",
    source="De Cheveigné and Kawahara 2002",
    compute=pitch_error,
    undefined_where="no clear pitch in one of the sounds, or less than 86 ms",
)
