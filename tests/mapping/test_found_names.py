"""Names for maps without labels: areas, words that are true of them, classes from elsewhere."""

import json
from pathlib import Path

import numpy as np
import pytest
from mapping_clouds import mapped

from timbrel.errors import UsageError
from timbrel.library.features import features_of
from timbrel.mapping import areas, guesses, names, room, words
from timbrel.mapping.agreement import agreement
from timbrel.mapping.drawing import as_json, draw_png
from timbrel.mapping.layout import SoundMap

RATE = 16_000


def blobs(rng: np.random.Generator, each: int = 60) -> tuple[np.ndarray, np.ndarray]:
    centres = np.array([[0.2, 0.2], [0.2, 0.8], [0.8, 0.5]])
    which = np.repeat(np.arange(3), each)
    return (centres[which] + rng.normal(0, 0.03, (3 * each, 2))).astype("f4"), which


def test_areas_are_the_clusters_that_one_sees(rng: np.random.Generator) -> None:
    positions, which = blobs(rng)
    found = areas.find(positions)
    assert agreement(found, [""] * 180, which.tolist()).purity == 1
    assert found.max() == 2
    order = rng.permutation(180)
    again = areas.find(positions[order])
    assert agreement(again, [""] * 180, found[order].tolist()).purity == 1, "order is no matter"


@pytest.mark.parametrize("count", [1, 2, 30, 2000])
def test_any_map_has_areas_but_not_too_many(count: int, rng: np.random.Generator) -> None:
    found = areas.find(rng.uniform(0, 1, (count, 2)).astype("f4"))
    assert len(found) == count
    assert found.min() == 0
    assert found.max() < areas.MOST
    assert (np.diff(np.bincount(found)) <= 0).all(), "the largest comes first"


def sound(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Half high short noise with a hard attack, half low long tones that swell."""
    times = np.arange(round((0.15 if kind == "noise" else 1.5) * RATE)) / RATE
    if kind == "noise":
        bright = np.diff(rng.normal(size=len(times) + 1))
        return (bright * np.exp(-times * 30)).astype("f4")
    pitch_hz = rng.uniform(80, 120)
    return (np.sin(2 * np.pi * pitch_hz * times) * np.minimum(times / 0.8, 1)).astype("f4")


def test_the_words_are_true_of_what_is_heard(rng: np.random.Generator) -> None:
    kinds = ["noise"] * 12 + ["tone"] * 12
    features = np.stack([features_of(sound(kind, rng), RATE) for kind in kinds])
    aspects = words.heard_in(features)
    only = {name: aspects[name] for name in ("height", "length")}
    own = np.repeat([0, 1], 12)
    assert [set(text.split(", ")) for text in words.of_areas(own, only)] == [
        {"high", "short"}, {"low", "long"},
    ]  # fmt: skip
    rest = {name: aspects[name] for name in ("clarity", "attack")}
    assert [set(text.split(", ")) for text in words.of_areas(own, rest)] == [
        {"noisy", "hard"}, {"tonal", "soft"},
    ]  # fmt: skip
    assert all(len(text.split(", ")) <= 3 for text in words.of_areas(own, aspects))


def test_where_nothing_differs_nothing_is_said(rng: np.random.Generator) -> None:
    own = np.repeat([0, 1], 20)
    alike = {"length": rng.normal(5, 0.01, 40)}
    assert words.of_areas(own, alike) == ["medium", "medium"]
    unknown = {"length": np.r_[np.full(20, np.nan), np.ones(20)]}
    assert words.of_areas(own, unknown) == ["", "medium"]


def test_classes_come_from_the_nearest_and_strangers_get_none(rng: np.random.Generator) -> None:
    known = np.concatenate([rng.normal(0, 1, (50, 6)), rng.normal(8, 1, (50, 6))]).astype("f4")
    labels = ["kick"] * 50 + ["snare"] * 50
    asked = np.concatenate([rng.normal(0, 1, (20, 6)), rng.normal(8, 1, (20, 6)),
                            rng.normal(60, 1, (5, 6)), np.full((1, 6), np.nan)])  # fmt: skip
    found = guesses.classes(guesses.guess(asked.astype("f4"), known, labels))
    truth = ["kick"] * 20 + ["snare"] * 20
    fits = agreement(np.zeros(40, dtype=int), found[:40], truth)
    assert fits.right == 1
    assert fits.named > 0.8
    assert found[40:] == [""] * 6
    with pytest.raises(UsageError, match="without labels"):
        guesses.guess(asked.astype("f4"), known, [""] * 100)


def test_a_class_that_crowds_in_two_places_stands_at_both(rng: np.random.Generator) -> None:
    positions, which = blobs(rng)
    made = mapped(rng.normal(size=(180, 4)), ("",) * 180)
    object.__setattr__(made, "positions", positions)
    classes = ["kick" if own < 2 else "tom" for own in which]
    groups = names.by_class(made, classes, "Like those of kits")
    assert [(name.label, name.count) for name in groups.names] == [("kick", 120), ("tom", 60)]
    signs = [(sign.label, sign.x, sign.y) for sign in groups.signs]
    for label, x, y in (("kick", 0.2, 0.2), ("kick", 0.2, 0.8), ("tom", 0.8, 0.5)):
        assert any(s == label and np.hypot(sx - x, sy - y) < 0.1 for s, sx, sy in signs)


def test_nothing_is_written_over_a_few_strays(rng: np.random.Generator) -> None:
    positions, _ = blobs(rng)
    made = mapped(rng.normal(size=(180, 4)), ("",) * 180)
    object.__setattr__(made, "positions", positions)
    groups = names.by_class(made, ["gong"] * 2 + ["kick"] * 178, "Like those of kits")
    assert [name.label for name in groups.names] == ["kick", "gong"]
    assert "gong" not in {sign.label for sign in groups.signs}


def test_found_names_are_in_picture_and_data(sound_map: SoundMap, tmp_path: Path) -> None:
    own = areas.find(sound_map.positions)
    groups = names.by_area(sound_map, own, [f"area {area}" for area in range(own.max() + 1)])
    table = json.loads(json.dumps(as_json(sound_map, groups)))
    assert [one["found"] for one in table["sounds"]] == [f"area {area}" for area in own]
    assert {one["name"] for one in table["found"]} == {f"area {area}" for area in own}
    draw_png(sound_map, tmp_path / "found.png", groups=groups, width_px=400)
    assert (tmp_path / "found.png").stat().st_size > 0


def test_names_of_sounds_cover_no_sound_and_no_name(
    sound_map: SoundMap, rng: np.random.Generator
) -> None:
    sizes = dict.fromkeys(room.lonely(sound_map), (0.08, 0.012))
    taken = np.array([[0.4, 0.4, 0.6, 0.6]])
    found = room.names(sound_map, sizes, taken)
    assert len(found) > 5
    boxes = np.array([[x, y - 0.006, x + 0.08, y + 0.006] for x, y in found.values()])
    every = np.concatenate([boxes, taken])
    for index, (left, bottom, right, top) in enumerate(boxes):
        others = np.delete(every, index, axis=0)
        apart = (others[:, 0] >= right) | (others[:, 2] <= left)
        apart |= (others[:, 1] >= top) | (others[:, 3] <= bottom)
        assert apart.all()
        x, y = sound_map.positions.T
        assert not ((x > left) & (x < right) & (y > bottom) & (y < top)).any()
