"""Loudness error: how much louder or quieter a sound is than it should be."""

import math

from torch import Tensor

from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.metrics._spectra import checked_pair
from timbrel.signal.levels import loudness_lufs

QUIETEST_LUFS = -70.0  # the absolute gate of BS.1770: below it nothing is heard


def loudness_error(reference: Tensor, test: Tensor, sample_rate: int) -> float:
    """Measures the difference of integrated loudness, without its sign.

    A sound shorter than one gating block (400 ms) counts as if silence followed it up to one block,
    so that a click and a longer click of the same height differ. What lies below the gate of the
    standard counts as at the gate, in both sounds.

    Args:
        reference: The sound as it should be, [T].
        test: The sound to judge, [T].
        sample_rate: Their rate in Hz.

    Returns:
        The difference in LU, 0 or more. 1 LU is 1 dB at any frequency.

    Raises:
        UsageError: When the pair cannot be compared.

    Source:
        ITU-R BS.1770-4, computed by pyloudnorm.

    Example:
        >>> import torch
        >>> noise = torch.randn(8000, generator=torch.Generator().manual_seed(0))
        >>> round(loudness_error(noise, 0.5 * noise, 16_000), 2)
        6.02
    """
    a, b = (loudness_lufs(x[None], sample_rate) for x in checked_pair(reference, test))
    return math.fabs(max(a, QUIETEST_LUFS) - max(b, QUIETEST_LUFS))


METRIC = Metric(
    title="Loudness error",
    unit="LU",
    higher_is_better=False,
    ideal=0.0,
    needs="pair",
    source="ITU-R BS.1770-4",
    compute=loudness_error,
)
