"""Placing: where a new sound belongs on a map whose other sounds stay where they are."""

import numpy as np
from numpy.typing import NDArray

from timbrel.mapping.projections import FloatArray

NEIGHBOURS = 10
BLOCK_ROWS = 1024
CELLS = 2**24  # distances at a time: some 250 MB
TINY = 1e-12


def place(known: FloatArray, positions: FloatArray, new: FloatArray) -> FloatArray:
    """Places new latents among known ones, by the known ones that lie nearest in latent space.

    The ten nearest vote with weights that fall with the square of their distance. Where they lie
    in several parts of the map, a mean would fall in the gap between: so the one whose place is
    nearest to all the others' is found first, and only those about as near to it as half the
    votes are then averaged. Each new latent is placed alone, so the order of arrival
    changes nothing, and a latent that is known already gets the very place that it has.

    Args:
        known: Latents that have a place, [M, Z], M from 1 on.
        positions: Their places, [M, 2].
        new: Latents to place, [K, Z].

    Returns:
        Places [K, 2], each inside the hull of places there are.

    Source:
        Poličar, Stražar and Zupan, "openTSNE", Journal of Statistical Software, 2024, whose
        placing of new points starts from the neighbours' median in the same way.

    Example:
        >>> known = np.array([[0.0], [1.0], [9.0]], dtype=np.float32)
        >>> place(known, np.array([[0.1, 0.1], [0.2, 0.2], [0.9, 0.9]]), known[1:2]).tolist()
        [[0.20000000298023224, 0.20000000298023224]]
    """
    parts = [np.empty((0, 2), dtype=np.float32)]
    for start in range(0, len(new), BLOCK_ROWS):
        distances, near = nearest(known, new[start : start + BLOCK_ROWS], NEIGHBOURS)
        weights = 1 / (distances**2 + TINY * (1 + distances[:, -1:] ** 2))
        parts.append(_in_the_crowd(positions[near], weights))
    return np.concatenate(parts)


def nearest(
    known: FloatArray, asked: FloatArray, count: int
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Finds the known latents nearest to each of some others, comparing all.

    Args:
        known: [M, Z].
        asked: [K, Z].
        count: How many each, M at most.

    Returns:
        Distances and indices, [K, count], nearest first; a latent that is known is at 0.

    Example:
        >>> nearest(np.array([[0.0], [3.0]]), np.array([[2.0]]), 2)[1].tolist()
        [[1, 0]]
    """
    count = min(count, len(known))
    squares, rows = (known**2).sum(axis=1), max(1, CELLS // len(known))
    parts = [asked[start : start + rows] for start in range(0, max(len(asked), 1), rows)]
    near = np.concatenate([_roughly(known, squares, part, count) for part in parts])
    # The short form above loses digits; what is kept is measured again in full.
    gaps = known[near].astype(np.float64) - asked[:, None]
    exact = np.sqrt((gaps**2).sum(axis=2))
    order = np.argsort(exact, axis=1, kind="stable")
    return np.take_along_axis(exact, order, 1), np.take_along_axis(near, order, 1)


def _roughly(
    known: FloatArray, squares: FloatArray, asked: FloatArray, count: int
) -> NDArray[np.intp]:
    """Indices [K, count] of the nearest, in no order; near ties may be told wrong."""
    rough = squares[None] - 2 * asked @ known.T
    return np.argpartition(rough, count - 1, axis=1)[:, :count]


def _in_the_crowd(places: FloatArray, weights: NDArray[np.float64]) -> FloatArray:
    """Means [K, 2] of the places [K, N, 2] that lie around the medoid of each row."""
    apart = np.linalg.norm(places[:, :, None] - places[:, None], axis=3)
    medoid = (apart * weights[:, None]).sum(axis=2).argmin(axis=1)
    rows = np.arange(len(places))
    away = apart[rows, medoid]
    votes = weights * (away <= _middle(away, weights)[:, None])
    mean = (places * votes[..., None]).sum(axis=1) / votes.sum(axis=1, keepdims=True)
    return np.asarray(mean, dtype=np.float32)


def _middle(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weighted median of each row."""
    order = np.argsort(values, axis=1)
    share = np.cumsum(np.take_along_axis(weights, order, 1), axis=1)
    rank = (share < 0.5 * share[:, -1:]).sum(axis=1)
    return np.asarray(np.take_along_axis(values, order, 1)[np.arange(len(values)), rank])
