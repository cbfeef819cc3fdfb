"""Reconstruction: what comes back of held-out sounds, measured and put between two floors.

Three versions of each held-out sound are compared with it:

- ``reconstruction``: through the instrument and back;
- ``round_trip``: through the front end and back, without the network. What is lost here, no
  training can give back;
- ``nearest``: the training sound that is nearest, at the same level and onset. An instrument
  that is not nearer than this could as well have played a sound that it was given.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from torch import Tensor
from torch.nn.functional import pad

from timbrel.evaluation.material import Entry
from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.sketches import onset_samples
from timbrel.evaluation.statistics import Interval, mean_interval
from timbrel.signal.files import Sound, resample
from timbrel.signal.levels import fit_length, to_mono

Version = Literal["reconstruction", "round_trip", "nearest"]
VERSIONS: tuple[Version, ...] = ("reconstruction", "round_trip", "nearest")
ALL = "all"
# Beyond 200 dB two float32 sounds are the same: an infinite ratio counts as this.
MOST_DB = 200.0

Scores = Mapping[Version, Mapping[str, float]]


@dataclass(frozen=True)
class Trial:
    """One held-out sound and its versions, all mono, of its rate and of one length.

    Attributes:
        entry: The held-out sound.
        sample_rate: Its rate in Hz.
        original: As it should be, [T].
        versions: Each version, [T].
        nearest: The entry of the nearest training sound.
    """

    entry: Entry
    sample_rate: int
    original: Tensor
    versions: Mapping[Version, Tensor]
    nearest: Entry


@dataclass(frozen=True)
class Scored:
    """The scores of one held-out sound.

    Attributes:
        name: The sound.
        label: Its label.
        nearest: Name of its nearest training sound.
        scores: Version, then metric, to number.
    """

    name: str
    label: str
    nearest: str
    scores: Scores


@dataclass(frozen=True)
class Measure:
    """One metric over all held-out sounds.

    Attributes:
        title: What the metric is called.
        unit: Its unit, "" for a ratio.
        higher_is_better: Its direction.
        means: Label (or "all"), then version, to the mean with its interval.
        gain_over_nearest: Mean of how much better than the nearest training sound the
            reconstruction is, sound by sound, in the metric's unit; above 0 is better.
        better_than_nearest: Share of the sounds for which it is better.
    """

    title: str
    unit: str
    higher_is_better: bool
    means: dict[str, dict[Version, Interval]]
    gain_over_nearest: Interval
    better_than_nearest: float


def trial(
    entry: Entry, original: Sound, *, reconstruction: Sound, round_trip: Sound, nearest: Sound,
    nearest_entry: Entry,
) -> Trial:  # fmt: skip
    """Brings the versions of a held-out sound to its rate and length, so that they can be compared.

    Where the instrument plays shorter sounds than this one, the rest of it is left out.

    Args:
        entry: The held-out sound's entry.
        original: The held-out sound.
        reconstruction: Through the instrument and back.
        round_trip: Through the front end and back.
        nearest: The nearest training sound.
        nearest_entry: Its entry.

    Returns:
        The trial.
    """
    rate = original.sample_rate
    made = {
        "reconstruction": _at_rate(reconstruction, rate),
        "round_trip": _at_rate(round_trip, rate),
    }
    whole = _at_rate(original, rate)
    kept = whole[: min(len(whole), *(len(sound) for sound in made.values()))]
    versions: dict[Version, Tensor] = {
        "reconstruction": made["reconstruction"][: len(kept)],
        "round_trip": made["round_trip"][: len(kept)],
        "nearest": _like(_at_rate(nearest, rate), kept),
    }
    return Trial(entry, rate, kept, versions, nearest_entry)


def _at_rate(sound: Sound, sample_rate: int) -> Tensor:
    mono = to_mono(sound.samples)[0]
    return resample(mono, from_hz=sound.sample_rate, to_hz=sample_rate)


def _like(sound: Tensor, original: Tensor) -> Tensor:
    """Moves a sound to the original's onset, length and energy: the strongest floor it can make."""
    late = onset_samples(original) - onset_samples(sound)
    moved = pad(sound, (late, 0)) if late > 0 else sound[-late:]
    fitted = fit_length(moved, len(original), fade_samples=0)
    energy = fitted.square().sum()
    return fitted * (original.square().sum() / energy).sqrt() if energy > 0 else fitted


def score(judged: Trial, metrics: Mapping[str, Metric]) -> Scored:
    """Measures the versions of a held-out sound by all metrics.

    Args:
        judged: The sound and its versions.
        metrics: What to measure by.

    Returns:
        The scores; an infinite one counts as 200 dB.

    Raises:
        UsageError: When the sound is silent or broken.
    """
    scores: dict[Version, dict[str, float]] = {
        version: {
            name: _bounded(metric.compute(judged.original, sound, judged.sample_rate))
            for name, metric in metrics.items()
        }
        for version, sound in judged.versions.items()
    }
    return Scored(judged.entry.name, judged.entry.label, judged.nearest.name, scores)


def _bounded(value: float) -> float:
    return max(-MOST_DB, min(MOST_DB, value)) if abs(value) == float("inf") else value


def measures(
    scored: Sequence[Scored], metrics: Mapping[str, Metric], *, seed: int
) -> dict[str, Measure]:
    """Sums scores up: each metric's means over all sounds and over each label, with intervals.

    Args:
        scored: The scores of the held-out sounds, at least one.
        metrics: What they were measured by.
        seed: Seed of the bootstrap.

    Returns:
        Metric to its measure.
    """
    return {name: _measure(name, metric, scored, seed) for name, metric in metrics.items()}


def _measure(name: str, metric: Metric, scored: Sequence[Scored], seed: int) -> Measure:
    gains = [_gain(row, name, higher=metric.higher_is_better) for row in scored]
    labels = sorted({row.label for row in scored if row.label})
    return Measure(
        title=metric.title,
        unit=metric.unit,
        higher_is_better=metric.higher_is_better,
        means={ALL: _means(scored, name, seed)}
        | {k: _means([row for row in scored if row.label == k], name, seed) for k in labels},
        gain_over_nearest=mean_interval(gains, seed=seed),
        better_than_nearest=sum(gain > 0 for gain in gains) / len(gains),
    )


def _gain(row: Scored, name: str, *, higher: bool) -> float:
    difference = row.scores["reconstruction"][name] - row.scores["nearest"][name]
    return difference if higher else -difference


def _means(scored: Iterable[Scored], name: str, seed: int) -> dict[Version, Interval]:
    rows = list(scored)
    return {
        version: mean_interval([row.scores[version][name] for row in rows], seed=seed)
        for version in VERSIONS
    }
