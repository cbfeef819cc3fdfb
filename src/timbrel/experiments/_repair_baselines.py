"""What repairs are held against: how far one comes without having learned anything."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d

from timbrel.signal import linear_prediction, noise_floor
from timbrel.signal.stft import FrameSpec, istft, stft

FloatArray = NDArray[np.float64]
CONTEXT_S, ORDER_S = 0.5, 0.064  # of linear prediction: what it looks at, and how far back
FRAMES = FrameSpec(1024, 256)
ABOVE_DB, FLOOR_DB = 6.0, -20.0  # of the gate: above the noise, and what is left where it is shut
SMOOTHED = (3, 5)  # bins and frames
_TINY = 1e-10


def straight_line(samples: Tensor, first: int, end: int) -> Tensor:
    """Fills a hole with a straight line from the sample before it to the one after.

    Args:
        samples: The sound, [T], with something on either side of the hole.
        first: First sample of the hole.
        end: One after its last.

    Returns:
        The sound, [T].

    Example:
        >>> straight_line(torch.tensor([0.0, 9.0, 9.0, 3.0]), 1, 3)
        tensor([0., 1., 2., 3.])
    """
    out = samples.clone()
    line = torch.linspace(float(samples[first - 1]), float(samples[end]), end - first + 2)
    out[first:end] = line[1:-1]
    return out


def predicted(samples: Tensor, first: int, end: int, *, sample_rate: int) -> Tensor:
    """Fills a hole by linear prediction from both sides, faded into each other.

    Each side is taken as filtered noise whose filter is found in a quarter of a second beside the
    hole; its resonances go on into the hole.

    Args:
        samples: The sound, [T], with something on either side of the hole.
        first: First sample of the hole.
        end: One after its last.
        sample_rate: The rate in Hz.

    Returns:
        The sound, [T].

    Source:
        Kauppinen and Roth, "Audio signal extrapolation: theory and applications" (2002); the fade
        of two extrapolations: Kauppinen, Kauppinen and Saarinen, "A method for long extrapolation
        of audio signals" (2001). The filter is Burg's.

    Example:
        >>> tone = torch.sin(torch.arange(4000) / 5)
        >>> back = predicted(tone, 2000, 2200, sample_rate=8000)
        >>> bool((back - tone).abs().max() < 0.1)
        True
    """
    size, count = round(CONTEXT_S * sample_rate), end - first
    sound = samples.double()
    order = round(ORDER_S * sample_rate)
    onwards = _going_on(sound[max(0, first - size) : first], count, order)
    backwards = _going_on(sound[end : end + size].flip(0), count, order)[::-1]
    fade = np.cos((np.arange(count) + 0.5) / count * math.pi / 2) ** 2
    out = samples.clone()
    out[first:end] = torch.from_numpy(onwards * fade + backwards * (1 - fade)).to(out)
    return out


def _going_on(known: Tensor, count: int, order: int) -> FloatArray:
    order = min(order, len(known) // 3)
    if not order or not known.any():
        return np.zeros(count)
    return linear_prediction.continued(known, count, order=order).numpy()


def gated(samples: Tensor) -> Tensor:
    """Takes steady noise out of a sound by a spectral gate.

    The noise in each bin is measured where it is softest. What does not rise 6 dB above it is
    turned down by 20 dB; the gains are smoothed over bins and frames.

    Args:
        samples: The sound, [T].

    Returns:
        The same with less noise, [T].

    Source:
        Boll, "Suppression of acoustic noise in speech using spectral subtraction" (1979), of which
        the gate is the plainest form; the floor: `timbrel.signal.noise_floor`.

    Example:
        >>> noise = 0.01 * torch.randn(16_000, generator=torch.Generator().manual_seed(0))
        >>> tone = torch.sin(torch.arange(16_000) / 5) * (torch.arange(16_000) > 8000)
        >>> left = gated(tone + noise) - tone
        >>> bool(left[:7000].std() < 0.2 * noise.std())
        True
    """
    spectra = stft(samples[None].float(), FRAMES)
    level_db = 20 * torch.log10(spectra[0].abs().clamp(min=_TINY))
    noise_db = noise_floor.level(level_db) + noise_floor.MEAN_ABOVE_DB
    is_open = (level_db > noise_db[:, None] + ABOVE_DB).float()
    around = (SMOOTHED[0] // 2, SMOOTHED[1] // 2)
    share = avg_pool2d(is_open[None], SMOOTHED, 1, around, count_include_pad=False)[0]
    shut = 10 ** (FLOOR_DB / 20)
    return istft(spectra * (shut + (1 - shut) * share), FRAMES, len(samples))[0]
