"""Copy maps: which moment of a recording each moment of a sound resembles, and whether it is it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from timbrel.evaluation.originality.differences import (
    MAPS,
    WHOLE,
    along,
    nearest_windows,
    width_of,
)
from timbrel.evaluation.originality.moments import HOP_S, STEP_S, Moments
from timbrel.evaluation.originality.tracing import Trace

BRIDGED = 2  # moments
LOST = 2.0  # thresholds, from which on a moment has nothing to do with the way

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Run:
    """A stretch of a sound that goes through the recording without a cut.

    Attributes:
        begins_s: Where it begins in the sound.
        from_s: Where it begins in the recording.
        length_s: How long it is.
    """

    begins_s: float
    from_s: float
    length_s: float


@dataclass(frozen=True, eq=False)
class CopyMap:
    """The counterpart of each moment of a sound, every 50 ms.

    Attributes:
        times_s: When the moments are, [N].
        places_s: Where their counterparts are in the recording, on the way with the fewest cuts;
            of moments that are nowhere near this way, the nearest place, [N].
        distances_db: How far they are from each other, [N]; infinite for silence.
        cuts: Where the way does not go on from the moment before, [N].
        audible: Where the sound is not silent, [N].
        threshold_db: Nearer than that is copied.
        new_db: As far as that, or farther, is new.
    """

    times_s: Floats
    places_s: Floats
    distances_db: Floats
    cuts: Flags
    audible: Flags
    threshold_db: float
    new_db: float

    @property
    def copied(self) -> Flags:
        """Which audible moments are copied, [N]."""
        return self.audible & (self.distances_db < self.threshold_db)

    @property
    def ratio(self) -> float:
        """The share of audible moments that are copied; not a number for silence."""
        return _share(self.copied, self.audible)

    @property
    def novelty(self) -> float:
        """How new the sound is, 0 to 1; not a number for silence.

        The mean over audible moments of 0 where they are copied, 1 where they are as far from the
        recording as its own passages typically are from each other, and in proportion between.
        """
        if not self.audible.any():
            return math.nan
        beyond = self.distances_db[self.audible] - self.threshold_db
        return float(np.clip(beyond / (self.new_db - self.threshold_db), 0, 1).mean())

    @property
    def runs(self) -> tuple[Run, ...]:
        """The copied stretches, in order; silence, or 0.1 s that are not copied, end none."""
        copied = np.flatnonzero(self.copied)
        if not len(copied):
            return ()
        lost = np.cumsum(self.audible & ~self.copied)[copied]
        pieces = np.cumsum(self.cuts)[copied]
        ends = (np.diff(pieces) > 0) | (np.diff(lost) > BRIDGED)
        return tuple(
            Run(
                float(self.times_s[one[0]]),
                float(self.places_s[one[0]]),
                float(one[-1] - one[0] + 1) * STEP_S,
            )
            for one in np.split(copied, np.flatnonzero(ends) + 1)
        )

    @property
    def audible_s(self) -> float:
        """From the first to the last audible moment, in seconds."""
        places = np.flatnonzero(self.audible)
        return float(places[-1] - places[0] + 1) * STEP_S if len(places) else 0.0

    @property
    def longest_run_s(self) -> float:
        """The length of the longest run in seconds, 0 where there is none."""
        return max((run.length_s for run in self.runs), default=0.0)

    @property
    def mean_run_s(self) -> float:
        """The mean length of a run in seconds, not a number where there is none."""
        lengths = [run.length_s for run in self.runs]
        return sum(lengths) / len(lengths) if lengths else math.nan


def _share(some: Flags, of: Flags) -> float:
    return float(some.sum() / of.sum()) if of.any() else math.nan


@dataclass(frozen=True)
class Yardstick:
    """What counts as near, for the whole and for each part from low to high.

    Attributes:
        thresholds_db: Nearer than that is copied.
        new_db: As far as that is new.
    """

    thresholds_db: tuple[float, ...]
    new_db: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Traced:
    """A sound explained as pieces of a recording.

    Attributes:
        maps: That of the whole, then those of its parts from low to high.
        nearest: How near the nearest moment of the recording is for each map, in thresholds,
            [MAPS, N]; a map may pass it by, where reaching it takes a cut.
        together: How near the one moment is where all parts that are copied are at once, [N].
    """

    maps: tuple[CopyMap, ...]
    nearest: Floats
    together: Floats


def traced(
    output: Moments,
    recording: Moments,
    yardstick: Yardstick,
    *,
    apart_s: float = 0.0,
    first_s: float = 0.0,
) -> Traced:
    """Explains a sound as pieces of a recording: as a whole, and each of its parts alone.

    Args:
        output: Windows of the sound.
        recording: Windows of the recording.
        yardstick: What counts as near.
        apart_s: As `nearest_windows`.
        first_s: As `nearest_windows`.

    Returns:
        The maps, and how near whole and parts are.
    """
    limits = torch.tensor(yardstick.thresholds_db).square()[:, None, None]
    traces = [Trace(width_of(recording)) for _ in range(MAPS)]
    nearest, together = [], []
    row = 0
    for squares in nearest_windows(output, recording, apart_s=apart_s, first_s=first_s):
        near = squares.div_(limits).sqrt_()
        for trace, one in zip(traces, near, strict=True):
            trace.add(one.numpy())
        nearest.append(near.amin(dim=2))
        heard = output.parts_audible[:, row : row + near.shape[1]]
        found = heard & (nearest[-1][1:] < 1)
        together.append(near[1:].masked_fill_(~found[..., None], 0.0).amax(dim=0).amin(dim=1))
        row += near.shape[1]
    apart = (apart_s, first_s)
    maps = [
        _map(number, trace, output, recording, yardstick, apart)
        for number, trace in enumerate(traces)
    ]
    return Traced(
        tuple(maps),
        torch.cat(nearest, dim=1).double().numpy(),
        torch.cat(together).double().numpy(),
    )


def _map(
    number: int,
    trace: Trace,
    output: Moments,
    recording: Moments,
    yardstick: Yardstick,
    apart: tuple[float, float],
) -> CopyMap:
    way, cuts = trace.way()
    own = _distances_db(number, way, output, recording, apart)
    places = np.where(own < LOST * yardstick.thresholds_db[number], way, trace.nearest())
    heard = output.audible if number == WHOLE else output.parts_audible[number - 1]
    return CopyMap(
        times_s=np.asarray(apart[1] + np.arange(len(places)) * STEP_S, np.float64),
        places_s=np.asarray(places * HOP_S, np.float64),
        distances_db=_distances_db(number, places, output, recording, apart),
        cuts=cuts,
        audible=heard.numpy(),
        threshold_db=yardstick.thresholds_db[number],
        new_db=yardstick.new_db[number],
    )


def _distances_db(
    number: int,
    places: NDArray[np.int64],
    output: Moments,
    recording: Moments,
    apart: tuple[float, float],
) -> Floats:
    squares = along(output, recording, torch.from_numpy(places), apart_s=apart[0], first_s=apart[1])
    return np.asarray(squares[number].sqrt().double().numpy(), np.float64)


def put_together(maps: Sequence[CopyMap]) -> CopyMap:
    """Puts the maps of several parts of one sound into one; each part begins with a cut.

    Args:
        maps: At least one, all by one yardstick.

    Returns:
        One map.
    """
    return CopyMap(
        times_s=np.concatenate([one.times_s for one in maps]),
        places_s=np.concatenate([one.places_s for one in maps]),
        distances_db=np.concatenate([one.distances_db for one in maps]),
        cuts=np.concatenate([one.cuts for one in maps]),
        audible=np.concatenate([one.audible for one in maps]),
        threshold_db=maps[0].threshold_db,
        new_db=maps[0].new_db,
    )
