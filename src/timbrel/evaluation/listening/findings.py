"""Findings: what a test found, plain and frozen: sentences, tables, charts, sounds to hear."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from timbrel.evaluation.listening.contrasts import (
    FEWEST_LISTENERS,
    ITEMS,
    LISTENERS,
    SOUNDS,
    Contrast,
)
from timbrel.evaluation.listening.inference import LEVEL
from timbrel.evaluation.statistics import Interval

Cell = Interval | float | int | str | None


@dataclass(frozen=True)
class Column:
    """The head of a column.

    Attributes:
        title: What it is called.
        form: How its cells are written: "words", "number", "percent" (of a share) or "p".
    """

    title: str
    form: Literal["words", "number", "percent", "p"] = "number"


@dataclass(frozen=True)
class Chart:
    """Estimates with their intervals, to see.

    Attributes:
        title: What is drawn.
        unit: Unit of the axis.
        rows: Name to estimate.
        kinds: Name to "original", "system" or "anchor".
    """

    title: str
    unit: str
    rows: Mapping[str, Interval]
    kinds: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        title: Its heading.
        note: What to know before reading it.
        columns: The heads, the first that of the rows' names.
        rows: The cells.
        chart: The same to see; None where there is nothing to see.
    """

    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    chart: Chart | None = None


@dataclass(frozen=True)
class Exhibit:
    """Sounds of the test to hear side by side.

    Attributes:
        title: What they are.
        note: A line beneath.
        sounds: Caption and the sound's name in the test.
    """

    title: str
    note: str
    sounds: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Words:
    """What somebody wrote.

    Attributes:
        listener: Who.
        about: The question, or the sound.
        source: What made the sound; "" where it is about no sound.
        said: The words. A stranger wrote them.
    """

    listener: str
    about: str
    source: str
    said: str


@dataclass(frozen=True)
class Findings:
    """All that a test found.

    Attributes:
        verdict: Plain sentences, the most important first.
        tables: The tables.
        exhibits: Sounds to hear.
        words: What listeners wrote.
        exhibited: Why these sounds are shown.
    """

    verdict: tuple[str, ...]
    tables: tuple[Table, ...]
    exhibits: tuple[Exhibit, ...] = ()
    words: tuple[Words, ...] = field(default_factory=tuple)
    exhibited: str = ""


def p_text(p: float) -> str:
    """Writes a p.

    Args:
        p: From 0 to 1.

    Returns:
        Its text.

    Example:
        >>> p_text(0.0384), p_text(0.00002)
        ('p = 0.038', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}" if p < 0.1 else f"p = {p:.2f}"


def percent(share: Interval) -> Interval:
    """Turns a share into percent, for a chart.

    Args:
        share: From 0 to 1.

    Returns:
        The same from 0 to 100.
    """
    return Interval(100 * share.value, 100 * share.low, 100 * share.high, share.count)


def share_text(share: Interval) -> str:
    """Writes a share with its interval, for a sentence.

    Args:
        share: From 0 to 1.

    Returns:
        Its text.

    Example:
        >>> share_text(Interval(0.9, 0.7, 0.972, 20))
        '90 %, 95 % interval 70 to 97'
    """
    shown = percent(share)
    return f"{shown.value:.0f} %, 95 % interval {shown.low:.0f} to {shown.high:.0f}"


def caveats(listeners: int) -> list[str]:
    """Says what so few listeners cannot tell.

    Args:
        listeners: How many answered.

    Returns:
        A sentence, or none where there are enough.

    Example:
        >>> caveats(1)[0][:25]
        'One listener answered: al'
    """
    if listeners == 1:
        return [
            "One listener answered: all of this is about that person's ears, and says nothing "
            "about other people."
        ]
    if listeners < FEWEST_LISTENERS:
        return [
            f"{listeners} listeners answered: too few to say anything about people in general; "
            f"what is found holds for these {listeners}."
        ]
    return []


def contrast_table(found: Sequence[Contrast], what: str) -> Table:
    """Lists comparisons of sources.

    Args:
        found: The comparisons.
        what: What was rated.

    Returns:
        The table.
    """
    units = {one.unit for one in found}
    tests = " ".join(text for unit, text in _TESTS.items() if unit in units)
    return Table(
        f"Compared with each other: {what}",
        f"{tests} p is two-sided; what counts is p corrected for the number of comparisons "
        f"({len(found)}) by Holm's method: below 0.05 the difference is more than chance.",
        (
            Column("higher – lower", "words"),
            Column("difference"),
            Column("p", "p"),
            Column("p, corrected", "p"),
            Column("tested on", "words"),
        ),
        tuple(
            (
                f"{one.first} – {one.second}",
                one.difference,
                one.p,
                one.corrected_p,
                f"{one.count} {one.unit}",
            )
            for one in found
        ),
    )


_TESTS = {
    LISTENERS: "The mean rating of each listener is compared, by turning the signs of the "
    "differences in all ways (or 20,000 drawn ones): it speaks of listeners like these.",
    ITEMS: "There are too few listeners to speak of people in general, so versions of one original "
    "are compared, by turning the signs of the differences in all ways: it speaks of these "
    "listeners and of sounds like these.",
    SOUNDS: "There are too few listeners to speak of people in general, and no versions of one "
    "original, so the sounds' mean ratings are dealt out anew in all ways (or 20,000 drawn ones): "
    "it speaks of these listeners and of sounds like these.",
}


def contrast_sentences(found: Sequence[Contrast], what: str) -> list[str]:
    """Says which differences are more than chance.

    Args:
        found: The comparisons.
        what: What was rated.

    Returns:
        A sentence each that is, one for all others, and one for what could not have been.
    """
    sure = [one for one in found if one.corrected_p < LEVEL]
    sentences = [
        f"In {what}, {one.first} is rated higher than {one.second} "
        f"({p_text(one.corrected_p)}, corrected)."
        for one in sure
    ]
    unsure = [one for one in found if one.corrected_p >= LEVEL]
    hopeless = [f"{one.first} and {one.second}" for one in unsure if one.is_hopeless]
    open_ = [f"{one.first} and {one.second}" for one in unsure if not one.is_hopeless]
    if open_:
        sentences.append(
            f"In {what}, the difference between {'; '.join(open_)} may be chance. That is no "
            "proof that there is none."
        )
    if hopeless:
        sentences.append(
            f"In {what}, there are too few ratings to compare {'; '.join(hopeless)}: no "
            "difference, however clear, could have come out as more than chance."
        )
    return sentences
