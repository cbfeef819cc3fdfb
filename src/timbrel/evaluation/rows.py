"""Rows: one number of each of several instruments, and whether one of them is surely the best."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from timbrel.evaluation.statistics import UNDEFINED, Interval


@dataclass(frozen=True)
class Row:
    """One number of each instrument.

    Attributes:
        title: What it is.
        unit: Its unit, "" for a ratio.
        higher_is_better: Its direction; None where neither is.
        values: Instrument to number; one without an interval has its ends at its value.
        real: The same number of what it is to be put beside, where there is such.
        best: The instrument that is surely better than every other, "" where there is none.
        percent: Whether it is a rate.
    """

    title: str
    unit: str
    higher_is_better: bool | None
    values: dict[str, Interval]
    real: Interval | None = None
    best: str = ""
    percent: bool = False


@dataclass(frozen=True)
class Section:
    """Numbers that belong together.

    Attributes:
        title: What they are about.
        note: How they were measured.
        real: What `Row.real` is, for the head of its column; "" where there is none.
        rows: The numbers.
    """

    title: str
    note: str
    real: str
    rows: tuple[Row, ...]


def alone(value: float) -> Interval:
    """Puts a number that has no interval where one is expected.

    Args:
        value: The number; not a number where it is undefined.

    Returns:
        An interval without width.
    """
    return UNDEFINED if math.isnan(value) else Interval(value, value, value, 1)


def surely_better(ours: Interval, theirs: Interval, *, higher: bool) -> bool:
    """Tells whether one of two independent numbers is better, as far as their intervals say.

    The interval of their difference is found from the two intervals, from the ends that face each
    other.

    Args:
        ours: A number with its 95 % interval.
        theirs: Another, of other sounds.
        higher: Whether more is better.

    Returns:
        True where the interval of the difference excludes zero on our side.

    Source:
        Newcombe, "Interval estimation for the difference between independent proportions" (1998),
        method 10; for means and other numbers the same rule is the normal one.

    Example:
        >>> surely_better(Interval(5, 4, 6, 9), Interval(3, 2, 4, 9), higher=True)
        True
    """
    gain = ours.value - theirs.value if higher else theirs.value - ours.value
    near = ours.value - ours.low if higher else ours.high - ours.value
    far = theirs.high - theirs.value if higher else theirs.value - theirs.low
    return gain > math.hypot(near, far)


def surely_best(names: Sequence[str], better: Callable[[str, str], bool]) -> str:
    """Finds the one that is surely better than every other.

    Args:
        names: What is compared.
        better: Whether the first is surely better than the second.

    Returns:
        Its name, "" where there is none, or nothing to compare it with.

    Example:
        >>> surely_best(["a", "b"], lambda one, other: one < other)
        'a'
    """
    for name in names if len(names) > 1 else ():
        if all(better(name, other) for other in names if other != name):
            return name
    return ""


def independent(values: Mapping[str, Interval], *, higher: bool) -> str:
    """Finds the number that is surely better than every other, all being of different sounds.

    Args:
        values: Name to number.
        higher: Whether more is better.

    Returns:
        Its name, "" where there is none.
    """
    return surely_best(
        list(values), lambda a, b: surely_better(values[a], values[b], higher=higher)
    )
