"""The way back: from any point of a map to a latent inside the cloud that an instrument knows."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from timbrel.errors import UsageError
from timbrel.mapping.layout import FloatArray, SoundMap

NEIGHBOURS = 16
TINY = 1e-12  # keeps the weight of a sound finite at its own position
LEAST_WEIGHT = 1e-6  # a sound with less has no part in a mix that anyone hears


def latent_at(sound_map: SoundMap, points: ArrayLike) -> FloatArray:
    """Finds the latents that belong to points of a map.

    Each is a mean of the latents of the 16 nearest sounds, with weights that are never negative,
    so it always lies between sounds that the instrument knows. On a sound it is that sound's own
    latent; between sounds it changes without a jump, because a sound's weight reaches zero where
    another takes its place; outside the cloud it stays near the cloud's edge.

        weight
          |.
          | :        w = (R - d) / (R d)
          |  `-.         d: distance to the sound
          |     `--._    R: distance to the 17th nearest
          +----------R-- d

    Args:
        sound_map: The map.
        points: [K, 2], x then y, usually from 0 to 1; any finite number is answered.

    Returns:
        Latents [K, Z], float32.

    Raises:
        UsageError: When the points are not pairs of finite numbers.

    Source:
        Franke and Nielson, "Smooth interpolation of large sets of scattered data", 1980, the
        weights, here with exponent 1, which errs less on sounds that were held out.

    Example:
        >>> from timbrel.mapping.layout import lay_out
        >>> latents = np.array([[0.0, 1.0], [2.0, 1.0], [4.0, 5.0]], dtype=np.float32)
        >>> made = lay_out(latents, projection="pca", seed=0, ids="abc", labels="aab",
        ...                names="abc", instrument="drums")
        >>> latent_at(made, made.positions[2:]).round(4).tolist()
        [[4.0, 5.0]]
    """
    where = _checked(points)
    distances, neighbours = _nearest(sound_map, where)
    weights = _weights(distances, whole=len(sound_map) <= NEIGHBOURS)
    mixed = np.einsum("kn,knz->kz", weights, sound_map.latents[neighbours])
    return np.asarray(mixed, dtype=np.float32)


def neighbours(sound_map: SoundMap, point: ArrayLike) -> list[tuple[int, float]]:
    """Names the sounds whose latents `latent_at` mixes at a point, and how much of each.

    Args:
        sound_map: The map.
        point: [2], x then y.

    Returns:
        Pairs of an index into the map's ids, labels and names, and a weight; nearest first. The
        weights sum to 1; a weight below a millionth is left out.

    Raises:
        UsageError: When the point is not a pair of finite numbers.
    """
    distances, near = _nearest(sound_map, _checked(np.asarray(point)[None]))
    weights = _weights(distances, whole=len(sound_map) <= NEIGHBOURS)[0]
    heard = weights >= LEAST_WEIGHT
    shares = weights[heard] / weights[heard].sum()
    return list(zip(near[0, heard].tolist(), shares.tolist(), strict=True))


def _checked(points: ArrayLike) -> NDArray[np.float64]:
    try:
        where = np.asarray(points, dtype=np.float64)
    except (TypeError, ValueError):
        where = np.empty(0)
    if where.ndim != 2 or where.shape[1] != 2 or not np.isfinite(where).all():
        raise UsageError(f"points {_short(points)}", "pairs of finite numbers X,Y from 0 to 1")
    return where


def _short(points: Any) -> str:
    text = " ".join(str(points).split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def _nearest(
    sound_map: SoundMap, points: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Distances and indices [K, N] of the nearest sounds, and of the one after them if any."""
    ranks = np.arange(1, min(NEIGHBOURS + 1, len(sound_map)) + 1)
    distances, neighbours = sound_map.tree.query(points, k=ranks)
    return distances, neighbours


def _weights(distances: NDArray[np.float64], *, whole: bool) -> NDArray[np.float64]:
    """Convex weights [K, N]; `whole` when all sounds of the map take part and none comes next."""
    reach = np.inf if whole else distances[:, -1:] + TINY
    weights = (1 - distances / reach + TINY) / (distances + TINY)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
