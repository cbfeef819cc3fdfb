"""Sketches: small rows of numbers by which copies of one recording find each other among many.

A sketch is the coarse spectrogram of an eighth of a second. A sound has several, each beginning
10 ms later, so a copy whose attack was cut away still shares one with its original. Level, file
format and sample rate (from 16 kHz) hardly move it. That two sketches are near is a reason to
compare the sounds, not a proof: `timbrel.signal.recordings` does that.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.fft import dct, rfft

Samples = NDArray[np.float32]

RATE_HZ = 32_000
HEARD_S = 10.0  # of a longer sound only so much is compared
ONSET_DB, END_DB = -40.0, -60.0  # of the peak
WINDOW_SAMPLES, HOP_SAMPLES = 1024, 160  # 32 ms, 5 ms
BANDS = 24
LOW_HZ, HIGH_HZ = 60.0, 7200.0
BLOCKS, BLOCK_FRAMES = 4, 6  # a sketch sees four blocks of 30 ms
VIEWS, STEP_FRAMES = 16, 2  # and begins up to 150 ms after the onset, in steps of 10 ms
ASKING = 2  # the view that is looked for: late enough that no cut edge clicks in it
SIZE = 29  # numbers a sketch
_RANGE_DB = 50.0
_TIMES, _SHAPES = 3, 10  # cosine coefficients kept, over time and over bands


@dataclass(frozen=True)
class Heard:
    """A sound made ready for comparison.

    Attributes:
        samples: One channel at `RATE_HZ`, from onset to end, at peak 1, [T]; none for silence.
        top_hz: Above this the file holds nothing, for its rate ends there.
    """

    samples: Samples
    top_hz: float


def heard(mono: Samples, sample_rate: int) -> Heard:
    """Makes a sound ready for comparison.

    Args:
        mono: One channel, [T].
        sample_rate: Its rate in Hz.

    Returns:
        What counts of it.

    Example:
        >>> len(heard(np.r_[np.zeros(100), np.ones(800)].astype(np.float32), 32_000).samples)
        800
    """
    sound = mono
    if sample_rate != RATE_HZ:
        sound = soxr.resample(mono, sample_rate, RATE_HZ)
    size = np.abs(sound)
    peak = size.max(initial=0.0)
    if not peak > 0:
        return Heard(sound[:0], sample_rate / 2)
    onset = int(np.argmax(size > peak * 10 ** (ONSET_DB / 20)))
    end = len(sound) - int(np.argmax(size[::-1] > peak * 10 ** (END_DB / 20)))
    end = min(end, onset + round(HEARD_S * RATE_HZ))
    return Heard((sound[onset:end] / peak).astype(np.float32), min(sample_rate, RATE_HZ) / 2)


def sketches(samples: Samples) -> NDArray[np.float32]:
    """Draws the sketches of a sound.

    Args:
        samples: What `heard` gives, [T].

    Returns:
        [`VIEWS`, `SIZE`]; the Euclidean distance of two is in dB, root mean square.

    Example:
        >>> noise = np.random.default_rng(1).standard_normal(16_000).astype(np.float32)
        >>> whole, cut = sketches(noise), sketches(noise[1600:])  # 50 ms are gone
        >>> bool(np.linalg.norm(whole[ASKING + 5] - cut[ASKING]) < 0.1)
        True
    """
    frames = STEP_FRAMES * (VIEWS - 1) + BLOCK_FRAMES * BLOCKS
    needed = WINDOW_SAMPLES + HOP_SAMPLES * (frames - 1)
    padded = np.pad(samples[:needed], (WINDOW_SAMPLES // 2, needed))[:needed]
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[::HOP_SAMPLES]
    spectrum = rfft(windows * _window(), axis=1)
    power = (spectrum.real**2 + spectrum.imag**2) @ _filters()
    sums = np.concatenate([np.zeros((1, BANDS)), np.cumsum(power, axis=0, dtype=np.float64)])
    starts = STEP_FRAMES * np.arange(VIEWS)[:, None] + BLOCK_FRAMES * np.arange(BLOCKS)
    return _coarse(np.maximum(sums[starts + BLOCK_FRAMES] - sums[starts], 0))


def _coarse(blocks: NDArray[np.float64]) -> NDArray[np.float32]:
    """The slow cosines of [views, blocks, bands] in dB, without the level."""
    floor = blocks.max(axis=(1, 2), keepdims=True) * 10 ** (-_RANGE_DB / 10)
    levels_db = 10 * np.log10(blocks + floor + 1e-20)
    cosines = dct(dct(levels_db, axis=1, norm="ortho"), axis=2, norm="ortho")
    kept = cosines[:, :_TIMES, :_SHAPES].reshape(len(blocks), -1)[:, 1:]
    return np.asarray(kept / np.sqrt(BLOCKS * BANDS), dtype=np.float32)


@lru_cache(maxsize=1)
def _window() -> Samples:
    n = np.arange(WINDOW_SAMPLES)
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * n / WINDOW_SAMPLES), dtype=np.float32)


@lru_cache(maxsize=1)
def _filters() -> NDArray[np.float32]:
    """Triangles, even on the mel scale of O'Shaughnessy, each at least one bin wide, [F, BANDS]."""
    mels = np.linspace(_mel(LOW_HZ), _mel(HIGH_HZ), BANDS + 2)
    edges_hz = 700 * (10 ** (mels / 2595) - 1)
    bin_hz = RATE_HZ / WINDOW_SAMPLES
    bins_hz = np.arange(WINDOW_SAMPLES // 2 + 1)[:, None] * bin_hz
    rise = (bins_hz - edges_hz[:-2]) / np.maximum(np.diff(edges_hz[:-1]), bin_hz)
    fall = (edges_hz[2:] - bins_hz) / np.maximum(np.diff(edges_hz[1:]), bin_hz)
    return np.asarray(np.maximum(0, np.minimum(rise, fall)), dtype=np.float32)


def _mel(hz: float) -> float:
    return float(2595 * np.log10(1 + hz / 700))
