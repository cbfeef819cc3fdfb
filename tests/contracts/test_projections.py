"""What every projection promises. A new file in the room is walked at once."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from timbrel import plugins
from timbrel.mapping.projections import Projection

NAMES = plugins.names("mapping.projections")


_COMPILES = ("umap",)  # itself, at its first use; tests/mapping tries it always


@pytest.fixture(
    params=[
        pytest.param(name, marks=[pytest.mark.slow] if name in _COMPILES else []) for name in NAMES
    ]
)
def projection(request: pytest.FixtureRequest) -> Projection:
    loaded = plugins.load("mapping.projections", request.param)
    assert isinstance(loaded, Projection)
    return loaded


@pytest.fixture
def clusters(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    which = np.repeat(np.arange(3), 40)
    centres = np.eye(3, 12) * 12
    return (centres[which] + rng.normal(size=(120, 12))).astype(np.float32), which


def test_the_room_has_the_promised_ones() -> None:
    assert {"pca", "tsne", "umap"} <= set(NAMES)


def test_it_says_what_it_is(projection: Projection) -> None:
    assert projection.title
    assert any(character.isdigit() for character in projection.source), "the source has a year"


def test_only_the_slow_one_says_that_it_takes_long() -> None:
    notes = {name: plugins.load("mapping.projections", name).note for name in NAMES}
    assert "half a minute" in notes["umap"]
    assert notes["pca"] == ""


def test_one_finite_position_a_sound(projection: Projection, clusters: tuple) -> None:
    positions = projection.fit(clusters[0], 0)
    assert positions.shape == (120, 2)
    assert positions.dtype == np.float32
    assert np.isfinite(positions).all()


def test_the_same_seed_gives_the_same_map(projection: Projection, clusters: tuple) -> None:
    latents = clusters[0].copy()
    first = projection.fit(latents, 7)
    assert np.array_equal(first, projection.fit(latents, 7))
    assert np.array_equal(latents, clusters[0]), "the latents are left alone"


def test_clusters_that_lie_apart_stay_apart(projection: Projection, clusters: tuple) -> None:
    latents, which = clusters
    positions = projection.fit(latents, 0)
    distances = cdist(positions, positions) + np.eye(120) * 1e9
    assert (which[distances.argmin(axis=1)] == which).mean() > 0.97


@pytest.mark.parametrize("count", [4, 5, 17])
def test_few_sounds_suffice(projection: Projection, count: int, rng: np.random.Generator) -> None:
    positions = projection.fit(rng.normal(size=(count, 6)).astype(np.float32), 0)
    assert positions.shape == (count, 2)
    assert np.isfinite(positions).all()


@pytest.mark.parametrize("size", [1, 2])
def test_small_latents_suffice(projection: Projection, size: int, rng: np.random.Generator) -> None:
    positions = projection.fit(rng.normal(size=(30, size)).astype(np.float32), 0)
    assert positions.shape == (30, 2)
    assert np.isfinite(positions).all()


def test_copies_of_sounds_do_no_harm(projection: Projection, rng: np.random.Generator) -> None:
    latents = np.repeat(rng.normal(size=(3, 6)), 20, axis=0).astype(np.float32)
    assert np.isfinite(projection.fit(latents, 0)).all()
