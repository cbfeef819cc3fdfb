"""Sounds for the library's tests, made on the spot."""

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 16_000


def strike(seed: int, *, pitch_hz: float = 220.0, length_s: float = 0.3) -> NDArray[np.float32]:
    """A decaying tone with a noisy start; another seed is audibly another stroke."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(length_s * RATE)) / RATE
    tone = np.sin(2 * np.pi * pitch_hz * (1 + 0.01 * rng.standard_normal()) * t)
    noise = rng.standard_normal(len(t)) * np.exp(-t * 60)
    return (0.5 * (tone + noise) * np.exp(-t * (6 + rng.random())) / 2).astype(np.float32)


def write(path: Path, samples: NDArray[np.float32], *, rate: int = RATE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, subtype="FLOAT" if path.suffix == ".wav" else "PCM_16")
    return path


def pack(folder: Path, *, count: int = 4, labels: tuple[str, ...] = ("kick", "snare")) -> Path:
    """A sample pack: a folder a label, `count` sounds in each."""
    for number, label in enumerate(labels):
        for n in range(count):
            samples = strike(100 * number + n, pitch_hz=100 * 3**number)
            write(folder / label / f"{label}_{n:03d}.wav", samples)
    return folder
