"""Layers of generators and critics: levels that stay, norms of one, deviations that are known."""

import math

import pytest
import torch

from timbrel.blocks.adversarial import (
    EqualisedConvolution,
    EqualisedLinear,
    doubled,
    halved,
    leaky,
    pixel_norm,
    with_deviation,
)


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def power(signal):
    return float(signal.detach().square().mean())


@pytest.mark.parametrize(("channels", "kernel"), [(1, 1), (16, 25), (256, 25)])
def test_equalised_layers_pass_a_signal_on_at_its_level(channels, kernel):
    torch.manual_seed(3)
    layer = EqualisedConvolution(channels, 512, kernel)
    middle = layer(noise(1, channels, 1, 600))[..., kernel:-kernel]
    # He's constant gives 2, of which the leaky rectifier leaves (1 + 0.2^2) / 2.
    assert power(middle) == pytest.approx(2.0, rel=0.15)
    assert power(leaky(middle)) == pytest.approx(1.04, rel=0.15)


@pytest.mark.parametrize(("channels", "kernel"), [(16, 25), (256, 25)])
def test_the_wrong_way_round_each_layer_is_hundreds_of_times_too_loud(channels, kernel):
    torch.manual_seed(3)
    layer = EqualisedConvolution(channels, 64, kernel, inverted=True)
    torch.manual_seed(3)
    right = EqualisedConvolution(channels, 64, kernel)
    signal = noise(1, channels, 1, 200)
    times = math.sqrt(power(layer(signal)) / power(right(signal)))
    assert times == pytest.approx(channels * kernel / 2, rel=1e-3)
    assert times > 199


def test_all_weights_of_equalised_layers_are_of_size_one():
    torch.manual_seed(3)
    for layer in (EqualisedConvolution(8, 8, 25), EqualisedLinear(64, 64)):
        assert float(layer.weight.detach().std()) == pytest.approx(1, rel=0.05)
        assert not layer.bias.any()
    assert power(EqualisedLinear(4096, 64)(noise(16, 4096))) == pytest.approx(1, rel=0.2)


def test_pixel_norm_makes_all_positions_equally_long():
    signal = noise(2, 5, 1, 9) * torch.logspace(-2, 3, 9)
    normed = pixel_norm(signal)
    assert torch.allclose(normed.square().mean(1), torch.ones(2, 1, 9), atol=1e-3)
    assert torch.allclose(normed / normed[:, :1], signal / signal[:, :1], rtol=1e-4)
    assert not pixel_norm(torch.zeros(1, 5, 1, 9)).any()


def test_the_deviation_of_a_batch_is_the_mean_over_channels_and_places():
    # One channel differs by 2 (deviation 1), the other by 6 (deviation 3): 2 on average.
    signal = torch.tensor([[0.0, 0.0], [2.0, 6.0]])[:, :, None, None].expand(2, 2, 1, 4)
    added = with_deviation(signal)
    assert torch.equal(added[:, :2], signal)
    assert torch.allclose(added[:, 2], torch.full((2, 1, 4), 2.0), atol=1e-3)
    assert float(with_deviation(signal[:1])[0, 2].max()) < 1e-3


def test_groups_of_a_batch_know_nothing_of_each_other():
    signal = noise(6, 3, 1, 8)
    together = with_deviation(signal, groups=2)
    apart = torch.cat([with_deviation(part) for part in signal.chunk(2)])
    assert torch.equal(together, apart)


def test_longer_and_shorter_again_is_as_it_was():
    signal = noise(2, 3, 1, 8)
    assert torch.equal(halved(doubled(signal)), signal)
    assert doubled(signal).shape == (2, 3, 1, 16)
    assert torch.equal(doubled(signal)[..., ::2], doubled(signal)[..., 1::2])
