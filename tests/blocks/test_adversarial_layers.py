"""The quick ways of a generator's and a critic's layers are the plain ones, slopes too."""

import torch
from torch.nn import functional

from timbrel.blocks.adversarial import EqualisedConvolution, doubled, halved, pixel_norm


def drawn(*shape, dtype=torch.float64):
    torch.manual_seed(0)
    return torch.randn(shape, dtype=dtype, requires_grad=True)


def apart(found, true):
    return float((found - true).detach().norm() / true.detach().norm())


def test_slopes_of_pixel_norm_agree_with_differences():
    assert torch.autograd.gradcheck(pixel_norm, (drawn(2, 5, 1, 3),))


def test_pixel_norm_in_half_precision_is_near_the_definition():
    signal = drawn(2, 16, 1, 300, dtype=torch.float32)
    slope = signal.detach().roll(1, -1)
    plain = signal / signal.square().mean(1, keepdim=True).sqrt()
    half = pixel_norm(signal.bfloat16())
    assert apart(half, plain) < 0.005
    (one,) = torch.autograd.grad(plain, signal, slope)
    (two,) = torch.autograd.grad(half, signal, slope.bfloat16())
    assert apart(two, one) < 0.01


def test_a_layer_that_repeats_is_a_doubled_signal_convolved():
    layer = EqualisedConvolution(3, 4, 25).double()
    signal = drawn(2, 3, 1, 600)
    torch.testing.assert_close(layer(signal, repeat=2), layer(doubled(signal)))


def test_halving_is_average_pooling_with_its_second_derivative():
    signal = drawn(2, 3, 1, 8)
    torch.testing.assert_close(halved(signal), functional.avg_pool2d(signal, (1, 2)))
    assert torch.autograd.gradgradcheck(lambda wave: halved(wave).square(), (signal,))
