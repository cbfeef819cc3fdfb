"""Notes: which sounds of a library make which key of an instrument."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from timbrel.errors import UsageError
from timbrel.exporting.layout import bands, key_name, velocity_ranges
from timbrel.exporting.patch import LOUDEST, SOFTEST
from timbrel.library.features import measured
from timbrel.library.rows import SoundRow

REACH_SEMITONES = 12.0  # a sound transposed by more is another instrument
PITCHED = 0.85  # repetition from which a sound that no one named a pitch for has one
APART = 8  # velocities nearer to each other than this are one
STEPS_A_SEMITONE = 8.0  # of velocity, that weigh as much as one semitone of transposition
_LOWEST_HZ, _A4_HZ, _A4 = 30.0, 440.0, 69
_NSYNTH_NAME = re.compile(r"-(\d{3})-(\d{3})(-r\d+)?$")


@dataclass(frozen=True)
class Note:
    """A pitched sound of the library.

    Attributes:
        id: Its id there.
        path: Where its file is.
        label: Its label, "" where unknown.
        group: Its group, "" where unknown.
        semitones: Its pitch as a MIDI note number.
        velocity: How hard it was played, 1 to 127; None where nobody knows.
    """

    id: str
    path: Path
    label: str
    group: str
    semitones: float
    velocity: int | None = None


@dataclass(frozen=True)
class Pair:
    """Two notes that make a key.

    Attributes:
        key: The MIDI note number that they shall make.
        first: One note.
        second: The other.
    """

    key: int
    first: Note
    second: Note


@dataclass(frozen=True)
class Layer:
    """One velocity layer.

    Attributes:
        softest: Its least velocity.
        loudest: Its greatest.
        pairs: Its notes, keys rising.
    """

    softest: int
    loudest: int
    pairs: tuple[Pair, ...]


def note_of(row: SoundRow) -> Note | None:
    """Finds the pitch of a library's sound, and how hard it was played.

    Args:
        row: The sound. The pitch that its data set names counts, else the one that the library
            heard; the velocity is read from a name such as NSynth gives: name-PITCH-VELOCITY.

    Returns:
        The note, or None where the sound has no pitch.
    """
    semitones = row.pitch_semitones
    if semitones is None:
        semitones = _heard_pitch(row)
    if semitones is None:
        return None
    velocity = velocity_of(row.path.stem, semitones)
    return Note(row.id, row.path, row.label, row.group, semitones, velocity)


def _heard_pitch(row: SoundRow) -> float | None:
    features = row.features[None]
    clarity = float(measured(features, "pitchiness")[0])
    if clarity < PITCHED:
        return None
    octaves = float(measured(features, "pitch")[0]) / clarity
    return semitones_of(_LOWEST_HZ * 2**octaves)


def semitones_of(hz: float) -> float:
    """Gives a frequency as a MIDI note number.

    Args:
        hz: A frequency in Hz, above 0.

    Returns:
        Semitones, 69 at 440 Hz.

    Example:
        >>> semitones_of(220.0)
        57.0
    """
    return _A4 + 12 * math.log2(hz / _A4_HZ)


def velocity_of(name: str, semitones: float) -> int | None:
    """Reads the velocity from a sound's name, as NSynth names its notes.

    Args:
        name: A file's name without its ending.
        semitones: The pitch that the library knows; a name that says another is none of NSynth's.

    Returns:
        1 to 127, or None where the name says nothing.

    Example:
        >>> velocity_of("bass_acoustic_001-024-037", 24.0), velocity_of("kick-808-100", 40.2)
        (37, None)
    """
    found = _NSYNTH_NAME.search(name)
    if not found or int(found[1]) != round(semitones):
        return None
    velocity = int(found[2])
    return velocity if SOFTEST <= velocity <= LOUDEST else None


def layers(
    first: Sequence[Note], second: Sequence[Note], keys: Iterable[int], most: int
) -> list[Layer]:
    """Chooses the notes of each key and layer: the nearest in pitch, then in velocity.

    Args:
        first: The notes of one side.
        second: Those of the other.
        keys: The keys that shall get a sample, rising.
        most: How many velocity layers there may be; as many are made as both sides tell apart.

    Returns:
        The layers, the softest first. A key gets none where a side has no note within an octave.

    Raises:
        UsageError: When no key has notes of both sides near.
    """
    wanted = list(keys)
    centres = _centres(first, second, most)
    ranges = velocity_ranges(centres) if len(centres) > 1 else [(SOFTEST, LOUDEST)]
    made = [
        Layer(*here, _pairs(first, second, wanted, centre))
        for here, centre in zip(ranges, centres, strict=True)
    ]
    if not made[0].pairs:
        raise UsageError(
            f"one side has the pitches {span(first)}, the other {span(second)}",
            f"sounds of both within an octave of a key from {key_name(wanted[0])} to "
            f"{key_name(wanted[-1])}",
            "choose others, or other --keys",
        )
    return made


def span(notes: Sequence[Note]) -> str:
    """Says from where to where notes reach.

    Args:
        notes: Some notes.

    Returns:
        Words such as "C2 to C5".
    """
    pitches = [round(note.semitones) for note in notes]
    return f"{key_name(min(pitches))} to {key_name(max(pitches))}"


def _pairs(
    first: Sequence[Note], second: Sequence[Note], keys: Sequence[int], velocity: float
) -> tuple[Pair, ...]:
    found = ((key, _nearest(first, key, velocity), _nearest(second, key, velocity)) for key in keys)
    return tuple(Pair(key, one, other) for key, one, other in found if one and other)


def _nearest(notes: Sequence[Note], key: int, velocity: float) -> Note | None:
    near = [note for note in notes if abs(note.semitones - key) <= REACH_SEMITONES]
    return min(near, key=lambda note: (_cost(note, key, velocity), note.id), default=None)


def _cost(note: Note, key: int, velocity: float) -> float:
    louder = 0.0 if note.velocity is None else abs(note.velocity - velocity) / STEPS_A_SEMITONE
    return abs(note.semitones - key) + louder


def _centres(first: Sequence[Note], second: Sequence[Note], most: int) -> list[float]:
    """The velocity of each layer: the mean of both sides' own layers."""
    sides = [side for side in (_velocities(first), _velocities(second)) if len(side) > 1]
    count = min((most, *(len(side) for side in sides))) if sides else 1
    sides = sides or [[*_velocities(first), *_velocities(second)] or [LOUDEST]]
    each = [[sum(band) / len(band) for band in bands(side, count)] for side in sides]
    return [sum(centres) / len(centres) for centres in zip(*each, strict=True)]


def _velocities(notes: Sequence[Note]) -> list[int]:
    """The velocities that can be told apart, rising."""
    apart: list[int] = []
    for velocity in sorted({note.velocity for note in notes if note.velocity is not None}):
        if not apart or velocity - apart[-1] >= APART:
            apart.append(velocity)
    return apart
