"""UMAP: sounds that an instrument hears as alike lie together, in clusters with space between.

UMAP compiles itself at its first use in a process, which takes half a minute on a laptop; later
ones take seconds. It is imported when a map is laid out and not before.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from timbrel.errors import UsageError
from timbrel.mapping.projections import FloatArray, Projection, pca

FEWEST_SOUNDS = 4
NEIGHBOURS = 30
MIN_DISTANCE = 0.3
NOISE = 1e-4  # of the map's half width


def fit(latents: FloatArray, seed: int = 0) -> FloatArray:
    """Lays latents out by UMAP, starting from their principal components.

    Thirty neighbours and a least distance of 0.3 spread the points more evenly than the method's
    own 15 and 0.1, so that there is something to pick between the sounds of one class. Starting
    from `pca` keeps the large-scale order and the orientation of the map stable (Kobak and
    Linderman, "Initialization is critical for preserving global data structure", 2021).

    Args:
        latents: [M, Z], M from 4 on, not all alike.
        seed: Of what it draws; the same seed gives the same map.

    Returns:
        Positions [M, 2].

    Raises:
        UsageError: With fewer than 4 sounds, or when all latents are alike.

    Source:
        McInnes, Healy and Melville, "UMAP: Uniform Manifold Approximation and Projection", 2018.
    """
    latents = np.asarray(latents, dtype=np.float32)
    _check(latents)
    with _quiet():
        from umap import UMAP

        model = UMAP(
            n_neighbors=min(NEIGHBOURS, len(latents) - 1),
            min_dist=MIN_DISTANCE,
            init=_start(latents, seed),
            random_state=seed,
            n_jobs=1,
        )
        return np.asarray(model.fit_transform(latents), dtype=np.float32)


def _check(latents: FloatArray) -> None:
    advice = "use the projection pca"
    if len(latents) < FEWEST_SOUNDS:
        raise UsageError(
            f"a UMAP of {len(latents)} sounds", f"at least {FEWEST_SOUNDS} sounds", advice
        )
    if np.ptp(latents, axis=0).max() == 0:
        raise UsageError("a UMAP of latents that are all alike", "latents that differ", advice)


def _start(latents: FloatArray, seed: int) -> FloatArray:
    """Principal components with a trace of noise, which sets copies of a sound apart."""
    positions = pca.fit(latents)
    noise = np.random.default_rng(seed).normal(0.0, NOISE, positions.shape)
    return np.asarray(positions / np.abs(positions).max() + noise, dtype=np.float32)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silences what UMAP says about packages it can do without; anything else is still heard."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=ImportWarning)
        warnings.filterwarnings("ignore", message=".*force_all_finite.*", category=FutureWarning)
        yield


PROJECTION = Projection(
    title="UMAP",
    source="McInnes, Healy and Melville 2018",
    fit=fit,
    note="the first UMAP of a session takes half a minute or more",
)
