"""Cutting: which stretch of each sound is heard, so that ends tell nothing of where it is from."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from timbrel.errors import SoundFileError
from timbrel.evaluation.listening.gathering import Candidate
from timbrel.library.rows import Skipped
from timbrel.signal import files, levels

QUIET_DB = -60.0  # below the sound's own peak: the silence before and behind it
LONGEST_READ_S = 600.0
SHORTEST_S = 0.05
BLOCK_S = 0.1
DRAWS = 40
_SOFTER_DB = 15.0  # than the whole sound: how soft either half of a drawn stretch may be


@dataclass(frozen=True)
class Heard:
    """What reading a sound once tells.

    Attributes:
        candidate: The sound.
        sample_rate: Its rate in Hz.
        channels: How many it has.
        begin_s: Where it begins to be heard.
        end_s: Where it is heard for the last time.
        file_s: Where its file ends.
        powers: Mean square of each 0.1 s of the file.
        content: Hash of the file.
    """

    candidate: Candidate
    sample_rate: int
    channels: int
    begin_s: float
    end_s: float
    file_s: float
    powers: tuple[float, ...]
    content: str


@dataclass(frozen=True)
class Cut:
    """A stretch of a sound.

    Attributes:
        start_s: Where it begins.
        duration_s: How long it is.
    """

    start_s: float
    duration_s: float


def heard(candidate: Candidate) -> Heard | Skipped:
    """Reads a sound, ten minutes of it at most, to know where it is heard.

    Args:
        candidate: The sound.

    Returns:
        What was found, or why it cannot be in a test.
    """
    path = candidate.path
    try:
        channels = files.probe(path).channels
        sound = files.read(path, duration_s=LONGEST_READ_S, mono=True)
    except SoundFileError as error:
        return Skipped(path, error.given, "unreadable")
    samples = sound.samples
    if not levels.is_finite(samples):
        return Skipped(path, "has samples that are no numbers", "not_finite")
    if levels.is_silent(samples):
        return Skipped(path, "is silent", "silent")
    rate = sound.sample_rate
    loud = samples[0].abs() > levels.peak(samples) * 10 ** (QUIET_DB / 20)
    begin, end = int(loud.int().argmax()), len(loud) - int(loud.flip(0).int().argmax())
    if (end - begin) / rate < SHORTEST_S:
        return Skipped(path, f"is heard for less than {SHORTEST_S} s", "empty")
    blocks = torch.split(samples[0].square(), max(1, round(BLOCK_S * rate)))
    return Heard(
        candidate,
        rate,
        channels,
        begin / rate,
        end / rate,
        sound.duration_s,
        tuple(float(block.mean()) for block in blocks),
        _hash(path),
    )


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def longest_s(found: Sequence[Heard], seconds: float) -> float:
    """Says how long sounds may be so that none is longer than those of another source can be.

    Args:
        found: The sounds of a test that are heard alone.
        seconds: What was asked for.

    Returns:
        The least of `seconds` and of each source's longest sound, in s.
    """
    by_source: dict[str, float] = {}
    for one in found:
        name = one.candidate.system
        by_source[name] = max(by_source.get(name, 0.0), one.end_s - one.begin_s)
    return min(seconds, *by_source.values())


def cut_alone(one: Heard, seconds: float, rng: np.random.Generator) -> Cut:
    """Chooses the stretch of a sound that is heard alone.

    Args:
        one: The sound.
        seconds: The longest that it may be.
        rng: Draws where a stretch of a longer sound begins.

    Returns:
        The stretch: the whole sound without the silence around it, or a part that is not silent.
    """
    return _stretch(one, one.begin_s, one.end_s, seconds, rng)


def cut_together(group: Sequence[Heard], seconds: float, rng: np.random.Generator) -> Cut | None:
    """Chooses the stretch of several versions of one sound: the same moments of each.

    It begins where the first of them begins and ends where the last is heard, but not where one of
    the files has ended.

    Args:
        group: The versions, the original first.
        seconds: The longest that it may be.
        rng: Draws where a stretch of longer sounds begins.

    Returns:
        The stretch; None where the versions have no moment in common.
    """
    begin_s = min(one.begin_s for one in group)
    end_s = min(max(one.end_s for one in group), min(one.file_s for one in group))
    if end_s - begin_s < SHORTEST_S:
        return None
    return _stretch(group[0], begin_s, end_s, seconds, rng)


def _stretch(
    one: Heard, begin_s: float, end_s: float, seconds: float, rng: np.random.Generator
) -> Cut:
    spare_s = end_s - begin_s - seconds
    if spare_s <= 0:
        return Cut(begin_s, end_s - begin_s)
    starts = begin_s + spare_s * rng.random(DRAWS)
    powers = np.array(one.powers)
    wanted = _mean(powers, begin_s, end_s) * 10 ** (-_SOFTER_DB / 10)
    softest = [_softer_half(powers, start_s, seconds) for start_s in starts]
    loud = [start_s for start_s, power in zip(starts, softest, strict=True) if power >= wanted]
    chosen = loud[0] if loud else starts[int(np.argmax(softest))]
    return Cut(float(chosen), seconds)


def _softer_half(powers: np.ndarray, start_s: float, seconds: float) -> float:
    middle_s = start_s + seconds / 2
    return min(_mean(powers, start_s, middle_s), _mean(powers, middle_s, start_s + seconds))


def _mean(powers: np.ndarray, start_s: float, end_s: float) -> float:
    first = min(int(start_s / BLOCK_S), len(powers) - 1)
    return float(powers[first : max(first + 1, int(end_s / BLOCK_S))].mean())
