"""Metrics of one sound, on sounds made so that the answer is known, and against scipy."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.signal import butter, sosfilt, spectrogram
from scipy.stats import gmean
from torch import Tensor

from timbrel.evaluation.metrics.audible_length import audible_length
from timbrel.evaluation.metrics.beat_clarity import beat_clarity
from timbrel.evaluation.metrics.clicks import clicks
from timbrel.evaluation.metrics.high_band_hiss import high_band_hiss
from timbrel.evaluation.metrics.noise_floor import noise_floor
from timbrel.evaluation.metrics.self_similarity import self_similarity
from timbrel.evaluation.metrics.spectral_change import spectral_change
from timbrel.evaluation.metrics.spectral_flatness import spectral_flatness
from timbrel.evaluation.metrics.tempo_drift import tempo_drift
from timbrel.signal.files import read

RATE = 22_050


def noise(seed: int, seconds: float) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 0.1 * torch.randn(round(seconds * RATE), generator=generator)


def struck(times_s: "np.ndarray", seconds: float) -> Tensor:
    """Short tones that begin at these times."""
    sound = torch.zeros(round(seconds * RATE))
    after_s = torch.arange(RATE // 20) / RATE
    blip = torch.sin(2 * math.pi * 1500 * after_s) * torch.exp(-after_s / 0.01)
    for time_s in times_s:
        start = round(time_s * RATE)
        piece = sound[start : start + len(blip)]
        piece += blip[: len(piece)]
    return sound


def test_silence_at_both_ends_is_no_length() -> None:
    sound = torch.cat([torch.zeros(RATE), noise(1, 2.0), 1e-5 * noise(2, 3.0)])
    assert audible_length(sound, RATE) == pytest.approx(2.0, abs=0.021)
    assert audible_length(torch.zeros(RATE), RATE) == 0


@pytest.mark.parametrize("bpm", [83.0, 120.0, 150.0])
def test_a_machine_does_not_drift_and_is_clear(bpm: float) -> None:
    sound = struck(np.arange(0.1, 12, 60 / bpm), 12)
    assert tempo_drift(sound, RATE) < 0.3
    assert beat_clarity(sound, RATE) > 0.95


@pytest.mark.parametrize("percent", [2.0, 5.0])
def test_a_tempo_that_swings_by_so_many_percent_drifts_by_these(percent: float) -> None:
    """Beats where the integral of 2 (1 + p sin(2 π t / 24)) beats a second passes whole numbers."""
    time_s = np.linspace(0, 24, 240_001)
    turned = 24 / (2 * math.pi) * (1 - np.cos(2 * math.pi * time_s / 24))
    beats = 2 * (time_s + percent / 100 * turned)
    times_s = np.interp(np.arange(1, beats[-1]), beats, time_s)
    assert tempo_drift(struck(times_s, 24), RATE) == pytest.approx(percent, rel=0.08)


def test_noise_has_no_beat_and_nothing_that_comes_again() -> None:
    for seed in range(3):
        assert beat_clarity(noise(seed, 12), RATE) < 0.05
        assert math.isnan(tempo_drift(noise(seed, 12), RATE))
        assert self_similarity(noise(seed, 6), RATE) < 0.12


def bar(seed: int) -> Tensor:
    """Two seconds of eight bursts at any time, each in a band of its own."""
    rng = np.random.default_rng(seed)
    whole = np.zeros(2 * RATE)
    for number in range(8):
        low_hz, start = float(rng.uniform(150, 3500)), int(rng.integers(0, 17 * RATE // 10))
        sos = butter(2, [low_hz, 1.6 * low_hz], "band", fs=RATE, output="sos")
        burst = sosfilt(sos, noise(100 * seed + number, 0.25).numpy())
        whole[start : start + len(burst)] += burst * np.exp(-np.arange(len(burst)) / RATE / 0.05)
    return torch.tensor(whole, dtype=torch.float32)


def test_a_loop_is_itself_again_and_bars_without_a_repeat_are_not() -> None:
    a, b, c, d = (bar(seed) for seed in range(4))
    assert self_similarity(torch.cat([a, a, a, a]), RATE) == pytest.approx(1, abs=0.02)
    assert self_similarity(torch.cat([a, b, c, d]), RATE) < 0.6


def test_of_aaba_what_is_within_an_a_comes_again_and_the_rest_does_not() -> None:
    """A second begins within the first 7 of 8; where it lies within one A, it comes again: 3/7."""
    a, b, c, d = (bar(seed) for seed in range(4))
    alone = self_similarity(torch.cat([a, b, c, d]), RATE)
    found = self_similarity(torch.cat([a, a, b, a]), RATE)
    # a second that lies over the edge of an A is partly itself: it adds to the rest's likeness
    assert 3 / 7 + 4 / 7 * alone - 0.03 < found < 3 / 7 + 4 / 7 * (1 + alone) / 2


def test_a_drone_has_nothing_that_could_come_again() -> None:
    drone = torch.sin(torch.arange(5 * RATE) * 0.05)
    assert self_similarity(drone, RATE) < 0.05


@pytest.mark.parametrize("gain_db", [10.0, 30.0])
def test_treble_that_rises_by_g_changes_the_spectrum_by_half_of_g(gain_db: float) -> None:
    """Half of the 32 mel bands up to 7.5 kHz lie above 2,080 Hz: they move by g, the others not."""
    edge_hz = 2080.0
    spectrum = torch.fft.rfft(noise(1, 8.0))
    frequency_hz = torch.arange(len(spectrum)) * RATE / (8 * RATE)
    treble = torch.fft.irfft(spectrum * (frequency_hz > edge_hz), n=8 * RATE)
    bass = torch.fft.irfft(spectrum * (frequency_hz <= edge_hz), n=8 * RATE)
    falling = 10 ** (-gain_db / 20 * (torch.arange(8 * RATE) > 4 * RATE))
    assert spectral_change(bass + falling * treble, RATE) == pytest.approx(gain_db / 2, rel=0.1)


def test_a_filter_that_sweeps_faster_changes_more_and_a_fade_changes_nothing() -> None:
    falls = []
    for octaves in (0.0, 2.0, 4.0):
        pieces = []
        for part, place in zip(noise(1, 8.0).chunk(32), np.linspace(0, 1, 32), strict=True):
            sos = butter(2, 8000 / 2 ** (octaves * place), fs=RATE, output="sos")
            pieces.append(sosfilt(sos, part.numpy()))
        falls.append(spectral_change(torch.tensor(np.concatenate(pieces)), RATE))
    assert falls[0] < 0.7
    assert falls[1] > 5 * falls[0]
    assert falls[2] > 1.8 * falls[1]
    fading = noise(1, 8.0) * torch.linspace(1, 0.01, 8 * RATE)
    assert spectral_change(fading, RATE) == pytest.approx(falls[0], abs=0.4)


@pytest.mark.parametrize("level_db", [-60.0, -40.0, -20.0])
def test_noise_between_bursts_is_the_floor(level_db: float) -> None:
    time_s = torch.arange(6 * RATE) / RATE
    gate = torch.where(time_s % 0.5 < 0.1, 1.0, 10 ** (level_db / 20))
    assert noise_floor(gate * noise(1, 6.0), RATE) == pytest.approx(level_db, abs=2.5)


def test_noise_alone_is_its_own_floor_and_silence_between_bursts_has_none() -> None:
    assert -4 < noise_floor(noise(1, 6.0), RATE) < -1.5
    gate = torch.where(torch.arange(6 * RATE) % RATE < RATE // 5, 1.0, 0.0)
    assert noise_floor(gate * noise(1, 6.0), RATE) < -90


def test_flatness_is_that_of_theory_and_scipy() -> None:
    """The logarithm of an exponential variable is -γ on average: -2.51 dB."""
    sound = noise(1, 3.0)
    assert spectral_flatness(sound, RATE) == pytest.approx(-10 * 0.5772 / math.log(10), abs=0.1)
    sos = butter(4, 1500, fs=RATE, output="sos")
    dull = torch.tensor(sosfilt(sos, sound.numpy()), dtype=torch.float32)
    _, _, power = spectrogram(dull.numpy(), RATE, "hann", 1024, 512, detrend=False)
    band = power[3 : math.floor(7500 / RATE * 1024) + 1]
    expected = 10 * np.log10(gmean(band) / band.mean(axis=0)).mean()
    assert spectral_flatness(dull, RATE) == pytest.approx(float(expected), abs=0.3)


@pytest.mark.parametrize("level_db", [-50.0, -30.0])
def test_a_steady_hiss_has_its_level_and_a_hi_hat_has_none(level_db: float) -> None:
    time_s = torch.arange(6 * RATE) / RATE
    tone = torch.sin(2 * math.pi * 300 * time_s)
    sos = butter(8, 5500, "high", fs=RATE, output="sos")
    treble = torch.tensor(sosfilt(sos, noise(1, 6.0).numpy()), dtype=torch.float32)
    treble = treble * (tone.square().mean() / treble.square().mean()).sqrt()
    hissing = tone + 10 ** (level_db / 20) * treble
    assert high_band_hiss(hissing, RATE) == pytest.approx(level_db, abs=1.5)
    hat = tone + 0.3 * treble * torch.exp(-(time_s % 0.25) / 0.01)
    assert high_band_hiss(hat, RATE) < -60


def test_a_sound_without_treble_by_its_rate_has_no_hiss_to_measure() -> None:
    assert math.isnan(high_band_hiss(noise(1, 2.0), 8_000))


def music(seconds: float = 6.0) -> Tensor:
    """A chord, drums of noise and a thump that begins at once."""
    time_s = torch.arange(round(seconds * RATE)) / RATE
    chord = sum(torch.sin(2 * math.pi * hz * time_s) for hz in (110.0, 277.2, 329.6))
    drum = noise(1, seconds) * torch.exp(-(time_s % 0.5) / 0.04)
    after_s = (time_s - 0.25) % 0.5
    thump = torch.sin(2 * math.pi * 55 * after_s) * torch.exp(-after_s / 0.1)
    return 0.1 * torch.as_tensor(chord) + 3 * drum + 0.3 * thump


def test_drums_do_not_click() -> None:
    assert clicks(music(), RATE) == 0


@pytest.mark.parametrize("places_s", [[2.42], [1.44, 3.4], [0.43, 2.4, 4.95]])
def test_each_jump_clicks_once(places_s: list[float]) -> None:
    sound = music()
    for place_s in places_s:
        sound[round(place_s * RATE) :] += 0.3
    assert clicks(sound, RATE) == len(places_s)


def test_a_crossfaded_seam_does_not_click_and_a_lost_sample_does() -> None:
    tone = torch.sin(torch.arange(4 * RATE) * 0.05)
    fade = torch.linspace(0, 1, RATE // 50)
    ramp = torch.cat([torch.zeros(2 * RATE), fade, torch.ones(2 * RATE - len(fade))])
    joined = tone * (1 - ramp).sqrt() + tone.roll(500) * ramp.sqrt()
    assert clicks(joined, RATE) == 0
    tone[2 * RATE] = 0.9
    assert clicks(tone, RATE) == 1


def test_a_saw_tooth_does_not_click() -> None:
    saw = (torch.arange(4 * RATE) * 55.0 / RATE) % 1.0 - 0.5
    assert clicks(saw, RATE) == 0


@pytest.mark.data
def test_songs_are_far_from_noise_in_all_that_matters(data: Path) -> None:
    """Five pieces of 12 s: each number of noise lies outside of what songs have."""
    found = []
    for path in sorted((data / "songs").glob("*.ogg"))[::5]:
        sound = read(path, start_s=20.0, duration_s=11.9)
        piece, rate = sound.samples.mean(dim=0), sound.sample_rate
        found.append(
            [
                measure(piece, rate)
                for measure in (beat_clarity, self_similarity, noise_floor, spectral_flatness)
            ]
        )
    middle = np.median(found, axis=0)
    assert middle[0] > 0.3
    assert middle[1] > 0.4
    assert middle[2] < -10
    assert middle[3] < -10
