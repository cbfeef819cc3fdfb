"""Log-spectral distance: how far apart two spectrograms are, in dB."""

import math

from torch import Tensor

from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.metrics._spectra import FRAMES, decibel_pair


def log_spectral_distance(
    reference: Tensor,
    test: Tensor,
    sample_rate: int,
    *,
    min_hz: float = 0.0,
    max_hz: float | None = None,
    within_s: tuple[float, float] | None = None,
) -> float:
    """Measures the root of the mean squared dB difference over bins, averaged over frames.

    Hann window of 1024 samples, hop 256. 0 dB is the largest magnitude of the reference, and both
    spectrograms are cut off at -80 dB, so that what nobody hears does not count. Sounds that are
    6 dB quieter, all above the floor, are 6 dB away.

    Args:
        reference: The sound as it should be, [T].
        test: The sound to judge, [T].
        sample_rate: Their rate in Hz.
        min_hz: The lowest frequency that counts, to judge what was added above it.
        max_hz: The highest frequency that counts, to compare systems of different bandwidth;
            None counts all.
        within_s: Where it counts, from one moment to another, such as a hole that was filled:
            frames whose middle lies there, one at least; None counts all.

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
    lowest = math.ceil(min_hz * FRAMES.n_fft / sample_rate)
    frames = slice(None) if within_s is None else _frames(within_s, sample_rate, a.shape[1])
    apart = (a - b)[lowest:, frames]
    return float(apart.square().mean(dim=0).sqrt().mean())


def _frames(within_s: tuple[float, float], sample_rate: int, count: int) -> slice:
    """The frames whose middles lie between two moments; of a short span the nearest one."""
    begin, end = (moment * sample_rate / FRAMES.hop_samples for moment in within_s)
    first = min(math.ceil(begin), count - 1)
    if math.ceil(end) <= first:
        first = min(round((begin + end) / 2), count - 1)
    return slice(first, max(math.ceil(end), first + 1))


METRIC = Metric(
    title="Log-spectral distance",
    unit="dB",
    higher_is_better=False,
    ideal=0.0,
    needs="pair",
    source="Gray and Markel 1976",
    compute=log_spectral_distance,
)
