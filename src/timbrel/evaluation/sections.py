"""The sections of a report's page: tables and charts of what was found."""

from collections.abc import Mapping, Sequence

from timbrel.evaluation.copying import COPIED, NEAR_COPY_DB, Copying, NearestSound
from timbrel.evaluation.diversity import Diversity, typical_ratio
from timbrel.evaluation.markup import Mark, chart, element, number, plain, share, table, text
from timbrel.evaluation.reconstruction import ALL, VERSIONS, Measure, Version
from timbrel.evaluation.results import Listening, Report
from timbrel.evaluation.statistics import Spread
from timbrel.evaluation.verdict import ENOUGH

NAMES: dict[Version, str] = {
    "reconstruction": "Reconstruction",
    "round_trip": "Front end alone",
    "nearest": "Nearest training sound",
}
MAIN = "log_spectral_distance"
GRADE = "odg"
NEAREST_SHOWN = 10


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
        Markup.
    """
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
        + _legend({version: NAMES[version] for version in VERSIONS})
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


def _legend(names: Mapping[str, str]) -> str:
    spans = "".join(element("span", text(name), class_=kind) for kind, name in names.items())
    return element("p", spans, class_="legend")


def generation(report: Report) -> str:
    """Shows whether generated sounds are named right, new and varied.

    Args:
        report: Any report.

    Returns:
        Markup, empty where nothing was generated and no listener could be trained.
    """
    listening = _listening(report.listening) if report.listening else ""
    made = report.generated_copying
    new = ""
    if made:
        real = report.held_out_copying
        new = _sets(report) + _copying(made, real) + _diversity(report.diversity)
    if not listening and not new:
        return ""
    return element("section", element("h2", "What it generates") + listening + new)


def _sets(report: Report) -> str:
    """Generated and held-out sounds as sets against training sounds."""
    if not report.sets:
        return ""
    first = next(iter(report.sets.values()))
    about = (
        f"{report.counts.matched} generated sounds and as many held-out real ones, equally many of"
        f" each label, compared with {first.reference} training sounds (the half that the"
        " classifier did not learn from). What real sounds get is how well one can do."
    )
    rows = [
        [
            f"{text(one.title)} {element('small', text(one.unit))}",
            number(one.generated),
            number(one.held_out),
            "–" if one.ratio is None else f"{one.ratio:.2f}",
        ]
        for one in report.sets.values()
    ]
    undefined = "".join(
        element("p", text(f"{one.title}: {one.reason}"), class_="note")
        for one in report.sets.values()
        if one.reason
    )
    head = ["Lower is better", "Generated", "Held-out real", "Generated / held-out"]
    title = element("h3", "Like real sounds as a whole")
    return title + element("p", text(about), class_="note") + table(head, rows) + undefined


def _listening(listening: Listening) -> str:
    generated = listening.generated
    made = generated.labels if generated else {}
    labels = {
        label: [Mark("held_out", rate)]
        + ([Mark("generated", made[label])] if label in made else [])
        for label, rate in listening.held_out.labels.items()
    }
    return (
        element("h3", "Named right by a listener")
        + element("p", text(_LISTENING), class_="note")
        + _listening_table(listening)
        + _legend({"held_out": "Held-out real sounds", "generated": "Generated sounds"})
        + chart(labels, unit="")
    )


_LISTENING = (
    "A classifier trained on the library's real training sounds (their spectra up to 7.5 kHz, "
    "whatever the level) names sounds it never heard. Generated sounds should be named as was "
    f"asked at least {ENOUGH} times as often as held-out real ones are. 95 % Wilson intervals."
)


def _listening_table(listening: Listening) -> str:
    made, back = listening.generated, listening.reconstructions
    rows = [
        [
            "all",
            number(listening.held_out.overall, percent=True),
            number(back.overall, percent=True),
            number(made.overall if made else None, percent=True),
            _ratio(listening.ratio),
            "",
        ]
    ]
    rows += [
        [
            text(label),
            number(rate, percent=True),
            number(back.labels.get(label), percent=True),
            number(made.labels.get(label) if made else None, percent=True),
            _ratio(listening.label_ratios.get(label)),
            text(_mistaken(made.named.get(label, {}) if made else {}, label)),
        ]
        for label, rate in listening.held_out.labels.items()
    ]
    head = ["Label", "Held-out real", "Their reconstructions", "Generated"]
    return table([*head, "Generated / held-out", "Generated, taken for"], rows)


def _ratio(ratio: float | None) -> str:
    if ratio is None:
        return "–"
    return element("span", f"{ratio:.2f}", class_="weak" if ratio < ENOUGH else "enough")


def _mistaken(named: Mapping[str, int], label: str) -> str:
    others = [f"{name} {count}" for name, count in named.items() if name != label]
    return ", ".join(others[:3])


def _copying(made: Copying, real: Copying) -> str:
    both = (("Generated sounds", made), ("Held-out real sounds", real))
    rows = [
        [name, *quartiles(found.distance_db), number(found.near_copies, percent=True)]
        for name, found in both
    ]
    features = [
        [name, *quartiles(found.feature_distance)] for name, found in both if found.feature_distance
    ]
    closest = sorted(made.sounds, key=lambda sound: sound.distance_db)[:NEAREST_SHOWN]
    return (
        element("h3", "New, or training sounds again")
        + element("p", text(_COPYING), class_="note")
        + table(["dB to the nearest training sound", *_QUARTILES, "Near copies"], rows)
        + (table(["By the classifier's features", *_QUARTILES], features) if features else "")
        + _runs(both)
        + element(
            "details",
            element("summary", "The generated sounds that are nearest to a training sound")
            + table(["Generated", "Asked for", "Nearest training sound", "Its label", "dB"],
                    (_near_row(sound) for sound in closest)),
        )
    )  # fmt: skip


def _runs(both: Sequence[tuple[str, Copying]]) -> str:
    """The longest stretch of each sound that a training sound has too."""
    found = [(name, copying.runs) for name, copying in both if copying.runs]
    if not found:
        return ""
    rows = [
        [name, f"{runs.run_ms.median:.0f} ms", f"{max(r.run_ms for r in runs.longest):.0f} ms",
         share(runs.share.median), f"{runs.distance.median:.2f}",
         number(runs.copied, percent=True), str(runs.copied.count)]
        for name, runs in found
    ]  # fmt: skip
    longest = [
        [text(r.name), text(r.source), f"{r.run_ms:.0f} ms", share(r.share)]
        for r in found[0][1].longest
    ]
    head = ["Longest copied stretch", "Median", "Longest", "Median share of the sound"]
    return (
        element("p", text(_RUNS), class_="note")
        + table([*head, "Fingerprint distance", "Copied", "Sounds"], rows)
        + element(
            "details",
            element("summary", f"{found[0][0]}: the largest shares")
            + table(["Sound", "Training sound", "Stretch", "Share"], longest),
        )
    )


_RUNS = (
    "By fingerprints: the longest stretch of each sound that some training sound has too, up to"
    f" one gain. A sound of which {COPIED:.0%} or more is such a stretch counts as copied. The"
    " sounds are a part of all, as many of each label as can be."
).replace("%", " %")


_QUARTILES = ("Lower quartile", "Median", "Upper quartile")
_COPYING = (
    "Distance to the nearest training sound, by spectra that ignore level and delay. New sounds "
    "lie about as far away as held-out real ones do. Nearer than "
    f"{NEAR_COPY_DB:g} dB is as near as the same sound after a lossy round trip: a near copy."
)


def quartiles(spread: Spread) -> list[str]:
    """Writes where the middle and the bulk of some numbers lie.

    Args:
        spread: Their quartiles.

    Returns:
        Three cells.
    """
    return [f"{v:.2f}" for v in (spread.lower_quartile, spread.median, spread.upper_quartile)]


def _near_row(sound: NearestSound) -> list[str]:
    named = (sound.name, sound.label, sound.nearest, sound.nearest_label)
    return [*(text(name) for name in named), f"{sound.distance_db:.2f}"]


def _diversity(labels: Mapping[str, Diversity]) -> str:
    typical = typical_ratio(labels)
    rows = [
        [text(label or "all"), _decibel(found.generated_db), _decibel(found.held_out_db),
         "–" if found.ratio is None else f"{found.ratio:.2f}"]
        for label, found in labels.items()
    ]  # fmt: skip
    about = "Mean distance in dB between two sounds of one label." + (
        f" The median of the ratios is {typical:.2f}." if typical is not None else ""
    )
    return (
        element("h3", "Varied, or all alike")
        + element("p", text(about), class_="note")
        + table(["Label", "Generated", "Held-out real", "Generated / held-out"], rows)
    )


def _decibel(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


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
