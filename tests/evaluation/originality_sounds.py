"""Sounds of known make for the tests of originality: music that never repeats, and a loop."""

import math

import numpy as np
import torch
from torch import Tensor

from timbrel.signal.files import Sound

RATE = 22_050


def music(seconds: float, *, seed: int, sample_rate: int = RATE) -> Sound:
    """Notes of random pitch, brightness, length and level, over quiet hiss: nothing comes again."""
    rng = np.random.default_rng(seed)
    out = torch.from_numpy(rng.standard_normal(round(seconds * sample_rate))).float() * 0.003
    begins_s = 0.0
    while begins_s < seconds:
        note = _note(rng, sample_rate)
        start = round(begins_s * sample_rate)
        out[start : start + len(note)] += note[: len(out) - start]
        begins_s += rng.uniform(0.08, 0.35)
    return Sound(out[None] / out.abs().max(), sample_rate)


def _note(rng: np.random.Generator, sample_rate: int) -> Tensor:
    time_s = torch.arange(round(rng.uniform(0.2, 0.8) * sample_rate)) / sample_rate
    pitch_hz = 440 * 2 ** (rng.integers(-24, 24) / 12)
    partials = range(1, max(2, int(rng.uniform(0.4, 0.7) * sample_rate / 2 / pitch_hz)))
    tilt = rng.uniform(0.5, 1.5)
    tone = sum(
        (torch.sin(2 * math.pi * k * pitch_hz * time_s + rng.uniform(0, 6)) / k**tilt)
        for k in partials
    )
    breath = torch.from_numpy(rng.standard_normal(len(time_s))).float() * rng.uniform(0, 0.3)
    decay = torch.exp(-time_s / rng.uniform(0.05, 0.4))
    return (tone + breath) * decay * rng.uniform(0.2, 1.0)


def loop(seconds: float, *, seed: int, bar_s: float = 1.5, sample_rate: int = RATE) -> Sound:
    """One bar of music again and again, to the last bit."""
    bar = music(bar_s, seed=seed, sample_rate=sample_rate).samples
    times = math.ceil(seconds / bar_s)
    return Sound(bar.repeat(1, times)[:, : round(seconds * sample_rate)], sample_rate)


def noise(seconds: float, *, seed: int, sample_rate: int = RATE) -> Sound:
    """White noise."""
    generator = torch.Generator().manual_seed(seed)
    return Sound(torch.randn(1, round(seconds * sample_rate), generator=generator), sample_rate)


def low_and_high(low: Sound, high: Sound, *, at_hz: float) -> Sound:
    """The low frequencies of one sound and the high ones of another, cut apart exactly."""
    spectra = [torch.fft.rfft(one.samples) for one in (low, high)]
    bins_hz = torch.linspace(0, low.sample_rate / 2, spectra[0].shape[1])
    whole = torch.where(bins_hz < at_hz, spectra[0], spectra[1])
    return Sound(torch.fft.irfft(whole, n=low.samples.shape[1]), low.sample_rate)
