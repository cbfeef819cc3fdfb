"""The family `progressive_gan`: S1's growing adversarial network on raw audio."""

from timbrel.families import Family
from timbrel.families.progressive_gan.config import ProgressiveGanOptions
from timbrel.families.progressive_gan.network import build
from timbrel.families.progressive_gan.objective import ProgressiveGanObjective

FAMILY = Family(
    title="adversarial network on waveforms that grows level by level",
    config=ProgressiveGanOptions,
    build=build,
    objective=ProgressiveGanObjective,
    needs="sounds",
    abilities=frozenset({"decode", "sample"}),
    source="Netzer 2021 (S1); Karras, Aila, Laine & Lehtinen 2018",
)
