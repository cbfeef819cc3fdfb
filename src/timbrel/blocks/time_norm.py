"""Batch norm of single recordings: every channel is normalised over its own time.

A recording that is the whole batch has no other to be normalised with, so that batch norm and
instance norm are one thing for it while it learns; what it played by then, running means, comes
from batch norm. Signals are [B, C, 1, L], best in channels-last memory, each normalised alone.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

MOMENTUM = 0.1  # of the running means: torch's own, and the source's
_EPSILON = 1e-5


class TimeNorm(nn.Module):
    """Normalises channels over time; once trained, by the means and spreads that it met.

    Args:
        channels: C.

    Shape:
        [B, C, 1, L] -> [B, C, 1, L]

    Source:
        Ioffe & Szegedy 2015, "Batch normalization", with each signal as a batch of its own; so
        Greshler, Shaham & Michaeli 2021, "Catch-A-Waveform", train on one recording.

    Example:
        >>> norm = TimeNorm(2)
        >>> signal = torch.randn(1, 2, 1, 500) * 3 + 5
        >>> made = norm(signal)
        >>> bool((made.mean(3).abs() < 1e-4).all())
        True
    """

    mean: Tensor
    variance: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("variance", torch.ones(channels))

    def forward(self, signal: Tensor) -> Tensor:
        """See the class."""
        if not self.training:
            scale = self.weight * (self.variance + _EPSILON).rsqrt()
            shift = self.bias - self.mean * scale
            return torch.addcmul(_wide(shift), signal, _wide(scale))
        mean, variance = _moments(signal)
        self._remember(mean.detach(), variance.detach(), signal.shape[-1])
        unit = normalised(signal)
        return torch.addcmul(_wide(self.bias), unit, _wide(self.weight))

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor, length: int) -> None:
        unbiased = variance * (length / max(1, length - 1))
        for one_mean, one_variance in zip(mean, unbiased, strict=True):
            self.mean.lerp_(one_mean[:, 0, 0].to(self.mean), MOMENTUM)
            self.variance.lerp_(one_variance[:, 0, 0].to(self.variance), MOMENTUM)


def normalised(signal: Tensor) -> Tensor:
    """Brings each channel of each signal to a mean of 0 and a variance of 1 over time.

    Derivatives of derivatives, as a gradient penalty takes them, cost a few passes through memory.

    Args:
        signal: Signals, [B, C, 1, L].

    Returns:
        The same shape.

    Source:
        Ioffe & Szegedy 2015, algorithm 1 and its gradients; their derivatives are worked out here.

    Example:
        >>> normalised(torch.tensor([1.0, 3.0]).view(1, 1, 1, 2)).flatten().round(decimals=2)
        tensor([-1.,  1.])
    """
    unit: Tensor = _Normalised.apply(signal)[0]  # type: ignore[no-untyped-call]
    return unit


def _wide(values: Tensor) -> Tensor:
    return values[:, None, None]


def _moments(signal: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance of each channel, [B, C, 1, 1] each."""
    variance, mean = torch.var_mean(signal, dim=3, correction=0, keepdim=True)
    return mean, variance


def _mean(signal: Tensor) -> Tensor:
    return signal.mean(3, keepdim=True)


class _Normalised(Function):
    """x -> u = (x - mean) s, and s, one over the spread [B, C, 1, 1]."""

    @staticmethod
    def forward(ctx: Any, signal: Tensor) -> tuple[Tensor, Tensor]:
        mean, variance = _moments(signal)
        scale = (variance + _EPSILON).rsqrt()
        unit = (signal - mean).mul_(scale)
        ctx.save_for_backward(unit, scale)
        ctx.set_materialize_grads(False)
        return unit, scale

    @staticmethod
    def backward(ctx: Any, slope: Tensor | None, of_scale: Tensor | None) -> Tensor | None:
        unit, scale = ctx.saved_tensors
        whole = None
        if slope is not None:
            whole = _Back.apply(slope, unit, scale)  # type: ignore[no-untyped-call]
        if of_scale is not None:  # a wider spread makes s smaller
            change = unit * (of_scale * scale.square() / -unit.shape[3])
            whole = change if whole is None else whole + change
        return whole


class _Back(Function):
    """The derivative of `_Normalised` by x: slope g, u, s -> s (g - mean(g) - u mean(g u))."""

    @staticmethod
    def forward(ctx: Any, slope: Tensor, unit: Tensor, scale: Tensor) -> Tensor:
        ctx.save_for_backward(slope, unit, scale)
        return _left(slope, unit).mul_(scale)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, change: Tensor) -> tuple[Tensor | None, ...]:
        slope, unit, scale = ctx.saved_tensors
        by_slope = _left(change, unit).mul_(scale) if ctx.needs_input_grad[0] else None
        if not ctx.needs_input_grad[1]:
            return by_slope, None, None
        one, other = _mean(change * unit), _mean(slope * unit)
        by_unit = (slope * one).addcmul_(change, other).mul_(-scale)
        means = _mean(change) * _mean(slope) + one * other
        by_scale = change.shape[3] * (_mean(change * slope) - means)
        return by_slope, by_unit, by_scale


def _left(slope: Tensor, unit: Tensor) -> Tensor:
    """What of a slope is left when the changes of mean and spread have taken their part."""
    return (slope - _mean(slope)).addcmul_(unit, _mean(slope * unit), value=-1)
