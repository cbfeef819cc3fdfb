"""Pictures of a map: PNG to look at, JSON to compute with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from timbrel import atomic, plugins
from timbrel.errors import UsageError
from timbrel.mapping import room
from timbrel.mapping.layout import ROOM, SoundMap, refuse_existing
from timbrel.mapping.names import Groups, LabelName, by_label, counted, shown, spread
from timbrel.mapping.palette import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

MARKERS = {
    "circle": "o", "square": "s", "triangle": "^", "diamond": "D", "plus": "P", "star": "*",
    "triangle_down": "v", "cross": "X", "pentagon": "p", "triangle_left": "<",
    "triangle_right": ">",
}  # fmt: skip
LEGEND_LINES = 28
FEW_NAMES, MOST_NAMES = 20, 50
FONT = "DejaVu Sans"  # comes with matplotlib
WIDE_FONTS = (
    "Noto Sans CJK JP", "Noto Sans CJK SC", "Hiragino Sans", "PingFang SC", "Apple SD Gothic Neo",
    "Microsoft YaHei", "Malgun Gothic", "Yu Gothic", "Noto Sans Devanagari", "Arial Unicode MS",
)  # fmt: skip
LEFT, RIGHT = {"ha": "left"}, {"ha": "right"}
MORE = {**LEFT, "fontstyle": "italic"}
NAME = {"fontsize": 11, "fontweight": "bold"}
SMALL_NAME = {"fontsize": 8.5, "fontweight": "bold"}
TITLE = {"fontsize": 13, "fontweight": "bold", "ha": "left"}
SUBTITLE = {"fontsize": 10, "ha": "left"}
HEADING = {"fontsize": 10, "fontweight": "bold", "ha": "left"}
SOUND_NAME = {"fontsize": 6, "ha": "left", "alpha": 0.8}


@dataclass(frozen=True)
class _Theme:
    ground: str
    ink: str
    faint: str


THEMES = {
    "light": _Theme(ground="#fbfaf7", ink="#22252b", faint="#d9d7d0"),
    "dark": _Theme(ground="#15171c", ink="#eceae4", faint="#363a43"),
}


def as_json(sound_map: SoundMap, groups: Groups | None = None) -> dict[str, Any]:
    """Gives a map as plain data.

    Args:
        sound_map: The map.
        groups: Names that were found for the sounds; None for none.

    Returns:
        ``instrument``, ``projection``, ``options``, ``seed``, ``library_sounds`` (how many the
        instrument was made from; only those that it learned from are on the map, and those that
        came later), ``added`` (how many came later, the last ones), ``sounds`` (id, name, label,
        x, y, and the name that was ``found``) and ``labels`` (label, count, and its centre x, y),
        and ``found`` (each name that was found, at each place where it stands); both axes run
        from 0 to 1, y points up.
    """
    found = [""] * len(sound_map) if groups is None else [groups.names[i].label for i in groups.own]
    rows = zip(sound_map.ids, sound_map.names, sound_map.labels, found, strict=True)
    places = sound_map.positions.astype(float).round(5).tolist()
    return {
        "instrument": sound_map.instrument,
        "projection": sound_map.projection,
        "options": dict(sound_map.options),
        "seed": sound_map.seed,
        "library_sounds": sound_map.library_sounds,
        "added": sound_map.added,
        "sounds": [
            {"id": id_, "name": name, "label": label, "found": text, "x": x, "y": y}
            for (id_, name, label, text), (x, y) in zip(rows, places, strict=True)
        ],
        "labels": [_entry(name, "label") for name in by_label(sound_map).names],
        "found": [_entry(name, "name") for name in (groups.signs if groups else []) if name.label],
    }


def _entry(name: LabelName, key: str) -> dict[str, Any]:
    return {key: name.label, "count": name.count, "x": round(name.x, 5), "y": round(name.y, 5)}


def draw_png(
    sound_map: SoundMap,
    path: Path,
    *,
    groups: Groups | None = None,
    theme: Literal["light", "dark"] = "light",
    width_px: int = 1500,
    force: bool = False,
) -> None:
    """Draws a map as a PNG: sounds by label, class names at their centres, a legend with counts.

    Sounds are named, too, where there is room for their names.

    Args:
        sound_map: The map.
        path: Where the picture shall stand.
        groups: What sounds are told apart by; None for their labels.
        theme: "light" or "dark" ground.
        width_px: Width of the picture in pixels, 400..8000.
        force: Whether an existing file is replaced.

    Raises:
        UsageError: When theme or width is none of these.
        ExistsError: When the file exists and `force` is false.
    """
    if theme not in THEMES or not 400 <= width_px <= 8000:
        raise UsageError(
            f"theme {theme!r}, {width_px} pixels wide", "light or dark, 400 to 8000 pixels"
        )
    refuse_existing(path, force=force)
    figure = _figure(sound_map, groups or by_label(sound_map), THEMES[theme])
    with atomic.new_file(path) as part:
        figure.savefig(part, format="png", dpi=width_px / figure.get_figwidth())


def _figure(sound_map: SoundMap, groups: Groups, theme: _Theme) -> "Figure":
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 8.0), facecolor=theme.ground)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.05, 0.06, 0.70, 0.86))
    _draw_ground(axes, sound_map, theme)
    _draw_sounds(axes, sound_map, groups, theme)
    taken = _draw_names(axes, groups.signs, theme)
    _draw_sound_names(axes, sound_map, taken, theme)
    _draw_legend(figure.add_axes((0.765, 0.06, 0.225, 0.86)), groups, theme)
    return figure


def _draw_ground(axes: "Axes", sound_map: SoundMap, theme: _Theme) -> None:
    ticks = [0, 0.25, 0.5, 0.75, 1]
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=ticks, yticks=ticks, facecolor=theme.ground)
    axes.grid(color=theme.faint, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=8, labelcolor=theme.ink)
    for side in axes.spines.values():
        side.set_color(theme.faint)
    title = plugins.load(ROOM, sound_map.projection).title
    _write(axes, 0.0, 1.055, f"{shown(sound_map.instrument, 40)} · {title}", theme, TITLE)
    _write(axes, 0.0, 1.02, counted(sound_map), theme, SUBTITLE)


def _draw_sounds(axes: "Axes", sound_map: SoundMap, groups: Groups, theme: _Theme) -> None:
    area = float(np.clip(60_000 / len(sound_map), 1.5, 60))
    for rank, name in enumerate(groups.names):
        look = style(rank, name.label)
        x, y = sound_map.positions[groups.own == rank].T
        axes.scatter(
            x, y, s=area, c=look.colour, marker=MARKERS[look.shape], alpha=0.85,
            linewidths=0.4 if area > 9 else 0, edgecolors=theme.ground,
        )  # fmt: skip


def _draw_names(axes: "Axes", signs: list[LabelName], theme: _Theme) -> NDArray[np.float64]:
    """Writes names at their centres, moved apart, and gives the boxes [L, 4] that they take."""
    named = [name for name in signs if name.label][:MOST_NAMES]
    if not named:
        return np.empty((0, 4))
    look = NAME if len(named) <= FEW_NAMES else SMALL_NAME
    texts = [_write_name(axes, name, theme, look) for name in named]
    sizes = np.array([_size(axes, text) for text in texts])
    wanted = np.array([_wanted(name, size) for name, size in zip(named, sizes, strict=True)])
    places, has_room = spread(wanted, sizes)
    for text, place, visible in zip(texts, places, has_room, strict=True):
        text.set_position(place)
        text.set_visible(bool(visible))
    return np.hstack([places - sizes / 2, places + sizes / 2])[has_room]


def _draw_sound_names(
    axes: "Axes", sound_map: SoundMap, taken: NDArray[np.float64], theme: _Theme
) -> None:
    """Names sounds, those that stand alone first, where the name covers nothing."""
    texts = {index: shown(sound_map.names[index], 22) for index in room.lonely(sound_map)}
    probe = _write(axes, 0.5, 0.5, "abcdefghij", theme, SOUND_NAME)
    width, height = _size(axes, probe)
    probe.remove()
    sizes = {index: (width / 10 * len(text), height) for index, text in texts.items()}
    for index, (x, y) in room.names(sound_map, sizes, taken).items():
        _write(axes, x, y, texts[index], theme, SOUND_NAME)


def _wanted(name: LabelName, size: NDArray[np.float64]) -> tuple[float, float]:
    """The centre of a label, or just above its sounds where its name would hide them all."""
    hides = name.width < size[0] and name.height < 2 * size[1]
    return name.x, name.y + (name.height / 2 + 0.6 * size[1]) * hides


def _write_name(axes: "Axes", name: LabelName, theme: _Theme, look: Mapping[str, Any]) -> "Text":
    from matplotlib.patheffects import withStroke

    text = _write(axes, name.x, name.y, shown(name.label), theme, look)
    text.set_path_effects([withStroke(linewidth=3.5, foreground=theme.ground)])
    return text


def _size(axes: "Axes", text: "Text") -> tuple[float, float]:
    """Width and height of a text in units of the map, with a little air."""
    box = text.get_window_extent().transformed(axes.transAxes.inverted())
    return 1.06 * box.width, 1.15 * box.height


def _draw_legend(axes: "Axes", groups: Groups, theme: _Theme) -> None:
    names = groups.names
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.axis("off")
    _write(axes, 0.02, 1.02, groups.heading, theme, HEADING)
    lines = names if len(names) <= LEGEND_LINES else names[: LEGEND_LINES - 1]
    step = 0.034
    for rank, name in enumerate(lines):
        look = style(rank, name.label)
        y = 0.985 - rank * step
        axes.scatter(0.06, y, s=55, c=look.colour, marker=MARKERS[look.shape], linewidths=0)
        _write(axes, 0.13, y, shown(name.label, 20), theme, LEFT)
        _write(axes, 0.98, y, f"{name.count:,}", theme, RIGHT)
    if len(lines) < len(names):
        rest = names[len(lines) :]
        text = f"and {len(rest)} more labels, {sum(n.count for n in rest):,} sounds"
        _write(axes, 0.06, 0.985 - len(lines) * step, text, theme, MORE)


def _write(
    axes: "Axes", x: float, y: float, text: str, theme: _Theme, look: Mapping[str, Any]
) -> "Text":
    """Writes text as it stands: no formulas, no glyphs that the fonts lack."""
    families = _families()
    plain = {"fontsize": 9.5, "ha": "center", "va": "center", "color": theme.ink}
    font = {"family": families, "parse_math": False}
    return axes.text(x, y, _drawable(text, families), fontdict={**plain, **font, **look})


def _drawable(text: str, families: list[str]) -> str:
    from matplotlib import font_manager

    fonts = [font_manager.get_font(font_manager.findfont(family)) for family in families]
    known = set().union(*(font.get_charmap() for font in fonts))
    return "".join(c if ord(c) in known else "\N{REPLACEMENT CHARACTER}" for c in text)


def _families() -> list[str]:
    """The font that comes with matplotlib, then those on this machine that know more scripts."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [FONT, *(name for name in WIDE_FONTS if name in installed)]
