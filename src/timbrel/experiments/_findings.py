"""What an experiment found: tables, pictures and sounds, plain and frozen."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from timbrel.evaluation.statistics import Interval, mean_interval, rate_interval
from timbrel.signal.files import Sound


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Attributes:
        value: The number; None where there is none.
        low: Lower end of its 95 % interval; None where it is no mean.
        high: Upper end of its 95 % interval.
        count: From how many sounds.
        undefined: How many more sounds the number is not defined for.
        text: Words in the place of a number.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    count: int = 0
    undefined: int = 0
    text: str = ""


NOTHING = Cell()


def words(text: str) -> Cell:
    """Makes a cell of words.

    Args:
        text: The words.

    Returns:
        The cell.
    """
    return Cell(text=text)


def single(value: float, *, count: int) -> Cell:
    """Makes a cell of one number that is no mean.

    Args:
        value: The number; one that is not finite gives an empty cell.
        count: From how many sounds it was measured.

    Returns:
        The cell.

    Example:
        >>> single(-1.25, count=68).value
        -1.25
    """
    return Cell(value=float(value), count=count) if math.isfinite(value) else Cell(undefined=count)


def mean(values: Sequence[float], *, seed: int) -> Cell:
    """Makes a cell of the mean of some numbers with its bootstrap interval.

    Args:
        values: One number a sound; those that are not finite are counted and left out.
        seed: Seed of the resampling.

    Returns:
        The cell; empty where no number is finite.

    Example:
        >>> cell = mean([1.0, 3.0, math.nan], seed=0)
        >>> cell.value, cell.count, cell.undefined
        (2.0, 2, 1)
    """
    finite = [value for value in values if math.isfinite(value)]
    undefined = len(values) - len(finite)
    if not finite:
        return Cell(undefined=undefined)
    return of(mean_interval(finite, seed=seed), undefined=undefined)


def rate(successes: int, count: int) -> Cell:
    """Makes a cell of a rate with its Wilson interval.

    Args:
        successes: How many succeeded.
        count: How many were tried; none gives an empty cell.

    Returns:
        The cell.
    """
    return of(rate_interval(successes, count)) if count else NOTHING


def of(interval: Interval, *, undefined: int = 0) -> Cell:
    """Makes a cell of an estimate.

    Args:
        interval: The estimate.
        undefined: How many more sounds it is not defined for.

    Returns:
        The cell.
    """
    return Cell(interval.value, interval.low, interval.high, interval.count, undefined)


@dataclass(frozen=True)
class Column:
    """The head of a column.

    Attributes:
        title: What it is called.
        better: "higher" or "lower"; "" where neither is better.
        digits: Digits behind the point.
    """

    title: str
    better: str = ""
    digits: int = 2


@dataclass(frozen=True)
class Table:
    """A table of an experiment.

    Attributes:
        title: Its heading.
        note: What to know before reading it.
        columns: The head; the first column, the rows' names, is not among them.
        rows: Name of a row to its cells, as many as columns.
    """

    title: str
    note: str
    columns: tuple[Column, ...]
    rows: Mapping[str, Sequence[Cell]]

    def cell(self, row: str, column: str) -> Cell:
        """Finds one cell.

        Args:
            row: Name of its row.
            column: Title of its column.

        Returns:
            The cell.
        """
        return self.rows[row][[one.title for one in self.columns].index(column)]

    def best(self, column: Column) -> str:
        """Names the row with the best value of a column.

        Args:
            column: One of the columns.

        Returns:
            The row's name; "" where neither direction is better or no row has a number.
        """
        place = self.columns.index(column)
        found = {
            name: value
            for name, cells in self.rows.items()
            if (value := cells[place].value) is not None
        }
        if not found or not column.better:
            return ""
        pick = max if column.better == "higher" else min
        return str(pick(found, key=lambda name: found[name]))


@dataclass(frozen=True)
class Picture:
    """A picture.

    Attributes:
        caption: What it shows.
        png: The picture itself.
    """

    caption: str
    png: bytes = field(repr=False)

    @property
    def width_px(self) -> int:
        """Its width, as its header says."""
        return int.from_bytes(self.png[16:20], "big")


@dataclass(frozen=True)
class Exhibit:
    """Sounds that stand side by side, to see and hear.

    Attributes:
        title: What they are.
        note: A line beneath.
        sounds: Caption to sound, the reference first.
        one_level: Whether 0 dB is the first sound's maximum in all pictures, else each one's own.
        in_fives: Whether five stand in each row, whatever the page's width.
    """

    title: str
    note: str
    sounds: Mapping[str, Sound]
    one_level: bool = True
    in_fives: bool = False


@dataclass(frozen=True)
class Findings:
    """All that an experiment found.

    Attributes:
        subtitle: A line beneath the title: what was done to what.
        verdict: Plain sentences, the most important first, each derived from the numbers.
        tables: The tables.
        pictures: The pictures.
        exhibits: The sounds.
        facts: What the numbers depend on, beside machine and versions.
    """

    subtitle: str
    verdict: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
