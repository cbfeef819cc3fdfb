"""The tables of "does it copy?": numbers of systems beside a montage and the recording itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from timbrel.evaluation.originality.judging import Judged, Originality
from timbrel.evaluation.originality.likeness import DISTANCES, Likened
from timbrel.evaluation.originality.moments import CONTEXT_S, PARTS
from timbrel.evaluation.redrawn import FARTHEST
from timbrel.evaluation.rows import Row, Section, alone
from timbrel.evaluation.statistics import Interval, defined_mean

MONTAGE = "Montage"
ITSELF = "The recording against itself"
HALVES = "One half against the other"
PART_NAMES = ("lowest", "low", "high", "highest")
COPYING_NOTE = (
    "Each moment of a sound, every 50 ms, is held against every moment of the recording, "
    f"{CONTEXT_S:g} s at a time, whatever the level. It is copied where it is as near as the "
    "recording stays to itself through a change that nobody minds, and nearer than its other "
    "passages are to each other. A montage is the recording cut at random and pasted. The recording"
    " against itself: each moment against those that are a second and more away. Means over "
    "outputs with 95 % bootstrap intervals."
)
LIKENESS_NOTE = (
    "How far the statistics of a sound are from the recording's, in units of how far one half of "
    "the recording is from the other: 1 is as unlike as the recording is to itself, and more than "
    f"{FARTHEST:g} counts as {FARTHEST:g}. Means over outputs with 95 % bootstrap intervals."
)
DISTANCES_NOTE = (
    "The same distances in units of their own: root mean squared differences over bands; of the "
    "envelope the mean difference of levels, quantile by quantile; of the pitch classes the share "
    "that would have to move; of the rhythm the difference of autocorrelations of the onsets."
)


def groups(found: Originality) -> dict[str, tuple[Judged, ...]]:
    """Puts systems and montages beside each other.

    Args:
        found: What was found.

    Returns:
        Name to outputs, the montage last.
    """
    return {**found.systems, _free(MONTAGE, found): found.montages}


def _free(name: str, found: Originality) -> str:
    """A name that no system has."""
    return name if name not in found.systems else _free(f"{name} ", found)


def mean_of(outputs: Sequence[Judged], value: Callable[[Judged], float], *, seed: int) -> Interval:
    """Gives the mean of one number over outputs, with its interval.

    Args:
        outputs: Some outputs.
        value: The number of one; not a number where it is undefined.
        seed: Seed of the resampling.

    Returns:
        The mean over those that have a value.
    """
    return defined_mean([value(one) for one in outputs], seed=seed)


def tables(found: Originality) -> tuple[Section, ...]:
    """Makes the tables: copying, likeness in halves, and distances in their own units.

    Args:
        found: What was found.

    Returns:
        Three sections, ready for JSON; a column a system and one for the montage.
    """
    return (
        Section("Does it copy?", COPYING_NOTE, ITSELF, tuple(_copying(found))),
        Section("Is it like the recording?", LIKENESS_NOTE, HALVES, tuple(_likeness(found))),
        Section("Distances of statistics", DISTANCES_NOTE, HALVES, tuple(_distances(found))),
    )


def _copying(found: Originality) -> list[Row]:
    own = found.itself
    rows = [
        ("Copied moments", "", "copy_ratio", True),
        ("Longest copied run", "s", "longest_run_s", False),
        ("Mean copied run", "s", "mean_run_s", False),
        ("Novelty, 0 to 1", "", "novelty", False),
        ("Moments that mix parts of different moments", "", "mixing", True),
    ]
    main = [
        _row(found, title, unit, _number(key), own[key], percent=percent)
        for title, unit, key, percent in rows
    ]
    return main + [_part(found, part) for part in range(PARTS)]


def _number(key: str) -> Callable[[Judged], float]:
    return lambda one: one.numbers[key]


def _part(found: Originality, part: int) -> Row:
    title = f"Copied moments, {PART_NAMES[part]} of {PARTS} parts"
    return _row(found, title, "", lambda one: one.mixing.parts[part], math.nan, percent=True)


def _likeness(found: Originality) -> list[Row]:
    known = found.reference.likened
    own = found.itself["unlikeness"]
    whole = _row(found, "All together", "halves", _number("unlikeness"), own, better=False)
    return [whole] + [
        _row(found, one.title, "halves", _in_halves(name), _own(known, name), better=False)
        for name, one in DISTANCES.items()
    ]


def _in_halves(name: str) -> Callable[[Judged], float]:
    return lambda one: one.halves[name]


def _own(known: Likened, name: str) -> float:
    return known.halves[name] / known.unit(name)


def _distances(found: Originality) -> list[Row]:
    known = found.reference.likened
    return [
        _row(found, one.title, one.unit, _distance(name), known.halves[name], better=False)
        for name, one in DISTANCES.items()
    ]


def _distance(name: str) -> Callable[[Judged], float]:
    return lambda one: one.distances[name]


def _row(
    found: Originality,
    title: str,
    unit: str,
    value: Callable[[Judged], float],
    own: float,
    *,
    percent: bool = False,
    better: bool | None = None,
) -> Row:
    values = {
        name: mean_of(outputs, value, seed=found.seed) for name, outputs in groups(found).items()
    }
    return Row(title, unit, better, values, alone(own), percent=percent)
