"""Fourier coefficients of segments: NumPy's, in S0's order, and nothing lost."""

import numpy as np
import pytest
import soundfile
import torch

from timbrel import plugins
from timbrel.signal.frontends.rfft import RfftCoefficients, packed, unpacked

ZERO = plugins.load("signal.phase", "zero")()


def through(front_end, sound, code=None):
    found, reference = front_end.encode(sound, sample_rate=4410)
    return front_end.decode(
        found if code is None else code, reference, sample_rate=4410,
        length_samples=sound.shape[1], phase=ZERO, seed=0,
    )  # fmt: skip


def error_db(back, sound):
    return float(20 * torch.log10((back - sound).norm() / sound.norm()))


@pytest.mark.parametrize("length", [2, 3, 4, 7, 1000, 1001, 4410, 13_230])
def test_the_values_are_numpys_in_s0s_order(length, rng):
    segment = rng.standard_normal(length)
    spectrum = np.fft.rfft(segment)
    theirs = np.stack([spectrum.real, spectrum.imag], axis=1).ravel()[:length]
    last = spectrum[-1].real if length % 2 == 0 else spectrum[-1].imag
    ours = packed(torch.from_numpy(segment)).numpy()
    assert ours.shape == (length,)
    np.testing.assert_allclose(ours[[0, *range(2, length)]], theirs[[0, *range(2, length)]])
    # S0 has the imaginary part of 0 Hz here, which is 0 for every sound.
    assert theirs[1] == 0
    assert ours[1] == pytest.approx(last)


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize(
    ("segment", "length"), [(13_230, 13_230), (441, 4410), (333, 5000), (2, 9)]
)
def test_nothing_is_lost(relative, segment, length, torch_rng):
    front_end = RfftCoefficients(segment_samples=segment, relative=relative)
    sound = torch.randn(2, length, generator=torch_rng) * torch.tensor([[0.3], [1e-3]])
    code, _ = front_end.encode(sound, sample_rate=4410)
    assert code.shape == (2, segment, -(-length // segment))
    assert error_db(through(front_end, sound), sound) < -100


def test_half_precision_keeps_65_db(torch_rng):
    # Training keeps codes in half precision: a loud song must fit and come back well below hearing.
    sound = 0.4 * torch.randn(1, 5 * 13_230, generator=torch_rng)
    front_end = RfftCoefficients(relative=False)
    code, reference = front_end.encode(sound, sample_rate=4410)
    assert reference.tolist() == [1.0]
    assert error_db(through(front_end, sound, code.half()), sound) < -65


def test_the_loudest_sounds_stay_within_half_precision():
    front_end = RfftCoefficients(relative=False)
    sound = torch.full((1, 13_230), 1e6)
    code, reference = front_end.encode(sound, sample_rate=4410)
    assert code.half().isfinite().all()
    assert reference[0] > 1
    assert error_db(through(front_end, sound), sound) < -100


def test_s0s_mse_is_an_error_of_0_137_in_the_waveform(torch_rng):
    # Parseval: half as many values as T, each of which grows with the square root of T.
    error = 0.137 * torch.randn(13_230, generator=torch_rng, dtype=torch.float64)
    error *= 0.137 / error.square().mean().sqrt()
    assert float(packed(error).square().mean()) == pytest.approx(124.20, rel=0.02)


def test_a_tone_of_whole_periods_is_one_value():
    time = torch.arange(4410, dtype=torch.float64) / 4410
    values = packed(torch.cos(2 * torch.pi * 441 * time))
    assert int(values.abs().argmax()) == 2 * 441
    assert float(values[882]) == pytest.approx(4410 / 2)
    assert float(values.abs().sum()) == pytest.approx(4410 / 2)


def test_a_gradient_flows_through_the_inverse(torch_rng):
    values = torch.randn(3, 9, generator=torch_rng, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(unpacked, values)


@pytest.mark.data
def test_a_song_comes_back(data):
    song = next(iter(sorted((data / "songs").glob("*.ogg"))))
    samples, _ = soundfile.read(
        song, frames=44_100 * 20, start=44_100 * 10, dtype="float32", always_2d=True
    )
    sound = torch.from_numpy(samples.mean(axis=1))[None, ::10].contiguous()
    assert error_db(through(RfftCoefficients(relative=False), sound), sound) < -100
