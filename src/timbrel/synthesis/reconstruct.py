"""Reconstruct: a sound through the instrument and back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath

from torch import Tensor

from timbrel.instruments.instrument import Instrument
from timbrel.signal.files import Sound
from timbrel.synthesis import energies
from timbrel.synthesis.phases import Phase
from timbrel.synthesis.renders import Origin, Parent, Render, checked_seed, play


@dataclass(frozen=True, eq=False)
class Heard:
    """A sound as an instrument hears it.

    Attributes:
        name: What a person calls it.
        fitted: The sound itself as the instrument hears it, [1, T].
        code: Its code, [F, N].
        reference: Its level, a linear amplitude.
        latent: What stands for it, [Z].
        detail: What the latent leaves out, [K, L], where the instrument knows of it.
        energy: The energy of each of its frames, [N], where that shall be kept.
    """

    name: str
    fitted: Tensor
    code: Tensor
    reference: float
    latent: Tensor
    detail: Tensor | None = None
    energy: Tensor | None = None


def reconstruct(
    instrument: Instrument,
    sounds: Iterable[Sound],
    *,
    seed: int = 0,
    phase: Phase | None = None,
    energy: bool | None = None,
) -> Iterator[Render]:
    """Plays sounds back as an instrument hears them, each at its own level.

    Args:
        instrument: Who plays.
        sounds: Any sounds; what is longer than the instrument's length is cut.
        seed: Seed of the phase method.
        phase: The way from magnitudes to a waveform; None takes the instrument's own. The
            original phase is that of each sound.
        energy: Whether each frame is given the energy that it has in the sound, S4's energy
            correction; None does so where the instrument hears frame by frame, as S4's do.

    Returns:
        One render a sound, made as it is asked for.

    Raises:
        AbilityError: When the instrument cannot.
        UsageError: When energies are asked for and the instrument's codes have none.
        SoundFileError: When a sound is empty, silent, or holds values that are no numbers.

    Source:
        The energy correction: Langer 2023, section 4.5.2.
    """
    instrument.require("reconstruct")
    checked_seed(seed)
    told = None if energy is None else "interpolated" if energy else "off"
    keeps = energies.chosen(instrument, told) != "off"
    heard = (hear(instrument, sound, energy=keeps) for sound in sounds)
    return (played_back(instrument, one, _origin(one, seed, phase)) for one in heard)


def hear(instrument: Instrument, sound: Sound, *, energy: bool = False) -> Heard:
    """Hears one sound, alone, so that it gets the same latent in whatever company.

    Args:
        instrument: Who hears.
        sound: Any sound.
        energy: Whether the energy of its frames shall be kept, where they have one.

    Returns:
        What it hears.

    Raises:
        SoundFileError: When it is empty, silent, or holds values that are no numbers.
    """
    fitted = instrument.fit(sound)
    code, reference = instrument.listen(fitted)
    latent, detail = instrument.latent_of(code), instrument.detail_of(code)
    kept = instrument.energy_of(code)[0] if energy and instrument.knows_energy else None
    name = PurePath(sound.source).name.encode("utf-8", "backslashreplace").decode()
    # Only the file's name, and that as Unicode whatever it is: a path would tell strangers where
    # a person keeps their sounds.
    return Heard(
        name or "sound",
        fitted,
        code[0],
        float(reference[0]),
        latent[0],
        None if detail is None else detail[0],
        kept,
    )


def played_back(instrument: Instrument, heard: Heard, origin: Origin) -> Render:
    """Plays what was heard of one sound, and nothing else: a reconstruction, a morph's end.

    Args:
        instrument: Who plays.
        heard: The sound.
        origin: How the render comes to be made; its phase becomes that of this sound, where it
            is taken from sounds, and its grain 0: the nearest to the original, not one of many
            likely ones.

    Returns:
        The render.
    """
    phase = origin.phase and origin.phase.of(heard.fitted)
    alone = replace(origin, grain=0.0, phase=phase)
    return play(
        instrument, heard.latent, heard.reference, alone, detail=heard.detail, energy=heard.energy
    )


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


def _origin(heard: Heard, seed: int, phase: Phase | None) -> Origin:
    return Origin(
        name_of(heard.name),
        "reconstruct",
        seed,
        parents=[Parent(heard.name, 1.0)],
        settings={"energy": "off" if heard.energy is None else "on"},
        phase=phase,
    )
