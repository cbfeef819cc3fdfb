"""Audible features: a short vector by which sounds that sound alike lie close together.

It needs no training, so a library can be searched as soon as it is scanned. The Euclidean distance
of two vectors is the distance of two sounds. Level does not count: it is kept beside the vector.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

MELS = 40
LOW_HZ, HIGH_HZ = 30.0, 18_000.0
RANGE_DB = 70.0
SHAPES = 12  # coefficients that describe the spectrum of one part
ATTACK_S, MIDDLE_S = 0.06, 0.25  # where the attack and the middle end
LONGEST_S = 10.0  # only so much of a sound is heard
PARTS = ("attack", "middle", "decay")

FEATURE_NAMES: tuple[str, ...] = (
    *(f"{part}_shape_{k}" for part in PARTS for k in range(1, SHAPES + 1)),
    "attack_level",
    "middle_level",
    "decay_level",
    "length",
    "temporal_centroid",
    "attack_time",
    "spectral_centroid",
    "spectral_spread",
    "spectral_rolloff",
    "spectral_flatness",
    "pitchiness",
    "pitch",
)

_SHAPE_STEP_DB = 10.0  # spectra that differ by so much, everywhere, are 1 apart
_AS_HIGH = 0.93
_WEIGHTS = {
    "attack_level": 0.05,
    "middle_level": 0.05,
    "decay_level": 0.05,
    "length": 0.3,
    "temporal_centroid": 0.3,
    "attack_time": 0.2,
    "spectral_centroid": 0.5,
    "spectral_spread": 0.5,
    "spectral_rolloff": 0.3,
    "spectral_flatness": 0.05,
    "pitchiness": 1.0,
    "pitch": 0.2,
}


def audible_features(samples: Tensor, sample_rate: int) -> NDArray[np.float32]:
    """Describes how a sound sounds, for search and for finding near-duplicates.

    Args:
        samples: A sound, [C, T], finite; channels are mixed, only the first `LONGEST_S` seconds
            after its onset count.
        sample_rate: Its rate in Hz.

    Returns:
        float32 [D] in the order of `FEATURE_NAMES`, finite, the same at any level; zeros for
        silence.

    Example:
        >>> import torch
        >>> noise = torch.randn(1, 8000, generator=torch.Generator().manual_seed(1))
        >>> audible_features(noise, 16000).shape == (len(FEATURE_NAMES),)
        True
    """
    return features_of(samples.mean(dim=0).detach().cpu().numpy(), sample_rate)


def features_of(mono: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """Does the work of `audible_features` on a plain array.

    Args:
        mono: A sound of one channel, [T].
        sample_rate: Its rate in Hz.

    Returns:
        float32 [D].
    """
    sound = _heard(mono, sample_rate)
    if not len(sound):
        return np.zeros(len(FEATURE_NAMES), dtype=np.float32)
    n_fft, hop = frame_samples(sample_rate)
    power = power_spectrogram(sound, n_fft, hop)
    frame_s = hop / sample_rate
    shapes, levels = _parts(power @ mel_filters(sample_rate, n_fft), frame_s)
    rest = {
        **dict(zip(("attack_level", "middle_level", "decay_level"), levels, strict=True)),
        **_timing(power.sum(axis=1), frame_s, len(sound) / sample_rate),
        **_spectrum(power.sum(axis=0), sample_rate),
        **_pitch(sound, sample_rate),
    }
    weighted = [_WEIGHTS[name] * rest[name] for name in _WEIGHTS]
    return np.concatenate([shapes, weighted]).astype(np.float32)


def measured(features: NDArray[np.float32], name: str) -> NDArray[np.float64]:
    """Gives one measure of many sounds in its own unit, without the weight it has in a distance.

    Args:
        features: Audible features, [M, D].
        name: One of `FEATURE_NAMES` that is no shape: lengths and times are in octaves of 10 ms,
            `spectral_centroid` and `pitch` in octaves above 30 Hz (the pitch times its clarity),
            `pitchiness` runs from 0, noise, to 1, tone.

    Returns:
        [M].

    Example:
        >>> one_second = np.zeros((1, len(FEATURE_NAMES)), dtype=np.float32)
        >>> one_second[0, FEATURE_NAMES.index("length")] = 0.3 * np.log2(101)
        >>> measured(one_second, "length").round(3).tolist()
        [6.658]
    """
    column = features[:, FEATURE_NAMES.index(name)]
    return np.asarray(column, dtype=np.float64) / _WEIGHTS[name]


def frame_samples(sample_rate: int) -> tuple[int, int]:
    """Gives the window of about 46 ms and its hop, a quarter of it.

    Args:
        sample_rate: Rate in Hz.

    Returns:
        Window and hop in samples, powers of two.

    Example:
        >>> frame_samples(44100)
        (2048, 512)
    """
    n_fft = max(64, 2 ** round(np.log2(0.0464 * sample_rate)))
    return n_fft, n_fft // 4


def _heard(mono: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """From the onset (-50 dB of the peak) to the end (-60 dB), at peak 1, no longer than heard."""
    size = np.abs(mono)
    peak = size.max(initial=0.0)
    if peak == 0.0:
        return mono[:0]
    onset = int(np.argmax(size > peak * 10 ** (-50 / 20)))
    end = len(mono) - int(np.argmax(size[::-1] > peak * 10 ** (-60 / 20)))
    end = min(end, onset + round(LONGEST_S * sample_rate))
    return np.asarray(mono[onset:end] / np.float32(peak), dtype=np.float32)


def power_spectrogram(sound: NDArray[np.float32], n_fft: int, hop: int) -> NDArray[np.float32]:
    """Computes a power spectrogram of centred, zero-padded, periodic Hann windows.

    Args:
        sound: [T].
        n_fft: Window in samples.
        hop: Step in samples.

    Returns:
        [N, F].
    """
    from scipy.fft import rfft  # late: whoever reads the library needs the names alone

    padded = np.pad(sound, n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    spectrum = rfft(frames * _window(n_fft), axis=1)
    return np.asarray(spectrum.real**2 + spectrum.imag**2, dtype=np.float32)


@lru_cache(maxsize=8)
def _window(n_fft: int) -> NDArray[np.float32]:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)).astype(np.float32)


@lru_cache(maxsize=8)
def mel_filters(sample_rate: int, n_fft: int) -> NDArray[np.float32]:
    """Makes triangles on the mel scale, of height 1, each at least one bin wide.

    Bands above half the rate are empty, so sounds of different rates share the same bands.

    Args:
        sample_rate: Rate in Hz.
        n_fft: Window in samples.

    Returns:
        [F, MELS].

    Source:
        The mel scale of O'Shaughnessy (1987): 2595 log10(1 + f / 700).
    """
    mels = np.linspace(_mel(LOW_HZ), _mel(HIGH_HZ), MELS + 2)
    edges_hz = 700 * (10 ** (mels / 2595) - 1)
    bins_hz = np.arange(n_fft // 2 + 1)[:, None] * sample_rate / n_fft
    bin_hz = sample_rate / n_fft
    rise = (bins_hz - edges_hz[:-2]) / np.maximum(np.diff(edges_hz[:-1]), bin_hz)
    fall = (edges_hz[2:] - bins_hz) / np.maximum(np.diff(edges_hz[1:]), bin_hz)
    return np.maximum(0, np.minimum(rise, fall)).astype(np.float32)


def _mel(hz: float) -> float:
    return float(2595 * np.log10(1 + hz / 700))


def _parts(
    mel_power: NDArray[np.float32], frame_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Spectral shapes [3 * SHAPES] and mean levels in dB [3] of attack, middle and decay."""
    from scipy.fft import dct

    floor = mel_power.max() * 10 ** (-RANGE_DB / 10)
    level_db = 10 * np.log10(np.maximum(mel_power, floor) / (floor + 1e-30))
    ends = [round(ATTACK_S / frame_s) + 1, round(MIDDLE_S / frame_s) + 1]
    parts = [
        part.mean(axis=0) if len(part) else np.zeros(MELS) for part in np.split(level_db, ends)
    ]
    means = np.array(parts, dtype=np.float64)
    shapes = dct(means, norm="ortho", axis=1)[:, 1 : SHAPES + 1]
    return shapes.ravel() / (_SHAPE_STEP_DB * np.sqrt(MELS)), means.mean(axis=1)


def _timing(energy: NDArray[np.float32], frame_s: float, length_s: float) -> dict[str, float]:
    """Length, balance point and time to the loudest frame, each in octaves of 10 ms."""
    times_s = np.arange(len(energy)) * frame_s
    centroid_s = float((times_s * energy).sum() / energy.sum())
    attack_s = float(times_s[energy.argmax()])
    return {
        "length": _octaves(length_s, 0.01),
        "temporal_centroid": _octaves(centroid_s, 0.01),
        "attack_time": _octaves(attack_s, 0.01),
    }


def _octaves(value: float, unit: float) -> float:
    return float(np.log2(1 + value / unit))


def _spectrum(power: NDArray[np.float32], sample_rate: int) -> dict[str, float]:
    """Centre, spread and 85 % point on a scale of octaves; flatness in dB."""
    bins_hz = np.linspace(0, sample_rate / 2, len(power))
    heard = (bins_hz >= LOW_HZ) & (bins_hz <= HIGH_HZ)
    share, octaves = power[heard].astype(np.float64), np.log2(bins_hz[heard] / LOW_HZ)
    share = share / (share.sum() + 1e-30)
    centroid = float((share * octaves).sum())
    spread = float(np.sqrt((share * (octaves - centroid) ** 2).sum()))
    rolloff = float(octaves[min(int(np.searchsorted(np.cumsum(share), 0.85)), len(octaves) - 1)])
    flatness_db = float(10 * (np.log10(share + 1e-10).mean() - np.log10(share.mean() + 1e-10)))
    return {
        "spectral_centroid": centroid,
        "spectral_spread": spread,
        "spectral_rolloff": rolloff,
        "spectral_flatness": flatness_db,
    }


def _pitch(sound: NDArray[np.float32], sample_rate: int) -> dict[str, float]:
    """Strength of the strongest repetition (0 noise, 1 tone) in 200 ms, and its note.

    The note counts as much as there is a pitch, so the random note of a noise moves nothing.
    """
    from scipy.fft import irfft, next_fast_len, rfft

    length = round(0.2 * sample_rate)
    start = min(round(0.03 * sample_rate), max(0, len(sound) - length))
    part = sound[start : start + length]
    shortest, longest = round(sample_rate / 2000), min(round(sample_rate / 40), len(part) // 2)
    if longest <= shortest + 2:
        return {"pitchiness": 0.0, "pitch": 0.0}
    n_fft = next_fast_len(len(part) + longest, real=True)
    spectrum = rfft(part, n_fft)
    repeats = irfft(spectrum.real**2 + spectrum.imag**2, n_fft)[:longest]
    overlap = 1 - np.arange(longest) / len(part)
    repeats = repeats / (repeats[0] + 1e-30) / overlap
    # the lobe around lag 0 says nothing: begin after the first fall below zero
    below = np.flatnonzero(repeats < 0)
    begin = max(shortest, int(below[0]) if len(below) else longest)
    if begin >= longest:
        return {"pitchiness": 0.0, "pitch": 0.0}
    lag = begin + _first_high(repeats[begin:])
    clarity = float(np.clip(repeats[lag], 0, 1))
    return {"pitchiness": clarity, "pitch": clarity * float(np.log2(sample_rate / lag / LOW_HZ))}


def _first_high(repeats: NDArray[np.float32]) -> int:
    """The first peak about as high as the highest: twice a period repeats as well as one does."""
    if repeats.max() <= 0:  # nothing repeats
        return int(repeats.argmax())
    high = repeats >= _AS_HIGH * repeats.max()
    first = int(high.argmax())
    low_again = np.flatnonzero(~high[first:])
    end = first + int(low_again[0]) if len(low_again) else len(repeats)
    return first + int(repeats[first:end].argmax())
