"""Residual blocks over time that treat each moment alike, in whatever company."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class MomentBlock(nn.Module):
    """Normalise each moment by itself, convolve along time, mix the channels, add to the input.

    Unlike a norm over all of a sound, this one gives a moment the same answer in a short excerpt,
    which is what training sees, and in a whole sound. A fresh block passes its input on unchanged.

    Args:
        channels: Channels of input and output.

    Shape:
        [B, C, 1, L] -> [B, C, 1, L]

    Source:
        Zhang & Sennrich 2019, root mean square layer normalization.

    Example:
        >>> x = torch.randn(2, 8, 1, 16)
        >>> bool((MomentBlock(8)(x) == x).all())
        True
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.along = nn.Conv2d(channels, channels, (1, 3), padding=(0, 1))
        self.mix = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.mix.weight)
        nn.init.zeros_(self.mix.bias)  # type: ignore[arg-type]

    def forward(self, signal: Tensor) -> Tensor:
        """Adds what the block has learned to its input, [B, C, 1, L]."""
        size = signal.float().square().mean(dim=1, keepdim=True)
        normal = signal * torch.rsqrt(size + 1e-6) * self.gain
        inner = self.along(functional.silu(normal))
        mixed: Tensor = self.mix(functional.silu(inner))
        return signal + mixed
