"""New sounds find their place and move no other; what lies outside is held at the edge."""

import math
from dataclasses import replace

import numpy as np
import pytest
from mapping_clouds import cloud, mapped
from sklearn.neighbors import NearestNeighbors

from timbrel.errors import InstrumentError, UsageError
from timbrel.mapping import edge, mixing, placing
from timbrel.mapping.layout import SoundMap, extended, open_map, save
from timbrel.mapping.placing import nearest, place
from timbrel.mapping.projections import _large, tsne
from timbrel.tasks import ingredients


def test_nearest_agrees_with_scikit_learn(rng: np.random.Generator) -> None:
    known, asked = rng.normal(size=(300, 20)), rng.normal(size=(40, 20))
    theirs = NearestNeighbors(n_neighbors=7).fit(known).kneighbors(asked)
    ours = nearest(known.astype("f4"), asked.astype("f4"), 7)
    assert ours[0] == pytest.approx(theirs[0], abs=1e-4)
    assert (ours[1] == theirs[1]).mean() > 0.99


def test_neighbours_by_cells_are_nearly_all_of_the_true_ones(rng: np.random.Generator) -> None:
    latents, _ = cloud(rng, 3000)
    index, distance = _large.neighbours(latents, 8, 0)
    true = nearest(latents, latents[:200], 8)[1]
    found = [len(set(a) & set(b)) / 8 for a, b in zip(index[:200].tolist(), true, strict=True)]
    assert np.mean(found) > 0.9
    assert distance[:, 0] == pytest.approx(np.zeros(3000), abs=1e-5)


def test_many_known_sounds_are_compared_in_parts_with_the_same_answer(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, asked = rng.normal(size=(300, 20)).astype("f4"), rng.normal(size=(40, 20)).astype("f4")
    once = nearest(known, asked, 7)
    monkeypatch.setattr(placing, "CELLS", 900)  # three rows at a time
    for whole, parted in zip(once, nearest(known, asked, 7), strict=True):
        assert np.array_equal(whole, parted)
    assert nearest(known, asked[:0], 7)[1].shape == (0, 7)


def test_where_all_sounds_lie_in_one_place_the_note_stays_short() -> None:
    alone = mapped(np.ones((1, 4), dtype="f4"), ("a",))
    assert edge.held(alone, (0.9, 0.9)) == edge.Held((0.5, 0.5), math.inf)
    assert edge.held_latent(alone, np.full(4, 9, dtype="f4"))[1] == math.inf
    assert len(ingredients.of_point(alone, (0.9, 0.9)).note) < 200


def test_a_new_sound_lies_among_those_of_its_class(rng: np.random.Generator) -> None:
    latents, which = cloud(rng, 600)
    made = mapped(latents[:500], tuple(map(str, which[:500])))
    places = place(made.latents, made.positions, latents[500:])
    own = which[:500][made.tree.query(places)[1]]
    assert (own == which[500:]).mean() > 0.9


def test_old_sounds_stay_to_the_last_byte_and_order_changes_nothing(
    rng: np.random.Generator, tmp_path: object
) -> None:
    latents, which = cloud(rng, 60)
    made = mapped(latents[:40], tuple(map(str, which[:40])))
    texts = [f"new{number}" for number in range(20)]
    once = extended(made, latents[40:], ids=texts, labels=[""] * 20, names=texts)
    first = extended(made, latents[40:50], ids=texts[:10], labels=[""] * 10, names=texts[:10])
    twice = extended(first, latents[50:], ids=texts[10:], labels=[""] * 10, names=texts[10:])
    assert once.positions[:40].tobytes() == made.positions.tobytes()
    assert once.positions.tobytes() == twice.positions.tobytes()
    assert (once.added, once.placed, once.library_sounds) == (20, 20, 60)
    save(once, tmp_path / "grown.map")  # type: ignore[operator]
    back = open_map(tmp_path / "grown.map")  # type: ignore[operator]
    assert (back.added, back.placed, back.ids) == (20, 20, once.ids)
    with pytest.raises(InstrumentError, match="as on the map"):
        extended(made, np.ones((1, 3)), ids=["a"], labels=[""], names=["a"])


def test_a_point_inside_stays_and_one_outside_goes_to_the_edge(sound_map: SoundMap) -> None:
    inside = tuple(sound_map.positions[7].astype(float))
    assert edge.held(sound_map, inside) == edge.Held(inside)
    corner = min([(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)],
                 key=lambda point: -sound_map.tree.query(point)[0])  # fmt: skip
    held = edge.held(sound_map, corner)
    before, after = (sound_map.tree.query(point)[0] for point in (corner, held.point))
    assert held.outside == pytest.approx(before / sound_map.spacing)
    assert held.outside > edge.REACH
    assert after <= sound_map.spacing * 1.0001


def test_a_latent_far_away_is_drawn_to_where_sounds_are(
    sound_map: SoundMap, rng: np.random.Generator
) -> None:
    same, outside = edge.held_latent(sound_map, sound_map.latents[3])
    assert outside == 0
    assert np.array_equal(same, sound_map.latents[3])
    far = sound_map.latents[3] + 100 * rng.normal(size=16).astype("f4")
    held, outside = edge.held_latent(sound_map, far)
    distance = np.linalg.norm(sound_map.latents - held, axis=1).min()
    assert outside > 10
    assert distance <= sound_map.latent_spacing * 1.001


def test_a_mix_is_the_arithmetic_that_it_says(rng: np.random.Generator) -> None:
    a, b, c, middle = rng.normal(size=(4, 5)).astype("f4")
    table = np.stack([a, b, c])

    def mixed(*weights: float) -> np.ndarray:
        return mixing.mix(table, mixing.shares(3, weights), middle)

    assert mixed(1, 1, 1) == pytest.approx(table.mean(axis=0), abs=1e-6)
    assert mixed(3, 1, 0) == pytest.approx(0.75 * a + 0.25 * b, abs=1e-6)
    assert mixed(1, -1, 1) == pytest.approx(a - b + c, abs=1e-5)
    assert mixed(2, -1, 0) == pytest.approx(2 * a - b, abs=1e-5)
    assert mixed(1, -1, 0) == pytest.approx(middle + a - b, abs=1e-5)


@pytest.mark.parametrize("weights", [(1.0,), (0.0, 0.0), (1.0, float("nan"))])
def test_weights_that_cannot_be_are_refused(weights: tuple[float, ...]) -> None:
    with pytest.raises(UsageError, match="weights"):
        mixing.shares(2, weights)


def test_tsne_settings_change_the_map_and_large_ones_are_laid_out_by_landmarks(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    latents, which = cloud(rng, 120)
    quick = tsne.TsneOptions(perplexity=10, iterations=250)
    whole = tsne.fit(latents, 0, quick)
    assert not np.array_equal(
        whole, tsne.fit(latents, 0, quick.model_copy(update={"perplexity": 4}))
    )
    monkeypatch.setattr(_large, "LARGE", 100)
    monkeypatch.setattr(_large, "LANDMARKS", 80)
    made = replace(mapped(latents, tuple(map(str, which))), positions=tsne.fit(latents, 0, quick))
    near = made.tree.query(made.positions, k=2)[1][:, 1]
    assert (which[near] == which).mean() > 0.8
