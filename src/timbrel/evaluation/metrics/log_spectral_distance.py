"""Log-spectral distance: how far apart two spectrograms are, in dB."""

from torch import Tensor

from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.metrics._spectra import decibel_pair


def log_spectral_distance(
    reference: Tensor, test: Tensor, sample_rate: int, *, max_hz: float | None = None
) -> float:
    """Measures the root of the mean squared dB difference over bins, averaged over frames.

    Hann window of 1024 samples, hop 256. 0 dB is the largest magnitude of the reference, and both
    spectrograms are cut off at -80 dB, so that what nobody hears does not count. Sounds that are
    6 dB quieter, all above the floor, are 6 dB away.

    Args:
        reference: The sound as it should be, [T].
        test: The sound to judge, [T].
        sample_rate: Their rate in Hz.
        max_hz: The highest frequency that counts, to compare systems of different bandwidth;
            None counts all.

    Returns:
        The distance in dB, 0 for identical sounds.

    Raises:
        UsageError: When the pair cannot be compared.

    Source:
        Gray and Markel, "Distance measures for speech processing" (1976), the L2 norm; Rabiner and
        Juang, "Fundamentals of speech recognition" (1993), 4.5.1.

    Example:
        >>> import torch
        >>> noise = torch.randn(4096, generator=torch.Generator().manual_seed(0))
        >>> round(log_spectral_distance(noise, 0.5 * noise, 16_000), 2)
        6.02
    """
    a, b = decibel_pair(reference, test, sample_rate=sample_rate, max_hz=max_hz)
    return float((a - b).square().mean(dim=0).sqrt().mean())


METRIC = Metric(
    title="Log-spectral distance",
    unit="dB",
    higher_is_better=False,
    ideal=0.0,
    needs="pair",
    source="Gray and Markel 1976",
    compute=log_spectral_distance,
)
