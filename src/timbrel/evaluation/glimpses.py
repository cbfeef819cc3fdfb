"""Glimpses: all that is kept of a sound of which hundreds or thousands are compared.

A sound is heard once; what stays are three small rows: its sketch, its spectrogram shrunk to a
picture of 16 bands times 32 moments, and the level and movement of each band of its whole range.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from timbrel.evaluation.sketches import (
    Sketches,
    below_peak_db,
    from_onset,
    heard_bands,
    sketch_of,
)
from timbrel.signal.files import Sound
from timbrel.signal.levels import fit_length
from timbrel.signal.mel import MelBands, to_mel
from timbrel.signal.stft import FrameSpec, magnitude

PICTURE_BANDS, PICTURE_MOMENTS = 16, 32
FLOOR_DB = 80.0
WIDE_RATE = 44_100
WIDE_LENGTH_SAMPLES = 2 * WIDE_RATE
WIDE_FRAMES = FrameSpec(n_fft=1024, hop_samples=512)
WIDE_MELS = 32
WIDE_BANDS = MelBands(sample_rate=WIDE_RATE, n_fft=1024, mels=WIDE_MELS, low_hz=40, high_hz=16_000)


@dataclass(frozen=True)
class Glimpse:
    """What is kept of a sound.

    Attributes:
        sketch: Its sketch, [640].
        picture: Its spectrogram up to 7.5 kHz, shrunk, in dB below the strongest, -80 to 0,
            [512]: 16 bands times 32 moments of 2 s from its onset.
        statistics: Mean, then standard deviation over time, of 32 mel bands from 40 Hz to 16 kHz,
            of levels from 0 (80 dB below the strongest) to 1, [64].
    """

    sketch: Sketches
    picture: Sketches
    statistics: Sketches


def glimpse(sound: Sound) -> Glimpse:
    """Hears a sound and keeps what comparing it with many others takes.

    Args:
        sound: Any sound that is not empty; channels are mixed to one.

    Returns:
        Its rows.

    Raises:
        UsageError: When the sound is empty or not finite.

    Example:
        >>> noise = torch.randn(1, 8000, generator=torch.Generator().manual_seed(0))
        >>> glimpse(Sound(noise, 16_000)).picture.shape
        (512,)
    """
    power = heard_bands(sound)
    return Glimpse(sketch_of(power), picture_of(power), statistics_of(sound))


def picture_of(power: Tensor) -> Sketches:
    """Shrinks a spectrogram to a small picture.

    Args:
        power: Power of each band, [F, N].

    Returns:
        Mean levels in dB below the strongest cell, -80 to 0, [512].
    """
    level_db = below_peak_db(power, floor_db=FLOOR_DB)
    shrunk = adaptive_avg_pool2d(level_db[None], (PICTURE_BANDS, PICTURE_MOMENTS))
    return np.asarray(shrunk.flatten().numpy(), dtype=np.float32)


def statistics_of(sound: Sound) -> Sketches:
    """Sums up the level and the movement of each band of a sound, over its whole range.

    Args:
        sound: Any sound that is not empty; 2 s from its onset count.

    Returns:
        Means, then standard deviations, [64].

    Raises:
        UsageError: When the sound is empty or not finite.
    """
    led = fit_length(from_onset(sound, sample_rate=WIDE_RATE), WIDE_LENGTH_SAMPLES)
    power = to_mel(magnitude(led[None], WIDE_FRAMES).square(), WIDE_BANDS)[0]
    level = below_peak_db(power, floor_db=FLOOR_DB) / FLOOR_DB + 1
    pooled = torch.cat([level.mean(dim=1), level.std(dim=1, correction=0)])
    return cast(Sketches, pooled.numpy().astype(np.float32))
