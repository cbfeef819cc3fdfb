"""Pictures of experiments: maps side by side, and spectrograms as a mosaic."""

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from timbrel.evaluation.pictures import COLOURS, RANGE_DB
from timbrel.mapping.drawing import LEGEND_LINES, MARKERS
from timbrel.mapping.palette import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float32]
PANEL_INCHES, LEGEND_INCHES, TITLE_INCHES, DOTS = 3.2, 1.8, 0.36, 110
INK, GROUND, OUTSIDE = "#22252b", "#fbfaf7", "#d62f2f"
GAP = 3  # pixels between the tiles of a mosaic


def maps(layouts: Mapping[str, FloatArray], labels: Sequence[str], *, columns: int) -> bytes:
    """Draws maps side by side, each sound a dot in the colour of its label.

    Args:
        layouts: Title to positions [M, 2], each axis from 0 to 1.
        labels: The label of each sound, M of them.
        columns: How many maps stand in a row.

    Returns:
        A PNG.
    """
    rows = -(-len(layouts) // columns)
    figure = figure_of(columns * PANEL_INCHES + LEGEND_INCHES, rows * PANEL_INCHES)
    grid = figure.add_gridspec(
        rows, columns, right=1 - LEGEND_INCHES / figure.get_figwidth(), left=0.03,
        top=1 - TITLE_INCHES / figure.get_figheight(), bottom=0.04, wspace=0.08, hspace=0.14,
    )  # fmt: skip
    for place, (title, positions) in enumerate(layouts.items()):
        axes = figure.add_subplot(grid[place // columns, place % columns])
        _dots(axes, positions, labels)
        axes.set_title(title, fontsize=10, color=INK)
    _legend(figure, labels)
    return as_png(figure)


def map_with_grid(
    positions: FloatArray, labels: Sequence[str], grid: FloatArray, outside: NDArray[np.bool_]
) -> bytes:
    """Draws a map with the points of a grid on it.

    Args:
        positions: Where the sounds lie, [M, 2].
        labels: Their labels.
        grid: The points, [K, 2].
        outside: Which of them lie outside the cloud, [K]: drawn red.

    Returns:
        A PNG.
    """
    figure = figure_of(3 * PANEL_INCHES, 2.3 * PANEL_INCHES)
    right = 1 - LEGEND_INCHES / figure.get_figwidth()
    axes = figure.add_axes((0.03, 0.04, right - 0.03, 0.92))
    _dots(axes, positions, labels)
    for chosen, colour in ((~outside, INK), (outside, OUTSIDE)):
        axes.scatter(grid[chosen, 0], grid[chosen, 1], marker="x", s=42, c=colour, linewidths=1.6)
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
    _legend(figure, labels)
    return as_png(figure)


def figure_of(width: float, height: float) -> "Figure":
    """Makes an empty figure in the colours of all reports.

    Args:
        width: In inches.
        height: In inches.

    Returns:
        The figure.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor=GROUND)
    FigureCanvasAgg(figure)
    return figure


def _ranked(labels: Sequence[str]) -> list[str]:
    counts = Counter(labels)
    return sorted(counts, key=lambda label: (-counts[label], label))


def _dots(axes: "Axes", positions: FloatArray, labels: Sequence[str]) -> None:
    names = np.array(labels, dtype=object)
    area = float(np.clip(9_000 / len(positions), 2, 24))
    for rank, label in enumerate(_ranked(labels)):
        look = style(rank, label)
        x, y = positions[names == label].T
        axes.scatter(
            x, y, s=area, c=look.colour, marker=MARKERS[look.shape],
            linewidths=0, alpha=0.8,
        )  # fmt: skip
    axes.set(xticks=[], yticks=[], facecolor=GROUND)
    axes.set_aspect("equal")


def _legend(figure: "Figure", labels: Sequence[str]) -> None:
    from matplotlib.lines import Line2D

    handles: list[Any] = [
        Line2D([], [], marker=MARKERS[style(rank, label).shape], linestyle="",
               color=style(rank, label).colour,
               label=(label or "no label").replace("$", r"\$"))
        for rank, label in enumerate(_ranked(labels)[:LEGEND_LINES])
    ]  # fmt: skip
    figure.legend(handles=handles, loc="center right", frameon=False, fontsize=9, labelcolor=INK)


def mosaic(tiles: Sequence[FloatArray], *, columns: int, framed: Sequence[bool]) -> bytes:
    """Joins spectrograms to one picture, the first at the upper left.

    Args:
        tiles: Levels in dB, -80 to 0, all of one shape.
        columns: How many stand in a row.
        framed: Which of them get a red frame.

    Returns:
        A PNG.
    """
    from matplotlib import colormaps
    from matplotlib.colors import to_rgb
    from matplotlib.image import imsave

    height, width = tiles[0].shape
    rows = -(-len(tiles) // columns)
    canvas = np.ones((rows * (height + 2 * GAP), columns * (width + 2 * GAP), 3))
    for place, (tile, is_framed) in enumerate(zip(tiles, framed, strict=True)):
        top, left = (place // columns) * (height + 2 * GAP), (place % columns) * (width + 2 * GAP)
        if is_framed:
            canvas[top : top + height + 2 * GAP, left : left + width + 2 * GAP] = to_rgb(OUTSIDE)
        picture = colormaps[COLOURS](tile / RANGE_DB + 1)[..., :3]
        canvas[top + GAP : top + GAP + height, left + GAP : left + GAP + width] = picture
    part = io.BytesIO()
    imsave(part, canvas, format="png")
    return part.getvalue()


def as_png(figure: "Figure") -> bytes:
    """Writes a figure as a picture.

    Args:
        figure: The figure.

    Returns:
        A PNG.
    """
    part = io.BytesIO()
    figure.savefig(part, format="png", dpi=DOTS)
    return part.getvalue()
