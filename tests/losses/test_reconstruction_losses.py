"""Losses of reconstruction against an independent implementation."""

import numpy as np
import pytest
import torch
from sklearn import metrics

from timbrel.errors import UsageError
from timbrel.losses.reconstruction import (
    mean_absolute_error,
    mean_squared_error,
    signal_to_noise_db,
)


def test_they_are_scikit_learns(torch_rng):
    prediction, target = torch.randn(2, 7, 40, generator=torch_rng) * 30
    expected = metrics.mean_squared_error(target.numpy(), prediction.numpy())
    assert float(mean_squared_error(prediction, target)) == pytest.approx(expected, rel=1e-5)
    expected = metrics.mean_absolute_error(target.numpy(), prediction.numpy())
    assert float(mean_absolute_error(prediction, target)) == pytest.approx(expected, rel=1e-5)


def test_half_precision_is_summed_in_full():
    target = torch.full((100_000,), 0.5)
    prediction = (target + 0.25).bfloat16()
    assert float(mean_squared_error(prediction, target)) == pytest.approx(0.0625, rel=1e-6)
    assert mean_squared_error(prediction, target).dtype == torch.float32


def test_the_gradient_is_twice_the_mean_difference():
    prediction = torch.tensor([1.0, 4.0], requires_grad=True)
    mean_squared_error(prediction, torch.zeros(2)).backward()
    np.testing.assert_allclose(prediction.grad.numpy(), [1.0, 4.0])


@pytest.mark.parametrize("loss", [mean_squared_error, mean_absolute_error])
def test_nothing_is_stretched_to_fit(loss):
    with pytest.raises(UsageError, match="shape"):
        loss(torch.zeros(3, 1), torch.zeros(3, 4))


def test_noise_at_a_tenth_of_the_amplitude_is_20_db_down_and_silence_does_not_count(torch_rng):
    target = torch.randn(3, 200, generator=torch_rng)
    target[2] = 0
    noise = torch.randn(3, 200, generator=torch_rng)
    noise = noise * (target[0].norm() / noise.norm(dim=1))[:, None]
    own = target[1].norm() / target[0].norm()
    found = float(signal_to_noise_db(target + 0.1 * noise, target))
    assert found == pytest.approx((20 + 20 + 20 * float(own.log10())) / 2, abs=1e-3)
    assert float(signal_to_noise_db(noise, torch.zeros(3, 200))) == 0
