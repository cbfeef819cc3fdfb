"""How varied some sounds are: it tells a generator of one sound from a generator of many."""

import torch
from torch import Tensor

from timbrel.signal.stft import FrameSpec, magnitude

_FRAMES = FrameSpec(1024, 512)
_FEWEST_SOUNDS = 3
_ALL_ALIKE = 1e-3  # below it sounds are so alike that nothing can be said of others beside them


def variety(codes: Tensor) -> float:
    """Measures how far apart some sounds are on average.

    Args:
        codes: Their codes, [B, F, N], at least two; of waveforms [B, 1, T] the magnitudes of their
            spectra count, so that what is only shifted or noisy is not taken for another sound.

    Returns:
        1 less the mean cosine of all pairs: 0 for sounds that are all the same (silence included),
        1 for sounds that share no time and frequency.

    Example:
        >>> variety(torch.eye(4)[:, None, :].repeat(1, 2, 1))
        1.0
        >>> variety(torch.ones(4, 8, 3))
        0.0
    """
    seen = magnitude(codes[:, 0], _spec(codes.shape[2])) if codes.shape[1] == 1 else codes
    flat = torch.nn.functional.normalize(seen.double().flatten(1), dim=1)
    alike = flat @ flat.T
    silent = flat.square().sum(1) < 0.5
    alike[silent[:, None] & silent[None, :]] = 1.0
    count = len(flat)
    mean = (alike.sum() - alike.diagonal().sum()) / (count * (count - 1))
    return round(max(0.0, 1.0 - float(mean)), 6)


def _spec(length_samples: int) -> FrameSpec:
    """Shorter windows for sounds that do not hold many of the usual ones."""
    n_fft = _FRAMES.n_fft
    while n_fft > 32 and n_fft * 8 > length_samples:
        n_fft //= 2
    return FrameSpec(n_fft, n_fft // 2)


def varieties(made: Tensor, heard: Tensor) -> dict[str, float]:
    """Compares how varied made sounds are with how varied those are that they are to be like.

    Args:
        made: Codes of made sounds, [B, F, N].
        heard: Codes of sounds that were not learned from, [C, F, N].

    Returns:
        ``variety``: that of the made ones as a share of that of the others; nothing where there are
        too few sounds to say, or where those are all alike themselves.

    Example:
        >>> one, many = torch.ones(4, 2, 4), torch.eye(4)[:, None, :].repeat(1, 2, 1)
        >>> varieties(one, many), varieties(many, one)
        ({'variety': 0.0}, {})
    """
    if min(len(made), len(heard)) < _FEWEST_SOUNDS:
        return {}
    usual = variety(heard)
    return {"variety": round(variety(made) / usual, 6)} if usual > _ALL_ALIKE else {}
