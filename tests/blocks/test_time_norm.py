"""Norms over time are torch's batch norm of one signal, also in their second derivatives."""

import pytest
import torch
from torch import nn

from timbrel.blocks.time_norm import TimeNorm, normalised


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, requires_grad=True)


def both(channels: int) -> tuple[TimeNorm, nn.BatchNorm1d]:
    ours, plain = TimeNorm(channels).double(), nn.BatchNorm1d(channels).double()
    with torch.no_grad():
        for norm in (ours, plain):
            norm.weight.copy_(torch.linspace(0.5, 2, channels))
            norm.bias.copy_(torch.linspace(-1, 1, channels))
    return ours, plain


def test_one_signal_is_normalised_as_a_batch_of_its_own() -> None:
    torch.manual_seed(0)
    ours, plain = both(3)
    for _ in range(3):
        signal = drawn(1, 3, 1, 50) * 4 + 2
        torch.testing.assert_close(ours(signal)[:, :, 0], plain(signal[:, :, 0]))
    torch.testing.assert_close(ours.mean, plain.running_mean)
    torch.testing.assert_close(ours.variance, plain.running_var)


def test_trained_it_plays_by_what_it_met() -> None:
    torch.manual_seed(0)
    ours, plain = both(3)
    for _ in range(5):
        signal = drawn(1, 3, 1, 40) * 2 - 1
        ours(signal)
        plain(signal[:, :, 0])
    ours.eval()
    plain.eval()
    other = drawn(1, 3, 1, 7)
    torch.testing.assert_close(ours(other)[:, :, 0], plain(other[:, :, 0]))


def test_signals_of_a_batch_know_nothing_of_each_other() -> None:
    torch.manual_seed(0)
    norm = TimeNorm(2).double()
    two = drawn(2, 2, 1, 30)
    torch.testing.assert_close(norm(two), torch.cat([norm(two[:1]), norm(two[1:])]))


def test_a_gradient_penalty_through_it_is_that_of_torch() -> None:
    torch.manual_seed(0)
    ours, plain = both(3)
    signal = drawn(1, 3, 1, 20)
    found = []
    for out, norm in ((ours(signal)[:, :, 0], ours), (plain(signal[:, :, 0]), plain)):
        (slope,) = torch.autograd.grad(out.tanh().sum(), signal, create_graph=True)
        penalty = (slope.abs() - 1).square().mean()
        found.append(torch.autograd.grad(penalty, (signal, norm.weight, norm.bias)))
    torch.testing.assert_close(*found)


@pytest.mark.parametrize("check", [torch.autograd.gradcheck, torch.autograd.gradgradcheck])
def test_derivatives_agree_with_differences(check) -> None:
    torch.manual_seed(0)
    assert check(normalised, (drawn(2, 2, 1, 6),))
