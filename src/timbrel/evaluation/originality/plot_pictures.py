"""The picture of novelty and likeness: what is new, and still of the recording's kind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timbrel.evaluation.originality.canvas import (
    COLOURS,
    INK,
    SOFT,
    as_png,
    dress,
    figure_of,
    written,
)
from timbrel.evaluation.originality.judging import Judged, Originality
from timbrel.evaluation.originality.tables import groups

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LIKE = "#eaf3ea"
NARROWEST, LABEL_GAP = 2.2, 0.045
MOST_NAMED = 16


@dataclass(frozen=True)
class _Place:
    """A named place of the plot."""

    name: str
    x: float
    y: float
    colour: str
    marker: str


def novelty_and_likeness(found: Originality) -> bytes:
    """Draws outputs by how unlike the recording they are on the whole and how new moment by moment.

    Small dots are outputs, large ones the means of systems. Beside them stand the montages, the
    recording played back, and the recording itself: one half of it as unlike the other, its
    passages as new to each other.

    Args:
        found: What was found.

    Returns:
        A PNG.
    """
    figure = figure_of(5.6)
    axes = figure.add_axes((0.075, 0.1, 0.9, 0.84))
    places = [
        _Place("the recording, played back", 0.0, 0.0, INK, "s"),
        _Place("the recording's own passages", *_own(found), INK, "*"),
    ]
    for rank, (name, outputs) in enumerate(groups(found).items()):
        is_system = rank < len(found.systems)
        colour = COLOURS[rank % len(COLOURS)] if is_system else SOFT
        places += _drawn(axes, name if is_system else "montage", outputs, colour, is_system)
    _dressed(axes, places)
    return as_png(figure)


def _own(found: Originality) -> tuple[float, float]:
    return found.itself["unlikeness"], found.itself["novelty"]


def _drawn(
    axes: Axes, name: str, outputs: Sequence[Judged], colour: str, is_system: bool
) -> list[_Place]:
    """Draws outputs, and gives the place of their mean."""
    points = np.array([[one.unlikeness, one.copies.novelty] for one in outputs])
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return []
    marker = "o" if is_system else "^"
    axes.scatter(
        points[:, 0], points[:, 1], s=16, c=colour, marker=marker, alpha=0.45, linewidths=0,
        zorder=3,
    )  # fmt: skip
    x, y = points.mean(axis=0)
    return [_Place(name, float(x), float(y), colour, marker)]


def _dressed(axes: Axes, places: Sequence[_Place]) -> None:
    known = [place for place in places if math.isfinite(place.x) and math.isfinite(place.y)]
    dots = [point[0] for part in axes.collections for point in np.asarray(part.get_offsets())]
    right = max(NARROWEST, 1.08 * max([place.x for place in known] + dots))
    dress(
        axes,
        x="unlikeness as a whole: 1 is as far as one half of the recording is from the other",
        y="novelty moment by moment",
    )
    axes.set(xlim=(-0.04 * right, right), ylim=(-0.05, 1.07))
    axes.axvspan(-right, 1, color=LIKE, zorder=0)
    said = "as like as it is to itself"
    axes.text(0.99, 1.04, said, ha="right", va="center", fontsize=8.5, color=SOFT)
    for place in known:
        size = 190 if place.marker == "*" else 85
        axes.scatter(
            place.x, place.y, s=size, c=place.colour, marker=place.marker, edgecolors="white",
            linewidths=1.0, zorder=5,
        )  # fmt: skip
    _name(axes, known[:MOST_NAMED], right)


def _name(axes: Axes, places: Sequence[_Place], right: float) -> None:
    """Writes names to the right of their places, moved up or down where two would touch."""
    from matplotlib.patheffects import withStroke

    wide = 0.014 * right
    taken = [(place.x - wide, place.x + wide, place.y) for place in places]
    for place in sorted(places, key=lambda one: one.y):
        text = written(place.name, 34)
        width = 0.0105 * right * len(text)
        leftwards = place.x + width > 0.97 * right
        low = place.x - 1.1 * wide - width if leftwards else place.x + 1.1 * wide
        y = _free(place.y, low, low + width, taken)
        taken.append((low, low + width, y))
        shift = -1.1 * wide if leftwards else 1.1 * wide
        if abs(y - place.y) > LABEL_GAP / 2:
            axes.plot((place.x, place.x + shift), (place.y, y), color=SOFT, linewidth=0.8, zorder=4)
        label = axes.text(
            place.x + shift, y, text, ha="right" if leftwards else "left", va="center",
            fontsize=9, color=place.colour, zorder=4,
        )  # fmt: skip
        label.set_path_effects([withStroke(linewidth=3, foreground="white")])


def _free(y: float, low: float, high: float, taken: Sequence[tuple[float, float, float]]) -> float:
    """The height nearest to the wanted one at which a name touches no other, inside of the plot."""
    steps = np.arange(0, 1, LABEL_GAP / 3)
    heights = [height for step in steps for height in (y + step, y - step) if 0 <= height <= 1]
    for height in heights:
        near = [abs(height - other) for begin, end, other in taken if low < end and begin < high]
        if min(near, default=1.0) >= LABEL_GAP:
            return float(height)
    return y
