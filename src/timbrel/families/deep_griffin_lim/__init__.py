"""The family `deep_griffin_lim`: Griffin-Lim with a trained network inside of each round."""

from timbrel.families import Family
from timbrel.families.deep_griffin_lim.config import DeepGriffinLimOptions
from timbrel.families.deep_griffin_lim.network import build
from timbrel.families.deep_griffin_lim.objective import DeepGriffinLimObjective

FAMILY = Family(
    title="Deep Griffin-Lim",
    config=DeepGriffinLimOptions,
    build=build,
    objective=DeepGriffinLimObjective,
    needs="sounds",
    abilities=frozenset({"phase"}),
    source="Masuyama, Yatabe, Koizumi, Oikawa & Harada 2019",
)
