"""Reconstruction: what comes back of held-out sounds, measured and put between two floors.

Three versions of each held-out sound are compared with it:

- ``reconstruction``: through the instrument and back;
- ``round_trip``: through the front end and back, without the network. What is lost here, no
  training can give back;
- ``nearest``: the training sound that is nearest, at the same level and onset. An instrument
  that is not nearer than this could as well have played a sound that it was given.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from torch import Tensor
from torch.nn.functional import pad

from timbrel.evaluation.material import Entry
from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.sketches import onset_samples
from timbrel.evaluation.statistics import Interval, defined_mean
from timbrel.signal.files import Sound
from timbrel.signal.levels import fit_length, to_mono
from timbrel.signal.resampling import resample

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
        id: What the library knows the sound by.
    """

    name: str
    label: str
    nearest: str
    scores: Scores
    id: str = ""


@dataclass(frozen=True)
class Measure:
    """One metric over all held-out sounds.

    Attributes:
        title: What the metric is called.
        unit: Its unit, "" for a ratio.
        higher_is_better: Its direction.
        means: Label (or "all"), then version, to the mean with its interval, over those sounds for
            which the metric is defined.
        gain_over_nearest: Mean of how much better than the nearest training sound the
            reconstruction is, sound by sound, in the metric's unit; above 0 is better.
        better_than_nearest: Share of the sounds for which it is better.
        asked: How many sounds were measured: slow metrics take a part, spread over the labels.
        undefined: Version to the share of those for which the metric has no value.
        best: Label (or "all") to the best value of a reconstruction, not a number where none has
            one.
    """

    title: str
    unit: str
    higher_is_better: bool
    means: dict[str, dict[Version, Interval]]
    gain_over_nearest: Interval
    better_than_nearest: float
    asked: int
    undefined: dict[Version, float]
    best: dict[str, float]


def trial(
    entry: Entry, original: Sound, *, reconstruction: Sound, round_trip: Sound, nearest: Sound,
    nearest_entry: Entry, longest_s: float = math.inf,
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
        longest_s: What comes later than so many seconds is left out.

    Returns:
        The trial.
    """
    rate = original.sample_rate
    made = {
        "reconstruction": _at_rate(reconstruction, rate),
        "round_trip": _at_rate(round_trip, rate),
    }
    whole = _at_rate(original, rate)
    most = math.floor(min(longest_s * rate, len(whole)))
    kept = whole[: min(most, *(len(sound) for sound in made.values()))]
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
        The scores; an infinite one counts as 200, one that is undefined is not a number.

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
    entry = judged.entry
    return Scored(entry.name, entry.label, judged.nearest.name, scores, entry.id)


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
        Metric to its measure, of those that some sound was measured by.
    """
    asked = {name: [row for row in scored if name in row.scores[VERSIONS[0]]] for name in metrics}
    return {name: _measure(name, metrics[name], rows, seed) for name, rows in asked.items() if rows}


def _measure(name: str, metric: Metric, scored: Sequence[Scored], seed: int) -> Measure:
    gains = [_gain(row, name, higher=metric.higher_is_better) for row in scored]
    defined = [gain for gain in gains if not math.isnan(gain)]
    groups = grouped(scored)
    return Measure(
        title=metric.title,
        unit=metric.unit,
        higher_is_better=metric.higher_is_better,
        means={label: _means(rows, name, seed) for label, rows in groups.items()},
        gain_over_nearest=defined_mean(gains, seed=seed),
        better_than_nearest=sum(g > 0 for g in defined) / len(defined) if defined else math.nan,
        asked=len(scored),
        undefined={version: _undefined(scored, version, name) for version in VERSIONS},
        best={
            label: _best([row.scores["reconstruction"][name] for row in rows], metric)
            for label, rows in groups.items()
        },
    )


def grouped(scored: Sequence[Scored]) -> dict[str, list[Scored]]:
    """Groups scores by label.

    Args:
        scored: The scores of sounds.

    Returns:
        "all" to all of them, then each label, alphabetical, to its own.
    """
    labels = sorted({row.label for row in scored if row.label})
    own = {label: [row for row in scored if row.label == label] for label in labels}
    return {ALL: list(scored)} | own


def _gain(row: Scored, name: str, *, higher: bool) -> float:
    difference = row.scores["reconstruction"][name] - row.scores["nearest"][name]
    return difference if higher else -difference


def _undefined(scored: Sequence[Scored], version: Version, name: str) -> float:
    return sum(math.isnan(row.scores[version][name]) for row in scored) / len(scored)


def _best(values: Sequence[float], metric: Metric) -> float:
    defined = [value for value in values if not math.isnan(value)]
    return (max if metric.higher_is_better else min)(defined) if defined else math.nan


def _means(scored: Sequence[Scored], name: str, seed: int) -> dict[Version, Interval]:
    return {
        version: defined_mean([row.scores[version][name] for row in scored], seed=seed)
        for version in VERSIONS
    }
