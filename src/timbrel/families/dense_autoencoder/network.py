"""The network of `dense_autoencoder`: full layers with ReLU, mirrored at the bottleneck."""

from itertools import pairwise

from torch import Tensor, nn

from timbrel.blocks.columns import ColumnNetwork
from timbrel.families import DataFacts
from timbrel.families.dense_autoencoder.config import DenseAutoencoderOptions


class DenseAutoencoder(ColumnNetwork):
    """Full layers, each followed by ReLU but for the very last.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes.

    Shape:
        embedded: columns [M, F] -> [M, K], K the last of the widths
        restored: [M, K] -> columns [M, F]

    Source:
        Metsälä 2024 (S0), section 5.2.2: 13,230 to 9,800, 6,500 and 3,300 and back.
    """

    def __init__(self, options: DenseAutoencoderOptions, facts: DataFacts) -> None:
        super().__init__(bins=facts.bins, frames=facts.frames)
        widths = (facts.bins, *options.widths)
        self.encoder = nn.Sequential(*_layers(widths))
        self.decoder = nn.Sequential(*_layers(widths[::-1])[:-1])

    def embedded(self, columns: Tensor) -> Tensor:
        """See `ColumnNetwork.embedded`."""
        found: Tensor = self.encoder(columns)
        return found

    def restored(self, embeddings: Tensor) -> Tensor:
        """See `ColumnNetwork.restored`."""
        found: Tensor = self.decoder(embeddings)
        return found


def _layers(widths: tuple[int, ...]) -> list[nn.Module]:
    pairs = (
        (nn.Linear(before, after), nn.ReLU(inplace=True)) for before, after in pairwise(widths)
    )
    return [layer for pair in pairs for layer in pair]


def build(options: DenseAutoencoderOptions, facts: DataFacts) -> DenseAutoencoder:
    """Builds the network that a recipe asks for, for codes of any shape.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes.

    Returns:
        A freshly initialised network.
    """
    return DenseAutoencoder(options, facts)
