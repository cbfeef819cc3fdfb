"""Residual blocks of flows over time, each position told what is known of it: rows [B, L, C]."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel.blocks.flow import zeroed


class Known(nn.Module):
    """Normalises each position and shifts it by what is known of it.

    Args:
        channels: C.

    Shape:
        signal [B, L, C], known [B, L or 1, C] -> [B, L, C]

    Source:
        Peebles & Xie 2023, section 3.2 (adaLN).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.shift = zeroed(nn.Linear(channels, 2 * channels))

    def forward(self, signal: Tensor, known: Tensor) -> Tensor:
        """See the class."""
        gain, shift = self.shift(known).chunk(2, dim=2)
        return functional.silu(functional.layer_norm(signal, (self.channels,)) * (1 + gain) + shift)


class AlongPositions(nn.Module):
    """Convolves three positions a few apart, and adds to the input; fresh, it changes nothing.

    Args:
        channels: C.
        dilation: Positions from one to the next.

    Shape:
        signal [B, L, C], known [B, L or 1, C] -> [B, L, C]
    """

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.known, self.dilation = Known(channels), dilation
        self.along = nn.Conv2d(channels, channels, (1, 3))
        self.mix = zeroed(nn.Linear(channels, channels))

    def forward(self, signal: Tensor, known: Tensor) -> Tensor:
        """See the class."""
        inner = self.known(signal, known)
        far, length = self.dilation, inner.shape[1]
        padded = functional.pad(inner, (0, 0, far, far))
        seen = torch.cat([padded[:, place : place + length] for place in (0, far, 2 * far)], dim=2)
        # one product of matrices: a convolution's derivative by its weights takes far longer
        weight = self.along.weight[:, :, 0].transpose(1, 2).flatten(1)
        along = functional.linear(seen, weight, self.along.bias)
        mixed: Tensor = self.mix(functional.silu(along))
        return signal + mixed
