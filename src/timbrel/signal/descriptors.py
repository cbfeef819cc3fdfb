"""Descriptors: what a sound is like in a few numbers, each with its just audible step.

    louder    brighter   noisier   denser     harder attack   longer tail   higher    faster
    loudness  brightness noisiness density    attack          tail          pitch     tempo

All hold for a sound at any level, for what is made is brought to one peak. A descriptor that a
sound has none of, such as the pitch of a noise, is not a number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

Sound = NDArray[np.float32]

AUDIBLE_DB = 60.0  # below the peak: where a sound begins and ends
SHORTEST_DENSE_S = 1.5  # a single stroke has no density
SHORTEST_TEMPO_S = 4.0
CLEAR_BEAT = 0.25  # clarity from which a beat counts
_WINDOW_S, _HOPS = 0.0464, 4
_LOWEST_HZ = 40.0
_BANDS_AN_OCTAVE = 2
_FLAT_FROM_HZ = 250.0
_FLOOR_DB = 70.0
_ENVELOPE_S, _ENVELOPE_HOP_S = 0.004, 0.0005
_RISE_FROM_DB, _RISE_TO_DB = 20.0, 6.0
_DECAYED_DB = 20.0
_CLEAR_ONSET = 0.5  # of the strongest onsets' strength, above which an onset counts fully
_STRONGEST = 8  # onsets that say how strong the strongest are


@dataclass(frozen=True)
class Descriptor:
    """One thing that a sound is more or less.

    Attributes:
        name: What is measured, such as "brightness".
        more: What a sound with more of it is, such as "brighter".
        unit: The unit of its values.
        step: The change that is just audible, in this unit.
        source: Where the step comes from.
    """

    name: str
    more: str
    unit: str
    step: float
    source: str


DESCRIPTORS = (
    Descriptor(
        "loudness", "louder", "LU above the peak", 1.0,
        "about 1 dB for broadband sounds: Zwicker and Fastl 1999, Psychoacoustics, section 7.1",
    ),
    Descriptor(
        "brightness", "brighter", "octaves", 0.1,
        "5 % for steady tones (Allen and Oxenham 2014); 7 % for sounds that change",
    ),
    Descriptor(
        "noisiness", "noisier", "dB of flatness", 1.0,
        "no published step; a change of 1 dB in level between tone and noise",
    ),
    Descriptor(
        "density", "denser", "octaves of onsets a second", 0.14,
        "10 % of a rate of events, as of a duration: Abel 1972",
    ),
    Descriptor(
        "attack", "harder attack", "octaves of shorter rise", 0.32,
        "25 % of a rise time: van Heuven and van den Broecke 1979",
    ),
    Descriptor(
        "tail", "longer tail", "octaves of duration", 0.14,
        "10 % of a duration: Abel 1972",
    ),
    Descriptor(
        "pitch", "higher", "semitones", 0.25,
        "about 25 cents in music: Burns 1999, Intervals, scales, and tuning",
    ),
    Descriptor(
        "tempo", "faster", "octaves of beats a minute", 0.029,
        "2 % of a steady tempo: Drake and Botte 1993",
    ),
)  # fmt: skip
NAMES = tuple(each.name for each in DESCRIPTORS)


def describe(samples: Tensor, sample_rate: int) -> dict[str, float]:
    """Measures every descriptor of a sound.

    Args:
        samples: A sound, [C, T], finite; channels are mixed.
        sample_rate: Its rate in Hz.

    Returns:
        Values by the names of `DESCRIPTORS`, in their units; NaN where a sound has none.

    Example:
        >>> import torch
        >>> tone = torch.sin(2 * torch.pi * 440 / 16_000 * torch.arange(16_000))[None]
        >>> round(describe(tone, 16_000)["pitch"], 1)
        69.0
    """
    return dict(zip(NAMES, measured(samples, sample_rate).tolist(), strict=True))


def measured(samples: Tensor, sample_rate: int) -> NDArray[np.float64]:
    """Does the work of `describe`, as a row of numbers.

    Args:
        samples: A sound, [C, T], finite; channels are mixed.
        sample_rate: Its rate in Hz.

    Returns:
        Values in the order of `DESCRIPTORS`, [D]; NaN where a sound has none.
    """
    whole = samples.mean(dim=0).detach().cpu().numpy().astype(np.float32)
    sound = audible(whole)
    if not len(sound):
        return np.full(len(DESCRIPTORS), np.nan)
    spectra = _magnitudes(sound, sample_rate)
    return np.array(
        [
            _loudness(sound, sample_rate),
            _brightness(spectra, sample_rate),
            _noisiness(spectra, sample_rate),
            _density(sound, sample_rate),
            _attack(sound, sample_rate),
            _tail(sound, sample_rate),
            _pitch(sound, sample_rate),
            _tempo(sound, sample_rate),
        ]
    )


def audible(mono: Sound) -> Sound:
    """Cuts a sound where it begins and ends, and brings it to a peak of 1.

    Args:
        mono: A sound of one channel, [T].

    Returns:
        The sound, [T'], empty where all is silent.

    Example:
        >>> audible(np.array([0, 0, 0.5, -0.25, 0, 0], dtype=np.float32)).tolist()
        [1.0, -0.5]
    """
    size = np.abs(mono)
    peak = size.max(initial=0.0)
    if not peak > 0:
        return mono[:0]
    loud = np.flatnonzero(size > peak * 10 ** (-AUDIBLE_DB / 20))
    return np.asarray(mono[loud[0] : loud[-1] + 1] / peak, dtype=np.float32)


def _loudness(sound: Sound, sample_rate: int) -> float:
    import torch

    from timbrel.signal.levels import loudness_lufs

    found = loudness_lufs(torch.from_numpy(sound)[None], sample_rate)
    return found if math.isfinite(found) else math.nan


def _magnitudes(sound: Sound, sample_rate: int) -> NDArray[np.float64]:
    """Magnitudes [N, F] of Hann windows of about 46 ms."""
    size = max(64, 2 ** round(math.log2(_WINDOW_S * sample_rate)))
    padded = np.pad(sound, (size // 2, size))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[:: size // _HOPS]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    return np.abs(np.fft.rfft(frames * window, axis=1))


def _brightness(spectra: NDArray[np.float64], sample_rate: int) -> float:
    """The centre of the mean magnitude spectrum, in octaves above 1 kHz."""
    bins_hz = np.linspace(0, sample_rate / 2, spectra.shape[1])
    weight = np.where(bins_hz >= _LOWEST_HZ, spectra.sum(axis=0), 0)
    return float(np.log2((weight @ bins_hz) / (weight.sum() * 1000) + 1e-9))


def _noisiness(spectra: NDArray[np.float64], sample_rate: int) -> float:
    """How flat the spectrum is within bands of half an octave, weighted by magnitude, in dB.

    As MPEG-7 does (ISO/IEC 15938-4, AudioSpectrumFlatness): within a band a tilt counts little,
    so that a bright sound is no noisier than a dark one.
    """
    power = spectra**2
    power = np.maximum(power, power.max() * 10 ** (-_FLOOR_DB / 10))
    bins_hz = np.linspace(0, sample_rate / 2, power.shape[1])
    octave = np.log2(np.maximum(bins_hz, 1) / _FLAT_FROM_HZ) * _BANDS_AN_OCTAVE
    band = np.where(octave >= 0, np.floor(octave), -1).astype(int)
    flat, weight = [], []
    for number in range(band.max() + 1):
        inside = power[:, band == number]
        mean = inside.mean(axis=1)
        flat.append(10 * (np.log10(inside).mean(axis=1) - np.log10(mean)))
        weight.append(np.sqrt(mean))
    return float(np.average(np.array(flat), weights=np.array(weight)))


def _attack(sound: Sound, sample_rate: int) -> float:
    """How short the rise to the loudest moment is, from -20 dB to -6 dB, in octaves below 1 s."""
    hop = max(1, round(_ENVELOPE_HOP_S * sample_rate))
    size = max(1, round(_ENVELOPE_S * sample_rate))
    total = np.concatenate([np.zeros(size), np.cumsum(sound.astype(np.float64) ** 2)])
    energy = (total[size:] - total[:-size])[::hop] / size
    level = 10 * np.log10(np.maximum(energy / energy.max(), 1e-12))
    top = int(np.argmax(level >= -_RISE_TO_DB))
    below = np.flatnonzero(level[:top] < -_RISE_FROM_DB)
    foot = int(below[-1]) if len(below) else -1
    begin = _crossing(level, foot, -_RISE_FROM_DB) if foot >= 0 else 0.0
    end = _crossing(level, top - 1, -_RISE_TO_DB) if top else 0.0
    rise_s = max(end - begin, 0.0) * hop / sample_rate + _ENVELOPE_HOP_S
    return -math.log2(rise_s)


def _crossing(level: NDArray[np.float64], before: int, wanted: float) -> float:
    """Where a level passes a value between a frame and the next one."""
    low, high = level[before], level[before + 1]
    return before + float((wanted - low) / (high - low)) if high > low else float(before)


def _tail(sound: Sound, sample_rate: int) -> float:
    """How long it takes until all but a hundredth of the energy is over, in octaves of 1 s.

    Source:
        Backward integration: Schroeder 1965, New method of measuring reverberation time.
    """
    left = np.cumsum(sound[::-1].astype(np.float64) ** 2)[::-1]
    over = int(np.argmax(left < left[0] * 10 ** (-_DECAYED_DB / 10)))
    return math.log2(max(over, 1) / sample_rate)


def _pitch(sound: Sound, sample_rate: int) -> float:
    import torch

    from timbrel.signal.pitch import pitch_hz

    hz = pitch_hz(torch.from_numpy(sound), sample_rate)
    return 69 + 12 * math.log2(hz / 440) if hz > 0 else math.nan


def _density(sound: Sound, sample_rate: int) -> float:
    """Onsets a second in octaves, each counted by how clear it is, in sounds that have several."""
    import torch

    from timbrel.signal.tempo import HOP_S, onset_strength

    if len(sound) < SHORTEST_DENSE_S * sample_rate:
        return math.nan
    strength = np.pad(onset_strength(torch.from_numpy(sound), sample_rate), 1)
    summit = (strength[1:-1] >= strength[:-2]) & (strength[1:-1] > strength[2:])
    onsets = strength[1:-1][summit]
    if not len(onsets):
        return math.nan
    clear = np.clip(onsets / (_CLEAR_ONSET * np.sort(onsets)[-_STRONGEST:].mean()), 0, 1) ** 2
    return float(np.log2(clear.sum() / (len(strength) * HOP_S)))


def _tempo(sound: Sound, sample_rate: int) -> float:
    import torch

    from timbrel.signal.tempo import track_beats

    if len(sound) < SHORTEST_TEMPO_S * sample_rate:
        return math.nan
    beats = track_beats(torch.from_numpy(sound), sample_rate)
    return math.log2(beats.tempo_bpm / 60) if beats.clarity >= CLEAR_BEAT else math.nan
