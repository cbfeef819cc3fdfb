"""Bars: which of a sound's beats begins a group of four, and which a group of sixteen.

Beats of electronic music go by fours, and fours by fours: harmonies, patterns and instruments
change where such a group begins. So the first beat of a group is where, on average, what comes
next differs most from what came before.
"""

import torch
from torch import Tensor

BAR_BEATS = 4
GROUP_BEATS = 16


def first_of_group(level: Tensor, beats: Tensor) -> int:
    """Finds the beat that a group of sixteen begins with.

    Each beat is given what changes there in its group, from eight beats to the next eight, and,
    four times as much, what changes in its bar, from four beats to the next four. The beat with
    most begins the group.

    Args:
        level: A spectrogram in dB or any unit in proportion, [F, N].
        beats: How many beats have passed at each frame, rising, [N]; may begin anywhere.

    Returns:
        The number of a beat, 0 to 15: groups begin at that beat and every 16 after it; 0 where the
        sound is too short to tell.

    Source:
        Novelty between neighbouring stretches: Foote 2000, "Automatic audio segmentation using a
        measure of audio novelty"; groups of four by ours.

    Example:
        >>> beats = torch.arange(640) / 10.0
        >>> level = ((beats - 3) // 16 % 2)[None]
        >>> first_of_group(level, beats)
        3
    """
    first = int(beats[0].floor()) if len(beats) else 0
    means = _beat_means(level, beats - first)
    if len(means) < 2 * BAR_BEATS:
        return 0
    bars = _by_place(_novelty(means, BAR_BEATS), BAR_BEATS)
    groups = _by_place(_novelty(means, GROUP_BEATS // 2), GROUP_BEATS)
    most = (groups + 4 * bars.repeat(GROUP_BEATS // BAR_BEATS)).argmax()
    return (first + int(most)) % GROUP_BEATS


def _beat_means(level: Tensor, beats: Tensor) -> Tensor:
    """The mean spectrum of each whole beat, [beats, F]."""
    number = beats.floor().long()
    count = int(number[-1]) if len(number) else 0  # the last beat is not whole
    inside = number < count
    sums = level.new_zeros(count, level.shape[0])
    sums.index_add_(0, number[inside], level.t()[inside])
    return sums / torch.bincount(number[inside], minlength=count).clamp(min=1)[:, None]


def _novelty(means: Tensor, width: int) -> Tensor:
    """How much the beats from each one on differ from as many before it, [beats]; 0 at the ends."""
    sums = torch.cat([means.new_zeros(1, means.shape[1]), means.cumsum(0)])
    found = means.new_zeros(len(means))
    if len(means) >= 2 * width:
        inner = sums[width:-width]
        after, before = sums[2 * width :] - inner, inner - sums[: -2 * width]
        found[width : len(means) - width + 1] = (after - before).abs().mean(1) / width
    return found


def _by_place(novelty: Tensor, period: int) -> Tensor:
    """The mean of what is known at each place of a period, [period]."""
    padded = torch.nn.functional.pad(novelty, (0, -len(novelty) % period)).view(-1, period)
    return padded.sum(0) / (padded > 0).sum(0).clamp(min=1)
