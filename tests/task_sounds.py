"""Some dozen made sounds, and a workspace that has heard them."""

from pathlib import Path

import numpy as np
import torch

from timbrel.signal.files import Sound, write

RATE_HZ = 16_000
LENGTH_SAMPLES = 8000


def tone(hz: float, rng: np.random.Generator) -> Sound:
    """A decaying sine."""
    seconds = np.arange(LENGTH_SAMPLES) / RATE_HZ
    return _sound(np.sin(2 * np.pi * hz * seconds) * np.exp(-seconds * rng.uniform(3, 9)))


def noise(rng: np.random.Generator) -> Sound:
    """Decaying noise."""
    seconds = np.arange(LENGTH_SAMPLES) / RATE_HZ
    return _sound(0.3 * rng.standard_normal(LENGTH_SAMPLES) * np.exp(-seconds * rng.uniform(6, 20)))


def _sound(samples: np.ndarray) -> Sound:
    return Sound(torch.from_numpy(0.6 * samples / np.abs(samples).max()).float()[None], RATE_HZ)


def make_sounds(folder: Path, *, count: int = 32) -> Path:
    """Writes half tones, half noises, in a folder each; one label is no ASCII."""
    rng = np.random.default_rng(7)
    for number in range(count // 2):
        hz = 440.0 if number == 0 else float(rng.uniform(150, 3000))
        write(folder / "tön" / f"tön {number:02d}.wav", tone(hz, rng))
        write(folder / "noise" / f"noise {number:02d}.wav", noise(rng))
    return folder
