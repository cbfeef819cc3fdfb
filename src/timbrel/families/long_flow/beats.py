"""The rows of a code that tell the beat, and the beat at each position of a detail."""

from typing import NamedTuple

import torch
from torch import Tensor

from timbrel.signal.bars import BAR_BEATS, GROUP_BEATS

SIDE_ROWS = 3
CELLS = 16  # that a bar is divided into
CYCLES = (1, 2, 4, 8, 16, 32, 64, 128)  # of a group of beats, that a position is told by


class Metre(NamedTuple):
    """The beat of some sounds.

    Attributes:
        beats: How many beats have passed at each position, [B, L].
        clarity: How clear the beat is, 0 to 1, [B, L].
    """

    beats: Tensor
    clarity: Tensor


def metre_of(code: Tensor, strip_frames: int) -> Metre:
    """Reads the steady beat of codes of the front end `metered`.

    The rows tell beats within groups of sixteen; here they count on, and through silence too.

    Args:
        code: Codes, [B, F + 3, N].
        strip_frames: S, frames of a position; the beat is that of a position's middle.

    Returns:
        The beat at each position; one every eight positions where the rows tell of none.
    """
    middle = slice(strip_frames // 2, None, strip_frames)
    count = -(-code.shape[2] // strip_frames)
    padded = torch.nn.functional.pad(
        code[:, -SIDE_ROWS:], (0, count * strip_frames - code.shape[2])
    )
    number, passed, clarity = padded.float()[:, :, middle].unbind(dim=1)
    place = (number * GROUP_BEATS).round() + passed
    heard = place + clarity > 0
    lines = [_line(one, known) for one, known in zip(place, heard, strict=True)]
    known = heard.sum(dim=1, keepdim=True).clamp(min=1)
    steady = (clarity * heard).sum(dim=1, keepdim=True) / known
    return Metre(torch.stack(lines), steady.expand_as(place))


def _line(place: Tensor, heard: Tensor) -> Tensor:
    """The straight line through places that are known up to a multiple of a group, [L]."""
    index = torch.arange(len(place), device=place.device, dtype=place.dtype)
    where = heard.nonzero()[:, 0]
    if len(where) < 2:
        return index / 8
    steps = place[where[1:]] - place[where[:-1]]
    gaps = (where[1:] - where[:-1]).to(place)
    pace = ((steps % GROUP_BEATS) / gaps)[gaps == gaps.min()].median()
    guess = place[where[0]] + pace * (index[where] - index[where[0]])
    full = place[where] + GROUP_BEATS * ((guess - place[where]) / GROUP_BEATS).round()
    x, y = index[where].double(), full.double()
    slope = ((x - x.mean()) * (y - y.mean())).sum() / (x - x.mean()).square().sum()
    return (y.mean() + slope * (index - x.mean())).to(place)


def rows_of(metre: Metre, strip_frames: int) -> Tensor:
    """Writes the rows of a code, as `metre_of` reads them.

    Args:
        metre: The beat at each of L positions.
        strip_frames: S.

    Returns:
        Rows, [B, 3, L * S].

    Example:
        >>> beats = torch.arange(8.0)[None] / 3
        >>> rows = rows_of(Metre(beats, torch.ones(1, 8)), 4)
        >>> torch.allclose(metre_of(rows, 4).beats, beats, atol=1e-4)
        True
    """
    beats = metre.beats
    step = (
        beats.diff(dim=1, append=2 * beats[:, -1:] - beats[:, -2:-1]) if beats.shape[1] > 1 else 0
    )
    within = (torch.arange(strip_frames, device=beats.device) - strip_frames // 2) / strip_frames
    frames = (
        beats[:, :, None] + (step * beats.new_ones(beats.shape))[:, :, None] * within
    ).flatten(1)
    place = frames % GROUP_BEATS
    clarity = metre.clarity.repeat_interleave(strip_frames, dim=1)
    return torch.stack([place.floor() / GROUP_BEATS, place % 1.0, clarity], dim=1)


def cell_of(beats: Tensor) -> Tensor:
    """Says which sixteenth of a bar each position falls into.

    Args:
        beats: Beats that have passed, [B, L].

    Returns:
        Numbers 0 to 15, int64 [B, L].
    """
    return ((beats / BAR_BEATS % 1.0) * CELLS).long().clamp(0, CELLS - 1)


def clock(metre: Metre) -> Tensor:
    """Tells positions within bars and groups by sines and cosines, as clearly as the beat is.

    Args:
        metre: The beat.

    Returns:
        [B, L, 17]: sine and cosine of eight cycles, and the clarity.

    Example:
        >>> clock(Metre(torch.zeros(2, 5), torch.ones(2, 5))).shape
        torch.Size([2, 5, 17])
    """
    cycles = torch.tensor(CYCLES, device=metre.beats.device) * (2 * torch.pi / GROUP_BEATS)
    angles = (metre.beats % GROUP_BEATS)[:, :, None] * cycles
    waves = torch.cat([angles.sin(), angles.cos()], dim=2) * metre.clarity[:, :, None]
    return torch.cat([waves, metre.clarity[:, :, None]], dim=2)


def neighbours(beats: Tensor, apart: float) -> Tensor:
    """Finds the positions that lie so many beats before and after each.

    Args:
        beats: Beats that have passed, rising, [B, L].
        apart: How many beats.

    Returns:
        Positions, int64 [B, 2, L]; L stands for "outside".

    Example:
        >>> neighbours(torch.arange(5.0)[None] / 2, 1.0)[0]
        tensor([[5, 5, 0, 1, 2],
                [2, 3, 4, 5, 5]])
    """
    length = beats.shape[1]
    if length < 2:
        return torch.full((len(beats), 2, length), length, device=beats.device)
    wanted = torch.stack([beats - apart, beats + apart], dim=1).contiguous()
    rising = beats[:, None].expand_as(wanted).contiguous()
    after = torch.searchsorted(rising, wanted).clamp(1, length - 1)
    low, high = rising.gather(2, after - 1), rising.gather(2, after)
    nearest = torch.where(wanted - low < high - wanted, after - 1, after)
    half = (beats[:, -1:] - beats[:, :1]) / (2 * (length - 1))  # half the mean step
    inside = (wanted > beats[:, :1, None] - half[:, :, None]) & (
        wanted < beats[:, -1:, None] + half[:, :, None]
    )
    return torch.where(inside, nearest, length)
