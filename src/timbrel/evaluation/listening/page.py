"""The page of a listening test's report, in the dress of all reports."""

from collections.abc import Sequence
from dataclasses import dataclass

from timbrel.evaluation.listening.findings import (
    Cell,
    Chart,
    Column,
    Findings,
    Table,
    Words,
    p_text,
)
from timbrel.evaluation.listening.inference import LEVEL
from timbrel.evaluation.listening.judgements import Rule
from timbrel.evaluation.markup import Mark, chart, element, number, plain, share, table, text
from timbrel.evaluation.page import ShownExample, listen, whole
from timbrel.evaluation.results import Facts
from timbrel.evaluation.statistics import Interval

SHOWN_WORDS = 12  # more are folded away
_COLOURS = {"original": "held_out", "system": "generated", "anchor": "round_trip"}


@dataclass(frozen=True)
class Summary:
    """All that a report says.

    Attributes:
        title: The test's.
        subtitle: A line beneath: what was asked, of how many.
        verdict: What to know first, a sentence each.
        findings: What was found.
        rules: The screening rules with whom they left out.
        closing: What listeners wrote at the end.
        facts: What the numbers depend on.
        notes: What to know of how the test was built.
    """

    title: str
    subtitle: str
    verdict: tuple[str, ...]
    findings: Findings
    rules: tuple[Rule, ...]
    closing: tuple[Words, ...]
    facts: Facts
    notes: tuple[str, ...]


def page(summary: Summary, shown: Sequence[ShownExample]) -> str:
    """Writes the page.

    Args:
        summary: All that it says.
        shown: The sounds to hear.

    Returns:
        HTML with no script; what strangers wrote is escaped, and the page's policy lets it load
        nothing but the files beside it.
    """
    parts = [
        *(_table(one) for one in summary.findings.tables),
        listen("To hear and see", summary.findings.exhibited, shown, "four"),
        _words("What listeners wrote about sounds", summary.findings.words),
        _words("What listeners wrote at the end", summary.closing),
        _screening(summary.rules),
        _about(summary),
    ]
    return whole(summary.title, summary.subtitle, summary.verdict, parts)


def _table(one: Table) -> str:
    rows = [
        [_cell(cell, column) for cell, column in zip(row, one.columns, strict=True)]
        for row in one.rows
    ]
    heading = element("h2", text(one.title)) + element("p", text(one.note), class_="note")
    drawn = _chart(one.chart) if one.chart else ""
    return element("section", heading + drawn + table([c.title for c in one.columns], rows))


def _chart(one: Chart) -> str:
    rows = {
        name: [Mark(_COLOURS[one.kinds.get(name, "system")], estimate)]
        for name, estimate in one.rows.items()
    }
    return element("p", text(one.title), class_="note") + chart(rows, unit=one.unit)


def _cell(cell: Cell, column: Column) -> str:
    if cell is None:
        return "–"
    if column.form == "p" and isinstance(cell, float):
        written = text(p_text(cell).removeprefix("p ").removeprefix("= "))
        sure = cell < LEVEL and "corrected" in column.title
        return element("strong", written, class_="best") if sure else written
    if isinstance(cell, Interval):
        return number(cell, percent=column.form == "percent")
    if isinstance(cell, float):
        return share(cell) if column.form == "percent" else plain(cell)
    return text(cell)


def _words(title: str, found: Sequence[Words]) -> str:
    if not found:
        return ""
    notes = "".join(
        element(
            "article",
            element("p", text(one.said))
            + element("p", text(" · ".join(_of_whom(one))), class_="note"),
            class_="example",
        )
        for one in found
    )
    if len(found) > SHOWN_WORDS:
        notes = element("details", element("summary", f"All {len(found)}") + notes)
    return element("section", element("h2", text(title)) + notes)


def _of_whom(one: Words) -> list[str]:
    return [part for part in (one.about, one.source, f"listener {one.listener}") if part]


def _screening(rules: Sequence[Rule]) -> str:
    note = (
        "Rules by which answers are left out of all numbers above, and whom they left out. The "
        "headphone check leaves nobody out."
    )
    rows = [
        [
            text(f"Left out: {rule.text}"),
            text(rule.source or "timbrel's own"),
            text(f"{len(rule.left_out)} ({', '.join(rule.left_out)})" if rule.left_out else "none"),
            text(rule.count),
        ]
        for rule in rules
    ]
    head = ["rule", "source", "listeners", "answers left out"]
    return element(
        "section",
        element("h2", "Screening") + element("p", text(note), class_="note") + table(head, rows),
    )


def _about(summary: Summary) -> str:
    notes = "".join(element("p", text(note)) for note in summary.notes)
    rows = [[text(name), text(value)] for name, value in summary.facts.items()]
    link = element("a", "answers.csv", href="answers.csv")
    return element(
        "section",
        element("h2", "About this test")
        + notes
        + element("p", f"Every answer stands in {link}.")
        + table(["", ""], rows),
    )
