"""Convolutions as torch has them: what `timbrel.blocks.long_convolution` gives, written plainly.

That one chooses its arithmetic by the size of a batch, which a graph for batches of any size
cannot do.
"""

import torch
from torch import Tensor
from torch.nn import functional

_TINY = 1e-8


def convolve(
    signal: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    repeat: int = 1,
) -> Tensor:
    """Convolves along time, the length kept; see `timbrel.blocks.long_convolution.convolve`.

    Args:
        signal: [B, C, 1, L].
        weight: Kernel, [O, C, 1, K].
        bias: Added to each output channel, [O].
        repeat: How many times each position is repeated first.

    Returns:
        The signal convolved, [B, O, 1, L * repeat].

    Example:
        >>> convolve(torch.rand(2, 3, 1, 10), torch.rand(4, 3, 1, 25)).shape
        torch.Size([2, 4, 1, 10])
    """
    if repeat > 1:
        batch, channels, _, length = signal.shape
        wide = signal[..., None].expand(-1, -1, -1, -1, repeat)
        signal = wide.reshape(batch, channels, 1, length * repeat)
    total = weight.shape[-1] - 1
    signal = functional.pad(signal, (total // 2, total - total // 2))
    return functional.conv2d(signal, weight, bias)


def convolve_transposed(
    signal: Tensor, weight: Tensor, bias: Tensor | None = None, *, stride: int
) -> Tensor:
    """Lengthens a signal; see `timbrel.blocks.long_convolution.convolve_transposed`.

    Args:
        signal: [B, C, 1, L].
        weight: Kernel, [C, O, 1, K].
        bias: Added to each output channel, [O].
        stride: How many times as long the output is.

    Returns:
        The longer signal, [B, O, 1, L * stride].

    Example:
        >>> convolve_transposed(torch.rand(2, 4, 1, 3), torch.rand(4, 3, 1, 25), stride=4).shape
        torch.Size([2, 3, 1, 12])
    """
    before = max(weight.shape[-1] - stride, 0) // 2
    whole = functional.conv_transpose2d(signal, weight, bias, (1, stride))
    return whole[..., before : before + signal.shape[-1] * stride]


def pixel_norm(signal: Tensor) -> Tensor:
    """Brings the channels of each position to a mean square of one.

    Args:
        signal: [B, C, 1, L].

    Returns:
        The same shape.

    Example:
        >>> pixel_norm(torch.tensor([[[[3.0]], [[4.0]]]])).flatten()
        tensor([0.8485, 1.1314])
    """
    return signal * torch.rsqrt(signal.square().mean(dim=1, keepdim=True) + _TINY)
