"""Layouts of latents in two dimensions as S3 made them, with the methods' own ways back.

UMAP is umap-learn's own here, started as its authors start it, because its inverse needs the whole
fitted model, which a projection of timbrel does not keep.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from timbrel.mapping.projections import tsne

FloatArray = NDArray[np.float32]
Inverse = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class Layout:
    """Latents laid out.

    Attributes:
        positions: [M, 2], each axis from 0 to 1, the outermost points at its ends, as S3 has it.
        inverse: (positions [K, 2]) -> latents [K, Z], the method's own; None where it has none.
    """

    positions: FloatArray
    inverse: Inverse | None


def by_pca(latents: FloatArray) -> Layout:
    """Lays latents out by their two principal components.

    Args:
        latents: [M, Z].

    Returns:
        The layout, with the linear inverse.
    """
    from sklearn.decomposition import PCA

    model = PCA(n_components=2, svd_solver="full").fit(latents)
    return _scaled(model.transform(latents), model.inverse_transform)


def by_tsne(latents: FloatArray, *, perplexity: float, iterations: int, seed: int) -> Layout:
    """Lays latents out by t-SNE, which has no inverse.

    Args:
        latents: [M, Z].
        perplexity: About how many neighbours count.
        iterations: Steps of its optimisation, 250 or more.
        seed: Seed of what it draws.

    Returns:
        The layout.
    """
    options = tsne.TsneOptions(perplexity=perplexity, iterations=iterations)
    return _scaled(tsne.fit(latents, seed, options), None)


def by_umap(latents: FloatArray, *, neighbours: int, min_distance: float, seed: int) -> Layout:
    """Lays latents out by UMAP, with the inverse of its own library.

    Args:
        latents: [M, Z].
        neighbours: How many neighbours count.
        min_distance: How near points may lie.
        seed: Seed of what it draws.

    Returns:
        The layout.
    """
    with quiet():
        from umap import UMAP

        model = UMAP(
            n_neighbors=min(neighbours, len(latents) - 1),
            min_dist=min_distance,
            random_state=seed,
            n_jobs=1,
        )
        found = model.fit_transform(latents)

    def inverse(points: FloatArray) -> Any:
        with quiet():
            return model.inverse_transform(points)

    return _scaled(found, inverse)


def _scaled(found: NDArray[Any], inverse: Callable[[Any], Any] | None) -> Layout:
    low = found.min(axis=0)
    extent = np.maximum(found.max(axis=0) - low, np.finfo(np.float32).tiny)
    positions = np.asarray((found - low) / extent, dtype=np.float32)
    if inverse is None:
        return Layout(positions, None)

    def scaled_inverse(points: FloatArray) -> FloatArray:
        back = inverse(np.asarray(points * extent + low, dtype=np.float32))
        return np.asarray(back, dtype=np.float32)

    return Layout(positions, scaled_inverse)


@contextmanager
def quiet() -> Iterator[None]:
    """Silences what UMAP says about packages it can do without and about its own seeds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
