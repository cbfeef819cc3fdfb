"""The family `latent_flow`: a plan of each sound, and its detail drawn by flow matching."""

from timbrel.families import Family
from timbrel.families.latent_flow.config import LatentFlowOptions
from timbrel.families.latent_flow.network import build, start
from timbrel.families.latent_flow.objective import LatentFlowObjective

FAMILY = Family(
    title="plan and detail of short sounds, the detail drawn by flow matching",
    config=LatentFlowOptions,
    build=build,
    start=start,
    objective=LatentFlowObjective,
    needs="sounds",
    abilities=frozenset({"encode", "decode", "sample", "detail"}),
    source="Lipman et al. 2023, flow matching; Ho et al. 2022, cascaded diffusion",
)
