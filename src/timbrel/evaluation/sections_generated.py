"""The sections of a report's page about generated sounds."""

from collections.abc import Mapping, Sequence

from timbrel.evaluation.copying import COPIED, NEAR_COPY_DB, Copying, NearestSound
from timbrel.evaluation.diversity import Diversity, typical_ratio
from timbrel.evaluation.markup import Mark, chart, element, legend, number, share, table, text
from timbrel.evaluation.results import Listening, Report
from timbrel.evaluation.statistics import Spread
from timbrel.evaluation.verdict import ENOUGH

NEAREST_SHOWN = 10


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
        + legend({"held_out": "Held-out real sounds", "generated": "Generated sounds"})
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
            number(back.overall if back else None, percent=True),
            number(made.overall if made else None, percent=True),
            _ratio(listening.ratio),
            "",
        ]
    ]
    rows += [
        [
            text(label),
            number(rate, percent=True),
            number(back.labels.get(label) if back else None, percent=True),
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
         number(found.interval)]
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
