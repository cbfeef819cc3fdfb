"""Mel filterbanks: bands that are as wide as the ear's, and a way back to linear frequency."""

import math
from functools import lru_cache
from typing import Literal

import torch
from torch import Tensor

Norm = Literal["slaney", "none"]


def filterbank(
    *, sample_rate: int, n_fft: int, mels: int, low_hz: float, high_hz: float, norm: Norm
) -> Tensor:
    """x."""
    return _filterbank(sample_rate, n_fft, mels, low_hz, high_hz or sample_rate / 2, norm)


def _hz_to_mel(hz: float) -> float:
    return hz * 3 / 200 if hz < 1000 else 15 + math.log(hz / 1000) * 27 / math.log(6.4)


def _mel_to_hz(mel: Tensor) -> Tensor:
    return torch.where(mel < 15, mel * 200 / 3, 1000 * torch.exp((mel - 15) * math.log(6.4) / 27))


@lru_cache(maxsize=16)
def _filterbank(
    sample_rate: int, n_fft: int, mels: int, low_hz: float, high_hz: float, norm: Norm
) -> Tensor:
    edges = torch.linspace(_hz_to_mel(low_hz), _hz_to_mel(high_hz), mels + 2, dtype=torch.float64)
    edges = _mel_to_hz(edges)
    bins = torch.arange(n_fft // 2 + 1, dtype=torch.float64) * sample_rate / n_fft
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    bank = torch.minimum(rising, falling).clamp(min=0)
    if norm == "slaney":
        bank *= 2 / (edges[2:] - edges[:-2])[:, None]
    return bank.float()


@lru_cache(maxsize=16)
def _pseudo_inverse(*args) -> Tensor:
    return torch.linalg.pinv(_filterbank(*args).double()).float()


def to_linear(mel_power: Tensor, *, sample_rate, n_fft, mels, low_hz, high_hz, norm) -> Tensor:
    args = (sample_rate, n_fft, mels, low_hz, high_hz or sample_rate / 2, norm)
    bank, inverse = _filterbank(*args), _pseudo_inverse(*args)
    power = (inverse @ mel_power).clamp_(min=0)
    return power * ((bank.T @ (mel_power > 0).float()) > 0)
