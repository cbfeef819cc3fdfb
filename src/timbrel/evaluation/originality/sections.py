"""The section of a report's page about originality: tables, pictures, output by output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from timbrel.evaluation.markup import element, number, plain, share, table, text
from timbrel.evaluation.originality.canvas import Picture
from timbrel.evaluation.originality.judging import Judged, Originality
from timbrel.evaluation.originality.tables import groups, tables
from timbrel.evaluation.rows import Row, Section

HEAD = (
    "Output", "Length (s)", "Copied", "Longest run (s)", "Mean run (s)", "Novelty", "Mixing",
    "Unlikeness (halves)",
)  # fmt: skip
WIDEST_PX = 1170


def copying(found: Originality, pictures: Mapping[str, Picture], paths: Mapping[str, str]) -> str:
    """Shows whether systems copy the recording that they learned from.

    Args:
        found: What was found.
        pictures: What `pictures` of this package drew.
        paths: Where each of them lies, relative to the page.

    Returns:
        Markup.
    """
    shown = "".join(_picture(one, paths[name]) for name, one in pictures.items() if name in paths)
    return "".join(_section(found, one) for one in tables(found)) + shown + _outputs(found)


def _section(found: Originality, shown: Section) -> str:
    names = list(groups(found))
    return element(
        "section",
        element("h2", text(shown.title))
        + element("p", text(shown.note), class_="note")
        + table(["", *names, shown.real], (_row(row, names) for row in shown.rows)),
    )


def _row(row: Row, names: list[str]) -> list[str]:
    notes = ", ".join(
        part
        for part in (row.unit, "lower is better" if row.higher_is_better is False else "")
        if part
    )
    values = [number(row.values[name], percent=row.percent) for name in names]
    real = row.real.value if row.real else float("nan")
    return [
        f"{text(row.title)} {element('small', text(notes))}",
        *values,
        share(real) if row.percent else plain(real),
    ]


def _picture(one: Picture, path: str) -> str:
    image = element("img", "", src=path, alt=one.caption, width=f"{min(one.width_px, WIDEST_PX)}")
    note = element("p", text(one.note), class_="note")
    return element("section", element("h3", text(one.caption)) + note + image)


def _outputs(found: Originality) -> str:
    return element(
        "details", element("summary", "Output by output") + table(HEAD, _each(found))
    )  # fmt: skip


def _each(found: Originality) -> Iterator[list[str]]:
    for name, outputs in groups(found).items():
        for place, one in enumerate(outputs, start=1):
            yield [f"{text(name)} {place}", *_numbers(one)]


def _numbers(one: Judged) -> list[str]:
    found = one.numbers
    return [
        plain(one.sound.duration_s),
        share(found["copy_ratio"]),
        plain(found["longest_run_s"]),
        plain(found["mean_run_s"]),
        plain(found["novelty"]),
        share(found["mixing"]),
        plain(found["unlikeness"]),
    ]
