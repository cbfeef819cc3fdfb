"""Integration of a phase from its slopes, the loudest cells first; compiled at its first use.

A cell's phase follows from a neighbour's: the loudest cell begins, and of all cells reached so far
the loudest one hands its phase on to those around it::

        frames
      . . . . .        3  the loudest: phase 0
      . . 2 . .        2  reached from it, along time or along frequency
      . 2 3 2 .        .  not reached yet
      . . 2 . .

Loudness is sorted into shelves of a fortieth of a decibel, so that finding the next cell takes the
same short time however many wait, where a heap's time grows. numba keeps what it compiled beside
this file or in the user's cache; where neither can be written it compiles in each process.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

_SHELVES = 8192


def _compiled(function: Callable[..., Any]) -> Any:
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no folder for what was compiled can be written
        return njit(nogil=True)(function)


def integrate(
    loudness: NDArray[np.float32],
    along_time: NDArray[np.float32],
    along_frequency: NDArray[np.float32],
    advance: NDArray[np.float64],
    begun: NDArray[np.float64] | None = None,
) -> NDArray[np.float32]:
    """Finds phases whose differences between neighbours are the slopes given.

    Args:
        loudness: Which cells go first, 0..1, [N, F]; cells of 0 keep the phase 0.
        along_time: Slope from one frame to the next in turns, beside `advance`, [N, F].
        along_frequency: Slope from one bin to the next in turns, [N, F].
        advance: What each bin's own frequency turns from one frame to the next, [F].
        begun: Phases in turns of cells where they are known, from which others follow, and NaN
            elsewhere, [N, F]; None where none is known.

    Returns:
        Phases in turns, 0..1, [N, F].

    Source:
        Průša, Balazs & Søndergaard, "A noniterative method for reconstruction of phase from STFT
        magnitude", IEEE/ACM TASLP 2017, algorithm 1, with the trapezoidal rule.

    Example:
        >>> loudness, flat = np.ones((3, 1), np.float32), np.zeros((3, 1), np.float32)
        >>> integrate(loudness, flat, flat, np.array([0.25])).ravel()
        array([0.  , 0.25, 0.5 ], dtype=float32)
    """
    shelf = np.ceil(loudness * (_SHELVES - 1)).astype(np.int32) - 1
    slopes = (np.ascontiguousarray(along_time), np.ascontiguousarray(along_frequency))
    # Stable, so that of equally loud cells the earliest begins.
    order = np.argsort(-shelf.ravel(), kind="stable").astype(np.int32)
    order = order[: np.count_nonzero(shelf >= 0)]
    turns = np.full(shelf.shape, np.nan) if begun is None else begun.astype(np.float64)
    turns[shelf < 0] = 0.0  # too soft to matter
    _spread_all(order, shelf, *slopes, advance, turns)
    wrapped: NDArray[np.float32] = (turns % 1).astype(np.float32)
    return wrapped


@_compiled
def _put(cell: Any, frame: Any, bin_: Any, shelf: Any, first: Any, after: Any) -> Any:
    """Puts a cell that was reached on its shelf, and says which that is; -1 where it was before."""
    place = shelf[frame, bin_]
    if place >= 0:
        after[cell], first[place] = first[place], cell
        shelf[frame, bin_] = -1
    return place


@_compiled
def _begin(order: Any, shelf: Any, first: Any, after: Any, turns: Any) -> Any:
    """Puts all cells whose phase is known on their shelves, and says which is the highest."""
    top, bins = -1, shelf.shape[1]
    for seed in order:
        frame, bin_ = seed // bins, seed % bins
        if np.isnan(turns[frame, bin_]):
            turns[frame, bin_] = 0.0
        else:
            top = max(top, _put(seed, frame, bin_, shelf, first, after))
    return top


@_compiled
def _spread_all(
    order: Any, shelf: Any, along_time: Any, along_frequency: Any, advance: Any, turns: Any
) -> None:
    """Hands phases on, loudest cells first; the shelves are emptied on the way.

    Cells whose phase is known begin all together; what is not a number yet is found.
    """
    bins = shelf.shape[1]
    first = np.full(_SHELVES, -1, np.int32)  # on each shelf; -1: none
    after = np.empty(shelf.size, np.int32)  # the next on the same shelf
    top = _begin(order, shelf, first, after, turns)
    for seed in order:
        top = max(top, _put(seed, seed // bins, seed % bins, shelf, first, after))
        while top >= 0:
            cell = first[top]
            if cell < 0:
                top -= 1
                continue
            first[top] = after[cell]
            frame, bin_ = cell // bins, cell % bins
            for step, up in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                to_frame, to_bin = frame + step, bin_ + up
                if not (0 <= to_frame < shelf.shape[0] and 0 <= to_bin < bins):
                    continue
                if shelf[to_frame, to_bin] < 0:
                    continue
                slope = along_time if step else along_frequency
                middle = 0.5 * (slope[frame, bin_] + slope[to_frame, to_bin])
                turn = step * (advance[bin_] + middle) + up * middle
                turns[to_frame, to_bin] = turns[frame, bin_] + turn
                reached = to_frame * bins + to_bin
                top = max(top, _put(reached, to_frame, to_bin, shelf, first, after))
