"""Audible features and loudness: facts of sound."""

from pathlib import Path

import numpy as np
import pytest
import torch
from library_sounds import strike
from scipy.spatial.distance import cdist

from timbrel.library.analysis import analyse
from timbrel.library.features import FEATURE_NAMES, audible_features, features_of
from timbrel.library.loudness import LoudnessMeter
from timbrel.library.rows import Facts

RATE = 44_100


def tone(hz: float, length_s: float = 0.5, rate: int = RATE) -> np.ndarray:
    t = np.arange(round(length_s * rate)) / rate
    return (np.sin(2 * np.pi * hz * t) * np.exp(-4 * t)).astype(np.float32)


def noise(seed: int, length_s: float = 0.5) -> np.ndarray:
    count = round(length_s * RATE)
    return np.random.default_rng(seed).standard_normal(count).astype(np.float32) * 0.1


def distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.linalg.norm(features_of(one, RATE) - features_of(other, RATE)))


def feature(name: str, sound: np.ndarray, rate: int = RATE) -> float:
    return float(features_of(sound, rate)[FEATURE_NAMES.index(name)])


def test_level_and_silence_before_change_nothing() -> None:
    sound = tone(300)
    assert distance(sound, 0.01 * sound) < 1e-3
    assert distance(sound, np.concatenate([np.zeros(5000, np.float32), sound])) < 0.05


def test_the_same_sound_at_another_rate_stays_near() -> None:
    low = features_of(tone(300, rate=22_050), 22_050)
    assert np.linalg.norm(low - features_of(tone(300), RATE)) < 0.25 * distance(
        tone(300), tone(600)
    )


def test_like_sounds_are_nearer_than_unlike_ones() -> None:
    assert distance(noise(1), noise(2)) < 0.2 * distance(noise(1), tone(300))
    assert distance(tone(300), tone(310)) < 0.5 * distance(tone(300), tone(1200))


def test_features_name_what_they_measure() -> None:
    assert feature("pitchiness", tone(300)) > 0.95 > 0.5 > feature("pitchiness", noise(1))
    assert feature("spectral_centroid", tone(3000)) > feature("spectral_centroid", tone(300))
    assert feature("spectral_flatness", noise(1)) > feature("spectral_flatness", tone(300))
    assert feature("length", tone(300, 1.0)) > feature("length", tone(300, 0.1))
    octave = feature("pitch", tone(600)) - feature("pitch", tone(300))
    assert octave == pytest.approx(0.2, abs=0.02)  # the weight of one octave
    swell = tone(300)[::-1].copy()
    assert feature("attack_time", swell) > feature("attack_time", tone(300))


@pytest.mark.parametrize("length", [0, 1, 2, 7, 100])
@pytest.mark.parametrize("rate", [1000, 8000, 44_100, 384_000])
def test_sounds_of_a_few_samples_have_finite_features(length: int, rate: int) -> None:
    got = audible_features(torch.ones(2, length), rate)
    assert got.shape == (len(FEATURE_NAMES),)
    assert got.dtype == np.float32
    assert np.isfinite(got).all()


@pytest.mark.data
def test_the_nearest_drum_is_mostly_of_the_same_class(data: Path) -> None:
    paths = sorted((data / "drums").rglob("*.flac"))[::4][:600]
    outcomes = [analyse(path) for path in paths]
    features = np.array([one.features for one in outcomes if isinstance(one, Facts)])
    labels = np.array([path.parent.name for path in paths])
    distances = cdist(features, features)
    np.fill_diagonal(distances, np.inf)
    right = labels[distances.argmin(axis=1)] == labels
    assert right.mean() >= 0.75


def test_silence_has_no_features() -> None:
    assert not features_of(np.zeros(1000, np.float32), RATE).any()


@pytest.mark.parametrize(("channels", "rate"), [(1, 44_100), (2, 48_000), (5, 11_025)])
def test_loudness_in_pieces_is_that_of_pyloudnorm(channels: int, rate: int, rng) -> None:
    import pyloudnorm

    fade = np.linspace(1, 0.01, 3 * rate)
    sound = 0.1 * rng.standard_normal((channels, 3 * rate)) * fade
    meter = LoudnessMeter(rate, channels)
    for start in range(0, sound.shape[1], 7001):
        meter.push(sound[:, start : start + 7001])
    assert meter.lufs() == pytest.approx(
        pyloudnorm.Meter(rate, "DeMan").integrated_loudness(sound.T), abs=0.05
    )


def test_loudness_of_short_and_silent_sounds() -> None:
    from timbrel.signal import levels

    short = strike(3, length_s=0.2)[None]
    meter = LoudnessMeter(16_000, 1)
    meter.push(short)
    assert meter.lufs() == pytest.approx(
        levels.loudness_lufs(torch.from_numpy(short), 16_000), abs=0.1
    )
    slow = LoudnessMeter(1000, 1)
    slow.push(tone(50, 2.0, 1000)[None])
    expected = levels.loudness_lufs(torch.from_numpy(tone(50, 2.0, 1000))[None], 1000)
    assert slow.lufs() == pytest.approx(expected, abs=0.2)
    silent = LoudnessMeter(16_000, 1)
    silent.push(np.zeros((1, 16_000)))
    assert silent.lufs() == -np.inf
