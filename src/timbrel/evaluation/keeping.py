"""Keeping: which of many made sounds are worth keeping, and why.

Numbers in, choice and reasons out. What is silent, broken or a copy is left out first. Of the rest
each criterion makes an order, and sounds are kept one after another: each time the one whose place
is best, half by how good it is (the critic, nearness to the data; mean of its ranks) and half by
how far it is from those kept before it (Gonzalez 1985: always the farthest next), so that sixteen
of two hundred are not sixteen times the best one.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from timbrel.errors import UsageError
from timbrel.evaluation.copying import COPIED
from timbrel.evaluation.sketches import Sketches, distances

CRITIC, DATA, OTHERS = "critic", "data", "others"

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Candidate:
    """What is known of a made sound, without the sound.

    Attributes:
        number: Which draw it is.
        sketch: How it sounds, to be told from the others, [D].
        score: The critic's score, higher is more real; None where there is no critic.
        nearest: Name of the nearest training sound, "" where none could be asked.
        distance_db: How far that is, by sketches; None where none could be asked.
        copied: The share of it that is a near copy of a training sound, 0 to 1.
        flaw: Why it is no sound to keep, such as "silent"; "" where nothing is wrong.
    """

    number: int
    sketch: Sketches
    score: float | None = None
    nearest: str = ""
    distance_db: float | None = None
    copied: float = 0.0
    flaw: str = ""


@dataclass(frozen=True)
class Kept:
    """A sound that was kept.

    Attributes:
        number: Which draw it is.
        place: When it was kept: 1 is the first.
        ranks: Criterion to its rank among those that could be kept when it was: 1 is best.
        score: The critic's score; None where there is no critic.
        nearest: Name of the nearest training sound.
        distance_db: How far that is; None where none could be asked.
        apart_db: How far it is from the nearest sound kept before it; None for the first.
        reason: All of it in a sentence.
    """

    number: int
    place: int
    ranks: Mapping[str, int]
    score: float | None
    nearest: str
    distance_db: float | None
    apart_db: float | None
    reason: str


@dataclass(frozen=True)
class LeftOut:
    """A sound that could not be kept.

    Attributes:
        number: Which draw it is.
        reason: Why.
    """

    number: int
    reason: str


@dataclass(frozen=True)
class Selection:
    """What was kept of many sounds, and why.

    Attributes:
        kept: In the order in which they were kept.
        left_out: What was no sound to keep, by number.
        of: How many there were.
        criteria: By what they were ranked.
        missing: Criterion to why nothing was ranked by it.
        typical_db: How far real sounds that were not learned from are from the nearest training
            sound; None where that is not known.
    """

    kept: tuple[Kept, ...]
    left_out: tuple[LeftOut, ...]
    of: int
    criteria: tuple[str, ...]
    missing: Mapping[str, str] = field(default_factory=dict)
    typical_db: float | None = None


def keep(
    candidates: Sequence[Candidate], count: int, *, typical_db: float | None = None
) -> Selection:
    """Chooses the best of many sounds.

    Args:
        candidates: All that were made, at least one.
        count: How many to keep, at least 1; fewer are kept where fewer are worth it.
        typical_db: How far real sounds that were not learned from are from the nearest training
            sound, in dB; a made sound that is no farther is near enough, and farther ones rank by
            how much farther. None ranks by the distance itself.

    Returns:
        What was kept, and why. Equal sounds rank by their number, so that equal numbers always
        give the same choice.

    Raises:
        UsageError: When there are no candidates, or none shall be kept.

    Source:
        Gonzalez, "Clustering to minimize the maximum intercluster distance" (1985), for the order
        by distance from what was kept.

    Example:
        >>> def made(number, level, score):
        ...     return Candidate(number, np.full(4, level, np.float32), score=score)
        >>> found = keep([made(0, 0, 3.0), made(1, 0.1, 2.9), made(2, 9, 2.0)], 2)
        >>> [one.number for one in found.kept]
        [0, 2]
    """
    if count < 1 or not candidates:
        raise UsageError(f"{count} of {len(candidates)} sounds", "at least one of at least one")
    left_out = [LeftOut(one.number, why) for one in candidates if (why := fault(one))]
    able = sorted((one for one in candidates if not fault(one)), key=lambda one: one.number)
    costs = _costs(able, typical_db)
    return Selection(
        kept=tuple(_greedy(able, costs, min(count, len(able)))),
        left_out=tuple(sorted(left_out, key=lambda one: one.number)),
        of=len(candidates),
        criteria=(*costs, OTHERS),
        missing={name: why for name, why in _WHY_MISSING.items() if able and name not in costs},
        typical_db=typical_db,
    )


_WHY_MISSING = {
    CRITIC: "the instrument has no critic, or it has no opinion of some of them",
    DATA: "no training sound could be asked",
}


def fault(one: Candidate) -> str:
    """Says why a sound cannot be kept.

    Args:
        one: What is known of it.

    Returns:
        The reason in words; "" where it can be kept.

    Example:
        >>> fault(Candidate(0, np.zeros(4, np.float32), nearest="kick 3", copied=1.0))
        'a near copy of kick 3'
    """
    if one.flaw:
        return one.flaw
    if not np.isfinite(one.sketch).all():
        return "not a number"
    if one.copied >= COPIED:
        return f"a near copy of {one.nearest or 'a training sound'}"
    return ""


def _costs(able: Sequence[Candidate], typical_db: float | None) -> dict[str, FloatArray]:
    """The orders that hold from the beginning: criterion to a number a sound, less is better.

    A criterion counts where it is known of every sound: else sounds would be ranked by what is not
    known of others.
    """
    costs = {}
    if able and all(_known(one.score) for one in able):
        costs[CRITIC] = -np.array([one.score for one in able], dtype=np.float64)
    if able and all(_known(one.distance_db) for one in able):
        far_db = np.array([one.distance_db for one in able], dtype=np.float64)
        costs[DATA] = np.maximum(far_db - (typical_db or 0.0), 0.0)
    return costs


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _greedy(able: Sequence[Candidate], costs: Mapping[str, FloatArray], count: int) -> list[Kept]:
    """Keeps one after another: always the one whose place is best, as the module tells."""
    rows = list(range(len(able)))
    sketches = np.stack([one.sketch for one in able]) if able else np.zeros((0, 0), np.float32)
    apart = np.full(len(able), np.inf)  # from the nearest one kept
    kept: list[Kept] = []
    while len(kept) < count:
        good = {name: ranks(cost[rows]) for name, cost in costs.items()}
        other = {OTHERS: ranks(-apart[rows])} if kept else {}
        halves = [np.mean([*part.values()], axis=0) for part in (good, other) if part]
        places = np.sum(halves, axis=0) if halves else np.zeros(len(rows))
        best = int(np.lexsort((-apart[rows], places))[0])  # of equal ones the farthest, the first
        row = rows.pop(best)
        mine = {name: int(order[best]) for name, order in {**good, **other}.items()}
        kept.append(_kept(able[row], len(kept) + 1, mine, len(places), float(apart[row])))
        apart = np.minimum(apart, distances(sketches, sketches[row : row + 1])[:, 0])
    return kept


def ranks(costs: FloatArray) -> NDArray[np.int64]:
    """Ranks numbers, the least first; equal ones share the better rank.

    Args:
        costs: Numbers, [M].

    Returns:
        Ranks from 1, [M].

    Example:
        >>> ranks(np.array([3.0, 1.0, 1.0])).tolist()
        [3, 1, 1]
    """
    return np.searchsorted(np.sort(costs), costs).astype(np.int64) + 1


def _kept(one: Candidate, place: int, mine: Mapping[str, int], of: int, apart_db: float) -> Kept:
    apart = apart_db if math.isfinite(apart_db) else None
    parts = []
    if CRITIC in mine:
        parts.append(f"critic's score {one.score:.3g}, {mine[CRITIC]} of {of}")
    if DATA in mine:
        parts.append(f"{one.distance_db:.1f} dB from {one.nearest}, {mine[DATA]} of {of}")
    if apart is not None:
        parts.append(f"{apart:.1f} dB from the nearest kept before, {mine[OTHERS]} of {of}")
    return Kept(
        one.number, place, mine, one.score, one.nearest, one.distance_db, apart,
        "; ".join(parts) or f"the first of {of}",
    )  # fmt: skip
