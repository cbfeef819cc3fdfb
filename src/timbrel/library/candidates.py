"""Which pairs of many sounds may be copies of each other: nearest neighbours among sketches."""

import numpy as np
from numpy.typing import NDArray

from timbrel.signal.sketches import ASKING, SIZE, VIEWS

NEAR_DB = 1.6
"""Sketches further apart than this are no copies: those of lossy copies lie within 0.5 dB, of
trimmed ones within 0.7, of tonal sounds in Opus within 1.6."""

MOST = 5  # candidates of a sound: more copies than that find each other in chains
_ASKING_ROWS, _ASKED_ROWS = 512, 2048  # sounds at a time: some 70 MB


def near_pairs(sketches: NDArray[np.float16]) -> list[tuple[int, int]]:
    """Finds the pairs of sounds that have a sketch in common.

    Every sound asks with one sketch for the nearest among all sketches of all others.

    Args:
        sketches: [M, `VIEWS`, `SIZE`]; NaN for a sound that could not be heard.

    Returns:
        Pairs of places, the smaller first, sorted, each once.

    Example:
        >>> apart = np.arange(3)[:, None, None] * np.ones((1, VIEWS, SIZE))
        >>> apart[2] = apart[0]
        >>> near_pairs(apart.astype(np.float16))
        [(0, 2)]
    """
    pairs: set[tuple[int, int]] = set()
    for start in range(0, len(sketches), _ASKING_ROWS):
        asking = sketches[start : start + _ASKING_ROWS, ASKING].astype(np.float32)
        places, distances = _nearest(asking, start, sketches)
        for row, column in zip(*np.nonzero(distances < NEAR_DB**2), strict=True):
            one, other = start + int(row), int(places[row, column])
            pairs.add((min(one, other), max(one, other)))
    return sorted(pairs)


def _nearest(
    asking: NDArray[np.float32], start: int, sketches: NDArray[np.float16]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Places and squared distances of the `MOST` nearest sounds of each that asks."""
    places = np.zeros((len(asking), 0), dtype=np.int64)
    distances = np.zeros((len(asking), 0), dtype=np.float32)
    for first in range(0, len(sketches), _ASKED_ROWS):
        block = _distances(asking, sketches[first : first + _ASKED_ROWS])
        own = np.arange(len(asking)) + start - first
        inside = (own >= 0) & (own < block.shape[1])
        block[np.flatnonzero(inside), own[inside]] = np.inf
        numbers = np.broadcast_to(np.arange(first, first + block.shape[1]), block.shape)
        places = np.hstack([places, numbers])
        distances = np.hstack([distances, block])
        places, distances = _best(places, distances)
    return places, distances


def _distances(asking: NDArray[np.float32], sketches: NDArray[np.float16]) -> NDArray[np.float32]:
    """Squared distance of each that asks to the nearest sketch of each sound, [asking, sounds]."""
    rows = sketches.reshape(-1, SIZE).astype(np.float32)
    products = asking @ rows.T
    squares = np.square(rows).sum(axis=1) - 2 * products
    nearest = squares.reshape(len(asking), -1, VIEWS).min(axis=2)
    return np.asarray(nearest + np.square(asking).sum(axis=1)[:, None], dtype=np.float32)


def _best(
    places: NDArray[np.int64], distances: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    if distances.shape[1] <= MOST:
        return places, distances
    order = np.argpartition(distances, MOST - 1, axis=1)[:, :MOST]
    return np.take_along_axis(places, order, 1), np.take_along_axis(distances, order, 1)
