"""The family `long_flow`: the groove of a piece of music, and its detail drawn beat by beat."""

from timbrel.families import Family
from timbrel.families.long_flow.config import LongFlowOptions
from timbrel.families.long_flow.looking import start
from timbrel.families.long_flow.network import build
from timbrel.families.long_flow.objective import LongFlowObjective

FAMILY = Family(
    title="groove and detail of music of any length, the detail drawn by flow matching",
    config=LongFlowOptions,
    build=build,
    start=start,
    objective=LongFlowObjective,
    needs="sounds",
    abilities=frozenset({"encode", "decode", "sample", "detail"}),
    source="Lipman et al. 2023, flow matching; dilations in beats are ours",
)
