"""Statistics of sounds, beside published signals, other implementations, sounds of known make."""

import math

import librosa
import numpy as np
import pytest
import torch
from originality_sounds import RATE, loop, music, noise
from scipy.stats import wasserstein_distance

from timbrel.evaluation.originality.likeness import (
    DISTANCES,
    Likened,
    distances,
    in_halves,
    likened,
    own_unlikeness,
    unlikeness,
)
from timbrel.evaluation.originality.moments import SAMPLE_RATE, monaural
from timbrel.evaluation.originality.montage import montage
from timbrel.evaluation.originality.traits import Traits, traits
from timbrel.evaluation.redrawn import FARTHEST
from timbrel.signal.files import Sound


@pytest.fixture(scope="module")
def known() -> Likened:
    return likened([music(12, seed=1)], sample_rate=RATE)


def of(sound: Sound) -> Traits:
    return traits(monaural(sound), sample_rate=sound.sample_rate)


def tone(levels_db: list[float], *, seconds: float) -> Sound:
    """A tone of 1 kHz at one level after the other."""
    time_s = torch.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    one = torch.sin(2 * math.pi * 1000 * time_s)
    return Sound(torch.cat([one * 10 ** (level / 20) for level in levels_db])[None], SAMPLE_RATE)


@pytest.mark.parametrize(
    ("levels_db", "range_lu"),
    [([-20, -30], 10), ([-20, -15], 5), ([-40, -20], 20), ([-50, -35, -20, -35, -50], 15)],
)
def test_loudness_range_of_the_signals_of_ebu_tech_3342(
    levels_db: list[float], range_lu: float
) -> None:
    """Its table 1: a tone of 1 kHz, 20 s at each level, within 1 LU."""
    found = of(tone(levels_db, seconds=20)).loudness_range_lu
    assert found == pytest.approx(range_lu, abs=1)


def test_pitch_classes_are_those_of_a_chord_as_librosa_hears_it() -> None:
    time_s = torch.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    chord = sum(torch.sin(2 * math.pi * 440 * 2 ** (n / 12) * time_s) for n in (-9, -5, -2))
    found = traits(chord, sample_rate=SAMPLE_RATE).pitch_classes  # C, E, G
    theirs = librosa.feature.chroma_stft(
        y=chord.numpy(), sr=SAMPLE_RATE, n_fft=8192, tuning=0.0
    ).mean(axis=1)
    assert set(np.argsort(found)[-3:]) == set(np.argsort(theirs)[-3:]) == {0, 4, 7}
    assert found[[0, 4, 7]] == pytest.approx(1 / 3, abs=0.05)


def test_distance_of_envelopes_is_the_earth_movers() -> None:
    sounds = monaural(music(9, seed=1)), monaural(loop(7, seed=2))
    found = DISTANCES["envelope"].compute(*(traits(one, sample_rate=RATE) for one in sounds))
    levels = []
    for one in sounds:
        power = one.numpy()[: len(one) // 800 * 800].reshape(-1, 800) ** 2
        levels.append(10 * np.log10(power.mean(axis=1) / power.mean()))
    assert found == pytest.approx(wasserstein_distance(*levels), rel=0.1)


def test_rhythm_repeats_where_the_bar_does() -> None:
    rhythm = of(loop(9, seed=2, bar_s=1.5)).rhythm
    lag = 10 + int(rhythm[100:170].argmax()) + 100
    assert lag == pytest.approx(150, abs=1)
    assert rhythm[lag - 10] > 0.75
    assert of(music(9, seed=2)).rhythm[100:170].max() < 0.4
    assert np.abs(of(noise(9, seed=0)).rhythm).max() < 0.2


def test_noise_is_noise_at_every_scale() -> None:
    found = of(noise(8, seed=0))
    assert DISTANCES["spectrum"].compute(found, of(noise(8, seed=1))) < 0.5
    assert DISTANCES["spread"].compute(found, of(noise(8, seed=1))) < 0.5
    low = found.spreads_db[20:24].mean()  # narrow bands of two or three bins are rough,
    assert low > found.spreads_db[56:60].mean() + 1  # wide ones smooth


def test_level_does_not_count_and_silence_has_no_distance(known: Likened) -> None:
    quiet = Sound(0.1 * music(12, seed=1).samples, RATE)
    assert unlikeness(known, distances(known, quiet)) < 0.01
    nothing = distances(known, Sound(torch.zeros(1, RATE), RATE))
    assert all(math.isnan(value) for value in nothing.values())
    assert math.isnan(unlikeness(known, nothing))


def test_halves_are_one_apart_a_montage_less_and_other_sounds_more(known: Likened) -> None:
    assert 0.5 < own_unlikeness(known) <= 1.001
    pasted = montage(music(12, seed=1), seconds=12, seed=0).sound
    near = unlikeness(known, distances(known, pasted))
    other = unlikeness(known, distances(known, music(12, seed=5)))
    hiss = unlikeness(known, distances(known, noise(12, seed=0)))
    assert near < 1 < hiss
    assert near < other < hiss
    assert hiss > 2


def test_no_distance_counts_more_than_the_farthest(known: Likened) -> None:
    halves = in_halves(known, dict.fromkeys(DISTANCES, 1e6))
    assert {value for value in halves.values() if not math.isnan(value)} == {FARTHEST}


def test_a_loop_whose_halves_are_the_same_is_measured_by_steps() -> None:
    known = likened([loop(12, seed=2, bar_s=1.5)], sample_rate=RATE)
    assert known.halves["spectrum"] < DISTANCES["spectrum"].step
    assert known.unit("spectrum") == DISTANCES["spectrum"].step
    assert own_unlikeness(known) < 0.6


def test_short_sounds_lack_rhythm_and_loudness_range_and_nothing_else() -> None:
    known = likened([music(0.5, seed=1)], sample_rate=RATE)
    found = distances(known, music(0.5, seed=2))
    assert {name for name, value in found.items() if math.isnan(value)} == {
        "rhythm", "loudness_range",
    }  # fmt: skip
    assert math.isfinite(unlikeness(known, found))


def test_sounds_of_a_low_rate_are_compared_up_to_what_it_holds() -> None:
    wide = music(6, seed=1, sample_rate=44_100)
    low = Sound(librosa_resampled(wide, 8000), 8000)
    known = likened([wide], sample_rate=8000)
    assert unlikeness(known, distances(known, low)) < 0.2


def librosa_resampled(sound: Sound, rate: int) -> torch.Tensor:
    samples = librosa.resample(sound.samples[0].numpy(), orig_sr=sound.sample_rate, target_sr=rate)
    return torch.from_numpy(samples)[None]
