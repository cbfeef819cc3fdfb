"""The sections of a comparison's page: a column an instrument."""

from timbrel.evaluation.comparison import Comparison
from timbrel.evaluation.markup import element, number, plain, table, text
from timbrel.evaluation.rows import Row, Section
from timbrel.evaluation.statistics import Interval

SHOWN_FACTS = (
    "recipe",
    "family",
    "sample rate (Hz)",
    "length (s)",
    "training: steps",
    "training: seconds",
    "training: device",
    "sounds: train",
    "sounds: test",
    "phase method",
    "instrument fingerprint",
    "evaluation seed",
    "generated sounds",
    "judged up to (s)",
    "processor",
)


def subtitle(found: Comparison) -> str:
    """Says in a line what stands behind a comparison.

    Args:
        found: Any comparison.

    Returns:
        Plain text.
    """
    return f"{len(found.instruments)} instruments · the same {found.held_out} held-out sounds"


def section(found: Comparison, shown: Section) -> str:
    """Shows numbers that belong together, a column an instrument.

    Args:
        found: The comparison.
        shown: One of its sections.

    Returns:
        Markup.
    """
    head = ["", *found.instruments, *([shown.real] if shown.real else [])]
    rows = (_row(found, shown, row) for row in shown.rows)
    return element(
        "section",
        element("h2", text(shown.title))
        + element("p", text(f"{shown.note} {_MARKED}"), class_="note")
        + table(head, rows),
    )


_MARKED = (
    "Marked: better than every other instrument, by a 95 % interval of the difference. One such"
    " mark in twenty is chance."
)


def _row(found: Comparison, shown: Section, row: Row) -> list[str]:
    cells = [_cell(row.values.get(name), row, best=row.best == name) for name in found.instruments]
    real = [_cell(row.real, row, best=False)] if shown.real else []
    return [f"{text(row.title)} {element('small', text(_direction(row)))}", *cells, *real]


def _direction(row: Row) -> str:
    ways = {True: "higher is better", False: "lower is better", None: ""}
    return ", ".join(part for part in (row.unit, ways[row.higher_is_better]) if part)


def _cell(value: Interval | None, row: Row, *, best: bool) -> str:
    """A number with its interval, where it has one."""
    if value is None:
        return "–"
    exact = value.low == value.high and not row.percent
    written = plain(value.value) if exact else number(value, percent=row.percent)
    return element("strong", written, class_="best") if best else written


def about(found: Comparison) -> str:
    """Shows what made the instruments, and leads to the report of each.

    Args:
        found: Any comparison.

    Returns:
        Markup.
    """
    rows = [
        [text(fact), *(text(found.facts[name].get(fact, "–")) for name in found.instruments)]
        for fact in SHOWN_FACTS
    ]
    links = (
        element("a", text(name), href=f"instruments/{name}/index.html")
        for name in found.instruments
    )
    return element(
        "section",
        element("h2", "How it was made")
        + element("p", "The whole report of each: " + ", ".join(links))
        + table(["Fact", *found.instruments], rows),
    )
