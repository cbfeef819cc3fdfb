"""The family `pitched_autoencoder`: a small latent over time, pitch and level kept beside it."""

from timbrel.families import Family
from timbrel.families.pitched_autoencoder.config import PitchedAutoencoderOptions
from timbrel.families.pitched_autoencoder.network import build
from timbrel.families.pitched_autoencoder.objective import PitchedObjective

FAMILY = Family(
    title="spectral autoencoder that keeps pitch and level beside the timbre, to morph",
    config=PitchedAutoencoderOptions,
    build=build,
    objective=PitchedObjective,
    needs="sounds",
    abilities=frozenset({"encode", "decode", "detail"}),
    source="Serra & Smith 1990, spectral modelling synthesis; Langer 2023, spectral autoencoders",
)
