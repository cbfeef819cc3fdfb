"""Loops: where sounds repeat, that they do so without a click, and where they must not."""

import numpy as np
import pytest
import torch
from sampler_sounds import RATE_HZ, hz_of, note

from timbrel.exporting import loops
from timbrel.exporting.patch import Loop


def _flux(samples: np.ndarray, size: int = 512, hop: int = 64) -> np.ndarray:
    """How much the spectrum rises from frame to frame, relative to how loud it is."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop] * np.hanning(size)
    spectra = np.abs(np.fft.rfft(frames, axis=1))
    rise = np.maximum(np.diff(spectra, axis=0), 0).sum(axis=1)
    return np.asarray(rise / spectra[1:].sum(axis=1))


@pytest.mark.parametrize("key", [28, 45, 60.3, 71, 90])
def test_a_held_note_repeats_whole_periods(key: float) -> None:
    samples = note(key).samples
    loop = loops.find(samples, RATE_HZ)
    assert loop is not None
    periods = (loop.end + 1 - loop.start) * hz_of(key) / RATE_HZ
    assert abs(periods - round(periods)) * RATE_HZ / hz_of(key) < 1.0, "within one sample"


@pytest.mark.parametrize("key", [33, 57.2, 80])
def test_where_it_repeats_is_not_heard(key: float) -> None:
    samples = note(key).samples
    loop = loops.find(samples, RATE_HZ)
    assert loop is not None
    played = loops.unrolled(loops.joined(samples, loop, RATE_HZ), loop, 4 * RATE_HZ)[0].numpy()
    steps = np.abs(np.diff(played))
    seam = loop.end
    assert steps[seam - 2 : seam + 3].max() <= steps[seam // 2 : seam - 500].max() * 1.05
    flux = _flux(played)
    at = seam // 64
    calm = flux[at - 200 : at - 50]
    assert flux[at - 12 : at + 4].max() <= calm.max() * 1.5


def test_a_bad_join_would_be_seen_by_the_same_measure() -> None:
    """The measure above can fail: a loop of no whole number of periods clicks."""
    samples = note(57.2).samples
    loop = Loop(40_000, 40_000 + 20_060)
    played = loops.unrolled(samples, loop, 4 * RATE_HZ)[0].numpy()
    flux = _flux(played)
    at = loop.end // 64
    assert flux[at - 12 : at + 4].max() > 1.5 * flux[at - 200 : at - 50].max()


def test_what_dies_away_is_not_held_up() -> None:
    assert loops.find(note(50, decay=2.0).samples, RATE_HZ) is None  # 17 dB a second
    assert loops.find(note(50, decay=0.3).samples, RATE_HZ) is not None  # 2.6 dB


@pytest.mark.parametrize("seconds", [0.01, 0.1])
def test_what_is_too_short_has_none(seconds: float) -> None:
    assert loops.find(note(60, seconds=seconds).samples, RATE_HZ) is None


def test_noise_and_silence_have_none(torch_rng: torch.Generator) -> None:
    assert loops.find(torch.randn(1, 2 * RATE_HZ, generator=torch_rng), RATE_HZ) is None
    assert loops.find(torch.zeros(1, RATE_HZ), RATE_HZ) is None


def test_both_channels_are_joined_at_the_same_place() -> None:
    left, right = note(60).samples, note(60, decay=0.2).samples
    both = torch.cat([left, right])
    loop = loops.find(both, RATE_HZ)
    assert loop is not None
    out = loops.joined(both, loop, RATE_HZ)
    assert out.shape == (2, loop.end + 1 + loops.GUARD_SAMPLES)
    assert torch.equal(out[:, : loop.start], both[:, : loop.start])
    assert torch.equal(out[:, loop.end + 1 :], both[:, loop.start :][:, : loops.GUARD_SAMPLES])
