"""The family `principal_components`: the best linear code of spectrogram slices."""

from timbrel.families import Family
from timbrel.families.principal_components.config import PrincipalComponentsOptions
from timbrel.families.principal_components.network import build, start
from timbrel.families.principal_components.objective import PrincipalComponentsObjective

FAMILY = Family(
    title="principal components of spectrogram slices, the baseline of autoencoders",
    config=PrincipalComponentsOptions,
    build=build,
    start=start,
    objective=PrincipalComponentsObjective,
    needs="sounds",
    abilities=frozenset({"encode", "decode", "detail"}),
    source="Pearson 1901; as a baseline of autoencoders Roche et al. 2018",
)
