"""The page of an experiment's report, in the dress of all reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from timbrel.evaluation.markup import element, table, text
from timbrel.evaluation.page import Shown, whole
from timbrel.experiments._findings import Cell, Column, Exhibit, Findings, Picture, Table

WIDEST_PX = 1170  # what fits a page


@dataclass(frozen=True)
class Files:
    """What lies beside the page.

    Attributes:
        pictures: Paths of the findings' pictures, in their order.
        sounds: For each exhibit its sounds.
    """

    pictures: Sequence[str]
    sounds: Sequence[Sequence[Shown]]


def page(title: str, findings: Findings, facts: Mapping[str, Any], placed: Files) -> str:
    """Writes the page.

    Args:
        title: Of the experiment.
        findings: What it found.
        facts: What the numbers depend on.
        placed: What lies beside the page.

    Returns:
        HTML with no script; its policy lets it load nothing but the files beside it.
    """
    parts = [
        *(_table(one) for one in findings.tables),
        *(
            _picture(one, path)
            for one, path in zip(findings.pictures, placed.pictures, strict=True)
        ),
        *(
            _exhibit(one, sounds)
            for one, sounds in zip(findings.exhibits, placed.sounds, strict=True)
        ),
        _facts(facts),
    ]
    return whole(title, findings.subtitle, findings.verdict, parts)


def _table(one: Table) -> str:
    best = {column.title: one.best(column) for column in one.columns}
    rows = [
        [
            text(name),
            *(
                _cell(cell, column, is_best=best[column.title] == name)
                for cell, column in zip(cells, one.columns, strict=True)
            ),
        ]
        for name, cells in one.rows.items()
    ]
    head = ["", *(column.title for column in one.columns)]
    parts = element("h2", text(one.title)) + element("p", text(one.note), class_="note")
    return element("section", parts + table(head, rows))


def _cell(cell: Cell, column: Column, *, is_best: bool) -> str:
    if cell.text:
        return text(cell.text)
    if cell.value is None:
        return "undefined" if cell.undefined else "–"
    value = element("b" if is_best else "span", text(number(cell.value, column.digits)))
    return value + element("small", text(_beside(cell, column.digits)))


def _beside(cell: Cell, digits: int) -> str:
    """The interval, how many sounds stand behind the number, and how many could not."""
    parts = []
    if cell.low is not None and cell.high is not None:
        parts.append(f"{number(cell.low, digits)} to {number(cell.high, digits)}")
    if cell.count:
        parts.append(f"n {cell.count}")
    if cell.undefined:
        parts.append(f"{cell.undefined} undefined")
    return ", ".join(parts)


def number(value: float, digits: int) -> str:
    """Writes a number with a minus that is a minus.

    Args:
        value: The number.
        digits: Digits behind the point.

    Returns:
        Its text.

    Example:
        >>> number(-1.256, 2)
        '−1.26'
    """
    return f"{value:.{digits}f}".replace("-", "−")


def _picture(one: Picture, path: str) -> str:
    width = f"{min(one.width_px, WIDEST_PX)}"
    image = element("img", "", src=path, alt=one.caption, width=width)
    return element("section", element("h2", text(one.caption)) + image)


def _exhibit(exhibit: Exhibit, sounds: Sequence[Shown]) -> str:
    figures = "".join(_figure(one) for one in sounds)
    return element(
        "article",
        element("h3", text(exhibit.title))
        + element("p", text(exhibit.note), class_="note")
        + element("div", figures, class_="five" if exhibit.in_fives else "four"),
        class_="example",
    )


def _figure(one: Shown) -> str:
    return element(
        "figure",
        element("img", "", src=one.picture, alt=f"Spectrogram: {one.caption}", width="100%")
        + element("figcaption", text(one.caption))
        + element("audio", "", controls="", preload="none", src=one.sound),
    )


def _facts(facts: Mapping[str, Any]) -> str:
    rows = [[text(name), text(value)] for name, value in facts.items()]
    return element("section", element("h2", "About these numbers") + table(["", ""], rows))
