"""The sections of a report's page: tables and charts of what was found."""

from collections.abc import Mapping

from timbrel.evaluation.markup import (
    Mark,
    chart,
    element,
    legend,
    number,
    plain,
    share,
    table,
    text,
)
from timbrel.evaluation.reconstruction import ALL, VERSIONS, Measure, Version
from timbrel.evaluation.results import Report

NAMES: dict[Version, str] = {
    "reconstruction": "Reconstruction",
    "round_trip": "Front end alone",
    "nearest": "Nearest training sound",
}
MAIN = "log_spectral_distance"
GRADE = "odg"


def subtitle(report: Report) -> str:
    """Says in a line what stands behind a report.

    Args:
        report: Any report.

    Returns:
        Plain text.
    """
    counts = report.counts
    labels = len(counts.labels)
    return (
        f"{counts.held_out} held-out sounds"
        + (f" of {labels} labels" if labels > 1 else "")
        + f" · {counts.training} training sounds · {counts.generated} generated sounds"
    )


def reconstruction(report: Report) -> str:
    """Shows how near held-out sounds come back, between the floors.

    Args:
        report: Any report.

    Returns:
        Markup; nothing for an instrument that only generates.
    """
    if not report.reconstruction:
        return ""
    main = report.reconstruction[MAIN]
    details = "".join(_per_label(measure) for measure in report.reconstruction.values())
    return element(
        "section",
        element("h2", "What comes back of held-out sounds")
        + element("p", text(_RECONSTRUCTION), class_="note")
        + _measures(report.reconstruction)
        + _about_metrics(report)
        + _grades(report)
        + element("h3", f"{text(main.title)}, label by label")
        + legend({version: NAMES[version] for version in VERSIONS})
        + chart(
            {
                label: [Mark(version, means[version]) for version in VERSIONS]
                for label, means in main.means.items()
            },
            unit=main.unit,
        )
        + element("details", element("summary", "All metrics, label by label") + details),
    )


_RECONSTRUCTION = (
    "Means over sounds that nothing was learned from, with 95 % bootstrap intervals. Two floors "
    "stand beside the instrument: its front end alone (what no training can beat) and the nearest "
    "training sound, at the same level (what it should beat)."
)


def _measures(measures: Mapping[str, Measure]) -> str:
    head = ["Metric", *NAMES.values(), "Gain over nearest", "Better than nearest", "Sounds"]
    return table(head, (_measure_row(measure) for measure in measures.values()))


def _measure_row(measure: Measure) -> list[str]:
    arrow = "higher is better" if measure.higher_is_better else "lower is better"
    unit = ", ".join(part for part in (measure.unit, arrow) if part)
    return [
        f"{text(measure.title)} {element('small', text(unit))}",
        *(number(measure.means[ALL][version]) for version in VERSIONS),
        number(measure.gain_over_nearest),
        share(measure.better_than_nearest),
        str(measure.asked) + _undefined(measure),
    ]


def _undefined(measure: Measure) -> str:
    """Says of how many sounds' reconstructions a metric knows nothing."""
    share_of = measure.undefined["reconstruction"]
    return element("small", f"{share(share_of)} undefined") if share_of else ""


def _about_metrics(report: Report) -> str:
    """Says what was measured of a part only, and what could not be measured."""
    lines = []
    slow = [m.title for m in report.reconstruction.values() if m.asked < report.counts.held_out]
    if slow:
        lines.append(
            f"Measured of {report.counts.slow} sounds, as many of each label as can be, because it"
            f" takes long: {', '.join(slow)}. Sounds for which a metric has no value are left out"
            " of its means."
        )
    lines += [f"Not measured: {one.title}; {one.advice}" for one in report.unavailable]
    return "".join(element("p", text(line), class_="note") for line in lines)


def _grades(report: Report) -> str:
    """The grades that listeners would give: of all joined, and per label the best and the mean."""
    if GRADE not in report.reconstruction:
        return ""
    measure, joined = report.reconstruction[GRADE], report.joined
    rows = [
        [text(label), plain(measure.best[label]), *(number(means[v]) for v in VERSIONS),
         str(means["reconstruction"].count)]
        for label, means in measure.means.items()
    ]  # fmt: skip
    if joined:
        together = f"{joined.count} of them joined"
        grades = [plain(joined.values[v]) for v in VERSIONS]
        rows.insert(0, [together, "", *grades, str(joined.count)])
    return (
        element("h3", f"{text(measure.title)}, label by label")
        + element("p", text(_GRADES), class_="note")
        + table(["Label", "Best", *NAMES.values(), "Sounds"], rows)
    )


_GRADES = (
    "0 is imperceptible, −1 perceptible but not annoying, −4 very annoying. It compares moment by"
    " moment: another draw of the same noise counts as a fault. Short sounds are repeated; joined"
    " end to end, each is heard once."
)


def _per_label(measure: Measure) -> str:
    unit = f" ({measure.unit})" if measure.unit else ""
    rows = (
        [
            text(label),
            *(number(means[version]) for version in VERSIONS),
            str(means["reconstruction"].count),
        ]
        for label, means in measure.means.items()
    )
    return element("h3", text(measure.title + unit)) + table(
        ["Label", *NAMES.values(), "Sounds"], rows
    )


def about(report: Report) -> str:
    """Shows what made the numbers: facts and what could not be judged.

    Args:
        report: Any report.

    Returns:
        Markup.
    """
    facts = ([text(name), text("–" if v is None else v)] for name, v in report.facts.items())
    skipped = [[text(sound.name), text(sound.reason)] for sound in report.skipped]
    return element(
        "section",
        element("h2", "How it was made")
        + table(["Fact", "Value"], facts)
        + (element("h3", "Not judged") + table(["Sound", "Reason"], skipped) if skipped else ""),
    )
