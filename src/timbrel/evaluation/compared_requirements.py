"""What S1 asks of long sounds, of several instruments side by side."""

from collections.abc import Mapping

import numpy as np

from timbrel.evaluation.assessment import Assessment
from timbrel.evaluation.redrawn import interval
from timbrel.evaluation.requirements import (
    LONG_S,
    SPEAKING,
    Likened,
    Requirements,
    distance_draws,
)
from timbrel.evaluation.requirements_words import ASKED
from timbrel.evaluation.results import Report
from timbrel.evaluation.rows import Row, Section, alone, surely_best
from timbrel.evaluation.sections_requirements import NOTE
from timbrel.evaluation.statistics import UNDEFINED, Interval

TITLE = "What S1 asks of long sounds"


def requiring(assessments: Mapping[str, Assessment], seed: int) -> Section:
    """Compares length, coherence and noise of what instruments make, beside songs.

    Args:
        assessments: Instrument to what was found.
        seed: Seed of the bootstrap.

    Returns:
        The section; without rows where there is nothing to show.
    """
    found = {
        name: one.report.requirements
        for name, one in assessments.items()
        if one.report.requirements
    }
    return Section(
        TITLE,
        f"{NOTE} Each instrument on its own length and rate; the songs beside them are as the one"
        " that plays longest hears them, and beside distances stand those of held-out songs."
        " Without a value: the sounds are too short, or have no beat.",
        "Training songs",
        tuple(_rows(found, _best(assessments, found, seed))) if found else (),
    )


def steered(reports: Mapping[str, Report]) -> Section:
    """Compares how instruments are steered by their sliders.

    Args:
        reports: Instrument to its report.

    Returns:
        The section; without rows where no sliders are known.
    """
    found = {name: one.steering for name, one in reports.items() if one.steering}
    values = {
        ("R3: sliders", "", False): {n: alone(float(len(s.sliders))) for n, s in found.items()},
        ("how far: typical slider", "just audible steps", False): {
            n: alone(s.reach) for n, s in found.items()
        },
        ("one way: seeds that never audibly go back", "", True): {
            n: alone(s.steady) for n, s in found.items()
        },
        ("moves something else, as a share of its own way", "", True): {
            n: alone(s.else_moved) for n, s in found.items()
        },
    }
    return Section(
        "How they are steered",
        "The sliders of each instrument, over their whole range; medians over sliders. An"
        " instrument without numbers has had no sliders found: timbrel sliders INSTRUMENT.",
        "",
        tuple(
            Row(title, unit, None, own, percent=percent)
            for (title, unit, percent), own in values.items()
        )
        if found
        else (),
    )


def _rows(found: Mapping[str, Requirements], best: Mapping[str, str]) -> list[Row]:
    longest = max(found.values(), key=lambda one: one.length_s)
    rows = [_long_enough(found)]
    for requirement, asked in ASKED.items():
        if requirement in SPEAKING:
            title = f"{requirement} distance from songs ({asked})"
            values = {name: own.distances[requirement] for name, own in found.items()}
            real = longest.held_out_distances[requirement]
            rows.append(Row(title, "spreads", False, values, real, best[requirement]))
        rows += [
            _number(found, name, one)
            for name, one in longest.measures.items()
            if one.requirement == requirement
        ]
    return rows


def _long_enough(found: Mapping[str, Requirements]) -> Row:
    values = {name: alone(one.long_enough) for name, one in found.items()}
    return Row(f"R1: heard for {LONG_S:g} s or more", "", True, values, percent=True)


def _number(found: Mapping[str, Requirements], name: str, one: Likened) -> Row:
    values = {instrument: _generated(own, name) for instrument, own in found.items()}
    title = f"{one.requirement} {one.title}"
    return Row(title, one.unit, one.higher_is_better, values, one.training)


def _generated(found: Requirements, name: str) -> Interval:
    return found.measures[name].generated if name in found.measures else UNDEFINED


def _best(
    assessments: Mapping[str, Assessment], found: Mapping[str, Requirements], seed: int
) -> dict[str, str]:
    """The instrument that is surely nearest in each requirement, songs drawn alike for all."""
    draws = {
        name: distance_draws(assessments[name].pieces, length_s=one.length_s, seed=seed)
        for name, one in found.items()
    }

    def nearer(requirement: str, ours: str, theirs: str) -> bool:
        apart = draws[ours][requirement] - draws[theirs][requirement]
        return bool(np.isfinite(apart[0])) and interval(apart, 1).high < 0

    return {
        requirement: surely_best(
            list(found),
            lambda ours, theirs, r=requirement: nearer(r, ours, theirs),  # type: ignore[misc]
        )
        for requirement in SPEAKING
    }
