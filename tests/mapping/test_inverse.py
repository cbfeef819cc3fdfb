"""The way back: exact on a sound, never outside the cloud, without jumps, true on held-out ones."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapping_clouds import cloud, mapped
from scipy.spatial import ConvexHull, Delaunay

from timbrel.errors import UsageError
from timbrel.mapping.inverse import latent_at, neighbours
from timbrel.mapping.layout import SoundMap


def without(sound_map: SoundMap, dropped: np.ndarray) -> SoundMap:
    kept = np.setdiff1d(np.arange(len(sound_map)), dropped)
    texts = {
        name: tuple(getattr(sound_map, name)[index] for index in kept)
        for name in ("ids", "labels", "names")
    }
    return replace(
        sound_map, positions=sound_map.positions[kept], latents=sound_map.latents[kept], **texts
    )


def test_a_point_on_a_sound_gives_that_sound(sound_map: SoundMap) -> None:
    assert latent_at(sound_map, sound_map.positions) == pytest.approx(sound_map.latents, abs=1e-5)


def test_a_point_typed_with_five_decimals_gives_the_sound(sound_map: SoundMap) -> None:
    points = sound_map.positions.astype(float).round(5)
    errors = np.abs(latent_at(sound_map, points) - sound_map.latents).max(axis=1)
    assert np.median(errors) < 0.01 * sound_map.latents.std()


def test_every_answer_lies_inside_the_convex_hull(rng: np.random.Generator) -> None:
    latents = rng.normal(size=(200, 2)).astype(np.float32)
    made = mapped(latents, ("a",) * 200)
    answers = latent_at(made, rng.uniform(-3, 4, (2000, 2)))
    hull = latents[ConvexHull(latents).vertices]
    middle = hull.mean(axis=0)
    assert (Delaunay(hull).find_simplex(middle + (answers - middle) * 0.9999) >= 0).all()


@settings(max_examples=50, deadline=None)
@given(
    st.integers(1, 60),
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=5),
    st.booleans(),
)
def test_any_point_of_any_map_is_answered_within_bounds(
    count: int, points: list[tuple[float, float]], crowded: bool
) -> None:
    latents = np.random.default_rng(count).normal(size=(count, 3)).astype(np.float32)
    made = mapped(latents, ("a",) * count)
    if crowded:  # many sounds at the very same place
        made = replace(made, positions=np.round(made.positions))
    answers = latent_at(made, points)
    assert (answers <= latents.max(axis=0) + 1e-5).all()
    assert (answers >= latents.min(axis=0) - 1e-5).all()
    longest = np.linalg.norm(latents, axis=1).max()
    assert (np.linalg.norm(answers, axis=1) <= longest * (1 + 1e-5)).all()


def test_there_is_no_jump_between_two_clusters(rng: np.random.Generator) -> None:
    near = rng.normal(size=(60, 4)) * 0.1
    made = mapped(np.concatenate([near, near + 10]).astype(np.float32), ("a",) * 60 + ("b",) * 60)
    start, end = made.positions[:60].mean(axis=0), made.positions[60:].mean(axis=0)
    steps = np.linspace(0, 1, 20_001)[:, None]
    path = latent_at(made, start + (end - start) * steps)
    assert np.isfinite(path).all()
    extent = np.linalg.norm(path[-1] - path[0])
    assert np.linalg.norm(np.diff(path, axis=0), axis=1).max() < 0.01 * extent


def test_a_point_far_outside_gives_the_nearest_edge(rng: np.random.Generator) -> None:
    latents = rng.uniform(-1, 1, (500, 2)).astype(np.float32) * [3, 1]
    made = mapped(latents.astype(np.float32), ("a",) * 500)
    right, left = latent_at(made, [[50.0, 0.5], [-50.0, 0.5]])
    axis = np.abs(right - left).argmax()
    ends = sorted([right[axis], left[axis]])
    assert ends[0] < np.quantile(latents[:, axis], 0.05)
    assert ends[1] > np.quantile(latents[:, axis], 0.95)


def test_held_out_sounds_are_found_better_than_by_their_nearest_neighbour(
    rng: np.random.Generator,
) -> None:
    latents, which = cloud(rng, 1000)
    made = mapped(latents, tuple(map(str, which)))
    dropped = rng.permutation(1000)[:100]
    table = without(made, dropped)
    points, truth = made.positions[dropped], latents[dropped]
    ours = np.square(latent_at(table, points) - truth).mean()
    nearest = table.latents[[neighbours(table, point)[0][0] for point in points]]
    assert ours < 0.8 * np.square(nearest - truth).mean()
    assert ours < 0.6 * np.square(truth - truth.mean(axis=0)).mean()


def test_on_a_sound_it_is_the_only_one_named(sound_map: SoundMap) -> None:
    for index in (0, 17, 399):
        assert neighbours(sound_map, sound_map.positions[index]) == [(index, 1.0)]


def test_the_neighbours_are_those_that_are_mixed(
    sound_map: SoundMap, rng: np.random.Generator
) -> None:
    for point in rng.uniform(-0.2, 1.2, (50, 2)):
        named, weights = zip(*neighbours(sound_map, point), strict=True)
        distances = np.linalg.norm(sound_map.positions - point, axis=1)
        assert distances[named[0]] == pytest.approx(distances.min())
        assert len(set(named)) == len(named) <= 16
        assert sum(weights) == pytest.approx(1)
        assert list(weights) == sorted(weights, reverse=True)
        mixed = np.array(weights) @ sound_map.latents[list(named)]
        assert latent_at(sound_map, [point])[0] == pytest.approx(mixed, abs=1e-4)


@pytest.mark.parametrize(
    "points", [[0.5, 0.5], [[0.5]], [[0.5, float("nan")]], [[float("inf"), 0]], "far", [["a", "b"]]]
)
def test_what_is_no_point_is_refused(points: object, sound_map: SoundMap) -> None:
    with pytest.raises(UsageError, match="X,Y"):
        latent_at(sound_map, points)  # type: ignore[arg-type]
