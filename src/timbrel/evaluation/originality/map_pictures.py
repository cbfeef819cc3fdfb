"""Pictures of copy maps: which moment of the recording each moment of an output resembles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from timbrel.evaluation.originality.canvas import (
    COPIED,
    FAINT,
    INK,
    MIXED,
    NEW,
    SOFT,
    as_png,
    dress,
    figure_of,
    written,
)
from timbrel.evaluation.originality.copy_maps import CopyMap, Flags, Floats
from timbrel.evaluation.originality.mixing import Mixing
from timbrel.evaluation.originality.moments import STEP_S

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

FARTHEST = 2.0  # thresholds, from which on all dots look alike
COLOURS = ("#14406f", "#3b7ea8", "#8fb3c9", "#b4bac2")  # from just not copied to far
FAR_ALPHA, NEAR_ALPHA = 0.6, 0.95
LARGEST_DOT, SMALLEST_DOT = 14.0, 3.0
LEFT, RIGHT = 0.075, 0.88


def copy_map_picture(
    found: CopyMap,
    *,
    title: str,
    recording_s: float,
    mixed: Flags | None = None,
    across: str = "in the output, s",
) -> bytes:
    """Draws a copy map: time in the output, and the place in the recording that is most like it.

    Copied runs are lines; every other moment is a dot at the place that it is nearest to, coloured
    by how near. A strip beneath tells copied, mixed and new.

    Args:
        found: The map.
        title: Of the output.
        recording_s: How long the recording is, in seconds.
        mixed: Moments that mix parts of different moments, [N]; None where nobody knows.
        across: What the horizontal axis shows.

    Returns:
        A PNG.
    """
    figure = figure_of(5.4)
    axes = figure.add_axes((LEFT, 0.2, RIGHT - LEFT, 0.72))
    strip = figure.add_axes((LEFT, 0.075, RIGHT - LEFT, 0.05))
    _draw_map(axes, found, recording_s)
    axes.set_ylabel("in the recording, s", fontsize=9, color=INK)
    axes.set_title(_titled(title, found), fontsize=10, color=INK, loc="left")
    axes.tick_params(labelbottom=False)
    _draw_strip(strip, found, mixed)
    dress(strip, x=across, grid=False)
    strip.set_xlim(axes.get_xlim())
    _scale(figure.add_axes((RIGHT + 0.025, 0.36, 0.014, 0.4)), found.threshold_db)
    _key(figure.add_axes((RIGHT + 0.005, 0.03, 0.115, 0.2)), mixed is not None)
    return as_png(figure)


def part_maps_picture(
    parts: Sequence[CopyMap],
    found: Mixing,
    *,
    title: str,
    names: Sequence[str],
    recording_s: float,
) -> bytes:
    """Draws the copy maps of the parts of an output, high above low, and what is mixed.

    Args:
        parts: The maps, from low to high.
        found: What is mixed.
        title: Of the output.
        names: What each part is, from low to high.
        recording_s: How long the recording is, in seconds.

    Returns:
        A PNG.
    """
    figure = figure_of(1.55 * len(parts) + 1.2)
    height = figure.get_figheight()
    each = 1.55 / height
    for place, (one, name) in enumerate(zip(parts, names, strict=True)):
        axes = figure.add_axes(
            (LEFT, 0.8 / height + place * each, RIGHT - LEFT, each - 0.14 / height)
        )
        _draw_map(axes, one, recording_s)
        axes.tick_params(labelbottom=False)
        axes.text(
            1.012, 0.5, f"{name}\ncopied {_percent(one)}", transform=axes.transAxes,
            fontsize=8.5, color=INK, va="center",
        )  # fmt: skip
    figure.text(LEFT, 1 - 0.25 / height, written(title), fontsize=10, color=INK)
    figure.text(0.012, 0.5, "in the recording, s", fontsize=9, color=INK, rotation=90, va="center")
    strip = figure.add_axes((LEFT, 0.45 / height, RIGHT - LEFT, 0.24 / height))
    _bars(strip, parts[0], found.mixed, MIXED)
    dress(strip, x="in the output, s", grid=False)
    strip.set(yticks=[], ylim=(0, 1), xlim=_span(parts[0]))
    share = f"mixed {100 * found.share:.0f} %" if np.isfinite(found.share) else "mixed –"
    strip.text(1.012, 0.5, share, transform=strip.transAxes, fontsize=8.5, color=INK, va="center")
    return as_png(figure)


def _titled(title: str, found: CopyMap) -> str:
    runs = f", longest run {found.longest_run_s:.1f} s" if found.runs else ""
    return f"{written(title)}: copied {_percent(found)}{runs}"


def _percent(found: CopyMap) -> str:
    return f"{100 * found.ratio:.0f} %" if found.audible.any() else "–"


def _span(found: CopyMap) -> tuple[float, float]:
    return float(found.times_s[0]) - STEP_S, float(found.times_s[-1]) + STEP_S


def _draw_map(axes: Axes, found: CopyMap, recording_s: float) -> None:
    near = found.distances_db / found.threshold_db
    dots = found.audible & ~found.copied & np.isfinite(near)
    if dots.any():
        _draw_dots(axes, found.times_s[dots], found.places_s[dots], near[dots])
    for run in found.runs:
        _draw_run(axes, run.begins_s, run.from_s, run.length_s)
    dress(axes)
    margin = max(0.02 * recording_s, STEP_S)
    axes.set(xlim=_span(found), ylim=(-margin, recording_s + margin))


def _draw_dots(axes: Axes, times_s: Floats, places_s: Floats, near: Floats) -> None:
    """The nearer, the larger and the less transparent."""
    closeness = np.clip((FARTHEST - near) / (FARTHEST - 1), 0, 1)
    alpha: Any = FAR_ALPHA + closeness * (NEAR_ALPHA - FAR_ALPHA)
    axes.scatter(
        times_s, places_s, c=near, cmap=_colours(), vmin=1, vmax=FARTHEST, alpha=alpha,
        s=SMALLEST_DOT + closeness * (LARGEST_DOT - SMALLEST_DOT), linewidths=0,
    )  # fmt: skip


def _draw_run(axes: Axes, begins_s: float, from_s: float, length_s: float) -> None:
    """A line with its joint: a thin upright where it begins."""
    first, last = begins_s - STEP_S / 2, begins_s + length_s - STEP_S / 2
    axes.axvline(first, color=COPIED, linewidth=0.5, alpha=0.35)
    axes.plot(
        (first, last), (from_s - STEP_S / 2, from_s + length_s - STEP_S / 2), color=COPIED,
        linewidth=2.4, solid_capstyle="round",
    )  # fmt: skip


def _draw_strip(strip: Axes, found: CopyMap, mixed: Flags | None) -> None:
    _bars(strip, found, found.audible & ~found.copied, NEW)
    _bars(strip, found, found.copied, COPIED)
    if mixed is not None:
        _bars(strip, found, mixed, MIXED)
    strip.set(yticks=[], ylim=(0, 1))


def _bars(strip: Axes, found: CopyMap, where: Flags, colour: str) -> None:
    stretches = [(float(time_s) - STEP_S / 2, STEP_S) for time_s in found.times_s[where]]
    strip.broken_barh(stretches, (0, 1), facecolors=colour, linewidth=0)


def _colours() -> Colormap:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("distance", COLOURS)


def _scale(axes: Axes, threshold_db: float) -> None:
    """The colours of the dots in dB, with the threshold."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    colours = ScalarMappable(Normalize(threshold_db, FARTHEST * threshold_db), _colours())
    axes.figure.colorbar(colours, cax=axes)
    axes.axhspan(0, threshold_db, color=COPIED)
    axes.set_ylim(0, FARTHEST * threshold_db)
    axes.tick_params(labelsize=8, colors=SOFT, labelcolor=INK, length=3)
    axes.set_title("distance, dB", fontsize=8.5, color=INK, pad=8)
    for side in axes.spines.values():
        side.set_color(FAINT)


def _key(axes: Axes, knows_mixed: bool) -> None:
    from matplotlib.patches import Patch

    axes.axis("off")
    meant = {"copied": COPIED, "new": NEW} | ({"mixed": MIXED} if knows_mixed else {})
    handles = [Patch(color=colour, label=name) for name, colour in meant.items()]
    axes.legend(
        handles=handles, loc="lower left", frameon=False, fontsize=8.5, labelcolor=INK,
        handlelength=1.0, borderaxespad=0.2,
    )  # fmt: skip
