"""Sounds as an instrument that learned from a recording hears them, with their codes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import pad

from timbrel.errors import SoundFileError
from timbrel.instruments import improvising, recorded
from timbrel.instruments.instrument import Instrument
from timbrel.signal import levels, resampling
from timbrel.signal.files import Sound
from timbrel.signal.limits import LOUDEST
from timbrel.signal.spans import silenced

Holes = Sequence[tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Heard:
    """A sound at an instrument's rate, and its code.

    Attributes:
        samples: The sound, with as many channels as the instrument has, [C, T].
        sample_rate: Its rate in Hz.
        code: Its code, as loud as the instrument's recordings, [F, N].
        gain: What brings what is made from that level to the sound's own.
        name: What a person calls it.
        first_frame: Where in the recordings it begins; 0 for other sounds.
        channels: How many it came with.
    """

    samples: Tensor
    sample_rate: int
    code: Tensor
    gain: float
    name: str
    first_frame: int = 0
    channels: int = 1

    def in_frames(self, instrument: Instrument, known: Tensor) -> Tensor:
        """Tells which frames of the code hold only what is known.

        Args:
            instrument: Whose code it is.
            known: Which samples are known, 0 or 1, [T].

        Returns:
            1 for a frame that is known, else 0, [N].
        """
        if not instrument.front_end.spectral:
            return known.float()
        return recorded.whole_frames(instrument.recipe, known)

    def longer(self, instrument: Instrument, more: int) -> "Heard":
        """Adds silence at the end, that is to be filled.

        Args:
            instrument: Whose code it is.
            more: Samples.

        Returns:
            The longer sound.
        """
        samples = pad(self.samples, (0, more))
        count = improvising.frames_of(instrument, samples.shape[1])
        return replace(self, samples=samples, code=pad(self.code, (0, count - self.code.shape[1])))


def own(instrument: Instrument, *, last: bool = False, holes: Holes = ()) -> Heard:
    """Gives the recording that an instrument learned from.

    Args:
        instrument: The instrument.
        last: Whether the last one is meant where there are several; else the first.
        holes: Where nothing of it is heard, in seconds.

    Returns:
        The recording.
    """
    recording = improvising.recording_of(instrument)
    parts = recording.sounds()
    number = len(parts) - 1 if last else 0
    samples = silenced(parts[number].cpu(), holes, instrument.sample_rate)
    before = sum(part.shape[1] for part in parts[:number])
    code = _code(instrument, samples, improvising.reference_of(instrument))
    first = improvising.frames_of(instrument, before) if before else 0
    name = instrument.sounds[number].name
    rate = instrument.sample_rate
    return Heard(samples, rate, code, 1.0, name, first, len(samples))


def heard(instrument: Instrument, sound: Sound, *, holes: Holes = ()) -> Heard:
    """Makes any sound such as an instrument hears it: its rate, its channels, its level.

    Args:
        instrument: Who hears it.
        sound: The sound, [C, T].
        holes: Where nothing of it is heard, in seconds: no code, no level and no sample that is
            returned depends on what lies there.

    Returns:
        The sound.

    Raises:
        SoundFileError: When it is empty, silent, or holds no numbers.
    """
    where = sound.source or "the sound"
    sound = replace(sound, samples=silenced(sound.samples, holes, sound.sample_rate))
    if not sound.samples.numel() or levels.is_silent(sound.samples):
        raise SoundFileError(f"{where} is silent", "a sound that can be heard")
    if not levels.is_finite(sound.samples) or levels.peak(sound.samples) > LOUDEST:
        raise SoundFileError(f"{where} holds values beyond all measure", "finite samples")
    channels = instrument.facts.channels
    came = sound.samples.shape[0]
    samples = sound.samples if came == channels else levels.to_mono(sound.samples)
    samples = samples.expand(channels, -1)
    rate = instrument.sample_rate
    samples = resampling.resample(samples.contiguous(), from_hz=sound.sample_rate, to_hz=rate)
    coded = recorded.coded(instrument.recipe, [samples])
    gain = coded.reference / improvising.reference_of(instrument)
    return Heard(samples, rate, coded.codes[0], gain, where, 0, min(came, channels))


def _code(instrument: Instrument, samples: Tensor, reference: float) -> Tensor:
    coded = recorded.coded(instrument.recipe, [samples])
    return recorded.rebased(instrument.recipe, coded.codes[0], coded.reference, reference)


def channels_back(sound: Tensor, channels: int) -> Tensor:
    """Gives a made sound as many channels as its source came with.

    Args:
        sound: The sound, [C, T].
        channels: As many, 1 or 2.

    Returns:
        The sound, [channels, T].
    """
    return levels.to_mono(sound) if channels < len(sound) else torch.as_tensor(sound)
