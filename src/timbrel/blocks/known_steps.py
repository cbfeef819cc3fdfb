"""Residual blocks of flows over time, each position told what is known of it: rows [B, L, C]."""

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
        self.known = Known(channels)
        self.along = nn.Conv2d(
            channels, channels, (1, 3), padding=(0, dilation), dilation=(1, dilation)
        )
        self.mix = zeroed(nn.Linear(channels, channels))

    def forward(self, signal: Tensor, known: Tensor) -> Tensor:
        """See the class."""
        inner = self.known(signal, known)
        along = self.along(inner.transpose(1, 2)[:, :, None])  # a view: channels-last already
        mixed: Tensor = self.mix(functional.silu(along[:, :, 0].transpose(1, 2)))
        return signal + mixed
