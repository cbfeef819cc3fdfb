"""Signal-to-noise ratio: how much stronger a sound is than what was changed in it."""

import math

from torch import Tensor

from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.metrics._spectra import checked_pair


def snr(reference: Tensor, test: Tensor, sample_rate: int) -> float:
    """Measures the energy of the reference over the energy of the difference, in dB.

    It compares sample by sample, so a sound whose phase was made anew has about 0 dB or less even
    where nobody hears a difference.

    Args:
        reference: The sound as it should be, [T].
        test: The sound to judge, [T].
        sample_rate: Their rate in Hz; the ratio does not depend on it.

    Returns:
        The ratio in dB, infinite for identical sounds.

    Raises:
        UsageError: When the pair cannot be compared.

    Source:
        The plain definition; Vincent, Gribonval and Févotte, "Performance measurement in blind
        audio source separation" (2006) discuss its kin.

    Example:
        >>> import torch
        >>> sound = torch.tensor([1.0, -1.0, 1.0, -1.0])
        >>> round(snr(sound, 0.9 * sound, 16_000), 3)
        20.0
    """
    reference, test = checked_pair(reference, test)
    noise = float((reference - test).square().sum())
    return 10 * math.log10(float(reference.square().sum()) / noise) if noise > 0 else math.inf


METRIC = Metric(
    title="Signal-to-noise ratio",
    unit="dB",
    higher_is_better=True,
    ideal=math.inf,
    needs="pair",
    source="Vincent, Gribonval and Févotte 2006",
    compute=snr,
)
