"""Likeness: how far the traits of a sound are from a recording's, beside how far its halves are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from timbrel.evaluation.originality.moments import joined, monaural
from timbrel.evaluation.originality.traits import Floats, Traits, halves, traits
from timbrel.evaluation.redrawn import FARTHEST
from timbrel.signal.files import Sound
from timbrel.signal.levels import is_silent

HEARD_DB = 50.0  # bands so far below the recording's strongest do not count


@dataclass(frozen=True)
class Distance:
    """A distance of two sounds by one of their traits.

    Attributes:
        title: What it is of.
        unit: Its unit, "" for a share or a correlation.
        step: The difference that is just worth the name; halves of a recording that are nearer
            to each other count as this far.
        compute: The distance of two traits, the recording's first; not a number where one has none.
    """

    title: str
    unit: str
    step: float
    compute: Callable[[Traits, Traits], float]


def _rms(a: Floats, b: Floats) -> float:
    return float(np.sqrt(np.mean((a - b) ** 2)))


def _modulation(a: Traits, b: Traits) -> float:
    heard = a.band_levels_db > a.band_levels_db.max() - HEARD_DB
    return _rms(a.modulations_db[heard], b.modulations_db[heard])


DISTANCES: Mapping[str, Distance] = {
    "spectrum": Distance(
        "Mean spectrum", "dB", 1.0, lambda a, b: _rms(a.levels_db, b.levels_db)
    ),
    "spread": Distance(
        "How much the bands move", "dB", 1.0, lambda a, b: _rms(a.spreads_db, b.spreads_db)
    ),
    "modulation": Distance("How fast they move", "dB", 1.0, _modulation),
    "envelope": Distance(
        "Envelope", "dB", 1.0,
        lambda a, b: float(np.abs(a.envelope_db - b.envelope_db).mean()),
    ),
    "pitch_classes": Distance(
        "Pitch classes", "", 0.05,
        lambda a, b: float(np.abs(a.pitch_classes - b.pitch_classes).sum() / 2),
    ),
    "rhythm": Distance("Rhythm", "", 0.05, lambda a, b: _rms(a.rhythm, b.rhythm)),
    "loudness_range": Distance(
        "Loudness range", "LU", 1.0,
        lambda a, b: abs(a.loudness_range_lu - b.loudness_range_lu),
    ),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Likened:
    """A recording's traits, and how far apart they are in its halves.

    Attributes:
        traits: Its traits.
        sample_rate: The lowest rate of all sounds that are compared, in Hz.
        halves: Distance to the root mean square of three, between two halves of the recording each;
            not a number where halves are too short to have this trait.
    """

    traits: Traits
    sample_rate: int
    halves: dict[str, float]

    def unit(self, name: str) -> float:
        """The unit in which a distance is told: that of the halves, or the step if it is more.

        Args:
            name: One of `DISTANCES`.

        Returns:
            The unit; not a number where halves have none.
        """
        own = self.halves[name]
        return own if math.isnan(own) else max(own, DISTANCES[name].step)


def likened(recordings: Sequence[Sound], *, sample_rate: int) -> Likened:
    """Measures a recording, for sounds to be compared with it.

    Args:
        recordings: One, or a few that were learned from together.
        sample_rate: The lowest rate in Hz of all sounds that are compared.

    Returns:
        Its traits and the distances of its halves.

    Raises:
        UsageError: When a recording is too short or too long, silent, or not finite.
    """
    samples = joined(recordings, gap_s=0.0)
    pairs = [
        (traits(one, sample_rate=sample_rate), traits(other, sample_rate=sample_rate))
        for one, other in halves(samples)
        if not is_silent(one) and not is_silent(other)
    ]
    return Likened(
        traits(samples, sample_rate=sample_rate),
        sample_rate,
        {
            name: _root_mean_square([one.compute(a, b) for a, b in pairs])
            for name, one in DISTANCES.items()
        },
    )


def _root_mean_square(values: Sequence[float]) -> float:
    return math.sqrt(float(np.mean(np.square(values)))) if values else math.nan


def distances(recording: Likened, sound: Sound) -> dict[str, float]:
    """Measures how far a sound's traits are from a recording's.

    Args:
        recording: The recording.
        sound: Any sound of half a second or more; level does not count.

    Returns:
        Distance in its own unit; not a number where either has no such trait, and for silence.
    """
    samples = monaural(sound)
    if is_silent(samples):
        return dict.fromkeys(DISTANCES, math.nan)
    found = traits(samples, sample_rate=recording.sample_rate)
    return {name: one.compute(recording.traits, found) for name, one in DISTANCES.items()}


def in_halves(recording: Likened, found: Mapping[str, float]) -> dict[str, float]:
    """Tells distances in units of how far the recording's halves are from each other.

    Args:
        recording: The recording.
        found: What `distances` gave.

    Returns:
        Distance to 0 (alike), 1 (as unlike as the recording's halves are to each other), at most
        5; not a number where it is undefined.
    """
    return {
        name: float(np.minimum(value / recording.unit(name), FARTHEST))
        for name, value in found.items()
    }


def unlikeness(recording: Likened, found: Mapping[str, float]) -> float:
    """Sums distances up: the mean of those that are defined, in units of the recording's halves.

    Args:
        recording: The recording.
        found: What `distances` gave.

    Returns:
        0 (alike) to 5 (as far as counts); about 1 for what is as unlike the recording as one half
        of it is the other; not a number where none is defined.
    """
    known = [value for value in in_halves(recording, found).values() if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def own_unlikeness(recording: Likened) -> float:
    """Gives the place of the recording itself: how far one half is from the other.

    Args:
        recording: The recording.

    Returns:
        As `unlikeness`: 1, or less where its halves are nearer than the steps; not a number where
        none is defined.
    """
    return unlikeness(recording, recording.halves)
