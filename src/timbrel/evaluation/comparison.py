"""Comparison: several instruments judged on the same held-out sounds, number beside number.

A number is marked as best only where it is surely better than every other instrument's: measured
on the same sounds, by the bootstrap interval of the differences sound by sound; else by the
interval of the difference of two independent numbers.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from timbrel.errors import UsageError
from timbrel.evaluation.assessment import Assessment
from timbrel.evaluation.diversity import typical_ratio
from timbrel.evaluation.reconstruction import ALL, Measure, Scored, Version
from timbrel.evaluation.results import Report
from timbrel.evaluation.statistics import UNDEFINED, Interval, defined_mean

GRADE = "odg"


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
        UsageError: When there are fewer than two, or no held-out sound was judged of all of them.
    """
    if len(assessments) < 2:
        raise UsageError("fewer than two instruments to compare", "two or more")
    scores = _common({name: found.scored for name, found in assessments.items()})
    reports = {name: found.report for name, found in assessments.items()}
    sections = (
        _returned(reports, scores, seed),
        _floors(reports, scores, seed),
        _graded(reports, scores, seed),
        _sets(reports),
        _recognised(reports),
        _varied(reports),
        _copied(reports),
    )
    found = Comparison(
        title=", ".join(reports),
        instruments=tuple(reports),
        held_out=len(next(iter(scores.values()))),
        sections=tuple(section for section in sections if section.rows),
        facts={name: dict(report.facts) for name, report in reports.items()},
        verdict=(),
    )
    return replace(found, verdict=_verdict(found))


def _common(scored: Mapping[str, Sequence[Scored]]) -> dict[str, dict[str, Scored]]:
    """The scores of those sounds that were judged of all instruments, by id."""
    tables = {name: {row.id: row for row in rows} for name, rows in scored.items()}
    shared = set.intersection(*(set(table) for table in tables.values()))
    if not shared:
        raise UsageError("instruments without a held-out sound in common", "one library, one split")
    return {
        name: {id_: row for id_, row in table.items() if id_ in shared}
        for name, table in tables.items()
    }


Scores = Mapping[str, Mapping[str, Scored]]


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


def _returned(reports: Mapping[str, Report], scores: Scores, seed: int) -> Section:
    rows = [
        _paired_row(measure, name, scores, seed) for name, measure in _measures(reports).items()
    ]
    return Section(
        "What comes back of held-out sounds",
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
        _surely_best(
            list(columns),
            lambda a, b: (
                _paired_gain(columns[a], columns[b], measure.higher_is_better, seed).low > 0
            ),
        ),
    )


def _paired_gain(
    ours: Mapping[str, float], theirs: Mapping[str, float], higher: bool, seed: int
) -> Interval:
    """How much better we are, sound by sound; undefined, and so not above 0, without a pair."""
    sign = 1 if higher else -1
    gains = [sign * (ours[id_] - theirs[id_]) for id_ in ours if id_ in theirs]
    return defined_mean(gains, seed=seed)


def _surely_best(names: Sequence[str], better: Callable[[str, str], bool]) -> str:
    for name in names:
        if all(better(name, other) for other in names if other != name):
            return name
    return ""


def _floors(reports: Mapping[str, Report], scores: Scores, seed: int) -> Section:
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


def _graded(reports: Mapping[str, Report], scores: Scores, seed: int) -> Section:
    """The objective difference grade of each label: mean and best, and of all joined."""
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


def _independent(values: Mapping[str, Interval], *, higher: bool) -> str:
    return _surely_best(
        list(values), lambda a, b: surely_better(values[a], values[b], higher=higher)
    )


def _sets(reports: Mapping[str, Report]) -> Section:
    first = next(iter(reports.values()))
    rows = []
    for name, one in first.sets.items():
        values = {
            title: report.sets[name].generated or UNDEFINED
            for title, report in reports.items()
            if name in report.sets
        }
        if len(values) == len(reports):
            best = _independent(values, higher=one.higher_is_better)
            rows.append(Row(one.title, one.unit, one.higher_is_better, values, one.held_out, best))
    counts = ", ".join(f"{n} {r.counts.matched}" for n, r in reports.items())
    return Section(
        "Generated sounds, like real ones as a whole",
        "Compared with training sounds that the classifier behind it did not learn from; beside"
        " them as many held-out real sounds, equally many of each label. Sounds compared:"
        f" {counts}.",
        "Held-out real",
        tuple(rows),
    )


def _recognised(reports: Mapping[str, Report]) -> Section:
    heard = {name: r.listening for name, r in reports.items() if r.listening}
    rows: list[Row] = []
    if len(heard) == len(reports):
        first = next(iter(heard.values()))
        made = {name: one.generated for name, one in heard.items() if one.generated}
        if len(made) == len(heard):
            overall = {name: one.overall for name, one in made.items()}
            rows = [_rate(ALL, overall, first.held_out.overall)] + [
                _rate(label, {n: one.labels.get(label, UNDEFINED) for n, one in made.items()}, real)
                for label, real in first.held_out.labels.items()
            ]
            ratios = {n: alone(math.nan if o.ratio is None else o.ratio) for n, o in heard.items()}
            rows.append(Row("generated / held-out, labels equal", "", True, ratios, alone(1.0)))
    return Section(
        "Generated sounds, named right by a listener",
        "A classifier trained on the real training sounds. 95 % Wilson intervals.",
        "Held-out real",
        tuple(rows),
    )


def _rate(title: str, values: dict[str, Interval], real: Interval) -> Row:
    return Row(title, "", True, values, real, _independent(values, higher=True), percent=True)


def _varied(reports: Mapping[str, Report]) -> Section:
    ratios = {
        name: alone(math.nan if (r := typical_ratio(report.diversity)) is None else r)
        for name, report in reports.items()
    }
    rows = [Row("typical label (median)", "", None, ratios, alone(1.0))] + [
        Row(label, "", None, {n: _label_ratio(r, label) for n, r in reports.items()}, alone(1.0))
        for label in sorted({label for report in reports.values() for label in report.diversity})
    ]
    made = any(report.counts.generated for report in reports.values())
    return Section(
        "Generated sounds, varied within a label",
        "How far two sounds of one label are apart, over the same of held-out real sounds: 1 is as"
        " varied as real sounds.",
        "Held-out real",
        tuple(rows) if made else (),
    )


def _label_ratio(report: Report, label: str) -> Interval:
    found = report.diversity.get(label)
    return alone(math.nan if found is None or found.ratio is None else found.ratio)


def _copied(reports: Mapping[str, Report]) -> Section:
    made = {n: r.generated_copying for n, r in reports.items() if r.generated_copying}
    real = next(iter(reports.values())).held_out_copying
    rows: list[Row] = []
    if len(made) == len(reports):
        near = {name: found.near_copies for name, found in made.items()}
        rows = [
            Row("near copies of a training sound", "", None, near, real.near_copies, percent=True),
            Row(
                "distance to the nearest training sound, median",
                "dB",
                None,
                {name: alone(found.distance_db.median) for name, found in made.items()},
                alone(real.distance_db.median),
            ),
        ]
        runs = {name: found.runs for name, found in made.items() if found.runs}
        if len(runs) == len(made) and real.runs:
            copied = {name: one.copied for name, one in runs.items()}
            longest = {name: alone(one.run_ms.median) for name, one in runs.items()}
            rows += [
                Row("half or more of it copied", "", None, copied, real.runs.copied, percent=True),
                Row("longest copied stretch, median", "ms", None, longest,
                    alone(real.runs.run_ms.median)),
            ]  # fmt: skip
    return Section(
        "Generated sounds, new or training sounds again",
        "Sounds that are as new as held-out real ones have the same numbers as these.",
        "Held-out real",
        tuple(rows),
    )


def _verdict(found: Comparison) -> tuple[str, ...]:
    """Says who is ahead in what, and in what nobody surely is."""
    judged = [
        (section.title, row)
        for section in found.sections
        for row in section.rows
        if section.title == found.sections[0].title or section.title.endswith("as a whole")
    ]
    sentences = []
    for name in found.instruments:
        ahead = [row.title for _, row in judged if row.best == name]
        if ahead:
            sentences.append(f"{name} is surely ahead in: {', '.join(ahead)}.")
    unsure = [row.title for _, row in judged if not row.best]
    if unsure:
        sentences.append(f"No instrument is surely ahead in: {', '.join(unsure)}.")
    return tuple(sentences)
