"""The key of a morph: one sound's pitch, kept by all of it."""

import math
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from timbrel.errors import SoundFileError, UsageError
from timbrel.instruments.hearing import playing
from timbrel.instruments.instrument import Instrument
from timbrel.instruments.offers import KnowsPitch
from timbrel.signal import resampling
from timbrel.signal.files import Sound
from timbrel.signal.pitch import pitch_hz
from timbrel.signal.units import cents

_RATE = 100_000  # that ratios of pitches are told by: to a fiftieth of a cent


def checked(key: int | None, count: int) -> int | None:
    """Checks which sound's pitch shall be kept.

    Args:
        key: The number of a sound, from 1; None for none.
        count: How many sounds there are.

    Returns:
        The same.

    Raises:
        UsageError: When there is no such sound.
    """
    if key is not None and not 1 <= key <= count:
        raise UsageError(f"the key of sound {key}", f"1 to {count}, the number of a sound")
    return key


def transposed(sounds: Sequence[Sound], key: int) -> list[Sound]:
    """Brings sounds to the pitch of one of them, as samplers do: played faster or slower.

    Args:
        sounds: The sounds.
        key: Whose pitch, from 1; that sound stays as it is.

    Returns:
        The sounds at one pitch.

    Raises:
        SoundFileError: When the pitch of a sound cannot be told.

    Example:
        >>> time_s = torch.arange(8000) / 16_000
        >>> tones = [Sound(torch.sin(440 * k * time_s)[None], 16_000) for k in (2, 3)]
        >>> [sound.samples.shape[1] for sound in transposed(tones, 1)]
        [8000, 12000]
    """
    pitches = [_pitch_hz(sound, number) for number, sound in enumerate(sounds, start=1)]
    wanted = pitches[key - 1]
    return [
        sound if number == key else _at_ratio(sound, wanted / pitch)
        for number, (sound, pitch) in enumerate(zip(sounds, pitches, strict=True), start=1)
    ]


def knows_pitch(instrument: Instrument) -> bool:
    """Tells whether an instrument can give a sound another pitch by itself.

    Args:
        instrument: Who plays.

    Returns:
        True where its network knows of pitches.
    """
    return isinstance(instrument.network, KnowsPitch)


def of_detail(instrument: Instrument, detail: Tensor, name: str) -> Tensor:
    """Tells the pitch of a sound as an instrument that knows of pitches hears it.

    Args:
        instrument: Who hears.
        detail: The sound's detail, [K, L].
        name: What a person calls the sound.

    Returns:
        Its pitch in semitones, [L]; where a moment has none, that of the nearest one that has.

    Raises:
        SoundFileError: When no moment has a pitch.
    """
    with playing(instrument.network):
        found = _network(instrument).pitch(detail[None].to(instrument.device))[0].cpu().clone()
    known = found.isfinite().nonzero()[:, 0]
    if not len(known):
        raise _none(name)
    nearest = (torch.arange(len(found))[:, None] - known).abs().argmin(dim=1)
    return found[known[nearest]]


def at_pitch(instrument: Instrument, detail: Tensor, semitones: Tensor) -> Tensor:
    """Gives a detail another pitch.

    Args:
        instrument: Who plays, and knows of pitches.
        detail: The detail, [K, L].
        semitones: The pitch of each moment, [L].

    Returns:
        The detail, [K, L].
    """
    moved = (each[None].to(instrument.device) for each in (detail, semitones))
    with playing(instrument.network):
        return _network(instrument).at_pitch(*moved)[0].float().cpu().clone()


def _network(instrument: Instrument) -> KnowsPitch:
    network = instrument.network
    if not isinstance(network, KnowsPitch):
        raise UsageError(f"the pitch of {instrument.name!r}", "an instrument that knows of pitches")
    return network


def _pitch_hz(sound: Sound, number: int) -> float:
    found = pitch_hz(sound.samples, sound.sample_rate)
    if math.isnan(found):
        raise _none(sound.source or f"sound {number}")
    return found


def _none(name: str) -> SoundFileError:
    return SoundFileError(
        f"{name} has no pitch that can be told", "notes of one pitch", "leave --key out"
    )


def _at_ratio(sound: Sound, ratio: float) -> Sound:
    if abs(cents(1.0, ratio)) < 0.1:
        return sound
    faster = resampling.resample(sound.samples, from_hz=round(ratio * _RATE), to_hz=_RATE)
    return replace(sound, samples=faster)
