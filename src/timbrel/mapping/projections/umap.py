"""UMAP: sounds that an instrument hears as alike lie together, in clusters with space between.

UMAP compiles itself at its first use in a process, which takes half a minute on a laptop; later
ones take seconds. It is imported when a map is laid out and not before.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from timbrel.errors import UsageError
from timbrel.mapping.projections import FloatArray, Projection, _large, pca
from timbrel.recipes import Options, option

FEWEST_SOUNDS = 4
NEIGHBOURS = 30
MIN_DISTANCE = 0.3
NOISE = 1e-4  # of the map's half width
LANDMARK_EPOCHS = 200
REFINING_EPOCHS = 30  # over all sounds, once the landmarks have given each its place
REFINING_NEIGHBOURS = 15
REFINING_RATE = 0.5


class UmapOptions(Options):
    """Settings of UMAP.

    Thirty neighbours and a least distance of 0.3 spread the points more evenly than the method's
    own 15 and 0.1, so that there is something to pick between the sounds of one class.
    """

    neighbours: int = option(
        NEIGHBOURS, "Sounds that count as near to one; many show the whole, few the detail.",
        low=2, high=200,
    )  # fmt: skip
    min_distance: float = option(
        MIN_DISTANCE, "How near to each other sounds may lie; 0 packs them.", low=0, high=0.99
    )


DEFAULT = UmapOptions()


def fit(latents: FloatArray, seed: int = 0, options: UmapOptions = DEFAULT) -> FloatArray:
    """Lays latents out by UMAP, starting from their principal components.

    Starting from `pca` keeps the large-scale order and the orientation of the map stable (Kobak
    and Linderman, "Initialization is critical for preserving global data structure", 2021).
    From 15,000 sounds on, 8,000 of them are laid out first, the others placed among them, and
    all moved on together for a few rounds, by their fifty principal components.

    Args:
        latents: [M, Z], M from 4 on, not all alike.
        seed: Of what it draws; the same seed gives the same map.
        options: Neighbours and least distance.

    Returns:
        Positions [M, 2].

    Raises:
        UsageError: With fewer than 4 sounds, or when all latents are alike.

    Source:
        McInnes, Healy and Melville, "UMAP: Uniform Manifold Approximation and Projection", 2018.
    """
    latents = np.asarray(latents, dtype=np.float32)
    check(latents, "a UMAP")
    if len(latents) < _large.LARGE:
        return _laid_out(latents, seed, options, None)
    latents = _large.reduced(latents)
    rough = _large.by_landmarks(
        latents, seed, lambda drawn: _laid_out(drawn, seed, options, LANDMARK_EPOCHS)
    )
    return _refined(latents, rough, seed, options)


def _laid_out(
    latents: FloatArray, seed: int, options: UmapOptions, epochs: int | None
) -> FloatArray:
    with _quiet():
        from umap import UMAP

        model = UMAP(
            n_neighbors=min(options.neighbours, len(latents) - 1),
            min_dist=options.min_distance,
            n_epochs=epochs,
            init=start(latents, seed),
            random_state=seed,
            n_jobs=1,
        )
        return np.asarray(model.fit_transform(latents), dtype=np.float32)


def _refined(latents: FloatArray, rough: FloatArray, seed: int, options: UmapOptions) -> FloatArray:
    """A few more rounds for all sounds, from their rough places on."""
    count = min(REFINING_NEIGHBOURS, options.neighbours)
    index, distance = _large.neighbours(latents, count, seed)
    noise = np.random.default_rng(seed).normal(0.0, NOISE, rough.shape) * np.ptp(rough)
    with _quiet():
        from umap import UMAP

        model = UMAP(
            n_neighbors=count,
            min_dist=options.min_distance,
            n_epochs=REFINING_EPOCHS,
            learning_rate=REFINING_RATE,
            init=np.asarray(rough + noise, dtype=np.float32),
            precomputed_knn=(index, distance, None),
            random_state=seed,
            n_jobs=1,
        )
        return np.asarray(model.fit_transform(latents), dtype=np.float32)


def check(latents: FloatArray, what: str) -> None:
    """Refuses what no method of neighbours can lay out.

    Args:
        latents: [M, Z].
        what: What is being made, such as "a UMAP".

    Raises:
        UsageError: With fewer than 4 sounds, or when all latents are alike.
    """
    advice = "use the projection pca"
    if len(latents) < FEWEST_SOUNDS:
        raise UsageError(
            f"{what} of {len(latents)} sounds", f"at least {FEWEST_SOUNDS} sounds", advice
        )
    if np.ptp(latents, axis=0).max() == 0:
        raise UsageError(f"{what} of latents that are all alike", "latents that differ", advice)


def start(latents: FloatArray, seed: int) -> FloatArray:
    """Gives principal components with a trace of noise, which sets copies of a sound apart.

    Args:
        latents: [M, Z], not all alike.
        seed: Of the noise.

    Returns:
        Positions [M, 2], within about -1..1.
    """
    positions = pca.fit(latents)
    noise = np.random.default_rng(seed).normal(0.0, NOISE, positions.shape)
    return np.asarray(positions / np.abs(positions).max() + noise, dtype=np.float32)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silences what UMAP says about packages it can do without; anything else is still heard."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=ImportWarning)
        warnings.filterwarnings("ignore", message=".*force_all_finite.*", category=FutureWarning)
        warnings.filterwarnings("ignore", message=".*precomputed_knn.*", category=UserWarning)
        yield


PROJECTION = Projection(
    title="UMAP",
    source="McInnes, Healy and Melville 2018",
    fit=fit,
    note="the first UMAP of a session takes half a minute or more",
    options=UmapOptions,
)
