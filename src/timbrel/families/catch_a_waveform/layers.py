"""Layers of `catch_a_waveform`: convolutions whose weights keep their size apart."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel.blocks.adversarial import leaky
from timbrel.blocks.long_convolution import convolve
from timbrel.blocks.time_norm import TimeNorm

_SPREAD = 0.02


class NormedConvolution(nn.Module):
    """A convolution along time; the size of each output's weights is learned apart.

    Args:
        channels: Channels in.
        outputs: Channels out.
        kernel: Taps.
        dilation: Positions from one tap to the next.
        same: Whether the signal keeps its length; without it, it gets shorter.

    Shape:
        [B, C, 1, L] -> [B, O, 1, L] or, not `same`, [B, O, 1, L - (kernel - 1) * dilation]

    Source:
        Salimans & Kingma 2016, "Weight normalization", equation 2. Weights begin as torch's own.
    """

    def __init__(
        self, channels: int, outputs: int, kernel: int, *, dilation: int = 1, same: bool = False
    ) -> None:
        super().__init__()
        self.dilation, self.same = dilation, same
        bound = (channels * kernel) ** -0.5
        self.direction = nn.Parameter(torch.empty(outputs, channels, 1, kernel))
        nn.init.uniform_(self.direction, -bound, bound)
        self.size = nn.Parameter(_lengths(self.direction.detach()))
        self.bias = nn.Parameter(torch.empty(outputs).uniform_(-bound, bound))

    def forward(self, signal: Tensor) -> Tensor:
        """See the class."""
        weight = self.direction * (self.size / _lengths(self.direction))
        return convolve(
            signal,
            weight,
            self.bias,
            dilation=self.dilation,
            padding="same" if self.same else "valid",
        )


class Block(nn.Module):
    """A convolution, a norm over time and a leaky rectifier.

    Args:
        channels: Channels in.
        outputs: Channels out.
        kernel: Taps.
        dilation: Positions from one tap to the next.

    Shape:
        [B, C, 1, L] -> [B, O, 1, L - (kernel - 1) * dilation]
    """

    def __init__(self, channels: int, outputs: int, kernel: int, dilation: int) -> None:
        super().__init__()
        self.convolution = NormedConvolution(channels, outputs, kernel, dilation=dilation)
        self.norm = TimeNorm(outputs)
        nn.init.normal_(self.norm.weight, 1.0, _SPREAD)

    def forward(self, signal: Tensor) -> Tensor:
        """See the class."""
        made: Tensor = self.norm(self.convolution(signal))
        return leaky(made)


def _lengths(weight: Tensor) -> Tensor:
    found: Tensor = weight.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
    return found


def pre_emphasised(signal: Tensor, share: float) -> Tensor:
    """Takes a share of the sample before from each sample, so that high frequencies count more.

    Args:
        signal: Signals, [B, C, 1, L]; before the first sample there is silence.
        share: The share, 0 to 1.

    Returns:
        The same shape.

    Source:
        The method's pre-emphasis filter, H(z) = 1 - 0.97 / z.

    Example:
        >>> pre_emphasised(torch.ones(1, 1, 1, 3), 0.75).flatten()
        tensor([1.0000, 0.2500, 0.2500])
    """
    return signal - share * functional.pad(signal[..., :-1], (1, 0))
