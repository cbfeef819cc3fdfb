"""The network of `conv_autoencoder`: convolutions that halve the length, around full layers."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from timbrel.blocks.columns import ColumnNetwork
from timbrel.errors import RecipeError
from timbrel.families import DataFacts
from timbrel.families.conv_autoencoder.config import ConvAutoencoderOptions

KERNEL, STRIDE, PADDING = 4, 2, 1


class ConvAutoencoder(ColumnNetwork):
    """Convolutions along the column and full layers around the bottleneck, ReLU but for the last.

    The convolutions are one-dimensional; they are written as two-dimensional ones over one row,
    the same arithmetic, because processors then do them with the channels last, which is faster.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes.

    Shape:
        embedded: columns [M, F] -> [M, K]
        restored: [M, K] -> columns [M, F]

    Source:
        Metsälä 2024 (S0), section 5.2.2: kernel 4, stride 2, padding 1; 16, 32 and 64 channels;
        105,792 values to 3,300 and back; an output padding where a length is odd.
    """

    memory_format = torch.channels_last

    def __init__(self, options: ConvAutoencoderOptions, facts: DataFacts) -> None:
        super().__init__(bins=facts.bins, frames=facts.frames)
        channels, lengths = (1, *options.channels), lengths_of(facts.bins, len(options.channels))
        self.inner = (channels[-1], 1, lengths[-1])
        values = channels[-1] * lengths[-1]
        halves = [_halving(before, after) for before, after in pairwise(channels)]
        doubles = [
            _doubling(after, before, odd=length % 2)
            for (before, after), length in zip(pairwise(channels), lengths[:-1], strict=True)
        ]
        self.encoder = nn.Sequential(*_with_relu(halves))
        self.narrow = nn.Linear(values, options.bottleneck)
        self.widen = nn.Linear(options.bottleneck, values)
        self.decoder = nn.Sequential(*_with_relu(doubles[::-1])[:-1])

    def embedded(self, columns: Tensor) -> Tensor:
        """See `ColumnNetwork.embedded`."""
        rows = columns[:, None, None].contiguous(memory_format=torch.channels_last)
        found: Tensor = self.narrow(self.encoder(rows).flatten(1)).relu()
        return found

    def restored(self, embeddings: Tensor) -> Tensor:
        """See `ColumnNetwork.restored`."""
        rows = self.widen(embeddings).relu().unflatten(1, self.inner)
        found: Tensor = self.decoder(rows.contiguous(memory_format=torch.channels_last))
        return found[:, 0, 0]


def lengths_of(bins: int, layers: int) -> list[int]:
    """Says the length before, between and after the convolutions.

    Args:
        bins: F, the length of a column.
        layers: How many convolutions there are.

    Returns:
        Lengths, `layers` + 1 of them.

    Example:
        >>> lengths_of(13_230, 3)
        [13230, 6615, 3307, 1653]
    """
    lengths = [bins]
    for _ in range(layers):
        lengths.append((lengths[-1] + 2 * PADDING - KERNEL) // STRIDE + 1)
    return lengths


def _halving(inputs: int, outputs: int) -> nn.Module:
    return nn.Conv2d(inputs, outputs, (1, KERNEL), (1, STRIDE), (0, PADDING))


def _doubling(inputs: int, outputs: int, *, odd: int) -> nn.Module:
    return nn.ConvTranspose2d(
        inputs, outputs, (1, KERNEL), (1, STRIDE), (0, PADDING), output_padding=(0, odd)
    )


def _with_relu(layers: list[nn.Module]) -> list[nn.Module]:
    return [part for layer in layers for part in (layer, nn.ReLU(inplace=True))]


def build(options: ConvAutoencoderOptions, facts: DataFacts) -> ConvAutoencoder:
    """Builds the network that a recipe asks for.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes.

    Returns:
        A freshly initialised network.

    Raises:
        RecipeError: When a column is too short to be halved so often.
    """
    if lengths_of(facts.bins, len(options.channels))[-1] < 1:
        raise RecipeError(
            f"codes of {facts.bins} values a column, halved {len(options.channels)} times",
            f"{2 ** len(options.channels)} values or more",
            "take longer segments, or fewer entries in network.channels",
        )
    return ConvAutoencoder(options, facts)
