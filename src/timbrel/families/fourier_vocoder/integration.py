"""From differences of phase, each more or less certain, to a phase."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from timbrel.families.fourier_vocoder.spectra import bin_pace
from timbrel.signal.stft import FrameSpec, istft, stft

MOMENTUM = 0.99
_TINY = 1e-6


def integrated(
    magnitude: Tensor, time: Tensor, frequency: Tensor, frames: FrameSpec, *, seed: int
) -> Tensor:
    """Finds the phases that agree best with predicted differences, frame after frame.

    The phases z of frame n minimise a sum over its bins::

        w |z[f] - d[f] y[f]|^2   +   v |z[f + 1] - e[f] z[f]|^2

    where y is the frame before, d and e are the predicted turns in time and along frequency, and w
    and v are how certain they are, times the magnitudes that they join. It is a tridiagonal
    system: as quick as a Fourier transform, and without the accumulating errors of a sum.

    Args:
        magnitude: Linear magnitudes, [F, N].
        time: Predicted turns since the frame before, times their certainty, complex [F, N].
        frequency: Predicted turns to the next bin, likewise, complex [F - 1, N].
        frames: How the spectrogram is framed.
        seed: Seed of the phases to begin with.

    Returns:
        Phases as complex numbers of magnitude one, [F, N].

    Source:
        Masuyama, Yatabe, Nagatomo & Oikawa, "Online phase reconstruction via DNN-based phase
        differences estimation", IEEE/ACM TASLP 2023, section III.
    """
    generator = torch.Generator().manual_seed(seed)
    start = torch.rand(frames.bins, generator=generator) * (2 * torch.pi)
    level = magnitude.cpu().double() / magnitude.max().clamp(min=1e-30)
    before = torch.cat([level[:, :1], level[:, :-1]], dim=1)
    turns = time.cpu() * bin_pace(frames, torch.device("cpu"))[:, None]
    along = -frequency.cpu() * (level[1:] * level[:-1]).sqrt()
    across = turns * (level * before).sqrt()
    phases = _frames(across.numpy(), along.numpy(), torch.polar(torch.ones(1), start).numpy())
    return torch.from_numpy(phases).to(torch.complex64).to(magnitude.device)


def refined(
    wanted: Tensor, phasor: Tensor, rounds: int, frames: FrameSpec, length_samples: int
) -> Tensor:
    """Makes phases consistent by rounds of fast Griffin-Lim.

    Args:
        wanted: Magnitudes, about 1 at most, [B, F, N].
        phasor: Phases as complex numbers of magnitude one, [B, F, N].
        rounds: How many, 0 or more.
        frames: How the spectrogram is framed.
        length_samples: Length T of the sounds.

    Returns:
        Waveforms, [B, T].

    Source:
        Perraudin, Balazs & Søndergaard, "A fast Griffin-Lim algorithm", WASPAA 2013.
    """
    now = istft(wanted * phasor, frames, length_samples)
    before = torch.zeros_like(now)
    for _ in range(rounds):
        found = stft(now - MOMENTUM / (1 + MOMENTUM) * before, frames)
        before, now = (
            now,
            istft(wanted * (found / found.abs().clamp(min=1e-20)), frames, length_samples),
        )
    return now


def _frames(
    across: NDArray[np.complex128], along: NDArray[np.complex128], start: NDArray[np.complex64]
) -> NDArray[np.complex128]:
    """Solves one frame after the other: couplings [F, N] and [F - 1, N] -> phasors [F, N]."""
    from scipy.linalg import solveh_banded

    out = np.empty(across.shape, np.complex128)
    certain, joined = np.abs(across), np.abs(along)
    phasor = start.astype(np.complex128)
    banded = np.zeros((2, len(across)), np.complex128)
    for frame in range(across.shape[1]):
        banded[0] = certain[:, frame] + _TINY
        banded[0, 1:] += joined[:, frame]
        banded[0, :-1] += joined[:, frame]
        banded[1, :-1] = -along[:, frame]
        pulled = (across[:, frame] + _TINY) * phasor
        found = solveh_banded(banded, pulled, lower=True, overwrite_b=True, check_finite=False)
        phasor = found / np.maximum(np.abs(found), 1e-30)
        out[:, frame] = phasor
    return out
