"""Originals: a recording heard once, with what counts as near in it, and how it repeats itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from timbrel.evaluation.originality.copy_maps import (
    CopyMap,
    Floats,
    Traced,
    Yardstick,
    put_together,
    traced,
)
from timbrel.evaluation.originality.differences import MAPS, nearest_windows
from timbrel.evaluation.originality.echoes import echo_differences, noise_differences
from timbrel.evaluation.originality.moments import (
    SAMPLE_RATE,
    STRIDE,
    Moments,
    checked,
    hear,
    joined,
    monaural,
)
from timbrel.signal.files import Sound

APART_S = 1.0  # nearer to each other, moments of one recording are not another passage
SAME, OTHER = 98.0, 5.0  # percentiles: of echoes that are found, of other passages that are not
LEAST_RISE = 1.5  # thresholds from a copy to what is new, where a recording repeats itself
LEAST_DB = 1.0  # the difference that no ear hears
BELOW_NOISE = 0.9  # of how near two draws of one noise come to each other
EXCERPTS, EXCERPT_S = 10, 6.0  # of a long recording, that are held against all of it
_FEWEST = 20


@dataclass(frozen=True, eq=False)
class Original:
    """A recording, ready for sounds to be held against it.

    Attributes:
        moments: Its windows, one every 10 ms.
        sample_rate: The lowest rate of all sounds that are compared, in Hz.
        duration_s: How long it is, in seconds; several recordings stand end to end.
        yardstick: What counts as near.
        itself: The recording against the rest of it: whatever lies within a second does not count.
            Of one longer than a minute, ten stretches of it.
    """

    moments: Moments
    sample_rate: int
    duration_s: float
    yardstick: Yardstick
    itself: CopyMap


def original(recordings: Sequence[Sound], *, sample_rate: int, seed: int) -> Original:
    """Hears a recording, and finds what counts as near in it.

    What is nearer than half-way between two distances is copied: that of a recording to its echo
    (which 98 % of its moments do not exceed) and that of a moment to the nearest one of another
    passage (5 % are nearer, not counting repeats, which are as near as the echo). Where all repeats
    there is no other passage, and the echo alone decides.

    Args:
        recordings: One, or a few that were learned from together; ten minutes in all.
        sample_rate: The lowest rate in Hz of the recordings and of all sounds that shall be held
            against them: what it cannot hold is left out throughout.
        seed: Seed of the echo.

    Returns:
        The recording, its yardstick, and it against itself.

    Raises:
        UsageError: When a recording is too short or too long, silent, or not finite.

    Example:
        >>> noise = torch.randn(1, 32_000, generator=torch.Generator().manual_seed(0))
        >>> found = original([Sound(noise, 16_000)], sample_rate=16_000, seed=0)
        >>> round(found.duration_s, 1), found.itself.ratio
        (2.0, 0.0)
    """
    samples = joined(recordings)
    moments = hear(samples, sample_rate=sample_rate, stride=1)
    asked = list(_asked(samples, sample_rate))
    echoes = echo_differences(samples, sample_rate=sample_rate, seed=seed).double().numpy()
    others = torch.cat([_others(part, moments, first_s) for first_s, part in asked], dim=1)
    noise = noise_differences(sample_rate=sample_rate, seed=seed).double().numpy()
    yardstick = _yardstick(echoes, others.double().numpy(), noise)
    itself = [_itself(part, moments, yardstick, first_s) for first_s, part in asked]
    return Original(
        moments, sample_rate, len(samples) / SAMPLE_RATE, yardstick, put_together(itself)
    )


def _asked(samples: Tensor, sample_rate: int) -> Iterator[tuple[float, Moments]]:
    """What is held against the whole, and where it begins in s."""
    size = round(EXCERPT_S * SAMPLE_RATE)
    if len(samples) <= EXCERPTS * size:
        yield 0.0, hear(samples, sample_rate=sample_rate, stride=STRIDE)
        return
    step = SAMPLE_RATE // 10  # begins with a moment, wherever it is cut
    for start in torch.linspace(0, len(samples) - size, EXCERPTS).div(step).long().mul(step):
        part = samples[int(start) : int(start) + size]
        yield float(start) / SAMPLE_RATE, hear(part, sample_rate=sample_rate, stride=STRIDE)


def _itself(part: Moments, whole: Moments, yardstick: Yardstick, first_s: float) -> CopyMap:
    """The map of a part against other passages; a moment that has none is not judged."""
    found = traced(part, whole, yardstick, apart_s=APART_S, first_s=first_s)
    has_others = np.isfinite(found.nearest[0])
    return replace(found.maps[0], audible=found.maps[0].audible & has_others)


def _others(part: Moments, whole: Moments, first_s: float) -> Tensor:
    """How far audible moments are from the nearest one of another passage, in dB, [MAPS, N]."""
    rows = nearest_windows(part, whole, apart_s=APART_S, first_s=first_s)
    return torch.cat([squares.amin(dim=2).sqrt() for squares in rows], dim=1)[:, part.audible]


def _yardstick(echoes: Floats, others: Floats, noise: Floats) -> Yardstick:
    most = (BELOW_NOISE * noise.min(axis=1)).tolist()
    pairs = [_limits(echoes[number], others[number], most[number]) for number in range(MAPS)]
    return Yardstick(tuple(low for low, _ in pairs), tuple(high for _, high in pairs))


def _limits(echoes: Floats, others: Floats, most: float) -> tuple[float, float]:
    """Below which distance a moment is copied, and from which on it is new, in dB."""
    same = min(max(float(np.percentile(echoes, SAME)), LEAST_DB), most) if len(echoes) else LEAST_DB
    passages = others[np.isfinite(others) & (others > same)]
    if len(passages) < _FEWEST:
        return same, LEAST_RISE * same
    threshold = min((same + float(np.percentile(passages, OTHER))) / 2, most)
    return threshold, max(float(np.median(passages)), LEAST_RISE * threshold)


def held_against(found: Original, sound: Sound) -> Traced:
    """Explains a sound as pieces of a recording.

    Args:
        found: The recording.
        sound: A sound of half a second to ten minutes; channels are mixed.

    Returns:
        Its copy map, those of its parts, and how near it is.

    Raises:
        UsageError: When it is too short or too long, or not finite.
    """
    samples = monaural(checked(sound, "the sound"))
    return traced(
        hear(samples, sample_rate=found.sample_rate, stride=STRIDE), found.moments, found.yardstick
    )
