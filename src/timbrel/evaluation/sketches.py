"""Sketches: small pictures of how sounds sound, whatever their level, to compare many of them.

A sketch has 40 mel bands up to 7.5 kHz and 16 moments that grow from 8 ms to a third of a second::

    onset |.|.|..|..|...|....|......|.........|..............|....................| 2 s

in dB below the sound's strongest cell, down to -60 dB. All sounds are heard at 16 kHz, so that a
sound is not told from another by its sample rate, and from their onset, so that a delay does not
count. The distance of two sketches is the root of their mean squared difference, in dB.
"""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from timbrel.errors import UsageError
from timbrel.signal.files import Sound
from timbrel.signal.levels import fit_length, is_finite, to_mono
from timbrel.signal.mel import MelBands, to_mel
from timbrel.signal.resampling import resample
from timbrel.signal.stft import FrameSpec, magnitude

SAMPLE_RATE = 16_000
MELS, MOMENTS = 40, 16
LENGTH_SAMPLES = 2 * SAMPLE_RATE
FLOOR_DB = 60.0
FRAMES = FrameSpec(n_fft=512, hop_samples=64)
BANDS = MelBands(sample_rate=SAMPLE_RATE, n_fft=512, mels=MELS, low_hz=30, high_hz=7500)
ONSET_DB = 30.0
LEAD_S = 0.002
BLOCK = 512

Sketches = NDArray[np.float32]


def sketch(sound: Sound) -> Sketches:
    """Draws the sketch of a sound.

    Args:
        sound: Any sound that is not empty; channels are mixed to one.

    Returns:
        dB below its strongest cell, -60 to 0, [MELS * MOMENTS]; silence is -60 throughout.

    Raises:
        UsageError: When the sound is empty or not finite.

    Example:
        >>> noise = torch.randn(1, 8000, generator=torch.Generator().manual_seed(0))
        >>> sketch(Sound(noise, 16_000)).shape
        (640,)
    """
    return sketch_of(heard_bands(sound))


def heard_bands(sound: Sound) -> Tensor:
    """Hears a sound as sketches and small pictures of it do: 40 mel bands, two seconds of it.

    Args:
        sound: Any sound that is not empty; channels are mixed to one.

    Returns:
        Power of each band, from the onset on, [MELS, N].

    Raises:
        UsageError: When the sound is empty or not finite.
    """
    led = from_onset(sound, sample_rate=SAMPLE_RATE)
    return to_mel(magnitude(fit_length(led, LENGTH_SAMPLES)[None], FRAMES).square(), BANDS)[0]


def from_onset(sound: Sound, *, sample_rate: int) -> Tensor:
    """Brings a sound to one channel and a rate, and begins it 2 ms before its onset.

    Args:
        sound: Any sound that is not empty.
        sample_rate: The rate to bring it to, in Hz.

    Returns:
        The sound, [T].

    Raises:
        UsageError: When the sound is empty or not finite.
    """
    if not sound.samples.numel() or not is_finite(sound.samples):
        raise UsageError(f"an empty sound or one that is not finite {sound.source}".rstrip())
    mono = resample(to_mono(sound.samples), from_hz=sound.sample_rate, to_hz=sample_rate)[0]
    # What is heard before the onset shows its rise.
    return pad(mono, (int(LEAD_S * sample_rate), 0))[onset_samples(mono) :]


def sketch_of(power: Tensor) -> Sketches:
    """Draws a sketch of what was heard.

    Args:
        power: Power of each band, [MELS, N], as `heard_bands` gives it.

    Returns:
        As `sketch`.
    """
    cells = _means(power, _edges(power.shape[1]))
    level_db = below_peak_db(cells, floor_db=FLOOR_DB)
    return np.asarray(level_db.flatten().numpy(), dtype=np.float32)


def below_peak_db(power: Tensor, *, floor_db: float) -> Tensor:
    """Gives power in dB below its peak.

    Args:
        power: Powers, of any shape.
        floor_db: What lies farther below the peak than this many dB counts as that far.

    Returns:
        Levels from -floor_db to 0; where all is zero, -floor_db.

    Example:
        >>> below_peak_db(torch.tensor([4.0, 0.04, 0.0]), floor_db=60)
        tensor([  0., -20., -60.])
    """
    peak = power.amax().clamp(min=torch.finfo(torch.float32).tiny)
    return 10 * torch.log10((power / peak).clamp(min=10 ** (-floor_db / 10)))


def onset_samples(samples: Tensor) -> int:
    """Finds where a sound begins: its first sample within 30 dB of its peak.

    Args:
        samples: A sound, [T], at least one sample.

    Returns:
        The number of samples before it, 0 for a silent sound.

    Example:
        >>> onset_samples(torch.tensor([0.0, 0.01, 0.5, 1.0]))
        2
    """
    loud = samples.abs() >= samples.abs().amax() * 10 ** (-ONSET_DB / 20)
    return int(loud.to(torch.uint8).argmax())


@lru_cache(maxsize=1)
def _edges(frames: int) -> Tensor:
    """Frames at which a moment begins or ends: growing geometrically from two frames on."""
    grown = np.unique(np.geomspace(2, frames, MOMENTS).round().astype(int))
    while len(grown) < MOMENTS:  # rounding may have merged the first, short ones
        grown = np.union1d(grown, np.setdiff1d(np.arange(2, frames), grown)[:1])
    return torch.from_numpy(np.concatenate([[0], grown]))


def _means(power: Tensor, edges: Tensor) -> Tensor:
    """Averages the frames of each moment: [MELS, N] to [MELS, MOMENTS]."""
    parts = torch.split(power, edges.diff().tolist(), dim=1)
    return torch.stack([part.mean(dim=1) for part in parts], dim=1)


def distances(queries: Sketches, others: Sketches) -> NDArray[np.float64]:
    """Measures how far sketches are from others.

    Args:
        queries: [Q, D].
        others: [M, D].

    Returns:
        Root of the mean squared difference in dB, [Q, M].

    Example:
        >>> distances(np.zeros((1, 4), np.float32), np.full((1, 4), 3, np.float32))
        array([[3.]])
    """
    a, b = queries.astype(np.float64), others.astype(np.float64)
    squared = (a**2).sum(1)[:, None] - 2 * a @ b.T + (b**2).sum(1)[None]
    return np.asarray(np.sqrt(np.maximum(squared, 0) / a.shape[1]))


def nearest(
    queries: Sketches, others: Iterable[tuple[int, Sketches]]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Finds the nearest of a stream of sketches to each query; only a block of them is held.

    Args:
        queries: [Q, D].
        others: (number, sketch [D]) of each, from a stream of any length.

    Returns:
        The number of the nearest [Q], -1 where the stream was empty, and its distance in dB [Q].
    """
    best = np.full(len(queries), np.inf)
    chosen = np.full(len(queries), -1, dtype=np.int64)
    block: list[tuple[int, Sketches]] = []
    for item in others:
        block.append(item)
        if len(block) == BLOCK:
            _improve(queries, block, best, chosen)
            block = []
    if block:
        _improve(queries, block, best, chosen)
    return chosen, best


def _improve(
    queries: Sketches,
    block: list[tuple[int, Sketches]],
    best: NDArray[np.float64],
    chosen: NDArray[np.int64],
) -> None:
    """Notes in `best` and `chosen` where the block holds something nearer."""
    if not len(queries):
        return
    found = distances(queries, np.stack([drawn for _, drawn in block]))
    where = found.argmin(axis=1)
    value = found[np.arange(len(queries)), where]
    better = value < best
    best[better] = value[better]
    chosen[better] = np.array([number for number, _ in block])[where[better]]
