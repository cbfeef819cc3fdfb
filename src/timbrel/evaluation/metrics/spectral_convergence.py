"""Spectral convergence: the error of magnitudes relative to the magnitudes."""

import torch
from torch import Tensor

from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.metrics._spectra import FRAMES, checked_pair
from timbrel.signal.stft import magnitude


def spectral_convergence(reference: Tensor, test: Tensor, sample_rate: int) -> float:
    """Measures the Frobenius norm of the difference of magnitudes over that of the reference.

    Hann window of 1024 samples, hop 256. The loud parts decide.

    Args:
        reference: The sound as it should be, [T].
        test: The sound to judge, [T].
        sample_rate: Their rate in Hz; the ratio does not depend on it.

    Returns:
        The ratio, 0 for identical sounds, 1 for silence.

    Raises:
        UsageError: When the pair cannot be compared.

    Source:
        Sturmel and Daudet, "Signal reconstruction from STFT magnitude: a state of the art" (2011).

    Example:
        >>> import torch
        >>> noise = torch.randn(4096, generator=torch.Generator().manual_seed(0))
        >>> round(spectral_convergence(noise, 0.5 * noise, 16_000), 6)
        0.5
    """
    a, b = magnitude(torch.stack(checked_pair(reference, test)), FRAMES)
    return float((a - b).norm() / a.norm())


METRIC = Metric(
    title="Spectral convergence",
    unit="",
    higher_is_better=False,
    ideal=0.0,
    needs="pair",
    source="Sturmel and Daudet 2011",
    compute=spectral_convergence,
)
