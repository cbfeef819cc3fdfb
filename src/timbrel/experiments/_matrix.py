"""The picture of S4's correlation matrix: notes by family, each cell how alike two of them are."""

import io
from collections.abc import Sequence

import numpy as np

from timbrel.experiments._drawing import DOTS, GROUND, INK
from timbrel.experiments._mixtures import FloatArray

INCHES = 7.0


def matrix(table: FloatArray, labels: Sequence[str]) -> bytes:
    """Draws correlations.

    Args:
        table: Correlations, -1 to 1, [M, M].
        labels: The family of each row, those of one family side by side.

    Returns:
        A PNG.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(INCHES * 1.25, INCHES * 1.1), facecolor=GROUND)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.16, 0.16, 0.7, 0.8))
    shown = axes.imshow(table, vmin=-1, vmax=1, cmap="RdBu_r", interpolation="nearest")
    names, starts = np.unique(np.asarray(labels, dtype=object), return_index=True)
    order = np.argsort(starts)
    names, starts = names[order], starts[order]
    ends = np.append(starts[1:], len(labels))
    middles = (starts + ends - 1) / 2
    for edge in starts[1:]:
        axes.axhline(edge - 0.5, color=INK, linewidth=0.6)
        axes.axvline(edge - 0.5, color=INK, linewidth=0.6)
    axes.set_xticks(middles, names, rotation=60, fontsize=8)
    axes.set_yticks(middles, names, fontsize=8)
    figure.colorbar(shown, ax=axes, fraction=0.04, label="correlation")
    part = io.BytesIO()
    figure.savefig(part, format="png", dpi=DOTS)
    return part.getvalue()
