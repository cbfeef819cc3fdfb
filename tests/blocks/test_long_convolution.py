"""Long convolutions are torch's own, also in their second derivatives, whatever way they take."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from timbrel.blocks import long_convolution
from timbrel.blocks.adversarial import pixel_norm
from timbrel.blocks.long_convolution import convolve, convolve_transposed

# channels, outputs, length, kernel, stride, dilation, repeat
CASES = [
    (3, 2, 32, 25, 1, 1, 1),
    (1, 16, 32, 1, 1, 1, 1),  # kernel 1: into many channels
    (16, 1, 32, 1, 1, 1, 1),  # and out of them
    (2, 3, 16, 4, 1, 1, 1),  # an even kernel
    (2, 3, 32, 25, 4, 1, 1),
    (1, 2, 64, 25, 4, 1, 1),
    (2, 3, 24, 6, 2, 1, 1),
    (2, 2, 13, 5, 2, 1, 1),  # a length that no stride divides
    (2, 3, 9, 3, 1, 1, 1),
    (2, 3, 16, 5, 1, 3, 1),
    (2, 3, 16, 4, 1, 3, 1),
    (3, 2, 16, 25, 1, 1, 2),
    (3, 17, 8, 5, 1, 1, 4),
    (2, 300, 8, 3, 1, 1, 1),
]
UPWARDS = [(3, 2, 8, 25, 4), (2, 1, 16, 25, 4), (2, 3, 8, 4, 2), (2, 3, 7, 5, 1), (2, 2, 5, 3, 4)]


@pytest.fixture(params=["folded", "one product"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Sends small signals the way of long ones, and then the way of short ones."""
    few = 0 if request.param == "folded" else 10**9
    monkeypatch.setattr(long_convolution, "FEW_POSITIONS", few)
    return str(request.param)


def drawn(*shape: int) -> Tensor:
    """Random numbers in double precision."""
    return torch.randn(shape, dtype=torch.float64, requires_grad=True)


def by_torch(
    signal: Tensor, weight: Tensor, bias: Tensor, stride: int, dilation: int, repeat: int
) -> Tensor:
    """Pads as TensorFlow does and convolves in one dimension."""
    long = signal[:, :, 0].repeat_interleave(repeat, -1)
    length, reach = long.shape[-1], (weight.shape[-1] - 1) * dilation
    total = max((-(-length // stride) - 1) * stride + reach + 1 - length, 0)
    padded = functional.pad(long, (total // 2, total - total // 2))
    return functional.conv1d(padded, weight[:, :, 0], bias, stride, 0, dilation).unsqueeze(2)


def penalty_gradients(out: Tensor, signal: Tensor, *weights: Tensor) -> list[Tensor]:
    """Derivatives of the slope's norm, as a gradient penalty takes them."""
    (slope,) = torch.autograd.grad(out.tanh().sum(), signal, create_graph=True)
    return list(torch.autograd.grad(slope.square().sum().sqrt(), (signal, *weights)))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_convolution_and_its_penalty_are_those_of_torch(case: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    channels, outputs, length, kernel, stride, dilation, repeat = case
    signal, weight = drawn(2, channels, 1, length), drawn(outputs, channels, 1, kernel)
    bias = drawn(outputs)
    ours = convolve(signal, weight, bias, stride=stride, dilation=dilation, repeat=repeat)
    plain = by_torch(signal, weight, bias, stride, dilation, repeat)
    torch.testing.assert_close(ours, plain)
    of_ours, of_plain = (
        torch.autograd.grad(out.square().sum(), (signal, weight, bias), retain_graph=True)
        for out in (ours, plain)
    )
    torch.testing.assert_close(of_ours, of_plain)
    both = [penalty_gradients(out, signal, weight, bias) for out in (ours, plain)]
    torch.testing.assert_close(*both)


@pytest.mark.parametrize("dilation", [1, 3])
def test_a_convolution_without_padding_is_that_of_torch(dilation: int) -> None:
    torch.manual_seed(0)
    signal, weight, bias = drawn(2, 3, 1, 24), drawn(4, 3, 1, 5), drawn(4)
    ours = convolve(signal, weight, bias, dilation=dilation, padding="valid")
    flat = functional.conv1d(signal[:, :, 0], weight[:, :, 0], bias, dilation=dilation)
    plain = flat.unsqueeze(2)
    torch.testing.assert_close(ours, plain)
    torch.testing.assert_close(
        *(
            torch.autograd.grad(out.square().sum(), (signal, weight, bias), retain_graph=True)
            for out in (ours, plain)
        )
    )
    both = [penalty_gradients(out, signal, weight, bias) for out in (ours, plain)]
    torch.testing.assert_close(*both)


@pytest.mark.parametrize("case", UPWARDS, ids=str)
def test_a_transposed_convolution_is_the_adjoint_of_a_convolution(case: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    channels, outputs, length, kernel, stride = case
    short, weight = drawn(2, channels, 1, length), drawn(channels, outputs, 1, kernel)
    long = drawn(2, outputs, 1, length * stride)
    up = convolve_transposed(short, weight, stride=stride)
    down = by_torch(long, weight, torch.zeros(channels, dtype=torch.float64), stride, 1, 1)
    assert up.shape == long.shape
    torch.testing.assert_close((up * long).sum(), (short * down).sum())


@pytest.mark.parametrize("case", UPWARDS, ids=str)
def test_a_transposed_convolution_has_the_penalty_of_torch(case: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    channels, outputs, length, kernel, stride = case
    signal, weight = drawn(2, channels, 1, length), drawn(channels, outputs, 1, kernel)
    bias = drawn(outputs)
    ours = convolve_transposed(signal, weight, bias, stride=stride)
    whole = functional.conv_transpose1d(signal[:, :, 0], weight[:, :, 0], bias, stride)
    before = max(kernel - stride, 0) // 2
    beyond = torch.zeros(2, outputs, max(stride - kernel, 0), dtype=torch.float64)
    whole = torch.cat([whole, beyond + bias[:, None]], -1)  # no tap reaches there
    plain = whole[:, :, None, before : before + length * stride]
    torch.testing.assert_close(ours, plain)
    both = [penalty_gradients(out, signal, weight, bias) for out in (ours, plain)]
    torch.testing.assert_close(*both)


@pytest.mark.parametrize("options", [{}, {"stride": 2}, {"dilation": 2}, {"repeat": 2}], ids=str)
def test_derivatives_agree_with_differences(options: dict[str, int]) -> None:
    torch.manual_seed(0)
    inputs = drawn(1, 2, 1, 4), drawn(2, 2, 1, 3), drawn(2)

    def ours(signal: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return convolve(signal, weight, bias, **options)

    assert torch.autograd.gradcheck(ours, inputs)
    assert torch.autograd.gradgradcheck(ours, inputs)


def test_derivatives_of_a_transposed_convolution_agree_with_differences() -> None:
    torch.manual_seed(0)
    inputs = drawn(1, 2, 1, 3), drawn(2, 2, 1, 5), drawn(2)

    def ours(signal: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return convolve_transposed(signal, weight, bias, stride=2)

    assert torch.autograd.gradcheck(ours, inputs)
    assert torch.autograd.gradgradcheck(ours, inputs)


@pytest.mark.parametrize("case", CASES[:6], ids=str)
def test_half_precision_is_near(case: tuple[int, ...]) -> None:
    """Eight bits of mantissa: within 1 % by norm in the penalty's derivatives by the kernel."""
    torch.manual_seed(0)
    channels, outputs, length, kernel, stride, dilation, repeat = case
    signal, weight = drawn(2, channels, 1, length).float(), drawn(outputs, channels, 1, kernel)
    bias = drawn(outputs)
    found = []
    for enabled in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            leaf, taps, level = (
                value.detach().float().requires_grad_() for value in (signal, weight, bias)
            )
            options = {"stride": stride, "dilation": dilation, "repeat": repeat}
            out = convolve(leaf, taps, level, **options)
        assert out.dtype == (torch.bfloat16 if enabled else torch.float32)
        (slope,) = torch.autograd.grad(out.float().square().sum(), leaf, create_graph=True)
        found.append(torch.autograd.grad(slope.square().sum(), taps)[0])
    assert float((found[1] - found[0]).norm() / found[0].norm()) < 0.01


def test_a_penalty_asks_for_no_more_derivatives_than_it_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    real = long_convolution._taps
    monkeypatch.setattr(long_convolution, "_taps", lambda *args: asked.append(1) or real(*args))
    signal, weight = drawn(1, 2, 1, 8), drawn(2, 2, 1, 3)
    out = convolve(signal * 1, weight * 1)
    (slope,) = torch.autograd.grad(out.square().sum(), signal, create_graph=True)
    assert not asked  # nobody wants a derivative by the kernel yet
    slope.square().sum().backward()
    assert len(asked) == 2  # one through the slope, one through the output
    torch.testing.assert_close(weight.grad, by_hand(signal, weight))


def by_hand(signal: Tensor, weight: Tensor) -> Tensor:
    """The same derivative by torch's own convolution."""
    leaf, taps = signal.detach().requires_grad_(), weight.detach().requires_grad_()
    out = by_torch(leaf, taps, torch.zeros(2, dtype=torch.float64), 1, 1, 1)
    (slope,) = torch.autograd.grad(out.square().sum(), leaf, create_graph=True)
    return torch.autograd.grad(slope.square().sum(), taps)[0]


def test_what_comes_out_is_in_channels_last_memory(way: str) -> None:
    for out in (
        convolve(torch.randn(2, 3, 1, 16), torch.randn(4, 3, 1, 5)),
        convolve(torch.randn(2, 3, 1, 16), torch.randn(4, 3, 1, 5), repeat=2),
        convolve_transposed(torch.randn(2, 3, 1, 16), torch.randn(3, 4, 1, 6), stride=2),
    ):
        assert out.is_contiguous(memory_format=torch.channels_last), way


class _BothWays(torch.nn.Module):
    """One convolution down and one up, as a network for programs without Python has them."""

    def __init__(self, stride: int, repeat: int, dilation: int) -> None:
        super().__init__()
        self.down, self.up = (torch.nn.Parameter(drawn(3, 3, 1, 5)) for _ in range(2))
        self.stride, self.repeat, self.dilation = stride, repeat, dilation

    def forward(self, signal: Tensor) -> Tensor:
        """Shortens and lengthens."""
        few = convolve(
            signal, self.down, stride=self.stride, repeat=self.repeat, dilation=self.dilation
        )
        return convolve_transposed(pixel_norm(few), self.up, stride=6)


@pytest.mark.parametrize(("stride", "repeat", "dilation"), [(1, 2, 1), (4, 1, 1), (1, 1, 2)])
def test_a_graph_for_any_batch_does_the_same(stride: int, repeat: int, dilation: int) -> None:
    torch.manual_seed(0)
    both = _BothWays(stride, repeat, dilation)
    sizes = {0: torch.export.Dim("batch", min=1, max=64)}
    with torch.no_grad():
        traced = torch.export.export(
            both, (drawn(2, 3, 1, 13),), dynamic_shapes=(sizes,), strict=False
        )
        for batch in (1, 5):
            signal = drawn(batch, 3, 1, 13)
            torch.testing.assert_close(traced.module()(signal), both(signal))
