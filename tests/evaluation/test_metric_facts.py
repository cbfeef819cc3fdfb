"""Metrics of one aspect each: what they hear, against theory, plain loops and other libraries."""

import math
import shutil
from pathlib import Path

import librosa
import numpy as np
import pyloudnorm
import pytest
import torch
from scipy.ndimage import uniform_filter
from scipy.signal import butter, hilbert, sosfiltfilt
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.evaluation.metrics.envelope_error import envelope_error
from timbrel.evaluation.metrics.fingerprint_similarity import METRIC as fingerprint_metric
from timbrel.evaluation.metrics.fingerprint_similarity import (
    chromaprint_text,
    fingerprint_similarity,
)
from timbrel.evaluation.metrics.grain_error import grain, grain_error
from timbrel.evaluation.metrics.loudness_error import loudness_error
from timbrel.evaluation.metrics.modulation_error import modulation_depths, modulation_error
from timbrel.evaluation.metrics.pitch_error import pitch_error
from timbrel.evaluation.pairs import compare
from timbrel.signal.files import Sound, read

RATE = 44_100


def noise(seed: int, seconds: float, rate: int = RATE) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 0.1 * torch.randn(round(seconds * rate), generator=generator)


def tone(hz: float, seconds: float, rate: int = RATE) -> Tensor:
    time_s = torch.arange(round(seconds * rate), dtype=torch.float64) / rate
    return 0.3 * torch.sin(2 * math.pi * hz * time_s)


def test_loudness_is_pyloudnorms() -> None:
    a, b = noise(1, 2.0), tone(3000, 2.0).float()
    meter = pyloudnorm.Meter(RATE, "DeMan")
    expected = abs(meter.integrated_loudness(a.numpy()) - meter.integrated_loudness(b.numpy()))
    assert loudness_error(a, b, RATE) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("seconds", [0.05, 0.3, 2.0])
def test_half_the_amplitude_is_6_lu_at_any_length(seconds: float) -> None:
    sound = noise(1, seconds)
    assert loudness_error(sound, sound / 2, RATE) == pytest.approx(6.02, abs=0.01)


def test_a_short_sound_of_twice_the_length_is_3_lu_louder() -> None:
    """Both last less than one block, so energy decides: twice of it is 3.01 dB."""
    long = tone(1000, 0.2)
    short = torch.where(torch.arange(len(long)) < len(long) // 2, long, 0.0)
    assert loudness_error(long, short, RATE) == pytest.approx(3.01, abs=0.05)


def test_silence_is_as_far_as_the_gate() -> None:
    meter = pyloudnorm.Meter(RATE, "DeMan")
    sound = noise(1, 1.0)
    expected = meter.integrated_loudness(sound.numpy()) + 70
    assert loudness_error(sound, 0 * sound, RATE) == pytest.approx(expected, abs=0.01)


def test_envelope_is_that_of_a_plain_loop() -> None:
    a = noise(1, 0.5) * torch.linspace(1, 0, RATE // 2) ** 4
    b = noise(2, 0.5) * torch.linspace(1, 0, RATE // 2) ** 2
    size, hop = 440, 220
    differences = []
    levels = []
    for start in range(0, len(a) - size + 1 + hop, hop):
        pieces = (x[start : start + size].double() for x in (a, b))
        levels.append([float(10 * torch.log10(p.square().sum() / size + 1e-30)) for p in pieces])
    floor = max(level for level, _ in levels) - 60
    for x, y in levels:
        if max(x, y) > floor:
            differences.append(abs(max(x, floor) - max(y, floor)))
    assert envelope_error(a, b, RATE) == pytest.approx(np.mean(differences), rel=0.01)


def test_a_faster_decay_has_the_error_of_its_slope() -> None:
    """20 dB/s more over one second: 10 dB on average."""
    time_s = torch.arange(RATE) / RATE
    steady = tone(1000, 1.0)
    falling = steady * 10 ** (-20 * time_s / 20)
    assert envelope_error(steady, falling, RATE) == pytest.approx(10, abs=0.1)


def test_silence_behind_a_sound_changes_no_envelope_error() -> None:
    a, b = noise(1, 0.3), noise(2, 0.3)
    silence = torch.zeros(220 * 100)
    longer = (torch.cat([x, silence]) for x in (a, b))
    assert envelope_error(*longer, RATE) == pytest.approx(envelope_error(a, b, RATE), abs=0.05)


def test_grain_is_that_of_librosa_and_scipy() -> None:
    sound = (noise(1, 0.5)[:20_001] * torch.linspace(1, 0, 20_001)).double()
    power = (
        np.abs(librosa.stft(sound.numpy(), n_fft=1024, hop_length=256, pad_mode="constant")) ** 2
    )
    level_db = np.maximum(10 * np.log10(power / power.max()), -80)
    # at an edge, the mean of the cells that are there
    counts = uniform_filter(np.ones_like(level_db), 9, mode="constant")
    mean = uniform_filter(level_db, 9, mode="constant") / counts
    expected = np.std((level_db - mean)[level_db > -50])
    assert grain(sound) == pytest.approx(expected, rel=1e-3)


def test_the_grain_of_noise_is_near_that_of_a_periodogram() -> None:
    """5.57 dB is the spread of 10 log10 of an exponential variable."""
    exponential_db = 10 / math.log(10) * math.pi / math.sqrt(6)
    assert exponential_db == pytest.approx(5.57, abs=0.01)
    assert grain(noise(1, 3.0)) == pytest.approx(exponential_db, abs=0.2)


def test_averaged_noise_has_lost_its_grain_and_another_draw_has_not() -> None:
    a, other = noise(1, 1.0), noise(2, 1.0)
    spectrum = torch.stft(
        a, 1024, 256, window=torch.hann_window(1024), return_complex=True, pad_mode="constant"
    )
    smooth = spectrum / spectrum.abs() * spectrum.abs().mean()
    averaged = torch.istft(smooth, 1024, 256, window=torch.hann_window(1024), length=len(a))
    assert grain_error(a, other, RATE) < 0.2
    assert grain_error(a, averaged, RATE) > 1


@pytest.mark.data
def test_real_noisy_drums_are_near_noise_and_tonal_ones_rougher(data: Path) -> None:
    assert grain(joined(data, ["hi-hat", "cymbal", "shaker"])) == pytest.approx(5.6, abs=0.6)
    assert grain(joined(data, ["kick", "tom", "mallet_drum"])) > 7


def joined(data: Path, labels: list[str]) -> Tensor:
    files = [path for label in labels for path in sorted((data / "drums" / label).glob("*"))[::20]]
    return torch.cat([read(path).samples[0] / read(path).samples.abs().max() for path in files])


@pytest.mark.parametrize(
    ("rate_hz", "octave"), [(3.0, 0), (6.0, 1), (12.0, 2), (24.0, 3), (48.0, 4)]
)
def test_a_trembling_tone_has_the_depth_that_theory_says(rate_hz: float, octave: int) -> None:
    """A tremolo of depth m, compressed by 0.3, has variance (0.3 m)² / 2 of its squared mean."""
    time_s = torch.arange(4 * RATE) / RATE
    depth = 0.2
    sound = tone(1000, 4.0) * (1 + depth * torch.sin(2 * math.pi * rate_hz * time_s))
    depths, levels = modulation_depths(sound, RATE)
    strongest = int(levels.argmax())
    # a window of 16 ms weighs the power by its own square, which passes fast changes less
    squared = np.hanning(257)[:256] ** 2
    turns = np.exp(-2j * np.pi * rate_hz * np.arange(256) / 16_000)
    passed = abs((squared * turns).sum()) / squared.sum()
    expected = 10 * math.log10((0.3 * depth * passed) ** 2 / 2)
    assert float(depths[strongest, octave]) == pytest.approx(expected, abs=0.5)
    others = [k for k in range(5) if k != octave]
    assert float(depths[strongest, others].max()) < expected - 6


def test_the_depths_of_a_noise_band_are_those_of_its_hilbert_envelope() -> None:
    """Another way to the same envelope: a Butterworth band and the analytic signal."""
    time_s = torch.arange(8 * 16_000) / 16_000
    sound = noise(3, 8.0, 16_000) * (1 + 0.9 * torch.sin(2 * math.pi * 6 * time_s))
    depths, _ = modulation_depths(sound, 16_000)
    band = sosfiltfilt(butter(4, [1800, 2200], "band", fs=16_000, output="sos"), sound.numpy())
    envelope = np.abs(hilbert(band)) ** 0.3
    relative = envelope / envelope.mean() - 1
    power = 2 * np.abs(np.fft.rfft(relative)) ** 2 / len(relative) ** 2
    rates_hz = np.fft.rfftfreq(len(relative), 1 / 16_000)
    expected = 10 * np.log10(power[(rates_hz >= 4) & (rates_hz < 8)].sum())
    assert float(depths[12, 1]) == pytest.approx(expected, abs=1.5)


def test_modulation_hears_whether_a_texture_moves_and_not_when() -> None:
    time_s = torch.arange(3 * 16_000) / 16_000
    crackle = (1 + 0.95 * torch.sin(2 * math.pi * 12 * time_s)) * noise(1, 3.0, 16_000)
    later = (1 + 0.95 * torch.cos(2 * math.pi * 12 * time_s)) * noise(2, 3.0, 16_000)
    still = noise(3, 3.0, 16_000)
    same = modulation_error(crackle, later, 16_000)
    assert same < 3
    assert modulation_error(crackle, still, 16_000) > 1.5 * same
    assert modulation_error(crackle, 10 * later, 16_000) == pytest.approx(same, rel=1e-3)


def test_445_hz_are_20_cents_above_440() -> None:
    assert pitch_error(tone(440, 0.5), tone(445, 0.5), RATE) == pytest.approx(19.56, abs=1)


def test_a_pair_without_a_pitch_has_no_pitch_error() -> None:
    assert math.isnan(pitch_error(noise(1, 0.5), noise(2, 0.5), RATE))
    assert math.isnan(pitch_error(tone(440, 0.5), noise(2, 0.5).double(), RATE))
    assert math.isnan(pitch_error(tone(440, 0.05), tone(440, 0.05), RATE))


needs_chromaprint = pytest.mark.skipif(
    shutil.which("fpcalc") is None, reason="NO CHROMAPRINT: install libchromaprint-tools"
)


@needs_chromaprint
@pytest.mark.parametrize("seconds", [0.3, 2.0, 5.0])
def test_both_ways_to_chromaprint_give_one_fingerprint(seconds: float) -> None:
    pytest.importorskip("chromaprint")
    time_s = torch.arange(round(seconds * RATE)) / RATE
    sweep = torch.sin(2 * math.pi * (300 + 500 * time_s) * time_s)
    text = chromaprint_text(sweep, RATE)
    assert len(text) > 12
    assert text == chromaprint_text(sweep, RATE, in_process=False)


def levenshtein_ratio(a: str, b: str) -> float:
    """FuzzyWuzzy's simple ratio: a replaced letter counts as one taken away and one put in."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            cost = before if x == y else 1 + min(row[j], row[j - 1])
            before, row[j] = row[j], cost
    return 100 * (1 - row[-1] / (len(a) + len(b)))


@needs_chromaprint
def test_the_similarity_is_that_of_a_plain_levenshtein() -> None:
    pytest.importorskip("rapidfuzz")
    a, b = tone(440, 5.0) + tone(554, 5.0), tone(300, 5.0) + noise(1, 5.0)
    expected = levenshtein_ratio(chromaprint_text(a, RATE), chromaprint_text(b, RATE))
    assert fingerprint_similarity(a, b, RATE) == pytest.approx(expected, abs=1e-6)
    assert expected < 95


def test_without_chromaprint_the_advice_names_the_extra_and_the_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "chromaprint", None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "libchromaprint-tools" in fingerprint_metric.missing
    sound = Sound(noise(1, 0.5)[None], RATE)
    assert "fingerprint_similarity" not in compare(sound, sound)
    with pytest.raises(UsageError, match=r"timbrel\[evaluate\].*libchromaprint-tools"):
        chromaprint_text(noise(1, 1.0), RATE)


def test_without_rapidfuzz_the_advice_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "rapidfuzz.fuzz", None)
    with pytest.raises(UsageError, match=r"timbrel\[evaluate\]"):
        fingerprint_similarity(noise(1, 1.0), noise(1, 1.0), RATE)
