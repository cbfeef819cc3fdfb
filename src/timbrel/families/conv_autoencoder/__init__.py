"""The family `conv_autoencoder`: S0's autoencoder with convolutions around its bottleneck."""

from timbrel.families import Family
from timbrel.families.conv_autoencoder.config import ConvAutoencoderOptions
from timbrel.families.conv_autoencoder.network import build
from timbrel.families.conv_autoencoder.objective import ConvAutoencoderObjective

FAMILY = Family(
    title="autoencoder of one-dimensional convolutions",
    config=ConvAutoencoderOptions,
    build=build,
    objective=ConvAutoencoderObjective,
    needs="sounds",
    abilities=frozenset({"encode", "decode", "detail"}),
    source="Metsälä 2024 (S0), the convolutional model",
)
