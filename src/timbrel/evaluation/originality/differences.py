"""Differences: how far each moment of a sound is from each moment of a recording, block by block.

Two moments are as far apart as the nearest two windows that hold them at the same place, so that a
moment just before a cut is judged by what came before, one just after it by what follows::

                     cut
    output    a  a  a  |  b  b  b
    window   [-------]                 holds the last a, and knows nothing of b
    window             [-------]       holds the first b, and knows nothing of a
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from timbrel.evaluation.originality.moments import CONTEXT, HOP_S, PARTS, STRIDE, Moments

WHOLE = 0  # the first of the maps; parts from low to high follow
MAPS = 1 + PARTS
_CELLS = 1_500_000  # of one map worked on at once
_FEWEST_ROWS = 16


def width_of(recording: Moments) -> int:
    """Says how many places of a recording a moment may be compared with.

    Args:
        recording: Its windows, one a frame.

    Returns:
        The number of frames.
    """
    return len(recording) + STRIDE * (CONTEXT - 1)


def nearest_windows(
    output: Moments, recording: Moments, *, apart_s: float = 0.0, first_s: float = 0.0
) -> Iterator[Tensor]:
    """Measures moments against all moments of a recording, some rows at a time.

    Args:
        output: Windows every `STRIDE` frames.
        recording: Windows every frame.
        apart_s: Where the output is a part of the recording: how far from each other moments must
            lie, in seconds, to be compared; 0 compares all.
        first_s: Where in the recording the output begins, if it is a part of it, in seconds.

    Yields:
        Mean squared differences in dB², infinite where nothing can be compared, of the whole and
        of each part, [MAPS, rows, frames].
    """
    count = len(output) + CONTEXT - 1
    rows = max(_FEWEST_ROWS, _CELLS // width_of(recording))
    squares = recording.shapes_db.square().sum(dim=2)
    own = (round(apart_s / HOP_S), round(first_s / HOP_S))
    for start in range(0, count, rows):
        end = min(start + rows, count)
        begin = max(start - CONTEXT + 1, 0)
        asked = torch.arange(begin, min(end, len(output)))
        found = _differences(output, recording, asked, squares)
        _forget(found, asked, output, recording, own)
        yield _held(found, begin, start, end)


def _differences(output: Moments, recording: Moments, asked: Tensor, squares: Tensor) -> Tensor:
    """Mean squared differences of windows, [MAPS, asked, W]."""
    found = recording.shapes_db.new_empty(MAPS, len(asked), len(recording))
    size = recording.shapes_db.shape[2]
    total, cells = torch.zeros(2, len(asked), len(recording))
    for part in range(PARTS):
        shapes, own = output.shapes_db[part, asked], found[1 + part]
        torch.mm(shapes, recording.shapes_db[part].T, out=own)
        own.mul_(-2).add_(squares[part]).add_(shapes.square().sum(dim=1)[:, None])
        own.clamp_(min=0)
        means = output.means_db[part, asked][:, None] - recording.means_db[part]
        total.add_(own).add_(means.square_(), alpha=size)
        both = (output.cells[part, asked][:, None] + recording.cells[part]) / 2
        cells += both
        own.div_(both)
    torch.div(total, cells, out=found[WHOLE])
    return found


def _forget(
    found: Tensor, asked: Tensor, output: Moments, recording: Moments, own: tuple[int, int]
) -> None:
    """Makes infinite what is silent, or lies too near in a recording against itself."""
    found[:, :, ~recording.heard] = torch.inf
    found[:, ~output.heard[asked]] = torch.inf
    apart, first = own
    if apart:
        places = torch.arange(len(recording))
        near = (asked[:, None] * STRIDE + first - places).abs() < apart
        found.masked_fill_(near, torch.inf)


def _held(found: Tensor, begin: int, start: int, end: int) -> Tensor:
    """The least difference of all windows that hold a moment, [MAPS, end - start, frames].

    Moment i is the k-th of window i - k, frame j of a recording the k-th of window j - STRIDE k.
    """
    windows, places = found.shape[1:]
    least = found.new_full((MAPS, end - start, places + STRIDE * (CONTEXT - 1)), torch.inf)
    for k in range(CONTEXT):
        low, high = max(start, begin + k), min(end, begin + windows + k)
        if low < high:
            into = least[:, low - start : high - start, STRIDE * k : STRIDE * k + places]
            torch.minimum(into, found[:, low - k - begin : high - k - begin], out=into)
    return least


def along(
    output: Moments,
    recording: Moments,
    places: Tensor,
    *,
    apart_s: float = 0.0,
    first_s: float = 0.0,
) -> Tensor:
    """Measures moments against one place each, as `nearest_windows` measures all places.

    Args:
        output: Windows every `STRIDE` frames.
        recording: Windows every frame.
        places: A frame of the recording for each moment, [N].
        apart_s: As there.
        first_s: As there.

    Returns:
        Mean squared differences in dB², [MAPS, N].
    """
    found = torch.full((MAPS, len(places)), torch.inf)
    near = (torch.arange(len(places)) * STRIDE + round(first_s / HOP_S) - places).abs()
    allowed = near >= round(apart_s / HOP_S)
    for k in range(CONTEXT):
        window, place = torch.arange(len(places)) - k, places - STRIDE * k
        inside = (window >= 0) & (window < len(output)) & (place >= 0) & (place < len(recording))
        inside &= allowed
        inside[inside.clone()] = output.heard[window[inside]] & recording.heard[place[inside]]
        one = _pairs(output, recording, window[inside], place[inside])
        found[:, inside] = torch.minimum(found[:, inside], one)
    return found


def _pairs(output: Moments, recording: Moments, windows: Tensor, places: Tensor) -> Tensor:
    """Mean squared differences of pairs of windows, [MAPS, pairs]."""
    apart = output.shapes_db[:, windows] - recording.shapes_db[:, places]
    shapes = apart.square().sum(dim=2)
    means = (output.means_db[:, windows] - recording.means_db[:, places]).square()
    cells = (output.cells[:, windows] + recording.cells[:, places]) / 2
    whole = (shapes + apart.shape[2] * means).sum(dim=0) / cells.sum(dim=0)
    return torch.cat([whole[None], shapes / cells])
