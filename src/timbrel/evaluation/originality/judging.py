"""Judging: outputs of several systems that learned from one recording, beside two baselines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.evaluation.originality.copy_maps import CopyMap
from timbrel.evaluation.originality.likeness import (
    Likened,
    distances,
    in_halves,
    likened,
    own_unlikeness,
    unlikeness,
)
from timbrel.evaluation.originality.mixing import Mixing, mixing
from timbrel.evaluation.originality.moments import SHORTEST_S, checked
from timbrel.evaluation.originality.montage import montage
from timbrel.evaluation.originality.originals import Original, held_against, original
from timbrel.evaluation.originality.reach import bands_db, reached_hz
from timbrel.progress import Report, Tracker, silent
from timbrel.signal.files import Sound

NARROW = 0.7  # of the recording's reach
FEWEST_MONTAGES, MOST_MONTAGES = 3, 8


@dataclass(frozen=True, eq=False)
class Reference:
    """What was learned from, ready for outputs to be held against it.

    Attributes:
        recordings: One recording, or a few.
        original: They, heard moment by moment.
        likened: They, heard as a whole.
        bands_db: Their levels by bands, [48].
        sample_rate: The lowest rate in Hz of these and of all outputs.
    """

    recordings: tuple[Sound, ...]
    original: Original
    likened: Likened
    bands_db: Tensor
    sample_rate: int


@dataclass(frozen=True, eq=False)
class Judged:
    """One output against the recording.

    Attributes:
        sound: The output.
        copies: Its copy map.
        parts: The copy maps of its parts, from low to high.
        mixing: Which moments mix parts of different moments.
        distances: How far its traits are from the recording's, each in its own unit.
        halves: The same in units of how far the recording's halves are from each other.
        unlikeness: The mean of these.
        reach_hz: Up to which frequency it sounds, and the recording does.
    """

    sound: Sound
    copies: CopyMap
    parts: tuple[CopyMap, ...]
    mixing: Mixing
    distances: dict[str, float]
    halves: dict[str, float]
    unlikeness: float
    reach_hz: tuple[float, float]

    @property
    def is_narrow(self) -> bool:
        """Whether it lacks so much of the recording's band that copies in it may not be found."""
        output_hz, recording_hz = self.reach_hz
        return output_hz < NARROW * recording_hz

    @property
    def numbers(self) -> dict[str, float]:
        """Its main numbers: shares from 0 to 1, runs in seconds; not a number where undefined."""
        return {
            "copy_ratio": self.copies.ratio,
            "longest_run_s": self.copies.longest_run_s,
            "mean_run_s": self.copies.mean_run_s,
            "mixing": self.mixing.share,
            "novelty": self.copies.novelty,
            "unlikeness": self.unlikeness,
        }


@dataclass(frozen=True, eq=False)
class Originality:
    """The answer to "does it copy?".

    Attributes:
        reference: What was learned from.
        systems: Name of a system to its outputs, judged.
        montages: Montages of the recording, judged alike.
        seed: Of montages, echoes and intervals.
    """

    reference: Reference
    systems: dict[str, tuple[Judged, ...]]
    montages: tuple[Judged, ...]
    seed: int

    @property
    def itself(self) -> dict[str, float]:
        """The numbers of the recording against itself: each moment against the other passages."""
        own = self.reference.original.itself
        return {
            "copy_ratio": own.ratio,
            "longest_run_s": own.longest_run_s,
            "mean_run_s": own.mean_run_s,
            "mixing": math.nan,
            "novelty": own.novelty,
            "unlikeness": own_unlikeness(self.reference.likened),
        }


def reference(recordings: Sequence[Sound], *, sample_rate: int, seed: int) -> Reference:
    """Hears what was learned from.

    Args:
        recordings: One recording, or a few; ten minutes in all.
        sample_rate: The lowest rate in Hz of these and of all outputs.
        seed: Seed of the echo that tells what counts as near.

    Returns:
        The recording, ready for outputs.

    Raises:
        UsageError: When a recording is too short or too long, silent, or not finite.
    """
    return Reference(
        tuple(recordings),
        original(recordings, sample_rate=sample_rate, seed=seed),
        likened(recordings, sample_rate=sample_rate),
        bands_db(recordings, sample_rate=sample_rate),
        sample_rate,
    )


def judged(sound: Sound, known: Reference) -> Judged:
    """Holds one output against the recording.

    Args:
        sound: An output of half a second to ten minutes; level does not count.
        known: The recording.

    Returns:
        What was found.

    Raises:
        UsageError: When it is too short or too long, or not finite.
    """
    found = held_against(known.original, sound)
    apart = distances(known.likened, sound)
    return Judged(
        sound=sound,
        copies=found.maps[0],
        parts=found.maps[1:],
        mixing=mixing(found),
        distances=apart,
        halves=in_halves(known.likened, apart),
        unlikeness=unlikeness(known.likened, apart),
        reach_hz=reached_hz(
            bands_db([sound], sample_rate=known.sample_rate),
            known.bands_db,
            sample_rate=known.sample_rate,
        ),
    )


def originality(
    recordings: Sequence[Sound],
    systems: Mapping[str, Sequence[Sound]],
    *,
    seed: int,
    report: Report = silent,
) -> Originality:
    """Judges whether systems copy the recording that they learned from, beside two baselines.

    All are compared up to what the lowest of their sample rates can hold. The first baseline are
    montages of the recording, as many as a system has outputs (3 to 8) and as long; the second is
    the recording against itself.

    Args:
        recordings: The recording, or the few, that were learned from; ten minutes in all.
        systems: Name of a system to its outputs.
        seed: Seed of montages, echoes and intervals.
        report: Told how far it is.

    Returns:
        What was found.

    Raises:
        UsageError: When there is no output, or a sound is too short or too long, or not finite.

    Example:
        >>> import torch
        >>> noise = torch.randn(2, 1, 64_000, generator=torch.Generator().manual_seed(0))
        >>> recording, other = (Sound(one, 16_000) for one in noise)
        >>> found = originality([recording], {"thief": [recording], "noise": [other]}, seed=0)
        >>> [round(found.systems[name][0].copies.ratio, 2) for name in ("thief", "noise")]
        [1.0, 0.0]
    """
    outputs = [one for sounds in systems.values() for one in sounds]
    empty = [name for name, sounds in systems.items() if not sounds]
    if empty or not outputs:
        raise UsageError(f"no output of {empty[0] if empty else 'any system'}", "at least one each")
    for one in outputs:
        checked(one, "an output")
    rate = min(one.sample_rate for one in (*recordings, *outputs)) if recordings else 0
    known = reference(recordings, sample_rate=rate, seed=seed)
    montages = _montages(known.recordings, systems, seed)
    tracker = Tracker("looking for copies", len(outputs) + len(montages), report)

    def judge(sound: Sound) -> Judged:
        found = judged(sound, known)
        tracker.advance()
        return found

    return Originality(
        known,
        {name: tuple(map(judge, sounds)) for name, sounds in systems.items()},
        tuple(map(judge, montages)),
        seed,
    )


def _montages(
    recordings: Sequence[Sound], systems: Mapping[str, Sequence[Sound]], seed: int
) -> list[Sound]:
    """Montages of the recordings in turn, as long as outputs typically are."""
    most = max(len(sounds) for sounds in systems.values())
    count = min(max(most, FEWEST_MONTAGES), MOST_MONTAGES)
    lengths_s = [one.duration_s for sounds in systems.values() for one in sounds]
    seconds = max(float(np.median(lengths_s)), SHORTEST_S)
    return [
        montage(recordings[place % len(recordings)], seconds=seconds, seed=seed + place).sound
        for place in range(count)
    ]
