"""Beats: on tracks of clicks whose tempo is known, on real songs, and beside librosa."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from librosa.onset import onset_strength as librosas
from torch import Tensor

from timbrel.signal.files import read
from timbrel.signal.tempo import onset_strength, track_beats


def clicked(bpm: float, sample_rate: int, seconds: float = 24.0) -> tuple[Tensor, "np.ndarray"]:
    """A track of short tones, and when each begins."""
    times_s = np.arange(0.1, seconds - 0.1, 60 / bpm)
    sound = torch.zeros(round(seconds * sample_rate))
    after_s = torch.arange(sample_rate // 30) / sample_rate
    for time_s in times_s:
        start = round(time_s * sample_rate)
        tone = torch.sin(2 * math.pi * 1500 * after_s) * torch.exp(-after_s / 0.005)
        sound[start : start + len(after_s)] += tone
    return sound, times_s


@pytest.mark.parametrize("sample_rate", [16_000, 22_050, 44_100])
@pytest.mark.parametrize("bpm", [82.0, 101.3, 127.77, 158.0])
def test_clicks_have_their_tempo_to_a_five_hundredth_and_their_places_to_10_ms(
    bpm: float, sample_rate: int
) -> None:
    sound, times_s = clicked(bpm, sample_rate)
    beats = track_beats(sound, sample_rate)
    assert beats.tempo_bpm == pytest.approx(bpm, rel=0.002)
    assert beats.clarity > 0.95
    for found_s in (beats.times_s, beats.steady_s(24.0)):
        assert abs(len(found_s) - len(times_s)) <= 1
        assert np.abs(found_s[:, None] - times_s).min(axis=1).max() < 0.01


def test_of_a_tempo_and_its_half_the_one_nearer_to_120_is_heard() -> None:
    assert track_beats(clicked(190.0, 16_000)[0], 16_000).tempo_bpm == pytest.approx(95, rel=0.005)
    fast = track_beats(clicked(190.0, 16_000)[0], 16_000, lowest_bpm=120)
    assert fast.tempo_bpm == pytest.approx(190, rel=0.005)


def test_clicks_under_noise_and_cut_at_any_place_keep_their_tempo() -> None:
    sound, _ = clicked(124.0, 22_050, 12.0)
    noise = torch.randn(len(sound), generator=torch.Generator().manual_seed(0))
    for start in (0, 3000, 9000):
        cut = (sound + 0.05 * noise)[start:]
        assert track_beats(cut, 22_050).tempo_bpm == pytest.approx(124, rel=0.005)


@pytest.mark.parametrize("seconds", [1.0, 4.0, 12.0])
def test_noise_is_not_clear_even_where_it_swells_or_stops(seconds: float) -> None:
    noise = torch.randn(round(seconds * 22_050), generator=torch.Generator().manual_seed(1))
    swell = torch.linspace(0, 1, len(noise)) ** 3
    for sound in (noise, noise * swell, noise * (swell < 0.1)):
        assert track_beats(sound, 22_050).clarity < 0.1


@pytest.mark.parametrize(
    "sound",
    [
        torch.zeros(0),
        torch.zeros(5 * 16_000),
        torch.ones(10),
        torch.full((4 * 16_000,), math.nan),
        torch.sin(torch.arange(4 * 16_000) * 0.1),
        1e-25 * torch.ones(4 * 16_000),
    ],
    ids=["empty", "silent", "short", "NaN", "tone", "faint"],
)
def test_what_has_no_beat_has_no_clarity(sound: Tensor) -> None:
    beats = track_beats(sound, 16_000)
    assert beats.clarity == 0
    assert beats.steady_s(4.0).size == 0 or math.isfinite(beats.tempo_bpm)


def test_both_channels_count_and_level_does_not() -> None:
    sound, _ = clicked(110.0, 16_000, 8.0)
    stereo = torch.stack([sound, torch.zeros_like(sound)])
    assert np.allclose(onset_strength(stereo, 16_000), onset_strength(0.01 * sound, 16_000))


def test_onsets_rise_where_librosas_do() -> None:
    """Another spectrogram, band for band and edge for edge; the curves follow each other."""
    sound = clicked(123.0, 22_050, 8.0)[0]
    ours = onset_strength(sound, 22_050, hop_s=220 / 22_050)
    theirs = librosas(y=sound.numpy(), sr=22_050, hop_length=220, n_fft=1024)
    smooth = np.hanning(7)
    pair = [np.convolve(curve[: len(theirs)], smooth, "same") for curve in (ours, theirs)]
    likeness = [np.corrcoef(np.roll(pair[0], shift), pair[1])[0, 1] for shift in range(-3, 4)]
    assert max(likeness) > 0.95


@pytest.mark.data
def test_songs_have_whole_tempos_as_their_makers_set_them(data: Path) -> None:
    """Made in a sequencer, whose tempo is a whole number; librosa is within 3 % of two of five."""
    known = {
        "lmms_esoxlb_cpu.ogg": 128,
        "lmms_momo64_esp.ogg": 138,
        "lmms_impulslogik_zen.ogg": 140,
        "lmms_skiessi_222.ogg": 100,
        "lmms_strictproduction_dearjondoe.ogg": 87,
    }
    for name, bpm in known.items():
        sound = read(data / "songs" / name, start_s=5.0, duration_s=24.0)
        beats = track_beats(sound.samples, sound.sample_rate)
        assert beats.tempo_bpm == pytest.approx(bpm, rel=0.002), name
        assert beats.clarity > 0.4
