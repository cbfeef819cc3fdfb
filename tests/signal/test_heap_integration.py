"""Phase-gradient heap integration beside another implementation, and facts of sound."""

import math

import numpy as np
import pghipy
import pytest
import torch
from torch import Tensor

from timbrel import plugins
from timbrel.signal.phase import _heap
from timbrel.signal.stft import FrameSpec, istft, magnitude
from timbrel.signal.windows import gaussian_width, window

HeapIntegration = plugins.load("signal.phase", "heap_integration")
FastGriffinLim = plugins.load("signal.phase", "fast_griffin_lim")
RATE = 16_000
FRAMES = [FrameSpec(1024, 128), FrameSpec(1024, 128, "gaussian"), FrameSpec(512, 128)]


def found(sound: Tensor, frames: FrameSpec, **options) -> Tensor:
    return HeapIntegration(**options).waveform(
        magnitude(sound, frames), frames, length_samples=sound.shape[1], seed=0
    )


def convergence_db(sound: Tensor, wanted: Tensor, frames: FrameSpec) -> float:
    wrong = (magnitude(sound, frames) - wanted).norm() / wanted.norm()
    return 20 * math.log10(float(wrong))


def music(seconds: float = 1.5) -> Tensor:
    """Three struck chords of decaying partials, with a noisy attack each."""
    rng = np.random.default_rng(4)
    sound = np.zeros(round(RATE * seconds))
    for start_s, root_hz in ((0.05, 220.0), (0.5, 277.2), (0.9, 164.8)):
        time_s = np.arange(len(sound)) / RATE - start_s
        on = (time_s >= 0) * np.exp(-3 * time_s.clip(0))
        for ratio in (1, 1.26, 1.5):
            for k in range(1, 9):
                phase = 2 * np.pi * root_hz * ratio * k * time_s
                sound += on / k * np.sin(phase + rng.uniform(0, 6)) * np.exp(-k * time_s.clip(0))
        sound += 0.3 * on * np.exp(-60 * time_s.clip(0)) * rng.standard_normal(len(sound))
    return torch.from_numpy(sound / np.abs(sound).max()).float()[None]


@pytest.mark.parametrize("frames", FRAMES, ids=str)
def test_a_440_hz_tone_comes_back_within_a_cent(frames):
    time_s = torch.arange(2 * RATE, dtype=torch.float64) / RATE
    sound = (0.5 * torch.sin(2 * torch.pi * 440 * time_s)).float()[None]
    back = found(sound, frames)[0, RATE // 2 : -RATE // 2].double()
    spectrum = torch.fft.rfft(back * torch.hann_window(len(back)).double(), n=16 * len(back)).abs()
    peak = int(spectrum.argmax())
    left, middle, right = spectrum[peak - 1 : peak + 2].log().tolist()
    place = peak + 0.5 * (left - right) / (left - 2 * middle + right)
    assert abs(1200 * math.log2(place * RATE / (16 * len(back)) / 440)) < 1


@pytest.mark.parametrize("frames", FRAMES, ids=str)
def test_a_click_stays_a_click(frames):
    sound = torch.zeros(1, 8000)
    sound[0, 3000] = 1
    back = found(sound, frames)[0]
    # The relation between slopes holds for a Gaussian; a Hann window is off by half a millisecond.
    reach = 1 if frames.window == "gaussian" else 16
    near = back[3000 - reach : 3001 + reach].square().sum() / back.square().sum()
    assert near > 0.98


@pytest.mark.parametrize("frames", FRAMES, ids=str)
def test_it_is_as_near_as_pghipy(frames):
    sound = music()
    wanted = magnitude(sound, frames)
    theirs = pghipy.pghi(
        wanted[0].T.numpy().astype(np.float64),
        win_length=frames.n_fft,
        hop_length=frames.hop_samples,
        gamma=gaussian_width(frames.window, frames.n_fft),
        tol=1e-6,
    )
    spectrum = torch.polar(wanted, torch.from_numpy(theirs.T).float()[None])
    reference = istft(spectrum, frames, sound.shape[1])
    ours_db = convergence_db(found(sound, frames), wanted, frames)
    assert ours_db < convergence_db(reference, wanted, frames) + 1
    assert ours_db < (-20 if frames.n_fft == 1024 else -10)


def test_the_gaussian_window_is_pghipys_but_for_half_a_sample():
    theirs, width = pghipy.get_default_window(1024)
    assert gaussian_width("gaussian", 1024) == pytest.approx(width)
    np.testing.assert_allclose(window("gaussian", 1024).numpy()[1:], theirs[:-1], atol=3e-3)


def test_rounds_that_follow_bring_it_nearer_and_nearer_than_from_a_random_phase():
    sound, frames = music(), FrameSpec(1024, 256)
    wanted = magnitude(sound, frames)
    plain, refined = found(sound, frames), found(sound, frames, iterations=8)
    random = FastGriffinLim(iterations=8).waveform(
        wanted, frames, length_samples=sound.shape[1], seed=0
    )
    errors_db = [convergence_db(one, wanted, frames) for one in (refined, plain, random)]
    assert errors_db[0] < errors_db[1] - 3
    assert errors_db[0] < errors_db[2] - 6


def test_cells_below_the_tolerance_are_left_out(monkeypatch):
    seen = []
    integrate = _heap.integrate
    monkeypatch.setattr(_heap, "integrate", lambda *of: seen.append(of[0]) or integrate(*of))
    for tolerance in (1e-6, 0.1):
        found(music(0.5), FrameSpec(512, 128), tolerance=tolerance)
    all_of_them, loud_ones = (np.count_nonzero(loudness) for loudness in seen)
    assert 0 < loud_ones < all_of_them / 2


def test_a_plane_of_slopes_is_integrated_exactly():
    rng = np.random.default_rng(1)
    loudness = rng.uniform(0.1, 1, (9, 7)).astype(np.float32)
    turns = _heap.integrate(
        loudness,
        np.full((9, 7), 0.05, np.float32),
        np.full((9, 7), 0.125, np.float32),
        np.full(7, 0.25),
    )
    frame, bin_ = np.unravel_index(loudness.argmax(), loudness.shape)
    frames, bins = np.mgrid[:9, :7]
    wanted = (frames - frame) * 0.3 + (bins - bin_) * 0.125
    wrong = np.abs((turns - wanted + 0.5) % 1 - 0.5)
    assert wrong.max() < 1e-5
