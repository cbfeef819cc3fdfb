"""Requirements: what S1 asks of long sounds, measured of made ones beside the songs' own.

R1 length, R2 a beat and a form that hold, R4 freedom from noise: each number of made sounds is put
beside the same number of the pieces that were learned from, and of pieces that were held out. How
far it is from the songs' own is told in units of how much these differ among themselves.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from timbrel import plugins
from timbrel.evaluation.metrics import Requirement, SoundMetric
from timbrel.evaluation.redrawn import Draws, Table, distances, interval, spreads
from timbrel.evaluation.statistics import Interval
from timbrel.signal.files import Sound
from timbrel.signal.levels import to_mono
from timbrel.signal.resampling import resample

LEAST_S = 4.0  # instruments that play shorter sounds have no form to speak of
LONG_S = 10.0  # what S1 asks for
LONG_SHARE = 0.95  # of the made sounds, that must last so long
SPEAKING: tuple[Requirement, ...] = ("R2", "R4")  # of which a distance from the songs is told

Values = Mapping[str, float]


@dataclass(frozen=True)
class Piece:
    """What was measured of one sound.

    Attributes:
        source: What it is a piece of; pieces of one song are not independent of each other.
        values: Metric to number, not a number where it is undefined.
    """

    source: str
    values: Values


@dataclass(frozen=True)
class Pieces:
    """What was measured of all sounds.

    Attributes:
        training: Pieces that were learned from.
        held_out: Pieces that were not.
        generated: Made sounds.
    """

    training: list[Piece] = field(default_factory=list)
    held_out: list[Piece] = field(default_factory=list)
    generated: list[Piece] = field(default_factory=list)


@dataclass(frozen=True)
class Likened:
    """One number of made sounds beside that of songs.

    Attributes:
        title: What it is.
        unit: Its unit, "" for a ratio.
        higher_is_better: Its direction; None where only being like the songs is good.
        requirement: Which requirement it speaks of.
        training: Mean over pieces that were learned from, with its interval over songs.
        spread: Standard deviation over these pieces: the unit of distances.
        held_out: Mean over pieces that were not learned from.
        generated: Mean over made sounds.
        undefined: "training", "held_out", "generated" to the share of sounds without a value.
        held_out_distance: How far held-out pieces are from training pieces, in spreads: what is
            near enough.
        distance: How far made sounds are.
    """

    title: str
    unit: str
    higher_is_better: bool | None
    requirement: Requirement
    training: Interval
    spread: float
    held_out: Interval
    generated: Interval
    undefined: dict[str, float]
    held_out_distance: Interval
    distance: Interval


@dataclass(frozen=True)
class Requirements:
    """What S1 asks of long sounds, beside the songs' own.

    Attributes:
        length_s: How long the instrument plays; songs are cut to it.
        counts: "training", "held_out", "generated" to how many sounds were measured.
        songs: "training", "held_out" to how many songs their pieces are of.
        long_enough: Share of the made sounds that can be heard for ten seconds or more.
        measures: Metric to what was found.
        distances: R2 and R4, to the mean distance of their numbers from the songs', in spreads.
        held_out_distances: The same of held-out pieces.
    """

    length_s: float
    counts: dict[str, int]
    songs: dict[str, int]
    long_enough: float
    measures: dict[str, Likened]
    distances: dict[str, Interval]
    held_out_distances: dict[str, Interval]


def load_sound_metrics() -> dict[str, SoundMetric]:
    """Imports the metrics that take one sound alone.

    Returns:
        Name to metric, in the order of their requirements.
    """
    room = "evaluation.metrics"
    loaded = {name: plugins.load(room, name) for name in plugins.names(room)}
    found = {name: metric for name, metric in loaded.items() if metric.needs == "sound"}
    return dict(sorted(found.items(), key=lambda item: item[1].requirement))


def measured(
    sound: Sound, *, source: str, sample_rate: int | None = None, longest_s: float = math.inf
) -> Piece:
    """Measures one sound by all metrics that take one.

    Args:
        sound: Any sound; channels are mixed.
        source: What it is a piece of.
        sample_rate: The rate in Hz that it is brought to first; None keeps its own.
        longest_s: What comes later than so many seconds is not heard.

    Returns:
        Its numbers.

    Raises:
        UsageError: When the sound is empty or not finite.

    Example:
        >>> import torch
        >>> tone = Sound(torch.sin(torch.arange(16_000.0))[None], 16_000)
        >>> measured(tone, source="a tone").values["audible_length"]
        1.0
    """
    rate = sample_rate or sound.sample_rate
    mono = resample(to_mono(sound.samples)[0], from_hz=sound.sample_rate, to_hz=rate)
    heard = mono[: round(min(longest_s * rate, len(mono)))]
    return Piece(source, {n: m.compute(heard, rate) for n, m in load_sound_metrics().items()})


def required(pieces: Pieces, *, length_s: float, seed: int) -> Requirements | None:
    """Puts the numbers of made sounds beside those of songs.

    Means of songs are drawn anew song by song, those of made sounds sound by sound, 400 times; the
    middle 95 % of the distances that come out are their interval.

    Args:
        pieces: What was measured.
        length_s: How long the instrument plays, in seconds.
        seed: Seed of the bootstrap.

    Returns:
        What was found; None where nothing was made, or no training sound was measured.
    """
    if not pieces.generated or not pieces.training:
        return None
    metrics = load_sound_metrics()
    real, held_out, made = (
        _draws(group, metrics, seed + number)
        for number, group in enumerate((pieces.training, pieces.held_out, pieces.generated))
    )
    own = distances(made, real, needed=_needed(metrics, length_s))
    theirs = distances(held_out, real, needed=_needed(metrics, LEAST_S))
    units = spreads(real.table)
    measures = {
        name: Likened(
            title=metric.title,
            unit=metric.unit,
            higher_is_better=metric.higher_is_better,
            requirement=metric.requirement,
            training=real.mean(place),
            spread=float(units[place]),
            held_out=held_out.mean(place),
            generated=made.mean(place),
            undefined={
                "training": real.undefined(place),
                "held_out": held_out.undefined(place),
                "generated": made.undefined(place),
            },
            held_out_distance=interval(theirs[:, place], len(held_out.table)),
            distance=interval(own[:, place], len(made.table)),
        )
        for place, (name, metric) in enumerate(metrics.items())
    }
    return Requirements(
        length_s=length_s,
        counts={
            "training": len(real.table),
            "held_out": len(held_out.table),
            "generated": len(made.table),
        },
        songs={"training": real.sources, "held_out": held_out.sources},
        long_enough=float((made.table[:, list(metrics).index("audible_length")] >= LONG_S).mean()),
        measures=measures,
        distances=_summed(own, metrics, len(made.table)),
        held_out_distances=_summed(theirs, metrics, len(held_out.table)),
    )


def _draws(pieces: Sequence[Piece], metrics: Mapping[str, SoundMetric], seed: int) -> Draws:
    rows = [[piece.values[name] for name in metrics] for piece in pieces]
    table = np.array(rows, np.float64).reshape(len(pieces), len(metrics))
    sources = [piece.source for piece in pieces]
    alone = len(set(sources)) == 1  # of one recording, its pieces are all there is to draw
    return Draws(table, [str(row) for row in range(len(rows))] if alone else sources, seed)


def distance_draws(pieces: Pieces, *, length_s: float, seed: int) -> dict[str, Table]:
    """Tells how far made sounds are from songs, drawn anew 400 times.

    The songs are drawn alike for every instrument that learned from the same pieces, so that two
    instruments may be compared draw by draw.

    Args:
        pieces: What was measured, of at least one made and one training sound.
        length_s: How long the instrument plays, in seconds.
        seed: Seed of the bootstrap.

    Returns:
        R2 and R4 to distances in spreads, the measured one first, [draws].
    """
    metrics = load_sound_metrics()
    real = _draws(pieces.training, metrics, seed)
    made = _draws(pieces.generated, metrics, seed + 2)
    apart = distances(made, real, needed=_needed(metrics, length_s))
    return {name: _mean(apart, metrics, name) for name in SPEAKING}


def _needed(metrics: Mapping[str, SoundMetric], length_s: float) -> NDArray[np.bool_]:
    """What must have a value though songs cut as short have none: short clips have no form."""
    return np.array([length_s < LEAST_S and one.requirement == "R2" for one in metrics.values()])


def _mean(apart: Table, metrics: Mapping[str, SoundMetric], requirement: str) -> Table:
    """The mean distance of the numbers of a requirement that can be told, [draws]."""
    speaks = np.array([metric.requirement == requirement for metric in metrics.values()])
    known = speaks & np.isfinite(apart[0])
    return apart[:, known].mean(axis=1) if known.any() else np.full(len(apart), np.nan)


def _summed(apart: Table, metrics: Mapping[str, SoundMetric], count: int) -> dict[str, Interval]:
    return {name: interval(_mean(apart, metrics, name), count) for name in SPEAKING}
