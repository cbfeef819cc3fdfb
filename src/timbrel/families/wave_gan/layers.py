"""The layers of `wave_gan`: convolutions that lengthen or shorten a signal four times."""

import torch
from torch import Tensor, nn

from timbrel.blocks.long_convolution import convolve, convolve_transposed

STRIDE = 4
START_SAMPLES = 16  # that the latent is projected to


class Longer(nn.Module):
    """A transposed convolution: four times as long.

    Args:
        channels_in: C.
        channels_out: O.
        kernel: Positions that it sees.

    Shape:
        [B, C, 1, L] -> [B, O, 1, 4 L]
    """

    def __init__(self, channels_in: int, channels_out: int, kernel: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels_in, channels_out, 1, kernel))
        self.bias = nn.Parameter(torch.zeros(channels_out))
        nn.init.xavier_uniform_(self.weight)

    def forward(self, signal: Tensor) -> Tensor:
        """Lengthens a signal."""
        return convolve_transposed(signal, self.weight, self.bias, stride=STRIDE)


class Shorter(nn.Module):
    """A convolution with a stride of four: a quarter as long.

    Args:
        channels_in: C.
        channels_out: O.
        kernel: Positions that it sees.

    Shape:
        [B, C, 1, L] -> [B, O, 1, L / 4]
    """

    def __init__(self, channels_in: int, channels_out: int, kernel: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels_out, channels_in, 1, kernel))
        self.bias = nn.Parameter(torch.zeros(channels_out))
        nn.init.xavier_uniform_(self.weight)

    def forward(self, signal: Tensor) -> Tensor:
        """Shortens a signal."""
        return convolve(signal, self.weight, self.bias, stride=STRIDE)


def dense(size_in: int, size_out: int) -> nn.Linear:
    """Makes a full layer that starts as the source's do, with Glorot's weights and no bias.

    Args:
        size_in: Values that enter.
        size_out: Values that leave.

    Returns:
        The layer.

    Source:
        Glorot & Bengio 2010, equation 16: what the method's own code starts from.
    """
    layer = nn.Linear(size_in, size_out)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
