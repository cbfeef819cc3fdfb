"""The family `dense_autoencoder`: S0's autoencoder of full layers."""

from timbrel.families import Family
from timbrel.families.dense_autoencoder.config import DenseAutoencoderOptions
from timbrel.families.dense_autoencoder.network import build
from timbrel.families.dense_autoencoder.objective import DenseAutoencoderObjective

FAMILY = Family(
    title="autoencoder of full layers",
    config=DenseAutoencoderOptions,
    build=build,
    objective=DenseAutoencoderObjective,
    needs="sounds",
    abilities=frozenset({"encode", "decode", "detail"}),
    source="Metsälä 2024 (S0), the base model",
)
