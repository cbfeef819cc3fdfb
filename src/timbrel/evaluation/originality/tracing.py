"""Tracing: a sound explained as pieces of a recording, by as few cuts as will do.

Each moment has a counterpart in the recording. Going on at the same rate costs nothing, a cut as
much as a moment that is not copied; the cheapest way through all moments is found by dynamic
programming. A loop that repeats exactly is so explained by one long piece, and not by a random
choice among its repeats.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from timbrel.evaluation.originality.moments import STRIDE

CUT_COST = 1.0
SLIP_FRAMES = 3  # 30 ms: what goes on so nearly was not cut, but played a little faster or slower
SURE = 0.5  # thresholds: what is nearer is the same, and none of it more so
NEW_COST, DEAREST = 0.5, 2.5

Costs = NDArray[np.float32]


class Trace:
    """The cheapest way through a recording, found row by row.

    Args:
        width: How many places the recording has.

    Example:
        >>> trace = Trace(20)
        >>> rows = np.full((3, 20), 9.0, np.float32)
        >>> rows[0, 4] = rows[1, 9] = rows[2, 14] = 0.1
        >>> trace.add(rows)
        >>> trace.way()[0].tolist()
        [4, 9, 14]
    """

    def __init__(self, width: int) -> None:
        self._total = np.zeros(0, np.float32)
        self._width = width
        self._best: list[int] = []  # the cheapest place of each row
        self._nearest: list[int] = []
        self._went_on: list[NDArray[np.uint8]] = []  # one bit a place: memory stays small

    def add(self, nearness: Costs) -> None:
        """Goes on by some moments.

        Args:
            nearness: How far each moment is from each place, in thresholds: below 1 is copied,
                [rows, width].
        """
        self._nearest += nearness.argmin(axis=1).tolist()
        for cost in _costs(nearness):
            self._step(cost)

    def _step(self, cost: Costs) -> None:
        if self._best:
            stay = np.full(self._width, np.inf, np.float32)
            stay[STRIDE:] = self._total[:-STRIDE]
            went_on = stay <= CUT_COST  # the cheapest place costs nothing, see below
            self._went_on.append(np.packbits(went_on))
            cost = cost + np.where(went_on, stay, np.float32(CUT_COST))
        self._best.append(int(cost.argmin()))
        self._total = cost - cost[self._best[-1]]

    def nearest(self) -> NDArray[np.int64]:
        """Gives the place that each moment is nearest to, whatever comes before and after.

        Returns:
            Places, [N].
        """
        return np.array(self._nearest, np.int64)

    def way(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Gives the counterparts of all moments that were added.

        Returns:
            The place of each moment [N], and whether it does not go on from the one before, to
            30 ms, [N]; the first does not.
        """
        places = np.zeros(len(self._best), np.int64)
        goes_on = False
        for row in range(len(places) - 1, -1, -1):
            places[row] = places[row + 1] - STRIDE if goes_on else self._best[row]
            goes_on = row > 0 and _bit(self._went_on[row - 1], int(places[row]))
        leaps = np.abs(np.diff(places) - STRIDE) > SLIP_FRAMES
        return places, np.concatenate([np.ones(min(len(places), 1), np.bool_), leaps])


def _costs(nearness: Costs) -> Costs:
    """What a moment costs: up to 0.5 where it is copied, 1 to 2.5 where it is not."""
    beyond = np.maximum(nearness - SURE, 0)
    dear = np.minimum(beyond + NEW_COST, DEAREST)
    return np.asarray(np.where(nearness < 1, beyond, dear), np.float32)


def _bit(packed: NDArray[np.uint8], place: int) -> bool:
    return bool(packed[place // 8] >> (7 - place % 8) & 1)
