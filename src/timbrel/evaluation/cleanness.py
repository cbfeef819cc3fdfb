"""Cleanness: how deep a sound is between its partials and how much it trembles.

Measured without a reference, and not good or bad in itself (a cymbal is noise): a morph is compared
with its own parents.
"""

from itertools import pairwise

import torch
from torch import Tensor

from timbrel.evaluation.metrics.modulation_error import modulation_depths
from timbrel.evaluation.morph_features import RATE_HZ
from timbrel.signal.stft import FrameSpec, magnitude

FRAMES = FrameSpec(n_fft=1024, hop_samples=256)
EDGES_HZ = (100, 400, 800, 1600, 3200, 6400)
OUTER = 0.2  # of a band's bins are its peaks, and as many its valleys
QUIET_DB = 40.0  # frames so far below the loudest do not count
DEPTH_DB = 80.0  # below a frame's strongest bin nothing is deeper than this
WEIGHT_DB = 50.0  # bands whose peaks are so far below the strongest bin do not count
TREMOR_OCTAVES = 2  # the fastest of `modulation_depths`: 16 to 64 Hz
HEARD_DB = 30.0  # bands so far below the strongest do not tremble audibly


def contrast_db(sound: Tensor) -> float:
    """Measures how far the valleys of a spectrum lie below its peaks.

    In each frame and each octave, the mean level of the strongest fifth of the bins over that of
    the weakest fifth; octaves and frames that are hardly heard count less. Noise fills the valleys.

    Args:
        sound: A sound at 16 kHz, [T].

    Returns:
        The contrast in dB, 0 to 80; white noise has about 20; 0 for silence.

    Source:
        Jiang et al., "Music type classification by spectral contrast feature" (2002).

    Example:
        >>> tone = torch.sin(0.3 * torch.arange(16_000))
        >>> noise = torch.randn(16_000, generator=torch.Generator().manual_seed(0))
        >>> contrast_db(tone) > contrast_db(tone + 0.001 * noise) > contrast_db(noise)
        True
    """
    spectra = magnitude(sound[None], FRAMES)[0].double()
    energy = spectra.square().sum(dim=0)
    loud = spectra[:, energy > energy.max() * 10 ** (-QUIET_DB / 10)]
    if not loud.numel():
        return 0.0
    level_db = 20 * torch.log10(loud.clamp(min=1e-30))
    top = level_db.amax(dim=0)
    found = [_band(level_db.maximum(top - DEPTH_DB), low, high) for low, high in pairwise(EDGES_HZ)]
    depth = torch.stack([peak - valley for peak, valley in found])
    weight = torch.stack([(peak - top + WEIGHT_DB).clamp(min=0) for peak, _ in found])
    return float((depth * weight).sum() / weight.sum().clamp(min=1e-9))


def _band(level_db: Tensor, low_hz: float, high_hz: float) -> tuple[Tensor, Tensor]:
    """The mean level of the peaks, and of the valleys, of each frame [N] in a band."""
    low, high = (round(hz * FRAMES.n_fft / RATE_HZ) for hz in (low_hz, high_hz))
    rows = level_db[low:high].sort(dim=0).values
    count = max(1, round(OUTER * len(rows)))
    return rows[-count:].mean(dim=0), rows[:count].mean(dim=0)


def tremor_db(sound: Tensor) -> float:
    """Measures how much the bands of a sound tremble at 16 to 64 Hz: flutter and beats.

    Args:
        sound: A sound at 16 kHz, [T].

    Returns:
        Mean power of the modulation of the bands that are heard, over their squared mean, in dB.

    Source:
        McDermott and Simoncelli 2011, as `modulation_depths`.

    Example:
        >>> time_s = torch.arange(16_000) / RATE_HZ
        >>> tone = torch.sin(3000 * time_s)
        >>> tremor_db(tone * (1 + 0.2 * torch.sin(250 * time_s))) > tremor_db(tone) + 3
        True
    """
    depths, levels_db = modulation_depths(sound, RATE_HZ)
    heard = depths[levels_db > levels_db.max() - HEARD_DB, -TREMOR_OCTAVES:]
    return float(10 * torch.log10((10 ** (heard / 10)).sum(dim=1).mean()))
