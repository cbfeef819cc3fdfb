"""The section of a report's page about what S1 asks of long sounds."""

from collections.abc import Iterator

from timbrel.evaluation.markup import element, number, plain, share, table, text
from timbrel.evaluation.redrawn import FARTHEST
from timbrel.evaluation.requirements import LONG_S, Likened, Requirements
from timbrel.evaluation.requirements_words import ASKED
from timbrel.evaluation.results import Report
from timbrel.evaluation.steering import Steered

HEAD = (
    "", "Training songs", "Their spread", "Held-out songs", "Generated", "Held-out: distance",
    "Generated: distance",
)  # fmt: skip
NOTE = (
    "The songs' pieces are cut to the instrument's length and brought to its rate. Means with 95 %"
    " intervals, songs drawn anew with all their pieces. A distance is that of two means, in units"
    " of the standard deviation over training pieces. Sounds without a value (no beat) count as"
    f" {FARTHEST:g}, the farthest, so many as the songs have fewer of them. Held-out songs are"
    " real: as near as they are is near enough."
)


def requiring(report: Report) -> str:
    """Shows length, coherence and noise of made sounds beside the songs' own.

    Args:
        report: Any report.

    Returns:
        Markup; nothing where the instrument plays short sounds.
    """
    found = report.requirements
    if found is None:
        return ""
    return element(
        "section",
        element("h2", "What S1 asks of long sounds")
        + element("p", text(_about(found)), class_="note")
        + table(HEAD, _rows(found)),
    )


def steered(report: Report) -> str:
    """Shows what each slider of the instrument does.

    Args:
        report: Any report.

    Returns:
        Markup; nothing where its sliders are not known.
    """
    found = report.steering
    if found is None:
        return ""
    head = ["R3", "What it moves", "Just audible step", "How far", "One way", "What else it moves"]
    missing = "; ".join(f"{name}: {reason}" for name, reason in found.without.items())
    return element(
        "section",
        element("h2", "How it is steered")
        + element("p", text(_STEERED.format(seeds=found.seeds)), class_="note")
        + table(head, (_slider(one) for one in found.sliders))
        + (element("p", text(f"No slider for {missing}."), class_="note") if missing else ""),
    )


_STEERED = (
    "Each slider over its whole range, on {seeds} fresh seeds: how many just audible steps it moves"
    " its descriptor by (median), for which share of the seeds it never audibly goes back, and what"
    " else it moves most, as a share of its own way."
)


def _slider(one: Steered) -> list[str]:
    other, by = one.most_else
    return [
        text(one.name),
        text(one.descriptor),
        text(f"{one.step:g} {one.unit}"),
        f"{plain(one.steps, 1)} steps",
        share(one.monotone),
        f"{text(other)} {share(by)}" if other else "–",
    ]


def _about(found: Requirements) -> str:
    counts, songs = found.counts, found.songs
    return (
        f"{counts['generated']} generated sounds of {found.length_s:.1f} s, {counts['training']}"
        f" pieces of {songs['training']} training songs, {counts['held_out']} of"
        f" {songs['held_out']} held-out songs. {share(found.long_enough)} of the generated sounds"
        f" can be heard for {LONG_S:g} s or more. {NOTE}"
    )


def _rows(found: Requirements) -> Iterator[list[str]]:
    for requirement, asked in ASKED.items():
        for one in found.measures.values():
            if one.requirement == requirement:
                yield _row(one)
        if requirement in found.distances:
            near, apart = found.held_out_distances[requirement], found.distances[requirement]
            title = element("strong", text(f"{requirement}, {asked}"))
            yield [title, "", "", "", "", number(near), element("strong", number(apart))]


def _row(one: Likened) -> list[str]:
    ways = {True: "higher is better", False: "lower is better", None: ""}
    notes = ", ".join(part for part in (one.unit, ways[one.higher_is_better]) if part)
    far = one.requirement != "R1"
    return [
        f"{one.requirement} {text(one.title)} {element('small', text(notes))}",
        number(one.training) + _without(one, "training"),
        plain(one.spread),
        number(one.held_out) + _without(one, "held_out"),
        number(one.generated) + _without(one, "generated"),
        number(one.held_out_distance) if far else "",
        number(one.distance) if far else "",
    ]


def _without(one: Likened, group: str) -> str:
    """Says how many sounds have no value."""
    missing = one.undefined[group]
    return " " + element("small", f"{share(missing)} without") if missing > 0 else ""
