"""Levels against pyloudnorm, the standard's own filters, and facts of sound."""

import math

import numpy as np
import pyloudnorm
import pytest
import scipy.signal
import torch
from torch import Tensor

from timbrel.signal import levels


def tone(frequency_hz: float, level_db: float, *, sample_rate: int = 48000, s: float = 2) -> Tensor:
    time_s = torch.arange(int(s * sample_rate), dtype=torch.float64) / sample_rate
    wave = torch.sin(2 * math.pi * frequency_hz * time_s) * 10 ** (level_db / 20)
    return wave.float()[None]


def standard_loudness(samples: Tensor) -> float:
    """BS.1770-4's filters, as its tables 1 and 2 give them for 48 kHz, without gates."""
    wave = scipy.signal.lfilter(
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [1.0, -1.69065929318241, 0.73248077421585],
        samples.double().numpy(),
    )
    wave = scipy.signal.lfilter([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621], wave)
    return float(-0.691 + 10 * np.log10(np.mean(wave**2)))


@pytest.mark.parametrize("sample_rate", [8000, 16000, 44100, 48000, 96000])
def test_a_stereo_tone_of_1_khz_at_minus_23_db_has_minus_23_lufs(sample_rate: int) -> None:
    """EBU Tech 3341, case 1: 1 kHz in both channels at -23 dBFS reads -23.0 +- 0.1 LUFS."""
    stereo = tone(997.0, -23.0, sample_rate=sample_rate).expand(2, -1)
    assert levels.loudness_lufs(stereo, sample_rate) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("frequency_hz", [30.0, 100.0, 2000.0, 10000.0])
def test_loudness_follows_the_standards_weighting(frequency_hz: float) -> None:
    wave = tone(frequency_hz, -20.0, s=3)
    assert levels.loudness_lufs(wave, 48000) == pytest.approx(standard_loudness(wave), abs=0.1)


def test_loudness_is_pyloudnorms(rng: np.random.Generator) -> None:
    noise = rng.standard_normal((44100 * 3, 2)).astype(np.float32) * 0.05
    noise[44100 : 2 * 44100] *= 0.01  # a quiet second, for the gate
    expected = pyloudnorm.Meter(44100, "DeMan").integrated_loudness(noise.astype(np.float64))
    assert levels.loudness_lufs(torch.from_numpy(noise.T), 44100) == pytest.approx(expected)


def test_a_short_sound_has_the_loudness_of_the_block_that_holds_it() -> None:
    """100 ms of sound in a block of 400 ms is a quarter of the power: 6 dB less."""
    long, short = tone(997.0, -20.0), tone(997.0, -20.0, s=0.1)
    difference = levels.loudness_lufs(long, 48000) - levels.loudness_lufs(short, 48000)
    assert difference == pytest.approx(6.02, abs=0.1)


def test_loudness_of_what_is_no_usual_sound() -> None:
    assert levels.loudness_lufs(torch.zeros(1, 48000), 48000) == -math.inf
    assert levels.loudness_lufs(torch.full((1, 9), 1e-9), 48000) == -math.inf
    assert levels.loudness_lufs(torch.zeros(2, 0), 48000) == -math.inf
    assert math.isnan(levels.loudness_lufs(torch.tensor([[0.5, math.nan]]), 48000))
    assert levels.loudness_lufs(torch.ones(1, 1), 44100) < -20


def test_surround_channels_count_as_the_standard_says() -> None:
    wave = tone(997.0, -23.0)
    silence = torch.zeros_like(wave)
    left = levels.loudness_lufs(wave, 48000)
    lfe = torch.cat([silence, silence, silence, wave, silence, silence])
    surround = torch.cat([silence, silence, silence, silence, wave, silence])
    assert levels.loudness_lufs(lfe, 48000) == -math.inf
    assert levels.loudness_lufs(surround, 48000) - left == pytest.approx(1.49, abs=0.02)
    assert levels.loudness_lufs(wave.expand(8, -1), 48000) == pytest.approx(left, abs=1e-6)


def test_a_low_rate_does_not_upset_the_filters() -> None:
    low, high = tone(200.0, -20.0, sample_rate=1000), tone(200.0, -20.0, sample_rate=8000)
    expected = levels.loudness_lufs(high, 8000)
    assert levels.loudness_lufs(low, 1000) == pytest.approx(expected, abs=0.05)


def test_peak_and_rms_of_a_sine_lie_3_db_apart() -> None:
    wave = tone(1000.0, -6.0)
    assert levels.peak_db(wave) == pytest.approx(-6.0, abs=0.01)
    assert levels.rms_db(wave) == pytest.approx(-9.01, abs=0.01)
    assert levels.rms_db(torch.zeros(1, 4)) == levels.peak_db(torch.zeros(1, 0)) == -math.inf
    assert levels.rms_db(torch.zeros(1, 0)) == -math.inf


def test_silence_and_numbers_that_are_none() -> None:
    assert levels.is_silent(torch.zeros(2, 0))
    assert levels.is_silent(torch.full((1, 3), 0.9e-4))
    assert not levels.is_silent(torch.full((1, 3), 0.9e-4), threshold_db=-90)
    assert not levels.is_silent(torch.tensor([[0.0, math.nan]]))
    assert not levels.is_finite(torch.tensor([[math.inf, 0.0]]))
    assert levels.is_finite(torch.zeros(1, 0))


def test_fitting_cuts_without_a_click_and_pads_with_silence() -> None:
    wave = torch.ones(2, 1000)
    cut = levels.fit_length(wave, 500, fade_samples=100)
    assert cut.shape == (2, 500)
    assert torch.equal(cut[:, :400], wave[:, :400])
    steps = cut[:, 399:].diff(dim=-1)
    assert bool((steps <= 0).all())
    assert float(steps.abs().max()) < 0.02
    assert float(cut[0, -1]) < 1e-3
    padded = levels.fit_length(wave, 1200)
    assert torch.equal(padded[:, :1000], wave)
    assert not padded[:, 1000:].any()
    assert torch.equal(wave, torch.ones(2, 1000))
    assert torch.equal(levels.fit_length(wave, 1000), wave)
    assert levels.fit_length(wave, 3, fade_samples=100).shape == (2, 3)
    assert levels.fit_length(wave, 0).shape == (2, 0)
    assert torch.equal(levels.fit_length(wave, 10, fade_samples=0), torch.ones(2, 10))


def test_trimming_keeps_what_any_channel_still_plays() -> None:
    wave = torch.zeros(2, 1000)
    wave[0, :10], wave[1, 700] = 0.01, 0.001
    assert levels.trim_end(wave).shape == (2, 701)
    assert levels.trim_end(wave, threshold_db=-10).shape == (2, 10)
    assert levels.trim_end(torch.zeros(2, 5)).shape == (2, 1)
    assert levels.trim_end(torch.zeros(2, 0)).shape == (2, 0)


def test_mono_is_the_mean() -> None:
    assert levels.to_mono(torch.tensor([[1.0], [0.5], [0.0]])).tolist() == [[0.5]]
