"""Convolutions down to one vector, and the same layers backwards."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True)
class Layer:
    """A convolution over time and frequency, and what it does to the length of frequency.

    Attributes:
        inputs: Channels in.
        outputs: Channels out.
        kernel: Extent in time and in frequency.
        stride: Step in frequency; in time it is always 1.
        padding: Zeros on each side, in time and in frequency.
        bins_in: Length of frequency before it.

    Example:
        >>> Layer(1, 8, kernel=(3, 3), stride=2, padding=(1, 0), bins_in=513).bins_out
        256
    """

    inputs: int
    outputs: int
    kernel: tuple[int, int]
    stride: int
    padding: tuple[int, int]
    bins_in: int

    @property
    def bins_out(self) -> int:
        """Length of frequency after it."""
        return (self.bins_in + 2 * self.padding[1] - self.kernel[1]) // self.stride + 1

    @property
    def lost(self) -> int:
        """Bins at the end that no kernel reaches; going back, they are added."""
        return (self.bins_in + 2 * self.padding[1] - self.kernel[1]) % self.stride

    def forwards(self) -> nn.Conv2d:
        """Makes the convolution."""
        return nn.Conv2d(
            self.inputs, self.outputs, self.kernel, (1, self.stride), padding=self.padding
        )

    def backwards(self) -> nn.ConvTranspose2d:
        """Makes the transposed convolution that gives back the length before."""
        return nn.ConvTranspose2d(
            self.outputs,
            self.inputs,
            self.kernel,
            (1, self.stride),
            padding=self.padding,
            output_padding=(0, self.lost),
        )


class Mirrored(nn.Module):
    """An autoencoder of layers and their mirror images; batch norm follows each activation.

    Frequency is the last axis and time the one before it: the same mathematics as the other way
    round, and faster, for processors work along the last axis.

    Args:
        layers: The encoder's layers, from the outermost; the innermost has one channel.
        leak: Slope of the activation below zero; 0 is ReLU.

    Shape:
        encode: [M, 1, k, F] -> [M, 1, 1, K]
        decode: [M, 1, 1, K] -> [M, 1, k, F]

    Source:
        Langer 2023, sections 4.3.1 and 4.5: convolution, activation, batch normalisation, but for
        the very last layer.

    Example:
        >>> import torch
        >>> narrow = Mirrored([Layer(1, 1, (3, 3), 1, (0, 0), 10)])
        >>> narrow.encode(torch.zeros(2, 1, 3, 10)).shape
        torch.Size([2, 1, 1, 8])
    """

    def __init__(self, layers: Sequence[Layer], leak: float = 0.0) -> None:
        super().__init__()
        self.encoder = nn.Sequential(*(_then(layer.forwards(), leak) for layer in layers))
        *inner, last = (layer.backwards() for layer in reversed(layers))
        self.decoder = nn.Sequential(*(_then(layer, leak) for layer in inner), last)

    def encode(self, slices: Tensor) -> Tensor:
        """Finds the embeddings of slices, [M, 1, k, F] -> [M, 1, 1, K]."""
        found: Tensor = self.encoder(slices)
        return found

    def decode(self, embeddings: Tensor) -> Tensor:
        """Finds the slices of embeddings, [M, 1, 1, K] -> [M, 1, k, F]."""
        found: Tensor = self.decoder(embeddings)
        return found


def _then(layer: nn.Conv2d | nn.ConvTranspose2d, leak: float) -> nn.Sequential:
    activation = nn.LeakyReLU(leak) if leak else nn.ReLU()
    return nn.Sequential(layer, activation, nn.BatchNorm2d(layer.out_channels))
