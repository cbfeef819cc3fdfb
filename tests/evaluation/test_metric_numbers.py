"""The metrics against an independent library and against numbers that follow from theory."""

import math

import librosa
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from timbrel.evaluation.metrics.log_spectral_distance import log_spectral_distance
from timbrel.evaluation.metrics.log_spectral_distance_7500_hz import log_spectral_distance_7500_hz
from timbrel.evaluation.metrics.mse_db import mse_db
from timbrel.evaluation.metrics.multi_resolution_spectral import multi_resolution_spectral
from timbrel.evaluation.metrics.snr import snr
from timbrel.evaluation.metrics.spectral_convergence import spectral_convergence

SAMPLE_RATE = 44_100
LENGTH = 20_001  # not a multiple of any hop, so that both libraries count the same frames


@pytest.fixture
def noise() -> Tensor:
    return 0.1 * torch.randn(LENGTH, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def other() -> Tensor:
    fade = torch.linspace(1, 0, LENGTH) ** 2
    return 0.1 * fade * torch.randn(LENGTH, generator=torch.Generator().manual_seed(2))


def librosa_magnitude(
    sound: Tensor, n_fft: int = 1024, hop: int = 256
) -> NDArray[np.floating[np.float64]]:
    padded = sound.double().numpy()
    spectrum = librosa.stft(padded, n_fft=n_fft, hop_length=hop, pad_mode="constant")
    return np.asarray(np.abs(spectrum))


def librosa_db(reference: Tensor, test: Tensor) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    a, b = librosa_magnitude(reference), librosa_magnitude(test)
    floor = a.max() * 1e-4
    a_db = librosa.amplitude_to_db(a, ref=a.max(), amin=floor, top_db=None)
    return a_db, librosa.amplitude_to_db(b, ref=a.max(), amin=floor, top_db=None)


def test_log_spectral_distance_is_librosas(noise: Tensor, other: Tensor) -> None:
    a, b = librosa_db(noise, other)
    expected = np.mean(np.sqrt(np.mean((a - b) ** 2, axis=0)))
    assert log_spectral_distance(noise, other, SAMPLE_RATE) == pytest.approx(expected, rel=1e-5)


def test_mse_is_librosas(noise: Tensor, other: Tensor) -> None:
    a, b = librosa_db(noise, other)
    assert mse_db(noise, other, SAMPLE_RATE) == pytest.approx(np.mean((a - b) ** 2), rel=1e-5)


def test_multi_resolution_is_librosas(noise: Tensor, other: Tensor) -> None:
    expected = 0.0
    for n_fft, hop in ((512, 128), (1024, 256), (2048, 512)):
        a, b = librosa_magnitude(noise, n_fft, hop), librosa_magnitude(other, n_fft, hop)
        floor = a.max() * 1e-4
        convergence = np.linalg.norm(a - b) / np.linalg.norm(a)
        log_error = np.log(np.maximum(a, floor)) - np.log(np.maximum(b, floor))
        expected += (convergence + np.abs(log_error).mean()) / 3
    value = multi_resolution_spectral(noise, other, SAMPLE_RATE)
    assert value == pytest.approx(expected, rel=1e-5)


def test_spectral_convergence_is_librosas(noise: Tensor, other: Tensor) -> None:
    a, b = librosa_magnitude(noise), librosa_magnitude(other)
    expected = np.linalg.norm(a - b) / np.linalg.norm(a)
    assert spectral_convergence(noise, other, SAMPLE_RATE) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("gain_db", [-20.0, -6.0, -1.0, 3.0])
def test_a_gain_above_the_floor_is_its_own_log_spectral_distance(
    noise: Tensor, gain_db: float
) -> None:
    louder = noise * 10 ** (gain_db / 20)
    assert log_spectral_distance(noise, louder, SAMPLE_RATE) == pytest.approx(
        abs(gain_db), rel=1e-3
    )
    assert mse_db(noise, louder, SAMPLE_RATE) == pytest.approx(gain_db**2, rel=1e-3)


@pytest.mark.parametrize("wanted_db", [40.0, 10.0, 0.0, -10.0])
def test_added_noise_of_known_power_has_its_exact_ratio(
    noise: Tensor, other: Tensor, wanted_db: float
) -> None:
    scale = math.sqrt(float(noise.square().sum() / other.square().sum())) * 10 ** (-wanted_db / 20)
    assert snr(noise, noise + scale * other, SAMPLE_RATE) == pytest.approx(wanted_db, abs=1e-3)


def test_a_turned_polarity_is_6_db_below_and_cannot_be_heard(noise: Tensor) -> None:
    assert snr(noise, -noise, SAMPLE_RATE) == pytest.approx(-20 * math.log10(2), abs=1e-4)
    assert log_spectral_distance(noise, -noise, SAMPLE_RATE) == 0


def test_16_bit_rounding_of_a_full_tone_has_the_textbook_ratio() -> None:
    """6.02 dB a bit and 1.76 dB: Bennett 1948."""
    time_s = torch.arange(SAMPLE_RATE, dtype=torch.float64) / SAMPLE_RATE
    tone = torch.sin(2 * math.pi * 997 * time_s)
    rounded = torch.round(tone * 2**15) / 2**15
    assert snr(tone, rounded, SAMPLE_RATE) == pytest.approx(6.02 * 16 + 1.76, abs=0.2)


def test_silence_is_as_far_as_the_floor_allows(noise: Tensor) -> None:
    a, _ = librosa_db(noise, noise)
    expected = np.mean(np.sqrt(np.mean((a + 80) ** 2, axis=0)))
    silence = torch.zeros_like(noise)
    assert log_spectral_distance(noise, silence, SAMPLE_RATE) == pytest.approx(expected, rel=1e-5)
    assert spectral_convergence(noise, silence, SAMPLE_RATE) == pytest.approx(1)


def test_what_lies_80_db_below_does_not_count(noise: Tensor) -> None:
    assert log_spectral_distance(noise, noise + 1e-8, SAMPLE_RATE) < 1e-3


def test_only_what_lies_in_the_band_counts() -> None:
    time_s = torch.arange(LENGTH, dtype=torch.float64) / SAMPLE_RATE
    window = torch.hann_window(LENGTH, dtype=torch.float64)
    low = torch.sin(2 * math.pi * 1000 * time_s) * window
    high = torch.sin(2 * math.pi * 12_000 * time_s) * window
    assert log_spectral_distance(low, low + high, SAMPLE_RATE) > 1
    assert log_spectral_distance_7500_hz(low, low + high, SAMPLE_RATE) < 0.01
    assert log_spectral_distance_7500_hz(low + high, high, SAMPLE_RATE) > 1


def test_a_band_above_the_nyquist_frequency_is_the_whole(noise: Tensor, other: Tensor) -> None:
    whole = log_spectral_distance(noise, other, 8000)
    assert log_spectral_distance_7500_hz(noise, other, 8000) == whole
