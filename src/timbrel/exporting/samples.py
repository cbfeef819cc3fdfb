"""Samples: sounds made fit for a keyboard, in tune, looped, equally loud."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from timbrel.exporting import loops
from timbrel.exporting.notes import semitones_of
from timbrel.exporting.patch import Loop
from timbrel.signal import levels, units
from timbrel.signal.files import Sound
from timbrel.signal.pitch import CLEAR, LONGEST_S, track_pitch

CEILING_DB = -1.0
ONSET_DB = -60.0  # what is softer before the attack would be heard as a delay
LEAD_S = 0.002
MOST_CENTS = 100.0  # off, from which it is another note
CLEAR_SHARE = 0.25  # of the energy, that must agree about the pitch


@dataclass(frozen=True, eq=False)
class Sample:
    """A sound that is ready for its key.

    Attributes:
        sound: The sound, [C, T].
        key: The MIDI note number that it is for.
        tune_cents: What is added to its pitch to be in tune there.
        loop: Where it repeats, None where it rings out.
        has_pitch: Whether a pitch was heard within a semitone of the key, so that it was tuned.
    """

    sound: Sound
    key: int
    tune_cents: int = 0
    loop: Loop | None = None
    has_pitch: bool = True


def prepared(sound: Sound, key: int) -> Sample:
    """Makes a sound ready for a key: cuts the wait before it, finds its loop, measures its pitch.

    Args:
        sound: A sound that is heard to be about this note, its silent end cut off.
        key: A MIDI note number.

    Returns:
        The sample; the pitch is that of four seconds of it as a sampler plays it, loop and all.

    Example:
        >>> time_s = torch.arange(16_000) / 16_000
        >>> tone = 0.5 * torch.sin(2 * math.pi * 262.5 * time_s)[None]
        >>> sample = prepared(Sound(tone, 16_000), 60)
        >>> sample.tune_cents, sample.loop is None
        (-6, False)
    """
    samples, rate = _from_onset(sound.samples, sound.sample_rate), sound.sample_rate
    loop = loops.find(samples, rate)
    if loop is not None:
        samples = loops.joined(samples, loop, rate)
    off = cents_off(loops.unrolled(samples, loop, round(LONGEST_S * rate)), rate, key)
    tune = 0 if math.isnan(off) else -round(off)
    fitted = replace(sound, samples=samples)
    return Sample(fitted, key, tune, loop, has_pitch=not math.isnan(off))


def _from_onset(samples: Tensor, sample_rate: int) -> Tensor:
    loudest = samples.abs().amax(dim=0)
    heard = torch.nonzero(loudest > loudest.max() * units.db_to_amplitude(ONSET_DB))
    first = int(heard[0]) if len(heard) else 0
    return samples[:, max(0, first - round(LEAD_S * sample_rate)) :]


def cents_off(samples: Tensor, sample_rate: int, key: float) -> float:
    """Measures how far a sound is from a note.

    Args:
        samples: A sound, [C, T].
        sample_rate: Its rate in Hz.
        key: The note as a MIDI note number.

    Returns:
        Cents, above 0 where the sound is too high: the mean over its clear frames by amplitude,
        octaves of the note counting as the note. NaN where not a quarter of the energy is clear
        and within a semitone of it.

    Example:
        >>> tone = torch.sin(2 * math.pi * 442 / 16_000 * torch.arange(16_000))[None]
        >>> round(cents_off(tone, 16_000, 69), 1)
        7.9
    """
    track = track_pitch(samples, sample_rate)
    cents = 100 * (torch.tensor([semitones_of(hz) for hz in track.hz.tolist()]) - key)
    cents = (cents + 600) % 1200 - 600
    weight = track.weight * (track.clarity >= CLEAR) * (cents.abs() <= MOST_CENTS)
    if not len(weight) or float(weight.sum()) < CLEAR_SHARE:
        return math.nan
    amplitude = weight.sqrt()
    return float((amplitude * cents).sum() / amplitude.sum())


def levelled(samples: Sequence[Sample]) -> list[Sample]:
    """Makes samples equally loud, as loud as the peak of none allows above -1 dBFS.

    Args:
        samples: The samples of an instrument, none of them silent.

    Returns:
        The same, each with a gain; a loop counts for as long as a key is held.
    """
    loudness = [_loudness(sample) for sample in samples]
    rooms = [
        lufs - levels.peak_db(sample.sound.samples)
        for lufs, sample in zip(loudness, samples, strict=True)
    ]
    target = min(rooms) + CEILING_DB
    return [_turned(sample, target - lufs) for lufs, sample in zip(loudness, samples, strict=True)]


def _loudness(sample: Sample) -> float:
    """In LUFS; the level, where a sound is too soft or short for it."""
    rate = sample.sound.sample_rate
    held = loops.unrolled(sample.sound.samples, sample.loop, round(LONGEST_S * rate))
    lufs = levels.loudness_lufs(held, rate)
    return lufs if math.isfinite(lufs) else levels.rms_db(held)


def _turned(sample: Sample, gain_db: float) -> Sample:
    turned = sample.sound.samples * units.db_to_amplitude(gain_db)
    return replace(sample, sound=replace(sample.sound, samples=turned))
