"""The tables of the experiment about long sounds, and what they say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from timbrel.evaluation.redrawn import interval
from timbrel.evaluation.requirements import (
    LEAST_S,
    LONG_S,
    LONG_SHARE,
    SPEAKING,
    Pieces,
    Requirements,
    distance_draws,
    required,
)
from timbrel.evaluation.requirements_words import ASKED
from timbrel.evaluation.statistics import Interval
from timbrel.evaluation.steering import CLEAN, ENOUGH, Steered, Steering
from timbrel.evaluation.steering import words as steering_words
from timbrel.experiments import _findings as findings
from timbrel.experiments._findings import NOTHING, Cell, Column, Table

DISTANCE = "Distance (spreads)"
_SETS = {
    "ndb": "NDB of 50",
    "frechet_spectrogram": "Fréchet distance, spectrograms",
    "frechet_classifier": "Fréchet distance, classifier",
}


@dataclass(frozen=True, eq=False)
class Player:
    """An instrument as the tables see it.

    Attributes:
        facts: Column of the table of trainings to a number or words.
        sample_rate: Its rate in Hz.
        length_s: How long its sounds are.
        plays_long: Whether it plays pieces of any length.
        pieces: What was measured of its sounds, and of songs as it hears them.
        sets: Measure of sets to its value and the ends of its interval, of made sounds.
        unheard_sets: The same of songs that it did not learn from.
        steering: Its sliders; None where none were looked for.
        failed: Why it makes no sound, else "".
        seed: Seed of the bootstrap.
    """

    facts: Mapping[str, Any]
    sample_rate: int
    length_s: float
    plays_long: bool
    pieces: Pieces
    sets: Mapping[str, Sequence[float]]
    unheard_sets: Mapping[str, Sequence[float]]
    steering: Steering | None
    failed: str
    seed: int

    @cached_property
    def found(self) -> Requirements | None:
        """R1, R2 and R4 beside the songs; None where it made no sound."""
        return required(self.pieces, length_s=self.length_s, seed=self.seed)

    @property
    def long_enough(self) -> bool:
        """Whether it meets R1: nearly all of its sounds are heard for ten seconds."""
        return self.found is not None and self.found.long_enough >= LONG_SHARE


Players = Mapping[str, Player]


def tables(of: Players) -> tuple[Table, ...]:
    """Makes the tables.

    Args:
        of: Title of each arm to its instrument.

    Returns:
        Trainings, R1, R2, R4, R3 where sliders were looked for, and made sounds as sets.
    """
    steered = (_sliders(of),) if any(one.steering for one in of.values()) else ()
    return (
        _trainings(of),
        _lengths(of),
        *(_required(of, one) for one in SPEAKING),
        *steered,
        _sets(of),
    )


def _trainings(of: Players) -> Table:
    titles = list(dict.fromkeys(name for one in of.values() for name in one.facts))
    return Table(
        "The trainings",
        "Equal time and equal threads on the same songs, split alike; steps are not alike.",
        tuple(Column(title, digits=0) for title in titles),
        {n: [_fact(player.facts.get(title)) for title in titles] for n, player in of.items()},
    )


def _fact(value: Any) -> Cell:
    if value is None:
        return NOTHING
    return findings.words(value) if isinstance(value, str) else Cell(value=float(value))


def _lengths(of: Players) -> Table:
    columns = (
        Column("Length of a sound (s)", "higher"),
        Column("Heard for (s)", "higher"),
        Column(f"Share heard for {LONG_S:g} s", "higher"),
        Column("Rate (kHz)", "higher"),
        Column("A piece of any length"),
        Column("R1"),
    )
    return Table(
        f"R1, {ASKED['R1']}: ten seconds and more",
        "What can be heard: from the first to the last moment within 60 dB of the loudest.",
        columns,
        {name: _length(one) for name, one in of.items()},
    )


def _length(one: Player) -> list[Cell]:
    heard = one.found.measures["audible_length"].generated if one.found else None
    return [
        Cell(value=one.length_s),
        _defined(heard),
        Cell(value=one.found.long_enough) if one.found else NOTHING,
        Cell(value=one.sample_rate / 1000),
        findings.words("yes" if one.plays_long else "no"),
        findings.words("met" if one.long_enough else "not met"),
    ]


def _defined(value: Interval | None) -> Cell:
    return findings.of(value) if value is not None and value.count else NOTHING


def _required(of: Players, requirement: str) -> Table:
    """A requirement: each instrument above the songs as it hears them."""
    found = {name: one.found for name, one in of.items() if one.found}
    measures = {
        name: measure
        for one in found.values()
        for name, measure in one.measures.items()
        if measure.requirement == requirement
    }
    rows: dict[str, list[Cell]] = {}
    for title, own in found.items():
        columns = [own.measures[name] for name in measures]
        songs = f"songs, {own.length_s:.3g} s at {of[title].sample_rate / 1000:g} kHz"
        rows[title] = [*(_defined(one.generated) for one in columns), _distance(own, requirement)]
        rows[songs] = [*(_defined(one.training) for one in columns), NOTHING]
        rows[f"{songs}, never heard"] = [
            *(_defined(one.held_out) for one in columns),
            _defined(own.held_out_distances[requirement]),
        ]
    titles = (f"{m.title} ({m.unit})" if m.unit else m.title for m in measures.values())
    return Table(
        f"{requirement}: {ASKED[requirement]}",
        "Means with 95 % bootstrap intervals, songs drawn song by song; each instrument above the "
        "songs it learned from, at its rate and length. The distance is the mean, over the "
        "measures, of how far sounds are from those songs in units of the songs' own spread, 5 at "
        f"most; songs never heard show how near one can come. Of sounds below {LEAST_S:g} s a "
        "measure without a value counts as 5.",
        (*(Column(title) for title in titles), Column(DISTANCE, "lower")),
        rows,
    )


def _distance(own: Requirements, requirement: str) -> Cell:
    return _defined(own.distances[requirement])


def _sliders(of: Players) -> Table:
    columns = (
        Column("Sliders"),
        Column(f"Never audibly go back for {100 * ENOUGH:.0f} % of seeds", "higher", 0),
        Column(f"Move nothing else by more than {CLEAN:g} of it", "higher", 0),
        Column("Typical reach (just audible steps)", "higher", 1),
        Column("Typical share of something else", "lower"),
    )
    return Table(
        "R3: steered by hand",
        "Sliders that were found without labels, over their whole range, on seeds that they were "
        "not found on.",
        columns,
        {name: _slider_row(one.steering) for name, one in of.items()},
    )


def _slider_row(found: Steering | None) -> list[Cell]:
    if found is None:
        return [NOTHING] * 5
    each: Sequence[Steered] = found.sliders
    return [
        findings.words(", ".join(one.name for one in each) or "none"),
        Cell(value=float(sum(one.monotone >= ENOUGH for one in each))),
        Cell(value=float(sum(one.most_else[1] <= CLEAN for one in each))),
        Cell(value=found.reach) if each else NOTHING,
        Cell(value=found.else_moved) if each else NOTHING,
    ]


def _sets(of: Players) -> Table:
    names = list(dict.fromkeys(n for one in of.values() for n in (*one.sets, *one.unheard_sets)))
    rows: dict[str, list[Cell]] = {}
    for title, one in of.items():
        rows[title] = [_interval(one.sets.get(name)) for name in names]
        heard = f"songs never heard, as {title} hears them"
        rows[heard] = [_interval(one.unheard_sets.get(name)) for name in names]
    return Table(
        "As sets",
        "Made sounds, and as many pieces of songs never heard, each set beside pieces of the songs "
        "that were learned from: of each sound two seconds from its onset.",
        tuple(Column(_SETS[name], "lower") for name in names),
        rows,
    )


def _interval(told: Sequence[float] | None) -> Cell:
    if told is None:
        return NOTHING
    value, low, high = told
    return Cell(value=value, low=low, high=high)


# ---- what they say ---------------------------------------------------------------------------


def verdict(of: Players) -> list[str]:
    """Says what the tables say.

    Args:
        of: Title of each arm to its instrument; the first is compared with the others.

    Returns:
        Sentences, the most important first.
    """
    return [
        *(_ahead(of, requirement) for requirement in SPEAKING if len(of) > 1),
        _length_words(of),
        *(_distances(of, requirement) for requirement in SPEAKING),
        *(f"{name}: {steering_words(one.steering)}" for name, one in of.items() if one.steering),
        *(f"{name} made no sound: {one.failed}." for name, one in of.items() if one.failed),
    ]


def _ahead(of: Players, requirement: str) -> str:
    """Whether the first instrument is surely nearer to the songs than each other one."""
    first, *others = of
    told = "; ".join(
        f"{_compared(of, requirement, first, other)} {other}{_too_short(of[other], requirement)}"
        for other in others
    )
    return f"{requirement}, {ASKED[requirement]}: {first} is {told}."


def _too_short(other: Player, requirement: str) -> str:
    """Says where a distance is one by definition, and nothing was measured."""
    if requirement != "R2" or other.length_s >= LEAST_S:
        return ""
    return f", whose {other.length_s:.3g} s are too short for a form and count as farthest"


def _compared(of: Players, requirement: str, first: str, other: str) -> str:
    found = nearer(of[first], of[other], requirement)
    if found is None:
        return "not comparable with"
    numbers = f"({found.value:+.2f} spreads, {found.low:+.2f} to {found.high:+.2f})"
    if found.low > 0:
        return f"surely ahead {numbers} of"
    return f"surely behind {numbers}" if found.high < 0 else f"not told apart {numbers} from"


def nearer(first: Player, other: Player, requirement: str) -> Interval | None:
    """Says by how much one instrument is nearer to the songs than another.

    Args:
        first: One instrument.
        other: Another one, of the same songs.
        requirement: "R2" or "R4".

    Returns:
        The other's distance minus the first's, in spreads, with its 95 % interval: above 0 the
        first is surely nearer. None where one of them has no distance.
    """
    if first.found is None or other.found is None:
        return None
    ours, theirs = (
        distance_draws(one.pieces, length_s=one.length_s, seed=one.seed)[requirement]
        for one in (first, other)
    )
    found = interval(theirs - ours, min(len(one.pieces.generated) for one in (first, other)))
    return found if found.count and np.isfinite(found.value) else None


def _length_words(of: Players) -> str:
    told = [
        f"{name} {one.length_s:.3g} s{', or any length' if one.plays_long else ''}"
        f" ({'met' if one.long_enough else 'not met'})"
        for name, one in of.items()
    ]
    return f"R1, ten seconds and more: {', '.join(told)}."


def _distances(of: Players, requirement: str) -> str:
    told = []
    for name, one in of.items():
        far = one.found.distances[requirement] if one.found else None
        told.append(
            f"{name} {far.value:.2f} ({far.low:.2f} to {far.high:.2f})"
            if far is not None and far.count
            else f"{name} has none"
        )
    return f"{requirement}, distance from the songs in their own spreads: {', '.join(told)}."
