"""Resampling: pitch, aliasing, place and length."""

import math

import numpy as np
import pytest
import scipy.signal
import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.signal import resampling, units


def tone(frequency_hz: float, rate: int, seconds: float = 2.0) -> Tensor:
    time_s = torch.arange(int(rate * seconds), dtype=torch.float64) / rate
    return torch.sin(2 * math.pi * frequency_hz * time_s).float()


def pitch_hz(wave: Tensor, rate: int) -> float:
    """The highest peak of a windowed spectrum, between its bins by a parabola in dB."""
    values = wave.numpy() * scipy.signal.get_window("blackmanharris", len(wave))
    level = 20 * np.log10(np.abs(np.fft.rfft(values)) + 1e-12)
    top = int(level.argmax())
    left, middle, right = level[top - 1 : top + 2]
    return float((top + 0.5 * (left - right) / (left - 2 * middle + right)) * rate / len(wave))


def test_a_tone_keeps_its_pitch_there_and_back() -> None:
    wave = tone(440.0, 44100)
    low = resampling.resample(wave, from_hz=44100, to_hz=16000)
    back = resampling.resample(low, from_hz=16000, to_hz=44100)
    assert abs(units.cents(440.0, pitch_hz(low, 16000))) < 1
    assert abs(units.cents(440.0, pitch_hz(back, 44100))) < 1
    error = (back - wave)[4410:-4410]
    assert 20 * math.log10(float(error.abs().max())) < -100


@pytest.mark.parametrize("frequency_hz", [8050.0, 9000.0, 15000.0, 21000.0])
def test_a_tone_above_the_new_half_rate_is_gone(frequency_hz: float) -> None:
    low = resampling.resample(tone(frequency_hz, 44100), from_hz=44100, to_hz=16000)
    assert 20 * math.log10(float(low[1600:-1600].abs().max())) < -100


def test_a_tone_below_0_91_of_the_half_rate_stays() -> None:
    low = resampling.resample(tone(7280.0, 44100), from_hz=44100, to_hz=16000)
    most = units.db_to_amplitude(0.01) - 1
    assert float((low - tone(7280.0, 16000))[1600:-1600].abs().max()) < most


def test_nothing_moves_in_time() -> None:
    click = torch.zeros(1, 48000)
    click[0, 24000] = 1.0
    low = resampling.resample(click, from_hz=48000, to_hz=8000)
    assert int(low.abs().argmax()) == 4000


@pytest.mark.parametrize(
    ("length", "from_hz", "to_hz", "expected"),
    [(44100, 44100, 16000, 16000), (1, 44100, 16000, 1), (1, 192000, 1000, 1),
     (3, 8000, 192000, 72), (1001, 16000, 44100, 2759), (7, 1, 3, 21), (100, 10_000_000, 44100, 1)],
)  # fmt: skip
def test_length_is_rounded(length: int, from_hz: int, to_hz: int, expected: int) -> None:
    out = resampling.resample(torch.ones(2, 3, length), from_hz=from_hz, to_hz=to_hz)
    assert out.shape == (2, 3, expected)


def test_rows_do_not_mix_and_kinds_are_kept() -> None:
    rows = torch.stack([tone(440.0, 44100, 0.5), torch.zeros(22050)]).double()
    out = resampling.resample(rows, from_hz=44100, to_hz=48000)
    assert out.dtype == torch.float64
    assert not out[1].any()
    assert resampling.resample(rows, from_hz=8000, to_hz=8000).equal(rows)
    assert resampling.resample(torch.zeros(1, 0), from_hz=8000, to_hz=16000).shape == (1, 0)


def test_rates_below_1_hz_are_refused() -> None:
    for from_hz, to_hz in [(0, 8000), (8000, 0), (-1, 8000)]:
        with pytest.raises(UsageError, match="1 Hz or more"):
            resampling.resample(torch.zeros(1, 8), from_hz=from_hz, to_hz=to_hz)


@pytest.mark.parametrize(("from_hz", "to_hz"), [(8000, 44100), (320, 16000), (44100, 16000)])
@pytest.mark.parametrize("size", [1, 777, 50_000])
def test_parts_come_out_as_the_whole_does(from_hz: int, to_hz: int, size: int) -> None:
    """Not a step where one part ends and the next begins."""
    count = 40 if size == 1 else 20_000
    whole = torch.randn(2, count, generator=torch.Generator().manual_seed(0))
    made = list(resampling.resampled_parts(whole.split(size, 1), from_hz=from_hz, to_hz=to_hz))
    expected = resampling.resample(whole, from_hz=from_hz, to_hz=to_hz)
    torch.testing.assert_close(torch.cat(made, dim=1), expected, atol=1e-5, rtol=0)


def test_parts_may_never_end() -> None:
    endless = (torch.ones(1, 1000) for _ in iter(int, 1))
    made = resampling.resampled_parts(endless, from_hz=1000, to_hz=4000)
    parts = [next(made) for _ in range(10)]
    assert abs(sum(part.shape[1] for part in parts) - 40_000) < 4000
    torch.testing.assert_close(parts[5], torch.ones_like(parts[5]), atol=1e-4, rtol=0)


def test_no_parts_make_no_sound() -> None:
    assert list(resampling.resampled_parts([], from_hz=1000, to_hz=4000)) == []
