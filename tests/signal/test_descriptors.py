"""Descriptors: each grows where a sound is made so, in its unit, and cares for nothing else."""

import math

import numpy as np
import pytest
import torch
from scipy.signal import butter, sosfilt

from timbrel.signal.descriptors import DESCRIPTORS, NAMES, describe

RATE_HZ = 16_000


def seconds(length_s: float) -> np.ndarray:
    return np.arange(round(length_s * RATE_HZ)) / RATE_HZ


def described(mono: np.ndarray, rate_hz: int = RATE_HZ) -> dict[str, float]:
    return describe(torch.from_numpy(np.asarray(mono, dtype=np.float32))[None], rate_hz)


def noise(length_s: float, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(round(length_s * RATE_HZ))


def strokes(rate: float, length_s: float = 6.0) -> np.ndarray:
    """Short decaying noises, so many a second."""
    since = seconds(length_s) % (1 / rate)
    return noise(length_s) * np.exp(-since / 0.02)


def harmonic(f0_hz: float, tilt: float, length_s: float = 1.0) -> np.ndarray:
    partials = range(1, int(RATE_HZ / 2 / f0_hz))
    return sum(k**-tilt * np.sin(2 * np.pi * k * f0_hz * seconds(length_s)) for k in partials)


def test_level_changes_nothing() -> None:
    loud, soft = described(strokes(4)), described(0.001 * strokes(4))
    assert soft == pytest.approx(loud, abs=0.01, nan_ok=True)


def test_loudness_is_told_above_the_peak() -> None:
    # a full-scale sine of 1 kHz has -3.01 LKFS by BS.1770; a square wave has its harmonics too
    sine = np.sin(2 * np.pi * 997 * seconds(2))
    assert described(sine)["loudness"] == pytest.approx(-3.0, abs=0.1)
    clicks = np.where(np.arange(2 * RATE_HZ) % 800 == 0, 1.0, 0.01 * sine[: 2 * RATE_HZ])
    assert described(clicks)["loudness"] < described(sine)["loudness"] - 20


def test_an_octave_of_brightness_is_an_octave() -> None:
    low, high = (np.sin(2 * np.pi * f * seconds(1)) for f in (500, 1000))
    found = described(high)["brightness"] - described(low)["brightness"]
    assert found == pytest.approx(1.0, abs=0.1)


def test_a_tilt_makes_brighter_but_hardly_noisier() -> None:
    dull, bright = described(harmonic(200, 2.0)), described(harmonic(200, 1.0))
    assert bright["brightness"] - dull["brightness"] > 0.5
    assert abs(bright["noisiness"] - dull["noisiness"]) < 5  # of 17 from it to noise


def test_noise_is_flat_and_a_tone_is_not() -> None:
    white = described(noise(1))["noisiness"]
    assert white == pytest.approx(-2.5, abs=0.5)  # exp(-Euler's gamma), of exponential powers
    mixtures = [
        described(harmonic(220, 1) + share * noise(1))["noisiness"] for share in (0, 0.1, 1)
    ]
    assert mixtures == sorted(mixtures)
    assert mixtures[0] < white - 10


@pytest.mark.parametrize("rate", [2.0, 4.0, 8.0])
def test_density_counts_onsets(rate: float) -> None:
    assert 2 ** described(strokes(rate))["density"] == pytest.approx(rate, rel=0.15)


def test_a_single_stroke_has_no_density_and_no_tempo() -> None:
    found = described(strokes(1, 0.8))
    assert math.isnan(found["density"])
    assert math.isnan(found["tempo"])


def test_tempo_is_in_octaves_above_one_beat_a_second() -> None:
    assert described(strokes(2, 8))["tempo"] == pytest.approx(1.0, abs=0.02)


def test_a_rise_twice_as_long_is_an_attack_an_octave_softer() -> None:
    def risen(rise_s: float) -> float:
        time = seconds(1)
        return described(np.sin(2 * np.pi * 800 * time) * np.clip(time / rise_s, 0, 1))["attack"]

    assert risen(0.05) - risen(0.1) == pytest.approx(1.0, abs=0.1)


def test_a_decay_twice_as_long_is_a_tail_an_octave_longer() -> None:
    def decayed(time_s: float) -> float:
        return described(noise(2) * np.exp(-seconds(2) / time_s))["tail"]

    assert decayed(0.2) - decayed(0.1) == pytest.approx(1.0, abs=0.15)
    # all but a hundredth of the energy of exp(-2 t / 0.1): after 0.1 ln(100) / 2 seconds
    assert 2 ** decayed(0.1) == pytest.approx(0.23, rel=0.1)


def test_pitch_is_a_note_and_noise_has_none() -> None:
    assert described(harmonic(220, 1))["pitch"] == pytest.approx(57, abs=0.1)
    assert math.isnan(described(noise(1))["pitch"])


def test_a_dull_noise_is_darker_and_no_less_noisy() -> None:
    dull = sosfilt(butter(2, 1000, fs=RATE_HZ, output="sos"), noise(1))
    assert described(dull)["brightness"] < described(noise(1))["brightness"] - 1
    assert abs(described(dull)["noisiness"] - described(noise(1))["noisiness"]) < 2


@pytest.mark.parametrize("length", [0, 1, 2, 100])
def test_silence_and_crumbs_have_no_numbers_and_are_no_trouble(length: int) -> None:
    silent = described(np.zeros(length))
    assert all(map(math.isnan, silent.values()))
    crumb = described(np.ones(length))
    assert set(crumb) == set(NAMES)
    assert all(math.isnan(value) or abs(value) < 200 for value in crumb.values())


def test_every_step_has_a_source_and_is_above_nothing() -> None:
    assert len({each.more for each in DESCRIPTORS}) == len(DESCRIPTORS)
    assert all(each.step > 0 and len(each.source) > 10 and each.unit for each in DESCRIPTORS)
