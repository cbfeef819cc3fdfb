"""Layers of generators and critics: equalised weights, pixel norm, minibatch deviation.

Signals are [B, C, 1, L], best in channels-last memory.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from timbrel.blocks.long_convolution import convolve, for_any_batch

LEAK = 0.2
HE_GAIN = math.sqrt(2)  # makes up for what a rectifier takes away
_TINY = 1e-8


class EqualisedConvolution(nn.Module):
    """A convolution along time whose weights are all of size one, and are scaled as it works.

    An optimiser such as Adam moves each weight by about its learning rate, whatever the weight's
    own size. Kept at size one and multiplied by He's constant c = gain / √(kernel · channels) when
    used, all layers learn at the same relative rate, and pass signals on at the level at which they
    come.

    Args:
        channels: Channels in.
        outputs: Channels out.
        kernel: Taps; "same" padding.
        inverted: Whether weights are *divided* by c, as S1's equation 7.4 has it: what comes out
            is then kernel · channels / 2 times as large (by amplitude) as it should be.
        gain: √2 before a rectifier, 1 where nothing comes after.

    Shape:
        [B, C, 1, L] -> [B, O, 1, L]

    Source:
        Karras, Aila, Laine & Lehtinen 2018, section 4.1; He et al. 2015, equation 10 (c). Inverted:
        S1, equations 7.4 and 7.5.

    Example:
        >>> layer = EqualisedConvolution(16, 16, 25)
        >>> layer(torch.randn(2, 16, 1, 100)).shape
        torch.Size([2, 16, 1, 100])
    """

    def __init__(
        self,
        channels: int,
        outputs: int,
        kernel: int,
        *,
        inverted: bool = False,
        gain: float = HE_GAIN,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, channels, 1, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs))
        constant = gain / math.sqrt(channels * kernel)
        self.scale = 1 / constant if inverted else constant

    def forward(self, signal: Tensor, repeat: int = 1) -> Tensor:
        """Convolves a signal, [B, O, 1, L * repeat].

        Args:
            signal: [B, C, 1, L].
            repeat: How many times each position is repeated first: as `doubled`, at half its cost.
        """
        return convolve(signal, self.weight * self.scale, self.bias, repeat=repeat)


class EqualisedLinear(nn.Module):
    """A full layer with the weights of `EqualisedConvolution`.

    Args:
        inputs: Values in.
        outputs: Values out.
        gain: √2 before a rectifier, 1 where nothing comes after.

    Shape:
        [B, I] -> [B, O]

    Source:
        Karras, Aila, Laine & Lehtinen 2018, section 4.1.

    Example:
        >>> EqualisedLinear(256, 10)(torch.randn(2, 256)).shape
        torch.Size([2, 10])
    """

    def __init__(self, inputs: int, outputs: int, *, gain: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale = gain / math.sqrt(inputs)

    def forward(self, values: Tensor) -> Tensor:
        """See the class."""
        return functional.linear(values, self.weight * self.scale, self.bias)


def leaky(signal: Tensor) -> Tensor:
    """Lets what is below zero through at a fifth.

    Args:
        signal: Of any shape.

    Returns:
        The same shape.

    Source:
        Maas, Hannun & Ng 2013; 0.2 as Radford et al. 2016, Karras et al. 2018 and S1.

    Example:
        >>> leaky(torch.tensor([-1.0, 2.0]))
        tensor([-0.2000,  2.0000])
    """
    return functional.leaky_relu(signal, LEAK)


def pixel_norm(signal: Tensor) -> Tensor:
    """Brings the channels of each position to a mean square of one.

    Args:
        signal: Signals, [B, C, ...].

    Returns:
        The same shape.

    Source:
        Karras, Aila, Laine & Lehtinen 2018, section 4.2; S1, equation 7.3.

    Example:
        >>> pixel_norm(torch.tensor([[[[3.0]], [[4.0]]]])).flatten()
        tensor([0.8485, 1.1314])
    """
    if for_any_batch(signal):  # runtimes have no use for what is quick in torch
        return signal * torch.rsqrt(signal.square().mean(1, keepdim=True) + _TINY)
    rows = signal.movedim(1, -1)
    return _PixelNorm.apply(rows).movedim(-1, 1)  # type: ignore[no-any-return, no-untyped-call]


class _PixelNorm(torch.autograd.Function):
    """Divides rows of channels [..., C] by their root mean square, in few passes over memory.

    Sums over few channels, and the way back from one number to all channels, are products with
    ones: torch's own sums and broadcasts take several times as long where channels are few.
    """

    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:
        wide = torch.promote_types(rows.dtype, torch.float32)
        norm = torch.linalg.vector_norm(rows, dim=-1, keepdim=True).to(wide)
        scale = torch.rsqrt(norm.square() / rows.shape[-1] + _TINY).to(rows.dtype)
        out = rows * _widened(scale, rows)
        ctx.save_for_backward(out, scale)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> Tensor:
        out, scale = ctx.saved_tensors
        shares = out.new_full((out.shape[-1], 1), 1 / out.shape[-1])
        along = (slope * out) @ shares
        return torch.addcmul(slope, out, _widened(along, out), value=-1) * _widened(scale, out)


def _widened(column: Tensor, rows: Tensor) -> Tensor:
    return column @ rows.new_ones(1, rows.shape[-1])


def with_deviation(signal: Tensor, groups: int = 1) -> Tensor:
    """Adds a channel that says how much the signals of a batch differ from each other.

    The standard deviation over the batch, at each channel and position, is averaged to one number:
    a critic that sees it tells made sounds that are all alike.

    Args:
        signal: Signals, [B, C, 1, L].
        groups: Parts of the batch that know nothing of each other, so that real and made sounds
            can be scored at once; B is a multiple of it.

    Returns:
        Signals, [B, C + 1, 1, L].

    Source:
        Karras, Aila, Laine & Lehtinen 2018, section 3; S1, section 7.3.2.

    Example:
        >>> two = torch.tensor([0.0, 2.0]).view(2, 1, 1, 1)
        >>> with_deviation(two)[:, 1].flatten()
        tensor([1., 1.])
    """
    parts = signal.float().reshape(groups, -1, *signal.shape[1:])
    deviation = (parts.var(1, correction=0) + _TINY).sqrt().flatten(1).mean(1)
    channel = deviation.repeat_interleave(parts.shape[1]).to(signal.dtype).view(-1, 1, 1, 1)
    return torch.cat([signal, channel.expand(-1, -1, *signal.shape[2:])], dim=1)


def doubled(signal: Tensor) -> Tensor:
    """Makes a signal twice as long by repeating each position.

    Args:
        signal: Signals, [B, C, 1, L].

    Returns:
        Signals, [B, C, 1, 2 L].

    Source:
        Karras, Aila, Laine & Lehtinen 2018, section 2; S1, section 7.3.2.

    Example:
        >>> doubled(torch.tensor([1.0, 2.0]).view(1, 1, 1, 2)).flatten()
        tensor([1., 1., 2., 2.])
    """
    return functional.interpolate(signal, scale_factor=(1.0, 2.0), mode="nearest")


def halved(signal: Tensor) -> Tensor:
    """Makes a signal half as long: each two positions become their mean.

    Args:
        signal: Signals, [B, C, 1, L]; L is even.

    Returns:
        Signals, [B, C, 1, L / 2].

    Source:
        Karras, Aila, Laine & Lehtinen 2018, section 2; S1, section 7.3.2.

    Example:
        >>> halved(torch.tensor([1.0, 2.0, 5.0, 7.0]).view(1, 1, 1, 4)).flatten()
        tensor([1.5000, 6.0000])
    """
    rows = signal.movedim(1, -1)  # no copy where channels are last in memory
    first, second = rows.reshape(*rows.shape[:2], -1, 2, rows.shape[3]).unbind(3)
    return torch.lerp(first, second, 0.5).movedim(-1, 1)
