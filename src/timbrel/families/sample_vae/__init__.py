"""The family `sample_vae`: S3's variational autoencoder of a sample library."""

from timbrel.families import Family
from timbrel.families.sample_vae.config import SampleVaeOptions
from timbrel.families.sample_vae.network import build, start
from timbrel.families.sample_vae.objective import SampleVaeObjective

FAMILY = Family(
    title="variational autoencoder of short sounds",
    config=SampleVaeOptions,
    build=build,
    start=start,
    objective=SampleVaeObjective,
    needs="sounds",
    abilities=frozenset({"encode", "decode", "sample"}),
    source="Rebnord 2022 (S3); Frenzel, SampleVAE",
)
