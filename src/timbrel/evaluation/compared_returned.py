"""What comes back of the same held-out sounds from several instruments, compared sound by sound."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from timbrel.errors import UsageError
from timbrel.evaluation.reconstruction import ALL, Measure, Scored, Version
from timbrel.evaluation.results import Report
from timbrel.evaluation.rows import Row, Section, alone, surely_best
from timbrel.evaluation.statistics import UNDEFINED, Interval, defined_mean

TITLE = "What comes back of held-out sounds"
GRADE = "odg"
FEWEST_PAIRED = 5  # sounds: of fewer, no bootstrap interval is to be trusted

Scores = Mapping[str, Mapping[str, Scored]]


def common(scored: Mapping[str, Sequence[Scored]]) -> dict[str, dict[str, Scored]]:
    """Keeps the scores of those sounds that were judged of all instruments.

    Args:
        scored: Instrument to the scores of its held-out sounds.

    Returns:
        Instrument, then id, to scores; nothing of no instruments.

    Raises:
        UsageError: When there is no such sound.
    """
    tables = {name: {row.id: row for row in rows} for name, rows in scored.items()}
    shared = set.intersection(*(set(table) for table in tables.values())) if tables else set()
    if tables and not shared:
        raise UsageError("instruments without a held-out sound in common", "one library, one split")
    return {
        name: {id_: row for id_, row in table.items() if id_ in shared}
        for name, table in tables.items()
    }


def _measures(reports: Mapping[str, Report]) -> dict[str, Measure]:
    """The metrics that all instruments were measured by."""
    first, *others = (report.reconstruction for report in reports.values())
    return {name: one for name, one in first.items() if all(name in other for other in others)}


def _values(scores: Mapping[str, Scored], metric: str, version: Version) -> dict[str, float]:
    return {
        id_: row.scores[version][metric]
        for id_, row in scores.items()
        if metric in row.scores[version]
    }


def returned(reports: Mapping[str, Report], scores: Scores, seed: int) -> Section:
    """Compares what comes back of held-out sounds.

    Args:
        reports: Instrument to its report.
        scores: Instrument to the scores of the held-out sounds, by id.
        seed: Seed of the bootstrap.

    Returns:
        The section; without rows where there is nothing to show.
    """
    rows = [
        _paired_row(measure, name, scores, seed) for name, measure in _measures(reports).items()
    ]
    return Section(
        TITLE,
        "Means over the same held-out sounds with 95 % bootstrap intervals; beside them the nearest"
        " training sound. Slow metrics were asked about a part of the sounds.",
        "Nearest training sound",
        tuple(rows),
    )


def _paired_row(
    measure: Measure, metric: str, scores: Scores, seed: int, version: Version = "reconstruction"
) -> Row:
    columns = {name: _values(table, metric, version) for name, table in scores.items()}
    first = next(iter(scores.values()))
    nearest = list(_values(first, metric, "nearest").values())
    return Row(
        measure.title,
        measure.unit,
        measure.higher_is_better,
        {name: defined_mean(list(found.values()), seed=seed) for name, found in columns.items()},
        defined_mean(nearest, seed=seed),
        surely_best(
            list(columns),
            lambda a, b: (
                _paired_gain(columns[a], columns[b], measure.higher_is_better, seed).low > 0
            ),
        ),
    )


def _paired_gain(
    ours: Mapping[str, float], theirs: Mapping[str, float], higher: bool, seed: int
) -> Interval:
    """How much better we are, sound by sound; undefined, so not above 0, of few."""
    sign = 1 if higher else -1
    gains = [sign * (ours[id_] - theirs[id_]) for id_ in ours if id_ in theirs]
    found = defined_mean(gains, seed=seed)
    return found if found.count >= FEWEST_PAIRED else UNDEFINED


def floors(reports: Mapping[str, Report], scores: Scores, seed: int) -> Section:
    """Compares what front ends and phase methods do alone.

    Args:
        reports: Instrument to its report.
        scores: Instrument to the scores of the held-out sounds, by id.
        seed: Seed of the bootstrap.

    Returns:
        The section; without rows where there is nothing to show.
    """
    rows = [
        _paired_row(measure, name, scores, seed, "round_trip")
        for name, measure in _measures(reports).items()
    ]
    return Section(
        "What their front ends could do",
        "The same, through each instrument's front end and phase method alone, without its network:"
        " what no training of it can beat.",
        "",
        tuple(replace(row, real=None) for row in rows),
    )


def graded(reports: Mapping[str, Report], scores: Scores, seed: int) -> Section:
    """Compares the objective difference grade of each label: mean and best, and of all joined.

    Args:
        reports: Instrument to its report.
        scores: Instrument to the scores of the held-out sounds, by id.
        seed: Seed of the bootstrap.

    Returns:
        The section; without rows where there is nothing to show.
    """
    measures = _measures(reports)
    rows: list[Row] = []
    if GRADE in measures:
        joined = {
            name: alone(report.joined.values["reconstruction"])
            for name, report in reports.items()
            if report.joined
        }
        if len(joined) == len(reports):
            rows.append(Row("joined end to end", "", True, joined))
        for label in measures[GRADE].means:
            own = {
                name: {i: row for i, row in table.items() if label in (ALL, row.label)}
                for name, table in scores.items()
            }
            row = _paired_row(measures[GRADE], GRADE, own, seed)
            rows.append(replace(row, title=f"{label}, mean", unit=""))
            best = {
                name: alone(report.reconstruction[GRADE].best.get(label, math.nan))
                for name, report in reports.items()
            }
            rows.append(Row(f"{label}, best", "", True, best))
    return Section(
        "Objective difference grade, label by label",
        "0 is imperceptible, −4 very annoying; of a part of the held-out sounds, as many of each"
        " label as can be.",
        "Nearest training sound",
        tuple(rows),
    )
