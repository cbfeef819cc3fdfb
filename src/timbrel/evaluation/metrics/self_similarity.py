"""Self-similarity: how much of a sound comes again later, or came before."""

import math

import torch
from torch import Tensor

from timbrel.evaluation.metrics import SoundMetric
from timbrel.evaluation.metrics._alone import checked, mel_levels_db, spectra

MELS, HIGH_HZ, RANGE_DB = 40, 7500.0, 60.0
WINDOW_S, HOP_S = 0.046, 0.025
PATCH_FRAMES = 40  # 1 s
LONGEST_FRAMES = 2400  # a minute
STILL_DB = 1.0  # a second that moves by less is no event that could come again


def self_similarity(sound: Tensor, sample_rate: int) -> float:
    """Measures how much of a sound comes again.

    Each second of it (40 mel bands up to 7.5 kHz every 25 ms, in dB, less each band's mean over
    time) is laid on every other one that does not overlap it; what counts is the cosine with the
    one that is most alike. The mean over all seconds is 1 for a loop, and near 0 for noise. What
    never moves, a drone, has nothing that could come again.

    Args:
        sound: A sound, [T]; its first minute counts.
        sample_rate: Its rate in Hz.

    Returns:
        From 0 to 1; not a number where the sound is shorter than two seconds, or silent.

    Raises:
        UsageError: When the sound is empty or not finite.

    Source:
        Foote, "Visualizing music and audio using self-similarity" (1999), the cosine of stretches;
        here each stretch's best match is taken.

    Example:
        >>> bar = torch.randn(16_000, generator=torch.Generator().manual_seed(0))
        >>> bar = bar * torch.exp(-torch.arange(16_000) % 4_000 / 800.0)
        >>> self_similarity(bar.repeat(4), 16_000) > 0.95
        True
    """
    power = spectra(checked(sound), sample_rate, window_s=WINDOW_S, hop_s=HOP_S)[:LONGEST_FRAMES]
    if len(power) < 2 * PATCH_FRAMES or not bool(power.max() > 0):
        return math.nan
    levels = mel_levels_db(power, sample_rate, mels=MELS, high_hz=HIGH_HZ, range_db=RANGE_DB)
    moves = levels - levels.mean(dim=0)
    return float(_best(moves @ moves.T, STILL_DB**2 * MELS).clamp(min=0).mean())


def _best(products: Tensor, still: float) -> Tensor:
    """The cosine of each stretch with its best match, [N - P + 1], from products of frames."""
    count = len(products) - PATCH_FRAMES + 1
    energy = products.diagonal().unfold(0, PATCH_FRAMES, 1).sum(dim=1) + still * PATCH_FRAMES
    best = products.new_full((count,), -1.0)
    for lag in range(PATCH_FRAMES, count):
        along = products.diagonal(lag).cumsum(0)
        sums = along[PATCH_FRAMES - 1 :].clone()
        sums[1:] -= along[:-PATCH_FRAMES]
        alike = sums / (energy[:-lag] * energy[lag:]).sqrt()
        best[: count - lag] = torch.maximum(best[: count - lag], alike)
        best[lag:] = torch.maximum(best[lag:], alike)
    return best


METRIC = SoundMetric(
    title="Self-similarity over time",
    unit="",
    higher_is_better=None,
    ideal=None,
    needs="sound",
    requirement="R2",
    source="after Foote 1999",
    compute=self_similarity,
    undefined_where="shorter than two seconds, or silent",
)
