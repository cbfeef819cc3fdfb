"""What several instruments generate, compared: like real sounds, recognised, varied, new."""

import math
from collections.abc import Mapping

from timbrel.evaluation.diversity import typical_ratio
from timbrel.evaluation.reconstruction import ALL
from timbrel.evaluation.results import Report
from timbrel.evaluation.rows import Row, Section, alone, independent
from timbrel.evaluation.statistics import UNDEFINED, Interval


def sets(reports: Mapping[str, Report]) -> Section:
    """Compares generated sounds as sets.

    Args:
        reports: Instrument to its report.

    Returns:
        The section; without rows where there is nothing to show.
    """
    first = next(iter(reports.values()))
    rows = []
    for name, one in first.sets.items():
        values = {
            title: report.sets[name].generated or UNDEFINED
            for title, report in reports.items()
            if name in report.sets
        }
        if len(values) == len(reports):
            best = independent(values, higher=one.higher_is_better)
            rows.append(Row(one.title, one.unit, one.higher_is_better, values, one.held_out, best))
            ratios = {n: _known(r.sets[name].ratio) for n, r in reports.items()}
            rows.append(Row(f"{one.title}, times held-out real", "", None, ratios, alone(1.0)))
    counts = ", ".join(f"{n} {r.counts.matched}" for n, r in reports.items())
    return Section(
        "Generated sounds, like real ones as a whole",
        "Compared with training sounds that the classifier behind it did not learn from; beside"
        " them as many held-out real sounds, equally many of each label. Sounds compared:"
        f" {counts}.",
        "Held-out real",
        tuple(rows),
    )


def _known(value: float | None) -> Interval:
    return alone(math.nan if value is None else value)


def recognised(reports: Mapping[str, Report]) -> Section:
    """Compares how often generated sounds are named right.

    Args:
        reports: Instrument to its report.

    Returns:
        The section; without rows where there is nothing to show.
    """
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
            ratios = {n: _known(o.ratio) for n, o in heard.items()}
            rows.append(Row("generated / held-out, labels equal", "", True, ratios, alone(1.0)))
    return Section(
        "Generated sounds, named right by a listener",
        "A classifier trained on the real training sounds. 95 % Wilson intervals.",
        "Held-out real",
        tuple(rows),
    )


def _rate(title: str, values: dict[str, Interval], real: Interval) -> Row:
    return Row(title, "", True, values, real, independent(values, higher=True), percent=True)


def varied(reports: Mapping[str, Report]) -> Section:
    """Compares how varied generated sounds are within a label.

    Args:
        reports: Instrument to its report.

    Returns:
        The section; without rows where there is nothing to show.
    """
    ratios = {name: _known(typical_ratio(report.diversity)) for name, report in reports.items()}
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
    return found.interval or UNDEFINED if found else UNDEFINED


def copied(reports: Mapping[str, Report]) -> Section:
    """Compares how near generated sounds are to training sounds.

    Args:
        reports: Instrument to its report.

    Returns:
        The section; without rows where there is nothing to show.
    """
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
