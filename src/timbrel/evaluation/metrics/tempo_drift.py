"""Tempo drift: by how much the tempo of a sound wanders."""

import math

import numpy as np
from torch import Tensor

from timbrel.evaluation.metrics import SoundMetric
from timbrel.evaluation.metrics._alone import checked
from timbrel.signal.tempo import Times, track_beats

BEATS = 6  # over which a tempo is told
FAINT = 0.05  # of less clarity there is no beat to wander


def tempo_drift(sound: Tensor, sample_rate: int) -> float:
    """Measures by how much the tempo wanders around its middle.

    The tempo at each beat is that of the six beats around it, by least squares; the drift is half
    the distance from its 5 % to its 95 % point, in percent of its median.

    Args:
        sound: A sound, [T].
        sample_rate: Its rate in Hz.

    Returns:
        The drift in percent: 5 for a tempo that swings by 5 % to both sides; 0 for a machine's.
        Not a number where there is no beat, or fewer than eight of them.

    Raises:
        UsageError: When the sound is empty or not finite.

    Source:
        S1's second requirement: a beat that does not wander. Beats as Ellis (2007).

    Example:
        >>> import torch
        >>> clicks = torch.zeros(6 * 16_000)
        >>> clicks[::8000] = 1.0
        >>> tempo_drift(clicks, 16_000) < 0.1
        True
    """
    beats = track_beats(checked(sound), sample_rate)
    if beats.clarity < FAINT or len(beats.times_s) < BEATS + 2:
        return math.nan
    local_bpm = 60 / _periods(beats.times_s)
    low, middle, high = np.percentile(local_bpm, [5, 50, 95])
    return float(100 * (high - low) / 2 / middle)


def _periods(times_s: Times) -> Times:
    """The slope of each row of `BEATS` beats and the one after them, in seconds a beat."""
    rows = np.lib.stride_tricks.sliding_window_view(times_s, BEATS + 1)
    places = np.arange(BEATS + 1) - BEATS / 2
    return np.asarray(rows @ places / (places @ places), np.float64)


METRIC = SoundMetric(
    title="Tempo drift",
    unit="%",
    higher_is_better=False,
    ideal=0.0,
    needs="sound",
    requirement="R2",
    source="S1, requirement 2; beats after Ellis 2007",
    compute=tempo_drift,
    undefined_where="no beat, or fewer than eight of them",
)
