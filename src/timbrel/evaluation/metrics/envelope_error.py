"""Envelope error: how far a sound's level strays from where it should be, moment by moment."""

import torch
from torch import Tensor
from torch.nn import functional

from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.metrics._spectra import checked_pair

WINDOW_S = 0.01
FLOOR_DB = 60.0


def envelope_error(reference: Tensor, test: Tensor, sample_rate: int) -> float:
    """Measures the mean absolute difference of two level curves.

    The level is the root mean square over 10 ms, every 5 ms, in dB; levels more than 60 dB below
    the reference's highest count as 60 dB below, so that silence after a sound weighs nothing where
    it is silent in both. Moments where both lie at the floor do not count.

    Args:
        reference: The sound as it should be, [T].
        test: The sound to judge, [T].
        sample_rate: Their rate in Hz.

    Returns:
        The difference in dB, 0 to 60 and more where the test sound is far too loud.

    Raises:
        UsageError: When the pair cannot be compared.

    Source:
        The plain definition; Peeters, "A large set of audio features for sound description" (2004),
        section 4.1, has the same envelope.

    Example:
        >>> noise = torch.randn(8000, generator=torch.Generator().manual_seed(0))
        >>> round(envelope_error(noise, 0.5 * noise, 16_000), 2)
        6.02
    """
    a, b = (_levels(x, sample_rate) for x in checked_pair(reference, test))
    floor = a.max() - FLOOR_DB
    a, b = a.clamp(min=floor), b.clamp(min=floor)
    heard = (a > floor) | (b > floor)
    return float((a - b).abs()[heard].mean())


def _levels(sound: Tensor, sample_rate: int) -> Tensor:
    """RMS levels in dB of windows that begin half a window apart; the last one may be filled up."""
    hop = max(1, round(WINDOW_S * sample_rate / 2))
    missing = max(0, 2 * hop - len(sound)) + (-max(len(sound), 2 * hop)) % hop
    windows = functional.pad(sound, (0, missing)).unfold(0, 2 * hop, hop)
    return 10 * torch.log10(windows.square().mean(dim=1).clamp(min=1e-30))


METRIC = Metric(
    title="Envelope error",
    unit="dB",
    higher_is_better=False,
    ideal=0.0,
    needs="pair",
    source="Peeters 2004",
    compute=envelope_error,
)
