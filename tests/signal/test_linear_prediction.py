"""Linear prediction: beside an independent implementation, and on tones that go on."""

import math

import librosa
import pytest
import torch

from timbrel.errors import UsageError
from timbrel.signal.linear_prediction import coefficients, continued


def noise(count, seed=0):
    return torch.randn(count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def resonant(count=2000):
    """Noise through a resonance."""
    out, drawn = [0.0, 0.0], noise(count)
    for one in drawn.tolist():
        out.append(one + 1.8 * out[-1] - 0.9 * out[-2])
    return torch.tensor(out[2:], dtype=torch.float64)


@pytest.mark.parametrize("order", [1, 2, 16, 48])
def test_it_finds_what_librosa_finds(order):
    sound = resonant()
    expected = -librosa.lpc(sound.numpy(), order=order)[1:]
    torch.testing.assert_close(
        coefficients(sound, order), torch.from_numpy(expected), atol=1e-6, rtol=1e-6
    )


def test_it_finds_the_resonance_that_noise_went_through():
    found = coefficients(resonant(20_000), 2)
    torch.testing.assert_close(
        found, torch.tensor([1.8, -0.9], dtype=torch.float64), atol=0.01, rtol=0
    )


def test_two_tones_go_on_within_minus_40_db():
    time = torch.arange(3000, dtype=torch.float64) / 16_000
    both = torch.sin(2 * math.pi * 440 * time) + 0.5 * torch.cos(2 * math.pi * 1333 * time)
    more = continued(both[:2500], 160, order=16)
    error = (more - both[2500:2660]).square().mean() / both.square().mean()
    assert 10 * math.log10(float(error)) < -40


def test_it_never_grows():
    """Noise goes on into silence, and no louder than it was."""
    more = continued(noise(300), 4000, order=48)
    assert float(more.abs().max()) < 4
    assert float(more[-1000:].abs().max()) < 1e-3


def test_silence_goes_on():
    assert not continued(torch.zeros(100), 10, order=8).any()


@pytest.mark.parametrize("order", [0, 100])
def test_orders_that_do_not_fit_are_refused(order):
    with pytest.raises(UsageError, match="1 to T - 1"):
        coefficients(torch.ones(100), order)
