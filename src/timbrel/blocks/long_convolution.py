"""Convolutions along long signals of few channels, quick also in a gradient penalty."""

from torch import Tensor
from torch.nn import functional


def convolve(
    signal: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: int = 1,
    dilation: int = 1,
) -> Tensor:
    """Convolves along time with "same" padding: a long signal keeps its length, over the stride.

    Where the padding is odd in all, the end gets one more zero than the beginning.

    Args:
        signal: Signal of height one, [B, C, 1, L], best in channels-last memory.
        weight: Kernel, [O, C, 1, K]; K may be even.
        bias: Added to each output channel, [O].
        stride: Positions from one output to the next, at least 1.
        dilation: Positions from one tap of the kernel to the next, at least 1.

    Returns:
        The signal convolved, [B, O, 1, ceil(L / stride)].

    Source:
        Dumoulin & Visin 2016, section 2; the padding as TensorFlow and Keras have it.

    Example:
        >>> import torch
        >>> convolve(torch.rand(2, 3, 1, 10), torch.rand(4, 3, 1, 25), stride=4).shape
        torch.Size([2, 4, 1, 3])
    """
    before, after = _padding(signal.shape[-1], weight.shape[-1], stride, dilation)
    if before != after:
        signal = functional.pad(signal, (before, after))
        before = 0
    return functional.conv2d(signal, weight, bias, (1, stride), (0, before), (1, dilation))


def convolve_transposed(
    signal: Tensor, weight: Tensor, bias: Tensor | None = None, *, stride: int
) -> Tensor:
    """Lengthens a signal: the transpose of `convolve` of the same stride.

    Args:
        signal: Signal of height one, [B, C, 1, L], best in channels-last memory.
        weight: Kernel, [C, O, 1, K], as `convolve` would take it the other way; K is at least the
            stride.
        bias: Added to each output channel, [O].
        stride: How many times as long the output is, at least 1.

    Returns:
        The longer signal, [B, O, 1, L * stride].

    Source:
        Dumoulin & Visin 2016, section 4; the padding as TensorFlow and Keras have it.

    Example:
        >>> import torch
        >>> convolve_transposed(torch.rand(2, 4, 1, 3), torch.rand(4, 3, 1, 25), stride=4).shape
        torch.Size([2, 3, 1, 12])
    """
    length = signal.shape[-1] * stride
    before, _ = _padding(length, weight.shape[-1], stride, 1)
    longer = functional.conv_transpose2d(signal, weight, bias, (1, stride))
    return longer[..., before : before + length]


def _padding(length: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    outputs = -(-length // stride)
    total = max((outputs - 1) * stride + (kernel - 1) * dilation + 1 - length, 0)
    return total // 2, total - total // 2
