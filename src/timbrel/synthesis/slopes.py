"""Slopes: what each descriptor changes by along each direction, on average over sounds."""

import numpy as np

from timbrel.progress import Report, Tracker
from timbrel.synthesis.directions import Basis
from timbrel.synthesis.renders import SEEDS
from timbrel.synthesis.walks import Listener, Numbers

PROBES = 120
REACH = 2.0  # standard deviations that a probe is moved by, on the whole
_SEED = 1_000_001
_MEASURABLE = 0.8  # of the probes, which must have a descriptor
_FARTHEST = 30.0  # steps: a change beyond counts as so many
_SURE = 2.0  # standard errors that a slope along a direction must differ from none by
_STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


def probed(listener: Listener, basis: Basis, report: Report) -> tuple[Numbers, Numbers]:
    """Moves new sounds random ways and measures what changes.

    Args:
        listener: Who plays and measures.
        basis: The directions.
        report: Where progress goes.

    Returns:
        The moves in standard deviations [M, K], and the changes in just audible steps [M, D].
    """
    rng, size = np.random.default_rng(_SEED), len(basis.moves)
    moves = rng.standard_normal((PROBES, size)) * REACH / max(size, 1) ** 0.5
    changes = []
    tracker = Tracker("listening to directions", PROBES, report)
    for number, move in enumerate(moves):
        seeds = range(_SEED * SEEDS + number, _SEED * SEEDS + number + 1)
        steps = listener.walk(basis, move, (-0.5, 0.5), seeds).steps[0]
        changes.append(steps[1] - steps[0])
        tracker.advance()
    return moves, np.array(changes)


def fitted(moves: Numbers, changes: Numbers) -> dict[int, Numbers]:
    """Finds the mean slope of each descriptor, by ridge regression.

    Args:
        moves: [M, K].
        changes: [M, D]; NaN where a sound has no such descriptor.

    Returns:
        Slopes [K] by the number of the descriptor, the best explained first; without those that
        too few sounds have, or that no direction explains.

    Source:
        Hoerl & Kennard 1970; the sum of squares of the left-out: Allen 1974 (PRESS).

    Example:
        >>> moves = np.random.default_rng(0).standard_normal((40, 3))
        >>> fitted(moves, moves @ np.array([[0.0], [2.0], [0.0]]))[0].round(1).tolist()
        [0.0, 2.0, 0.0]
    """
    found = []
    for number in range(changes.shape[1]):
        known = np.isfinite(changes[:, number])
        if known.mean() < _MEASURABLE:
            continue
        change = np.clip(changes[known, number], -_FARTHEST, _FARTHEST)
        explained, slope = _ridge(moves[known], change)
        if explained > 0 and slope.any():  # a network may sound alike wherever it is asked
            found.append((explained, number, slope))
    return {number: slope for _, number, slope in sorted(found, key=lambda one: -one[0])}


def _ridge(moves: Numbers, change: Numbers) -> tuple[float, Numbers]:
    """The share of a change that is explained when left out, and the slope where it is sure."""
    best, total = (-np.inf, np.zeros(moves.shape[1])), float(np.square(change).sum())
    square = moves.T @ moves
    for strength in _STRENGTHS:
        held = strength * np.trace(square) / max(len(square), 1)
        inverse = np.linalg.inv(square + held * np.eye(len(square)))
        slope = inverse @ (moves.T @ change)
        leverage = np.einsum("mk,kl,ml->m", moves, inverse, moves)
        left_out = (change - moves @ slope) / (1 - leverage)
        explained = 1 - float(np.square(left_out).sum()) / max(total, 1e-12)
        doubt = np.sqrt(np.diag(inverse) * np.square(left_out).mean())
        sure = np.where(np.abs(slope) >= _SURE * doubt, slope, 0)
        best = max(best, (explained, sure if sure.any() else slope), key=lambda one: one[0])
    return best
