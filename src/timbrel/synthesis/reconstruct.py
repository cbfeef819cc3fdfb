"""Reconstruct: a sound through the instrument and back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from torch import Tensor

from timbrel.instruments.instrument import Instrument
from timbrel.signal.files import Sound
from timbrel.synthesis.phases import Phase
from timbrel.synthesis.renders import Origin, Parent, Render, checked_seed, play


@dataclass(frozen=True, eq=False)
class Heard:
    """A sound as an instrument hears it.

    Attributes:
        latent: What stands for it, [Z].
        reference: Its level, a linear amplitude.
        name: What a person calls it.
        detail: What the latent leaves out, [K, L], where the instrument knows of it.
    """

    latent: Tensor
    reference: float
    name: str
    detail: Tensor | None = None


def reconstruct(
    instrument: Instrument,
    sounds: Iterable[Sound],
    *,
    seed: int = 0,
    phase: Phase | None = None,
) -> Iterator[Render]:
    """Plays sounds back as an instrument hears them, each at its own level.

    Args:
        instrument: Who plays.
        sounds: Any sounds; what is longer than the instrument's length is cut.
        seed: Seed of the phase method.
        phase: The way from magnitudes to a waveform; None takes the instrument's own. The
            original phase is that of each sound.

    Returns:
        One render a sound, made as it is asked for.

    Raises:
        AbilityError: When the instrument cannot.
        SoundFileError: When a sound is empty, silent, or holds values that are no numbers.
    """
    instrument.require("reconstruct")
    checked_seed(seed)
    return (_one(instrument, sound, seed, phase) for sound in sounds)


def hear(instrument: Instrument, sound: Sound) -> Heard:
    """Hears one sound, alone, so that it gets the same latent in whatever company.

    Args:
        instrument: Who hears.
        sound: Any sound.

    Returns:
        Its latent, level and name.

    Raises:
        SoundFileError: When it is empty, silent, or holds values that are no numbers.
    """
    fitted = instrument.fit(sound)
    latent, reference = instrument.encode(fitted)
    detail = instrument.detail(fitted)
    name = PurePath(sound.source).name.encode("utf-8", "backslashreplace").decode()
    # Only the file's name, and that as Unicode whatever it is: a path would tell strangers where
    # a person keeps their sounds.
    rest = None if detail is None else detail[0]
    return Heard(latent[0], float(reference[0]), name or "sound", rest)


def name_of(file_name: str) -> str:
    """Says what the reconstruction of a sound is called.

    Args:
        file_name: The name of the sound's file.

    Returns:
        A name without an ending.

    Example:
        >>> name_of("kick.wav")
        'kick-reconstructed'
    """
    return f"{PurePath(file_name).stem}-reconstructed"


def _one(instrument: Instrument, sound: Sound, seed: int, phase: Phase | None) -> Render:
    heard = hear(instrument, sound)
    phase = phase and phase.of(instrument.fit(sound))
    origin = Origin(
        name_of(heard.name),
        "reconstruct",
        seed,
        parents=[Parent(heard.name, 1.0)],
        grain=0.0,  # the nearest to the original, not one of many likely ones
        phase=phase,
    )
    return play(instrument, heard.latent, heard.reference, origin, detail=heard.detail)
