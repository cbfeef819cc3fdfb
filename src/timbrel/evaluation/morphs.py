"""How good is a morph: does it lie between its parents, is it one sound, and is it clean?

A *series* is what an instrument plays from one sound to another, its ends being the parents'
reconstructions; beside it stands a plain crossfade of these two::

    weight of the second   0      ¼      ½      ¾      1
    series                 A' --- o ---- o ---- o ---- B'
    crossfade              A'  .75A'+.25B'  ...        B'
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.evaluation import morph_features as features
from timbrel.evaluation.cleanness import contrast_db, tremor_db
from timbrel.evaluation.morph_features import RATE_HZ, Row
from timbrel.evaluation.morph_lines import Line, differ, line_of
from timbrel.evaluation.one_sound import onsets_s, second_pitch
from timbrel.evaluation.sketches import distances, sketch
from timbrel.signal.files import Sound
from timbrel.signal.levels import is_finite, loudness_lufs
from timbrel.signal.pitch import pitch_hz

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
QUIETEST_LUFS = -70.0
QUIET = 10 ** (-60 / 20)  # of a sound's peak: what is softer is its silent end
SHORTEST_SAMPLES = 2 * features.MOMENTS

Listener = Callable[[Sound], Row]
Kind = Literal["between", "one sound", "clean", "level", "new", "faithful"]


@dataclass(frozen=True, eq=False)
class Series:
    """A morph's sounds from one parent to the other.

    Attributes:
        title: Of what.
        sounds: One a weight, one channel, all of one length, [T] each.
        sample_rate: Their rate in Hz.
        weights: The weight of the second parent in each, rising from 0 to 1.
        originals: The two sounds that its ends are reconstructions of; None where nobody knows.
    """

    title: str
    sounds: tuple[Tensor, ...]
    sample_rate: int
    weights: tuple[float, ...] = WEIGHTS
    originals: tuple[Sound, Sound] | None = None


@dataclass(frozen=True)
class Feature:
    """A feature that a morph should lead evenly from one parent to the other.

    Attributes:
        title: What it is called.
        unit: Its unit.
        least: Parents that differ by less, root mean square, are alike in it.
        of: Sound at 16 kHz -> its row.
    """

    title: str
    unit: str
    least: float
    of: Callable[[Tensor], Row]


FEATURES: Mapping[str, Feature] = {
    "brightness": Feature("Brightness", "octaves", 0.1, features.brightness),
    "envelope": Feature("Envelope over time", "dB", 3.0, features.envelope),
    "spectral_envelope": Feature("Spectral envelope", "dB", 3.0, features.spectral_envelope),
    "inharmonicity": Feature("Inharmonicity", "cents", 3.0, features.inharmonicity),
}
LISTENER, LISTENER_TITLE, LISTENER_LEAST = "listener", "A listener's features", 0.1


@dataclass(frozen=True)
class MorphMeasure:
    """One number of a morph.

    Attributes:
        title: What it is called.
        unit: Its unit; "share" for a rate, "" for a ratio.
        kind: Which question it belongs to.
        higher_is_better: Its direction; None where neither is.
        about: What it says, in a sentence.
    """

    title: str
    unit: str
    kind: Kind
    higher_is_better: bool | None
    about: str


MEASURES: Mapping[str, MorphMeasure] = {
    "forward": MorphMeasure(
        "Steps that go the right way", "share", "between", True,
        "of the features in which the parents differ; all of them where a morph is monotone",
    ),
    "largest_step": MorphMeasure(
        "Largest step", "share", "between", False,
        "of the way from one parent to the other, mean over features: 25 % in four even steps, "
        "100 % where it jumps",
    ),
    "middle": MorphMeasure(
        "How far along at ½", "share", "between", None, "mean over features; 50 % is the middle"
    ),
    "astray": MorphMeasure(
        "Off the straight line", "", "between", None,
        "distance from the line between the parents over their own distance, mean over features "
        "of more than one number; a good way may bend, one that leads elsewhere is far off",
    ),
    "second_pitch": MorphMeasure(
        "A second pitch", "share", "one sound", False,
        "of the tones that no single harmonic series explains, over what the parents have of it",
    ),
    "one_onset": MorphMeasure(
        "No onset too many", "share", "one sound", True,
        "of the sounds between have no more onsets than the parent that has more",
    ),
    "contrast_lost_db": MorphMeasure(
        "Depth between partials lost", "dB", "clean", False,
        "below what lies evenly between the parents' reconstructions: noise and blur",
    ),
    "tremor_gained_db": MorphMeasure(
        "Tremor gained", "dB", "clean", False,
        "modulation of 16 to 64 Hz over what lies evenly between the parents': flutter and beats",
    ),
    "off_level_lu": MorphMeasure(
        "Off the even level", "LU", "level", False,
        "how far the loudness strays from what lies evenly between the parents'",
    ),
    "new_db": MorphMeasure(
        "Unlike either parent at ½", "dB", "new", None,
        "how far its sketch is from that of the nearer parent",
    ),
    "parents_off_db": MorphMeasure(
        "Parents off their originals", "dB", "faithful", False,
        "how far the sketches of the two reconstructions are from those of the sounds themselves: "
        "all else says little where an instrument hardly knows its parents",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """What was measured of a series.

    Attributes:
        title: Of what.
        numbers: Measure to number; not a number where it is undefined for this pair.
        lines: Feature to its way; None where the parents are alike in it or it is undefined.
    """

    title: str
    numbers: Mapping[str, float]
    lines: Mapping[str, Line | None]


def crossfade(series: Series) -> Series:
    """Mixes the ends of a series, as a mixing desk would: the floor under every morph.

    Args:
        series: Any series.

    Returns:
        The mixtures at the same weights, linear in amplitude.

    Example:
        >>> ends = torch.zeros(100), torch.ones(100), torch.full((100,), 4.0)
        >>> float(crossfade(Series("a to b", ends, 16_000, (0, 0.5, 1))).sounds[1][0])
        2.0
    """
    first, last = series.sounds[0], series.sounds[-1]
    mixed = tuple((1 - weight) * first + weight * last for weight in series.weights)
    return replace(series, sounds=mixed)


def judged(series: Series, listener: Listener | None = None) -> Judged:
    """Measures how good a series is.

    Args:
        series: The sounds.
        listener: What an independent classifier makes of a sound; None where there is none.

    Returns:
        The numbers.

    Raises:
        UsageError: When there are fewer than three sounds, an end is silent, or lengths or weights
            make no series.

    Source:
        What to ask of a morph follows Caetano and Rodet, "Musical instrument sound morphing guided
        by perceptually motivated features" (2013): intermediate, smooth, and one percept.

    Example:
        >>> t = torch.arange(8000) / 8000
        >>> tones = tuple(torch.sin(6.2832 * f * t) for f in (220.0, 269.4, 330.0))
        >>> judged(Series("a to b", tones, 8000, (0.0, 0.5, 1.0))).numbers["forward"]
        1.0
    """
    _check(series)
    sounds = _audible([features.heard(sound, series.sample_rate) for sound in series.sounds])
    lines = _lines(sounds, series, listener)
    numbers = {
        **_between(lines),
        "second_pitch": _second_pitch(sounds, series.weights),
        "one_onset": _one_onset(sounds),
        "contrast_lost_db": -_beyond([contrast_db(x) for x in sounds], series.weights),
        "tremor_gained_db": _beyond([tremor_db(x) for x in sounds], series.weights),
        "off_level_lu": _beyond([_loudness(x) for x in sounds], series.weights, signed=False),
        "new_db": _new_db(sounds, series.weights),
        "parents_off_db": _parents_off_db(sounds, series.originals),
    }
    return Judged(series.title, numbers, lines)


def _check(series: Series) -> None:
    weights, sounds = series.weights, series.sounds
    rising = all(a < b for a, b in pairwise(weights))
    if len(weights) < 3 or not rising or (weights[0], weights[-1]) != (0, 1):
        raise UsageError(f"weights {weights}", "three or more, rising from 0 to 1")
    if len(sounds) != len(weights) or len({len(sound) for sound in sounds}) != 1:
        raise UsageError(
            f"{len(sounds)} sounds of {len({len(x) for x in sounds})} lengths",
            f"{len(weights)} sounds of one length, one a weight",
        )
    if not all(is_finite(sound) for sound in sounds):
        raise UsageError("a morph with values that are no numbers", "finite samples")
    if not (bool(sounds[0].any()) and bool(sounds[-1].any())):
        raise UsageError("a morph that begins or ends in silence", "parents that can be heard")


def _audible(sounds: Sequence[Tensor]) -> list[Tensor]:
    """Cuts away the silence after the longest of them, so that it counts in no mean over time."""
    ends = [
        int(torch.nonzero(sound.abs() > QUIET * sound.abs().max()).max()) + 1
        for sound in sounds
        if bool(sound.any())
    ]
    return [sound[: max(max(ends), SHORTEST_SAMPLES)] for sound in sounds]


def _lines(
    sounds: Sequence[Tensor], series: Series, listener: Listener | None
) -> dict[str, Line | None]:
    """The way of each feature; of those in which the parents are alike there is none."""
    found: dict[str, Line | None] = {}
    for name, feature in FEATURES.items():
        rows = [feature.of(sound) for sound in sounds]
        unlike = differ(rows[0], rows[-1], feature.least)
        found[name] = line_of(rows, series.weights) if unlike else None
    if listener is not None:
        rows = [listener(Sound(sound[None], RATE_HZ)) for sound in sounds]
        unlike = differ(rows[0], rows[-1], LISTENER_LEAST)
        found[LISTENER] = line_of(rows, series.weights) if unlike else None
    return found


def _between(lines: Mapping[str, Line | None]) -> dict[str, float]:
    known = {name: line for name, line in lines.items() if line is not None}
    # a row of one number cannot leave its line
    wide = [line.astray for name, line in known.items() if name not in _NARROW]
    return {
        "forward": _mean([line.forward for line in known.values()]),
        "largest_step": _mean([line.largest_step for line in known.values()]),
        "middle": _mean([line.middle for line in known.values()]),
        "astray": _mean(wide),
    }


_NARROW = frozenset({"brightness", "inharmonicity"})


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else math.nan


def _second_pitch(sounds: Sequence[Tensor], weights: Sequence[float]) -> float:
    ends_hz = [pitch_hz(sound, RATE_HZ) for sound in (sounds[0], sounds[-1])]
    if any(math.isnan(hz) for hz in ends_hz):
        return math.nan
    return _beyond([second_pitch(x, min(ends_hz), max(ends_hz)) for x in sounds], weights)


def _one_onset(sounds: Sequence[Tensor]) -> float:
    counts = [len(onsets_s(sound)) for sound in sounds]
    most = max(counts[0], counts[-1], 1)
    return float(np.mean([count <= most for count in counts[1:-1]]))


def _beyond(values: Sequence[float], weights: Sequence[float], *, signed: bool = True) -> float:
    """How far the inner values lie above the straight line between the outer ones, on average."""
    even = np.interp(weights, [0, 1], [values[0], values[-1]])
    off = (np.asarray(values) - even)[1:-1]
    return float((off if signed else np.abs(off)).mean())


def _loudness(sound: Tensor) -> float:
    return max(loudness_lufs(sound[None], RATE_HZ), QUIETEST_LUFS)


def _new_db(sounds: Sequence[Tensor], weights: Sequence[float]) -> float:
    middle = int(np.abs(np.asarray(weights) - 0.5).argmin())
    asked, first, last = (
        sketch(Sound(sounds[place][None], RATE_HZ)) for place in (middle, 0, len(sounds) - 1)
    )
    return float(distances(asked[None], np.stack([first, last])).min())


def _parents_off_db(sounds: Sequence[Tensor], originals: tuple[Sound, Sound] | None) -> float:
    if originals is None:
        return math.nan
    found = [sketch(Sound(sound[None], RATE_HZ)) for sound in (sounds[0], sounds[-1])]
    wanted = [sketch(original) for original in originals]
    return float(distances(np.stack(found), np.stack(wanted)).diagonal().mean())
