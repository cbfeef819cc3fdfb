"""Pictures of maps: drawn without a warning for any label, names apart, JSON complete."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from mapping_clouds import mapped
from matplotlib import image

from timbrel.errors import ExistsError, UsageError
from timbrel.mapping import drawing
from timbrel.mapping.drawing import as_json, draw_png
from timbrel.mapping.layout import SoundMap
from timbrel.mapping.names import label_names, shown, spread
from timbrel.mapping.palette import COLOURS, style


def pixels(path: Path) -> np.ndarray:
    return np.asarray(image.imread(path)[..., :3])


def test_the_picture_shows_each_label_in_its_colour(sound_map: SoundMap, tmp_path: Path) -> None:
    draw_png(sound_map, tmp_path / "map.png", width_px=800)
    picture = pixels(tmp_path / "map.png")
    assert picture.shape[1] == 800
    colours = {tuple(c) for c in (picture * 255).round().astype(int).reshape(-1, 3)}
    for colour in COLOURS[:5]:
        assert tuple(bytes.fromhex(colour[1:])) in colours


def test_the_dark_theme_is_dark_and_the_light_one_light(
    sound_map: SoundMap, tmp_path: Path
) -> None:
    draw_png(sound_map, tmp_path / "light.png", width_px=400)
    draw_png(sound_map, tmp_path / "dark.png", width_px=400, theme="dark")
    assert np.median(pixels(tmp_path / "light.png")) > 0.9
    assert np.median(pixels(tmp_path / "dark.png")) < 0.15


def test_the_same_map_gives_the_same_file(sound_map: SoundMap, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        draw_png(sound_map, tmp_path / name, width_px=400)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


HOSTILE = (
    "キック",
    "$x^2",
    "_hidden",
    "a\nb\x00c",
    "🥁",
    "",
    "very long " * 30,
    "</script>",
    "ü",
    "%s",
)


@pytest.mark.parametrize("labels", [HOSTILE * 4, ("",) * 12, tuple(f"l{i}" for i in range(150))])
def test_any_labels_are_drawn_without_a_warning(
    labels: tuple[str, ...], rng: np.random.Generator, tmp_path: Path
) -> None:
    made = mapped(rng.normal(size=(len(labels), 4)), labels)
    draw_png(made, tmp_path / "map.png", width_px=400)
    assert pixels(tmp_path / "map.png").std() > 0


def test_one_sound_is_a_map(tmp_path: Path) -> None:
    draw_png(mapped(np.ones((1, 4)), ("kick",)), tmp_path / "map.png", width_px=400)
    assert pixels(tmp_path / "map.png").std() > 0


def test_glyphs_that_no_font_has_become_a_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawing._drawable("kick キ", ["DejaVu Sans"]) == "kick \N{REPLACEMENT CHARACTER}"
    monkeypatch.setattr(drawing, "WIDE_FONTS", ("STIXGeneral", "No Such Font"))
    assert drawing._families() == ["DejaVu Sans", "STIXGeneral"]


def test_bad_settings_and_existing_files_are_refused(sound_map: SoundMap, tmp_path: Path) -> None:
    path = tmp_path / "map.png"
    with pytest.raises(UsageError, match="light or dark"):
        draw_png(sound_map, path, theme="pink")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="400 to 8000"):
        draw_png(sound_map, path, width_px=10)
    path.write_text("mine")
    with pytest.raises(ExistsError):
        draw_png(sound_map, path)
    assert path.read_text() == "mine"


def test_json_holds_every_sound_and_label(sound_map: SoundMap) -> None:
    table = json.loads(json.dumps(as_json(sound_map), allow_nan=False))
    assert (table["instrument"], table["projection"]) == ("drums", "pca")
    assert [sound["id"] for sound in table["sounds"]] == list(sound_map.ids)
    sound = table["sounds"][9]
    assert (sound["name"], sound["label"]) == (sound_map.names[9], sound_map.labels[9])
    assert [sound["x"], sound["y"]] == pytest.approx(sound_map.positions[9], abs=1e-5)
    assert sum(label["count"] for label in table["labels"]) == len(sound_map)
    kick = next(label for label in table["labels"] if label["label"] == "kick")
    inside = sound_map.positions[np.array(sound_map.labels) == "kick"]
    assert [kick["x"], kick["y"]] == pytest.approx(np.median(inside, axis=0), abs=1e-5)


def test_labels_are_ranked_by_their_count_and_the_unlabelled_come_last() -> None:
    made = mapped(np.eye(7), ("b", "a", "", "", "", "a", "c"))
    assert [(n.label, n.count) for n in label_names(made)] == [
        ("a", 2), ("b", 1), ("c", 1), ("", 3),
    ]  # fmt: skip


def test_names_are_moved_apart_and_stay_on_the_map(rng: np.random.Generator) -> None:
    wanted = rng.uniform(0.4, 0.6, (20, 2))
    sizes = np.tile([0.12, 0.03], (20, 1))
    places, room = spread(wanted, sizes)
    assert room.all()
    apart = np.abs(places[:, None] - places[None]) / sizes[0]
    np.fill_diagonal(apart[..., 0], 9)
    assert (apart.max(axis=2) >= 0.97).all()
    assert (places - sizes / 2 >= -1e-9).all()
    assert (places + sizes / 2 <= 1 + 1e-9).all()


def test_names_that_are_apart_are_not_moved() -> None:
    wanted = np.array([[0.2, 0.2], [0.8, 0.8]])
    places, room = spread(wanted, np.full((2, 2), 0.1))
    assert places == pytest.approx(wanted, abs=1e-5)
    assert room.all()


def test_where_there_is_no_room_the_first_names_win() -> None:
    places, room = spread(np.full((9, 2), 0.5), np.full((9, 2), 0.7))
    assert room[0]
    assert not room.all()
    assert ((places >= 0) & (places <= 1)).all()


def test_text_of_any_origin_fits_one_line() -> None:
    assert shown("a\nb\t\x07c") == "a b c"
    assert shown(" \x00 ") == "no label"
    assert len(shown("x" * 500, 20)) == 20


def test_a_hundred_and_ten_labels_look_different_in_colour_or_shape() -> None:
    looks = [style(rank, "label") for rank in range(110)]
    assert len(set(looks)) == 110
    for one, next_ in pairwise(looks):
        assert one.colour != next_.colour
        assert one.shape != next_.shape
