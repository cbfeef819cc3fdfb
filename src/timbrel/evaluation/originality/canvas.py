"""Canvas: figures in the colours of all reports, on a light ground, as wide as a page."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_INCHES, DOTS = 9.6, 110
INK, SOFT, FAINT, GROUND, PAPER = "#22252b", "#6b6573", "#e4dfe6", "#fbfaf7", "#ffffff"
COPIED, MIXED, NEW = "#b5367a", "#e08f1c", "#c9d3dc"
# Of systems; after Tol's schemes, as the colours of maps are.
COLOURS = (
    "#b5367a", "#3b7ea8", "#2f9440", "#8f7fe0", "#9a6b3f", "#009988", "#ee6677", "#5d6b7a",
)  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A picture of a report.

    Attributes:
        caption: What it shows.
        note: How to read it.
        png: The picture itself.
    """

    caption: str
    note: str
    png: bytes = field(repr=False)

    @property
    def width_px(self) -> int:
        """Its width, as its header says."""
        return int.from_bytes(self.png[16:20], "big")


def figure_of(height_inches: float) -> Figure:
    """Makes an empty figure as wide as a page.

    Args:
        height_inches: Its height.

    Returns:
        The figure.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_INCHES, height_inches), facecolor=GROUND)
    FigureCanvasAgg(figure)
    return figure


def as_png(figure: Figure) -> bytes:
    """Writes a figure as a picture: the same figure, the same bytes.

    Args:
        figure: The figure.

    Returns:
        A PNG.
    """
    part = io.BytesIO()
    figure.savefig(part, format="png", dpi=DOTS, metadata={"Software": None})
    return part.getvalue()


def dress(axes: Axes, *, x: str = "", y: str = "", grid: bool = True) -> None:
    """Gives axes the look of all reports.

    Args:
        axes: The axes.
        x: What the horizontal axis shows, "" for nothing.
        y: What the vertical axis shows.
        grid: Whether faint lines lead to the ticks.
    """
    axes.set_facecolor(PAPER)
    axes.tick_params(labelsize=8, colors=SOFT, labelcolor=INK, length=3)
    axes.set_xlabel(x, fontsize=9, color=INK)
    axes.set_ylabel(y, fontsize=9, color=INK)
    for side in axes.spines.values():
        side.set_color(FAINT)
    if grid:
        axes.grid(color=FAINT, linewidth=0.6)
        axes.set_axisbelow(True)


def shortened(text: str, longest: int) -> str:
    """Brings a text to one line of a few letters.

    Args:
        text: Any text.
        longest: How many letters at most.

    Returns:
        The line, its end left out where it is too long.

    Example:
        >>> shortened("a name", 4)
        'a n…'
    """
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def written(text: str, longest: int = 48) -> str:
    """Makes a text safe to be drawn: on one line, and no formula.

    Args:
        text: Any text.
        longest: How many letters at most.

    Returns:
        The text as it is written.
    """
    return shortened(text, longest).replace("$", r"\$")
