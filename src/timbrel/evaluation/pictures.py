"""Pictures: spectrograms as images, all with the same colours, 80 dB deep, low notes wide.

Frequency rises logarithmically from 40 Hz to 20 kHz in every picture, so that two pictures can be
compared whatever the rate of their sounds: what a sound's rate cannot hold stays black.
"""

import math
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from timbrel.signal.files import Sound
from timbrel.signal.levels import to_mono
from timbrel.signal.stft import FrameSpec, magnitude

WIDTH, HEIGHT = 512, 256
LOW_HZ, HIGH_HZ = 40.0, 20_000.0
RANGE_DB = 80.0
WINDOW_S = 0.05  # so that partials of a low note stand apart
COLOURS = "magma"

Levels = NDArray[np.float32]


def spectrogram_db(sound: Sound, *, duration_s: float, reference: float | None = None) -> Levels:
    """Measures what a picture shows.

    Args:
        sound: Any sound that is not empty; channels are mixed to one.
        duration_s: The time that the picture's width stands for, in s.
        reference: The magnitude that is 0 dB; None takes the sound's own largest.

    Returns:
        Levels in dB, -80 to 0, low frequencies in the last row, [HEIGHT, WIDTH].
    """
    spectra = _magnitudes(sound)
    peak = reference if reference is not None else float(spectra.max())
    columns = np.arange(WIDTH) * duration_s * spectra.shape[1] / WIDTH / _duration_s(sound)
    edges = np.geomspace(HIGH_HZ, LOW_HZ, HEIGHT + 1) * _n_fft(sound) / sound.sample_rate
    shown = _rows(spectra, edges)[:, np.minimum(columns.astype(int), spectra.shape[1] - 1)]
    shown[:, columns >= spectra.shape[1]] = 0
    floor = 10 ** (-RANGE_DB / 20)
    return np.asarray(20 * np.log10(np.clip(shown / (peak or 1.0), floor, 1)), dtype=np.float32)


def largest_magnitude(sound: Sound) -> float:
    """Finds the largest magnitude of a sound's spectrogram, to be the 0 dB of others.

    Args:
        sound: Any sound that is not empty.

    Returns:
        The magnitude, linear.
    """
    return float(_magnitudes(sound).max())


def _magnitudes(sound: Sound) -> Levels:
    mono = to_mono(sound.samples)
    n_fft = _n_fft(sound)
    hop = min(n_fft // 4, max(1, mono.shape[1] // WIDTH))
    spectra: Levels = magnitude(mono, FrameSpec(n_fft, hop))[0].numpy()
    return spectra


def _n_fft(sound: Sound) -> int:
    """The power of two that is nearest to the window's length: 2048 samples at 44.1 kHz."""
    return max(64, int(2 ** round(math.log2(WINDOW_S * sound.sample_rate))))


def _duration_s(sound: Sound) -> float:
    return sound.samples.shape[-1] / sound.sample_rate


def _rows(spectra: Levels, edges: NDArray[np.float64]) -> Levels:
    """Reads rows between edges in bins, falling: the strongest bin inside, else between two bins.

    Low rows are narrower than a bin, high rows hold several; above the Nyquist frequency there is
    nothing.
    """
    middles = np.sqrt(edges[:-1] * edges[1:])
    low = np.minimum(middles.astype(int), spectra.shape[0] - 2)
    share = (middles - low)[:, None]
    rows = spectra[low] * (1 - share) + spectra[low + 1] * share
    for row, (top, bottom) in enumerate(pairwise(edges)):
        inside = spectra[int(np.ceil(bottom)) : int(top) + 1]
        if len(inside):
            rows[row] = inside.max(axis=0)
    rows[middles > spectra.shape[0] - 1] = 0
    return np.asarray(np.maximum(rows, 0), dtype=np.float32)


def draw(path: Path, levels_db: Levels) -> None:
    """Writes a picture as PNG.

    Args:
        path: Where to.
        levels_db: What `spectrogram_db` gave, [HEIGHT, WIDTH].
    """
    from matplotlib import colormaps
    from PIL import Image

    # A palette of 256 colours: a third of the size, and every level it can show.
    levels = np.round((levels_db / RANGE_DB + 1) * 255).astype(np.uint8)
    picture = Image.fromarray(levels, mode="P")
    picture.putpalette((colormaps[COLOURS](range(256))[:, :3] * 255).astype(np.uint8).tobytes())
    picture.save(path, optimize=True)


def compared(sounds: Mapping[str, Sound], *, one_level: bool) -> list[Levels]:
    """Measures pictures to stand side by side: one time axis, one frequency axis, one scale.

    Args:
        sounds: Caption to sound, the reference first.
        one_level: Whether 0 dB is the first sound's maximum in all pictures; otherwise each
            sound's own.

    Returns:
        The levels of each, in order.
    """
    first = next(iter(sounds.values()))
    duration_s = max(_duration_s(sound) for sound in sounds.values())
    reference = largest_magnitude(first) if one_level else None
    return [
        spectrogram_db(sound, duration_s=duration_s, reference=reference)
        for sound in sounds.values()
    ]


def log_row(hz: float) -> float:
    """Says how far from a picture's top a frequency lies.

    Args:
        hz: Between 40 and 20,000 Hz.

    Returns:
        0 at the top to 1 at the bottom.

    Example:
        >>> log_row(20_000)
        0.0
    """
    return float(np.log(HIGH_HZ / hz) / np.log(HIGH_HZ / LOW_HZ))
