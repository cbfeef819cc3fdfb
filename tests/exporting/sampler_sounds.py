"""Notes that are known to the cent, a sampler that others wrote, and an ear that is not ours."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from timbrel.signal.files import Sound

RATE_HZ = 44_100
PLAYED_HZ = 48_000  # another rate, so that the sampler must count for itself


def hz_of(key: float) -> float:
    """The frequency of a key."""
    return float(440 * 2 ** ((key - 69) / 12))


def note(key: float, *, seconds: float = 2.0, decay: float = 0.0, rate: int = RATE_HZ) -> Sound:
    """Eight harmonics with a little noise, steady or dying away."""
    time_s = np.arange(round(rate * seconds)) / rate
    rng = np.random.default_rng(int(key))
    hz = hz_of(key)
    tone = sum(
        np.sin(2 * np.pi * k * hz * time_s + k) / k for k in range(1, 9) if k * hz < rate / 2
    )
    shape = (1 - np.exp(-60 * time_s)) * np.exp(-decay * time_s)
    samples = 0.2 * tone * shape + 0.0005 * rng.standard_normal(len(time_s))
    return Sound(torch.from_numpy(samples).float()[None], rate)


def heard_cents(samples: np.ndarray, rate: int, key: float) -> float:
    """How far the harmonics of a sound are from those of a key, in cents: no pitch tracker.

    Peaks of one long, zero-padded spectrum near the harmonics, placed between bins by a parabola,
    weighted by their power; `signal.pitch` counts periods instead.
    """
    window = np.hanning(len(samples))
    spectrum = np.abs(np.fft.rfft(samples * window, 4 * len(samples)))
    bin_hz = rate / (4 * len(samples))
    cents, power = [], []
    for harmonic in range(1, 7):
        centre = harmonic * hz_of(key) / bin_hz
        low, high = int(centre * 2 ** (-60 / 1200)), int(centre * 2 ** (60 / 1200)) + 2
        if high >= len(spectrum) - 1:
            break
        at = low + int(spectrum[low:high].argmax())
        left, middle, right = np.log(spectrum[at - 1 : at + 2] + 1e-12)
        place = at + 0.5 * (left - right) / (left - 2 * middle + right)
        cents.append(1200 * np.log2(place / centre))
        power.append(float(spectrum[at] ** 2))
    return float(np.average(cents, weights=power))


class Sampler:
    """sfizz, a sampler for SFZ that knows nothing of timbrel."""

    def __init__(self, path: Path) -> None:
        pysfizz = pytest.importorskip(
            "pysfizz", reason="NO INDEPENDENT SAMPLER: pip install pysfizz to hear the export"
        )
        self._synth: Any = pysfizz.Synth(sample_rate=PLAYED_HZ, block_size=256)
        assert self._synth.load_sfz_file(str(path), quiet=False), f"sfizz does not open {path}"
        for key in self.keys:  # samples are read behind the scenes, after a first note
            self._synth.render_note(key, 1, 0.01, 0.05)

    @property
    def keys(self) -> list[int]:
        """The keys that sound."""
        return list(self._synth.playable_keys)

    def play(self, key: int, velocity: int, held_s: float, rest_s: float = 0.0) -> np.ndarray:
        """One note, [T]: held, and then let go."""
        both = self._synth.render_note(key, velocity, held_s, held_s + rest_s)
        return np.asarray(both[0], dtype=np.float64)
