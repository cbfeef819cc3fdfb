"""Convolutions along long signals of few channels, quick also in a gradient penalty.

Three things make them so. Positions that follow each other are folded into the channels, which
costs nothing in channels-last memory and lets a processor fill its registers; a stride, a
repetition and a transposed convolution become plain convolutions by it. Short signals go through
one product of matrices. And derivatives, also of derivatives, are convolutions or products of
matrices again, in place of the slow ones that automatic differentiation finds; none is computed
that nobody asks for.
"""

from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional
from torch.nn.grad import conv2d_input, conv2d_weight

FEW_POSITIONS = 1024  # of a whole batch: up to here a product of matrices is quicker
LEAST_CHANNELS = 16  # what one register of a processor holds
MANY_CHANNELS = 256  # from here on folding brings nothing


def convolve(
    signal: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: int = 1,
    dilation: int = 1,
    repeat: int = 1,
    padding: Literal["same", "valid"] = "same",
) -> Tensor:
    """Convolves along time; by default a long signal keeps its length, over the stride.

    Where the padding is odd in all, the end gets one more zero than the beginning. Under autocast
    it works in autocast's numbers.

    Args:
        signal: Signal of height one, [B, C, 1, L], best in channels-last memory.
        weight: Kernel, [O, C, 1, K]; K may be even.
        bias: Added to each output channel, [O].
        stride: Positions from one output to the next, at least 1.
        dilation: Positions from one tap of the kernel to the next, at least 1.
        repeat: How many times each position of the signal is repeated first, at least 1: nearest
            upsampling, at half its cost; only with a stride and a dilation of 1.
        padding: "same" adds zeros so that the length stays, "valid" adds none, so that the output
            is shorter by (K - 1) * dilation; only with a stride and a repetition of 1.

    Returns:
        The signal convolved, [B, O, 1, ceil(L * repeat / stride)]; "valid" makes it shorter.

    Source:
        Dumoulin & Visin 2016, section 2; the padding as TensorFlow and Keras have it.

    Example:
        >>> import torch
        >>> convolve(torch.rand(2, 3, 1, 10), torch.rand(4, 3, 1, 25), stride=4).shape
        torch.Size([2, 4, 1, 3])
    """
    if padding == "valid":
        return _across(*_in_working_numbers(signal, weight, bias), _Steps(0, 1, dilation))
    before, after = _padding(signal.shape[-1] * repeat, weight.shape[-1], stride, dilation)
    if for_any_batch(signal):
        whole = functional.pad(_repeated(signal, repeat), (before, after))
        return functional.conv2d(whole, weight, bias, (1, stride), dilation=(1, dilation))
    blocks = _blocks(signal, weight.shape[0], stride, repeat) if dilation == 1 else 0
    if blocks:
        taps = _taps_of_blocks(weight, before, blocks * repeat, stride)
        taps = taps if repeat == 1 else _grouped(taps, repeat).sum(3)
        return _across_blocks(signal, taps, bias, blocks * stride)
    whole = functional.pad(_repeated(signal, repeat), (0, after - before))
    numbers = _in_working_numbers(whole, weight, bias)
    return _across(*numbers, _Steps(before, stride, dilation))


def convolve_transposed(
    signal: Tensor, weight: Tensor, bias: Tensor | None = None, *, stride: int
) -> Tensor:
    """Lengthens a signal: the transpose of `convolve` of the same stride.

    Args:
        signal: Signal of height one, [B, C, 1, L], best in channels-last memory.
        weight: Kernel, [C, O, 1, K], as `convolve` would take it the other way.
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
    before, after = _padding(length, weight.shape[-1], stride, 1)
    if for_any_batch(signal):
        short = (0, max(stride - weight.shape[-1], 0))
        whole = functional.conv_transpose2d(signal, weight, bias, (1, stride), 0, short)
        return whole[..., before : before + length]
    many = signal.shape[0] * signal.shape[-1] > FEW_POSITIONS
    blocks = _blocks(signal, weight.shape[1], 1, stride) if many else 0
    if blocks:
        turned = weight.transpose(0, 1).flip(-1)
        taps = _taps_of_blocks(turned, weight.shape[-1] - 1 - before, blocks * stride, 1)
        return _across_blocks(signal, _grouped(taps, stride)[:, :, :, 0], bias, blocks)
    signal, weight, bias = _in_working_numbers(signal, weight, bias)
    whole = _back(signal, weight, length + after - before, _Steps(before, stride, 1))
    longer = whole[..., :length]
    return longer if bias is None else longer + bias[:, None, None]


def for_any_batch(signal: Tensor) -> bool:
    """Says whether a graph is being written for batches of any size.

    Args:
        signal: [B, ...].

    Returns:
        Whether B is a symbol and no number.

    Example:
        >>> for_any_batch(torch.rand(2, 1, 1, 10))
        False
    """
    return isinstance(signal.shape[0], torch.SymInt)


def _padding(length: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    outputs = -(-length // stride)
    total = max((outputs - 1) * stride + (kernel - 1) * dilation + 1 - length, 0)
    return total // 2, total - total // 2


def _repeated(signal: Tensor, times: int) -> Tensor:
    return signal if times == 1 else signal.repeat_interleave(times, -1)


def _in_working_numbers(
    signal: Tensor, weight: Tensor, bias: Tensor | None
) -> tuple[Tensor, Tensor, Tensor | None]:
    device = signal.device.type
    if torch.is_autocast_enabled(device):
        dtype = torch.get_autocast_dtype(device)
        signal, weight = signal.to(dtype), weight.to(dtype)
        bias = None if bias is None else bias.to(dtype)
    layout = torch.channels_last
    signal = signal.contiguous(memory_format=layout)
    return signal, weight.contiguous(memory_format=layout), bias


# --- folding -----------------------------------------------------------------------------------


def _blocks(signal: Tensor, channels: int, inputs: int, outputs: int) -> int:
    """How many steps make one block, each so many inputs and outputs; 0 where folding pays not."""
    batch, width, _, length = signal.shape
    if batch * length * outputs <= FEW_POSITIONS * inputs:
        return 0
    steps = 2 if inputs == outputs == 1 and min(width, channels) < MANY_CHANNELS else 1
    while min(width * inputs, channels * outputs) * steps < LEAST_CHANNELS:
        steps *= 2
    return 0 if length % (steps * inputs) or steps * inputs * outputs == 1 else steps


def _taps_of_blocks(weight: Tensor, before: int, block: int, stride: int) -> Tensor:
    """The kernel between blocks, [O, C, 1, K] -> [block, O, M * block * stride, C], M odd."""
    kernel, wide = weight.shape[-1], block * stride
    reach = max(-(-before // wide), (kernel - 1 - before + (block - 1) * stride) // wide)
    size, first = (2 * reach + 1) * wide, reach * wide - before
    last = weight[:, :, 0].transpose(1, 2)
    starts = range(first, first + wide, stride)
    return torch.stack([functional.pad(last, (0, 0, at, size - kernel - at)) for at in starts])


def _grouped(taps: Tensor, size: int) -> Tensor:
    """Taps in groups, [R, O, T, C] -> [R, O, T / size, size, C]."""
    return taps.reshape(*taps.shape[:2], -1, size, taps.shape[3])


def _across_blocks(signal: Tensor, taps: Tensor, bias: Tensor | None, inputs: int) -> Tensor:
    """Convolves a signal [B, C, 1, L] by taps [R, O, T, C]: so many inputs become R positions."""
    rows, size = taps.shape[0], taps.shape[2] // inputs
    weight = taps.reshape(rows * taps.shape[1], 1, size, -1).permute(0, 3, 1, 2)
    wide = None if bias is None else bias.repeat(rows)
    numbers = _in_working_numbers(_folded(signal, inputs), weight, wide)
    return _unfolded(_across(*numbers, _Steps(size // 2)), rows)


def _folded(signal: Tensor, block: int) -> Tensor:
    """Makes channels of positions, [B, C, 1, L] -> [B, block * C, 1, L / block]."""
    last = signal.permute(0, 2, 3, 1)
    return last.reshape(*last.shape[:2], -1, block * last.shape[3]).permute(0, 3, 1, 2)


def _unfolded(signal: Tensor, block: int) -> Tensor:
    """Makes positions of channels again, [B, block * C, 1, L] -> [B, C, 1, L * block]."""
    last = signal.permute(0, 2, 3, 1)
    return last.reshape(*last.shape[:2], -1, last.shape[3] // block).permute(0, 3, 1, 2)


# --- derivatives -------------------------------------------------------------------------------


class _Steps(NamedTuple):
    """How a kernel goes along a signal, in positions."""

    padding: int = 0
    stride: int = 1
    dilation: int = 1

    def of_planes(self) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
        """Stride, padding and dilation as torch's functions of two dimensions want them."""
        return (1, self.stride), (0, self.padding), (1, self.dilation)


def _across(signal: Tensor, weight: Tensor, bias: Tensor | None, steps: _Steps) -> Tensor:
    return _Across.apply(signal, weight, bias, steps)  # type: ignore[no-any-return, no-untyped-call]


def _back(out: Tensor, weight: Tensor, length: int, steps: _Steps) -> Tensor:
    return _Back.apply(out, weight, length, steps)  # type: ignore[no-any-return, no-untyped-call]


def _taps(signal: Tensor, out: Tensor, kernel: int, steps: _Steps) -> Tensor:
    return _Taps.apply(signal, out, kernel, steps)  # type: ignore[no-any-return, no-untyped-call]


class _Across(Function):
    """signal [B, C, 1, L], weight [O, C, 1, K], bias [O] -> out [B, O, 1, N]."""

    @staticmethod
    def forward(
        ctx: Any, signal: Tensor, weight: Tensor, bias: Tensor | None, steps: _Steps
    ) -> Tensor:
        ctx.save_for_backward(signal, weight)
        ctx.steps = steps
        if signal.shape[0] * _outputs(signal, weight.shape[-1], steps) > FEW_POSITIONS:
            return functional.conv2d(signal, weight, bias, *steps.of_planes())
        rows = _patches(signal, weight.shape[-1], steps)
        kernels = weight.permute(0, 2, 3, 1).flatten(1)
        return _signal(functional.linear(rows, kernels, bias), signal.shape[0])

    @staticmethod
    def backward(ctx: Any, out: Tensor) -> tuple[Tensor | None, ...]:
        signal, weight = ctx.saved_tensors
        out = out.contiguous(memory_format=torch.channels_last)
        first = second = third = None
        if _asked(ctx, 0):
            first = _back(out, weight, signal.shape[-1], ctx.steps)
        if _asked(ctx, 1):
            second = _taps(signal, out, weight.shape[-1], ctx.steps)
        if _asked(ctx, 2):
            third = out.sum((0, 2, 3))
        return first, second, third, None


class _Back(Function):
    """The derivative of `_Across` by its signal: out, weight -> [B, C, 1, length]."""

    @staticmethod
    def forward(ctx: Any, out: Tensor, weight: Tensor, length: int, steps: _Steps) -> Tensor:
        ctx.save_for_backward(out, weight)
        ctx.steps = steps
        if steps.stride == 1:
            turned = weight.flip(3).transpose(0, 1)
            turned = turned.contiguous(memory_format=torch.channels_last)
            reach = (weight.shape[-1] - 1) * steps.dilation
            padded = steps._replace(padding=reach - steps.padding)
            return functional.conv2d(out, turned, None, *padded.of_planes())
        shape = (out.shape[0], weight.shape[1], 1, length)
        return conv2d_input(shape, weight, out, *steps.of_planes())  # type: ignore[no-any-return, no-untyped-call]

    @staticmethod
    def backward(ctx: Any, signal: Tensor) -> tuple[Tensor | None, ...]:
        out, weight = ctx.saved_tensors
        signal = signal.contiguous(memory_format=torch.channels_last)
        first = second = None
        if _asked(ctx, 0):
            first = _across(signal, weight, None, ctx.steps)
        if _asked(ctx, 1):
            second = _taps(signal, out, weight.shape[-1], ctx.steps)
        return first, second, None, None


class _Taps(Function):
    """The derivative of `_Across` by its weight: signal, out -> [O, C, 1, kernel]."""

    @staticmethod
    def forward(ctx: Any, signal: Tensor, out: Tensor, kernel: int, steps: _Steps) -> Tensor:
        ctx.save_for_backward(signal, out)
        ctx.steps = steps
        if out.shape[0] * out.shape[-1] > FEW_POSITIONS:
            if steps.stride == 1 and out.dtype != torch.bfloat16:
                return _products(signal, out, kernel, steps)
            shape = (out.shape[1], signal.shape[1], 1, kernel)
            return conv2d_weight(signal, shape, out, *steps.of_planes())  # type: ignore[no-any-return, no-untyped-call]
        rows = out.permute(1, 0, 2, 3).flatten(1)
        taps = rows @ _patches(signal, kernel, steps)
        return taps.reshape(len(rows), 1, kernel, -1).permute(0, 3, 1, 2)

    @staticmethod
    def backward(ctx: Any, weight: Tensor) -> tuple[Tensor | None, ...]:
        signal, out = ctx.saved_tensors
        weight = weight.contiguous(memory_format=torch.channels_last)
        first = second = None
        if _asked(ctx, 0):
            first = _back(out, weight, signal.shape[-1], ctx.steps)
        if _asked(ctx, 1):
            second = _across(signal, weight, None, ctx.steps)
        return first, second, None, None


def _products(signal: Tensor, out: Tensor, kernel: int, steps: _Steps) -> Tensor:
    """What `_Taps` gives, as one product of matrices a tap: what is in memory is seen K times."""
    padded = functional.pad(signal, (steps.padding, steps.padding))
    rows, last = (x[:, :, 0].transpose(1, 2).contiguous() for x in (padded, out))
    channels, count = rows.shape[2], last.shape[1]
    taps = last.new_zeros(kernel, channels, last.shape[2])
    for seen, slope in zip(rows, last, strict=True):
        shifted = seen.as_strided(
            (kernel, count, channels),
            (steps.dilation * channels, channels, 1),
            seen.storage_offset(),
        )
        taps.baddbmm_(shifted.transpose(1, 2), slope.expand(kernel, -1, -1))
    return taps.permute(2, 1, 0).unsqueeze(2).contiguous(memory_format=torch.channels_last)


def _asked(ctx: Any, index: int) -> bool:
    """Says whether anything wants this derivative: a gradient penalty wants none by weights."""
    if not ctx.needs_input_grad[index]:
        return False
    node = ctx.next_functions[index][0]
    is_leaf = hasattr(node, "variable")  # of which torch cannot tell
    return is_leaf or bool(torch._C._will_engine_execute_node(node))


def _outputs(signal: Tensor, kernel: int, steps: _Steps) -> int:
    reach = (kernel - 1) * steps.dilation
    return (signal.shape[-1] + 2 * steps.padding - reach - 1) // steps.stride + 1


def _patches(signal: Tensor, kernel: int, steps: _Steps) -> Tensor:
    """What each output sees, [B * N, K * C]."""
    padded = functional.pad(signal, (steps.padding, steps.padding))
    seen = padded[:, :, 0].unfold(2, (kernel - 1) * steps.dilation + 1, steps.stride)
    return seen[..., :: steps.dilation].permute(0, 2, 3, 1).flatten(2).flatten(0, 1)


def _signal(rows: Tensor, batch: int) -> Tensor:
    """Rows of channels as a signal, [B * N, O] -> [B, O, 1, N]."""
    return rows.view(batch, 1, -1, rows.shape[1]).permute(0, 3, 1, 2)
