"""The layers of `spectrogram_gan`: convolutions that double or halve a picture."""

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDE = 2


class Larger(nn.Module):
    """A transposed convolution: twice as high and as long.

    Args:
        channels_in: C.
        channels_out: O.
        kernel: Cells that it sees, each way.

    Shape:
        [B, C, H, W] -> [B, O, 2 H, 2 W]
    """

    def __init__(self, channels_in: int, channels_out: int, kernel: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels_in, channels_out, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(channels_out))
        nn.init.xavier_uniform_(self.weight)
        self.before = (kernel - STRIDE) // 2

    def forward(self, picture: Tensor) -> Tensor:
        """Enlarges a picture."""
        height, width = (STRIDE * size for size in picture.shape[2:])
        larger = functional.conv_transpose2d(picture, self.weight, self.bias, STRIDE)
        rows = larger[:, :, self.before : self.before + height]
        return rows[..., self.before : self.before + width]


class Smaller(nn.Module):
    """A convolution with a stride of two: half as high and as long.

    Args:
        channels_in: C.
        channels_out: O.
        kernel: Cells that it sees, each way.

    Shape:
        [B, C, H, W] -> [B, O, H / 2, W / 2]
    """

    def __init__(self, channels_in: int, channels_out: int, kernel: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels_out, channels_in, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(channels_out))
        nn.init.xavier_uniform_(self.weight)
        self.before = (kernel - STRIDE) // 2
        self.after = kernel - STRIDE - self.before

    def forward(self, picture: Tensor) -> Tensor:
        """Shrinks a picture."""
        padded = functional.pad(picture, (self.before, self.after) * 2)
        return functional.conv2d(padded, self.weight, self.bias, STRIDE)


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
