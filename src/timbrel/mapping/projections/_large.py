"""Large libraries: fewer numbers a sound, landmarks first, the neighbours of all by cells."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from timbrel.mapping import placing
from timbrel.mapping.projections import FloatArray

LARGE = 15_000  # from here on sounds are laid out by landmarks
LANDMARKS = 8_000
DIMENSIONS = 50
CELLS, PROBES = 400, 12
ROUNDS = 3
BLOCK_ROWS = 8192


def reduced(latents: FloatArray) -> FloatArray:
    """Keeps the fifty directions in which latents differ most.

    Args:
        latents: [M, Z].

    Returns:
        [M, 50], or the latents themselves where Z is 50 or less.
    """
    if latents.shape[1] <= DIMENSIONS:
        return latents
    centred = latents - latents.mean(axis=0)
    vectors = np.linalg.eigh((centred.T @ centred).astype(np.float64))[1]
    return np.asarray(centred @ vectors[:, ::-1][:, :DIMENSIONS], dtype=np.float32)


def by_landmarks(
    latents: FloatArray, seed: int, fit: Callable[[FloatArray], FloatArray]
) -> FloatArray:
    """Lays out some sounds, drawn at random, and places all others among them.

    Args:
        latents: [M, Z], more than `LANDMARKS`.
        seed: Of which are drawn.
        fit: Lays out the drawn ones, [L, Z] -> [L, 2].

    Returns:
        Positions [M, 2].
    """
    order = np.random.default_rng(seed).permutation(len(latents))
    drawn, others = order[:LANDMARKS], order[LANDMARKS:]
    positions = np.empty((len(latents), 2), dtype=np.float32)
    positions[drawn] = fit(latents[drawn])
    positions[others] = placing.place(latents[drawn], positions[drawn], latents[others])
    return positions


def neighbours(
    latents: FloatArray, count: int, seed: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Finds nearly all nearest neighbours: those in the twelve cells around a sound's own.

    Args:
        latents: [M, Z], some thousands or more.
        count: How many each, the sound itself included.
        seed: Of the cells' first centres.

    Returns:
        Indices and distances, [M, count], nearest first, the sound itself at 0.

    Source:
        Jégou, Douze and Schmid, "Product quantization for nearest neighbor search", 2011: the
        inverted file, here without the quantiser.
    """
    centres, own = _cells(latents, seed)
    members = [np.flatnonzero(own == cell) for cell in range(len(centres))]
    near = placing.nearest(centres, centres, PROBES)[1]
    index = np.empty((len(latents), count), dtype=np.int32)
    distance = np.empty((len(latents), count), dtype=np.float32)
    for cell, asked in enumerate(members):
        candidates = np.concatenate([members[other] for other in near[cell]])
        for rows in np.array_split(asked, -(-len(asked) // placing.BLOCK_ROWS) or 1):
            found = placing.nearest(latents[candidates], latents[rows], count)
            distance[rows], index[rows] = found[0], candidates[found[1]]
    return index, distance


def _cells(latents: FloatArray, seed: int) -> tuple[FloatArray, NDArray[np.intp]]:
    """Centres [C, Z] by a few rounds of k-means, and the cell of each latent [M]."""
    centres = np.random.default_rng(seed).permutation(latents)[:CELLS]
    own = _cell_of(latents, centres)
    for _ in range(ROUNDS):
        counts = np.bincount(own, minlength=len(centres))
        sums = np.stack(
            [np.bincount(own, weights=column, minlength=len(centres)) for column in latents.T], 1
        )
        means = sums / np.maximum(counts, 1)[:, None]
        centres = np.where(counts[:, None] > 0, means, centres).astype(np.float32)
        own = _cell_of(latents, centres)
    return centres, own


def _cell_of(latents: FloatArray, centres: FloatArray) -> NDArray[np.intp]:
    squares = (centres**2).sum(axis=1)
    blocks = (latents[start : start + BLOCK_ROWS] for start in range(0, len(latents), BLOCK_ROWS))
    return np.concatenate([(squares - 2 * block @ centres.T).argmin(axis=1) for block in blocks])
