"""Songs that timbrel makes itself, to try an experiment about songs where there are none."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from timbrel.signal import files
from timbrel.signal.files import Sound

SONGS, LENGTH_S, RATE_HZ = 8, 24.0, 22_050
SLOWEST_BPM, STEP_BPM = 96.0, 6.0
BASE_HZ = 55.0
FloatArray = NDArray[np.float64]
CHORDS = (0, 5, 7, 3)  # semitones above the base, one a bar


def made_songs(folder: Path, *, seed: int) -> Path:
    """Writes a few songs with a kick, a hat, a bass and a chord, each of another tempo.

    Args:
        folder: Where to; songs that are there already stay.
        seed: Seed of what is drawn.

    Returns:
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(SONGS):
        path = folder / f"song {number + 1}.wav"
        if not path.exists():
            bpm = SLOWEST_BPM + STEP_BPM * number
            files.write(path, song(bpm, np.random.default_rng([seed, number])))
    return folder


def song(bpm: float, rng: np.random.Generator) -> Sound:
    """Makes a song: four beats to a bar, a chord a bar.

    Args:
        bpm: Its tempo in beats a minute.
        rng: Where all randomness comes from.

    Returns:
        24 s in one channel, with a peak of 0.8.

    Example:
        >>> song(120.0, np.random.default_rng(0)).samples.shape
        torch.Size([1, 529200])
    """
    samples = np.zeros(round(LENGTH_S * RATE_HZ))
    beat_s = 60 / bpm
    key = 2 ** (rng.integers(0, 12) / 12)
    for half in range(int(LENGTH_S / beat_s * 2)):
        at = round(half * beat_s / 2 * RATE_HZ)
        bass_hz = BASE_HZ * key * 2 ** (CHORDS[half // 8 % len(CHORDS)] / 12)
        _add(samples, at, _hat(rng) if half % 2 else _kick())
        _add(samples, at, 0.5 * _tone(bass_hz, beat_s / 2))
        if half % 8 == 0:
            for above in (12, 16, 19):
                _add(samples, at, 0.15 * _tone(bass_hz * 2 ** (above / 12), 4 * beat_s))
    return Sound(torch.from_numpy(0.8 * samples / np.abs(samples).max()).float()[None], RATE_HZ)


def _add(samples: FloatArray, at: int, sound: FloatArray) -> None:
    end = min(len(samples), at + len(sound))
    samples[at:end] += sound[: end - at]


def _time_s(length_s: float) -> FloatArray:
    return np.arange(round(length_s * RATE_HZ)) / RATE_HZ


def _kick() -> FloatArray:
    time_s = _time_s(0.25)
    falling = np.sin(2 * np.pi * (50 * time_s + 5 * (1 - np.exp(-40 * time_s))))
    return np.asarray(falling * np.exp(-14 * time_s))


def _hat(rng: np.random.Generator) -> FloatArray:
    time_s = _time_s(0.08)
    return 0.3 * np.diff(rng.standard_normal(len(time_s) + 1)) * np.exp(-60 * time_s)


def _tone(hz: float, length_s: float) -> FloatArray:
    time_s = _time_s(length_s)
    partials = [np.sin(2 * np.pi * order * hz * time_s) / order**1.5 for order in range(1, 7)]
    ramp = np.minimum(1, np.minimum(time_s, time_s[::-1]) / 0.005)
    return np.asarray(np.sum(partials, axis=0) * ramp * np.exp(-2 * time_s / length_s))
