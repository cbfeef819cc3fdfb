"""Comparison: several instruments judged on the same held-out sounds, number beside number.

A number is marked as best only where it is surely better than every other instrument's: measured
on the same sounds, by the bootstrap interval of the differences sound by sound; else by the
interval of the difference of two independent numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from timbrel.errors import UsageError
from timbrel.evaluation.assessment import Assessment
from timbrel.evaluation.compared_generated import copied, recognised, sets, varied
from timbrel.evaluation.compared_morphs import morphed
from timbrel.evaluation.compared_requirements import TITLE as REQUIREMENTS
from timbrel.evaluation.compared_requirements import requiring, steered
from timbrel.evaluation.compared_returned import TITLE as RETURNED
from timbrel.evaluation.compared_returned import common, floors, graded, returned
from timbrel.evaluation.reconstruction import Scored
from timbrel.evaluation.rows import Row, Section
from timbrel.library.pieces import place


@dataclass(frozen=True)
class Comparison:
    """Several instruments in one report.

    Attributes:
        title: Their names.
        instruments: Their names, in the order asked for.
        held_out: How many held-out sounds all of them were judged on.
        sections: The numbers.
        facts: Instrument to what made it.
        verdict: Plain sentences.
    """

    title: str
    instruments: tuple[str, ...]
    held_out: int
    sections: tuple[Section, ...]
    facts: dict[str, dict[str, str | int | float | bool | None]]
    verdict: tuple[str, ...]


def compare_instruments(assessments: Mapping[str, Assessment], *, seed: int) -> Comparison:
    """Puts the numbers of instruments side by side.

    Args:
        assessments: Instrument to what was found, on the same held-out sounds; at least two.
        seed: Seed of the bootstrap of differences.

    Returns:
        The comparison.

    Raises:
        UsageError: When there are fewer than two, or no held-out sound was judged of all of them
            that can hear one.
    """
    if len(assessments) < 2:
        raise UsageError("fewer than two instruments to compare", "two or more")
    reports = {name: found.report for name, found in assessments.items()}
    hearing = {name: found for name, found in assessments.items() if found.report.reconstruction}
    scores = _paired({name: found.scored for name, found in hearing.items()})
    able = {name: reports[name] for name in scores}
    sections = (
        requiring(assessments, seed),
        steered(reports),
        *([section(able, scores, seed) for section in (returned, floors, graded)] if able else []),
        sets(reports),
        recognised(reports),
        varied(reports),
        copied(reports),
        morphed(reports),
    )
    found = Comparison(
        title=", ".join(reports),
        instruments=tuple(reports),
        held_out=len(next(iter(scores.values())))
        if scores
        else min(report.counts.held_out for report in reports.values()),
        sections=tuple(section for section in sections if section.rows),
        facts={name: dict(report.facts) for name, report in reports.items()},
        verdict=(),
    )
    return replace(found, verdict=_verdict(found))


def _paired(scored: Mapping[str, Sequence[Scored]]) -> dict[str, dict[str, Scored]]:
    """Scores of the same sounds; of none where each instrument has pieces of its own of them."""
    ids = [{row.id for row in rows} for rows in scored.values()]
    pieces = any(place(id_)[0] != id_ for own in ids for id_ in own)
    return {} if pieces and not set.intersection(*ids) else common(scored)


def _is_judged(section: Section, row: Row) -> bool:
    """Whether a row's winner stands in the verdict."""
    if section.title == REQUIREMENTS:
        return row.unit == "spreads"
    return section.title == RETURNED or section.title.endswith("as a whole")


def _verdict(found: Comparison) -> tuple[str, ...]:
    """Says who is ahead in what, the most often ahead first, and in what nobody surely is."""
    judged = [
        (section.title, row)
        for section in found.sections
        for row in section.rows
        if _is_judged(section, row)
    ]
    ahead = {
        name: [row.title for _, row in judged if row.best == name] for name in found.instruments
    }
    sentences = [
        f"{name} is surely ahead in: {', '.join(titles)}."
        for name, titles in sorted(ahead.items(), key=lambda item: -len(item[1]))
        if titles
    ]
    unsure = [
        row.title
        for _, row in judged
        if not row.best and row.higher_is_better is not None and len(row.values) > 1
    ]
    if unsure:
        sentences.append(f"No instrument is surely ahead in: {', '.join(unsure)}.")
    return tuple(sentences)
