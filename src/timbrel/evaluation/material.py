"""What is judged, handed in as entries and functions, so that no one holds all of the audio."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from timbrel.evaluation.steering import Steering
from timbrel.signal.files import Sound


@dataclass(frozen=True)
class Entry:
    """A real sound of the library.

    Attributes:
        id: What `Material.read` knows it by.
        name: What a person calls it.
        label: Its label, "" for none.
    """

    id: str
    name: str
    label: str


@dataclass(frozen=True)
class Made:
    """A generated sound.

    Attributes:
        sound: The sound.
        name: What a person calls it.
        label: The label that was asked for, "" for none.
    """

    sound: Sound
    name: str
    label: str


@dataclass(frozen=True)
class Material:
    """All that an assessment needs of an instrument and its sounds.

    Attributes:
        held_out: Sounds that nothing was learned from.
        training: Sounds that the instrument learned from.
        read: Reads a real sound, by its entry's id; may raise any `TimbrelError`.
        reconstruct: A sound through the instrument and back; None where it only generates.
        round_trip: A sound through the instrument's front end and back, without the network.
        generated: Generated sounds, asked for once.
        generated_count: How many those are; 0 where that is not known.
        morph: Two sounds, played from one to the other at weights 0, ¼, ½, ¾ and 1 of the second;
            None where the instrument does not morph.
        length_s: How long the instrument plays, in seconds; 0 where that does not count.
        sample_rate: Its rate in Hz; 0 where that does not count.
        steering: What its sliders do; None where they are not known.
    """

    held_out: Sequence[Entry]
    training: Sequence[Entry]
    read: Callable[[str], Sound]
    reconstruct: Callable[[Sound], Sound] | None
    round_trip: Callable[[Sound], Sound]
    generated: Iterable[Made] = field(default=())
    generated_count: int = 0
    morph: Callable[[Sound, Sound], Sequence[Sound]] | None = None
    length_s: float = 0.0
    sample_rate: int = 0
    steering: Steering | None = None
