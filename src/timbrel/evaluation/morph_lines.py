"""Lines: how a feature goes from one parent to the other as the weight does."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FORWARD = 0.01  # of the whole way: what a step must cover to count as one


@dataclass(frozen=True)
class Line:
    """How a feature goes from one parent to the other.

    Attributes:
        forward: Share of the steps that go the right way; 1 where it is monotone in the weight.
        middle: How far along it is at weight ½: 0 at the first parent, 1 at the second.
        largest_step: The share of the way that the largest step covers: one over the number of
            steps where it goes evenly, 1 where it jumps, more where it overshoots.
        astray: How far from the straight line it strays between the parents, over their distance.
    """

    forward: float
    middle: float
    largest_step: float
    astray: float


def line_of(rows: Sequence[NDArray[np.float64]], weights: Sequence[float]) -> Line | None:
    """Describes the way of a feature.

    Args:
        rows: The feature at each weight, the parents first and last.
        weights: The weights of the second parent, rising from 0 to 1, at least 3.

    Returns:
        The way; None where a row is no number or the parents do not differ.

    Example:
        >>> rows = [np.array([x, 0.0]) for x in (0.0, 1.0, 2.0, 3.0, 4.0)]
        >>> line_of(rows, (0, 0.25, 0.5, 0.75, 1))
        Line(forward=1.0, middle=0.5, largest_step=0.25, astray=0.0)
    """
    table = np.stack(rows).astype(np.float64)
    way = table[-1] - table[0]
    length = float(np.linalg.norm(way))
    if not np.isfinite(table).all() or length == 0:
        return None
    places = (table - table[0]) @ way / length**2
    beside = np.linalg.norm(table - table[0] - places[:, None] * way, axis=1) / length
    steps = np.diff(places)
    return Line(
        forward=float((steps > FORWARD).mean()),
        middle=float(np.interp(0.5, weights, places)),
        largest_step=float(np.abs(steps).max()),
        astray=float(beside[1:-1].mean()),
    )


def differ(first: NDArray[np.float64], last: NDArray[np.float64], least: float) -> bool:
    """Tells whether two rows differ enough for the way between them to be heard.

    Args:
        first: A row.
        last: Another.
        least: The root mean squared difference from which it can be.

    Returns:
        True where it can; False where a row is no number.

    Example:
        >>> differ(np.array([0.0, 0.0]), np.array([3.0, 3.0]), 2.0)
        True
    """
    distance = float(np.sqrt(np.mean((last - first) ** 2)))
    return math.isfinite(distance) and distance >= least
