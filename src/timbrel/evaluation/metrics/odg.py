"""Objective difference grade: how much worse trained listeners would find a sound, by PEAQ."""

from torch import Tensor

from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.metrics._spectra import checked_pair
from timbrel.evaluation.peaq import grading


def odg(reference: Tensor, test: Tensor, sample_rate: int) -> float:
    """Grades a sound against the original by PEAQ, basic version.

    0 is imperceptible, -1 perceptible but not annoying, -2 slightly annoying, -3 annoying, -4 very
    annoying. Full scale is taken as 92 dB SPL, so the same pair played softer has another grade.
    Short pairs are repeated end to end until five seconds of them sound. It compares moment by
    moment: another draw of the same noise is graded as a fault.

    Args:
        reference: The sound as it should be, [T].
        test: The sound to judge, [T].
        sample_rate: Their rate in Hz; the model works at 48 kHz.

    Returns:
        The grade, -3.98 to 0.22; not a number where the test is silent or the reference too soft
        for the standard to have a value, see `peaq.grading.grade`.

    Raises:
        UsageError: When the pair cannot be compared.

    Source:
        ITU-R BS.1387-1 (2001), "Method for objective measurements of perceived audio quality".

    Example:
        >>> import torch
        >>> noise = 0.1 * torch.randn(48_000, generator=torch.Generator().manual_seed(0))
        >>> odg(noise, noise, 48_000) > 0
        True
    """
    pair = (sound.float()[None] for sound in checked_pair(reference, test))
    return grading.grade(*pair, sample_rate=sample_rate).objective_difference


METRIC = Metric(
    title="Objective difference grade",
    unit="ODG grade",
    higher_is_better=True,
    ideal=0.0,
    needs="pair",
    source="ITU-R BS.1387-1",
    compute=odg,
    slow=True,
)
