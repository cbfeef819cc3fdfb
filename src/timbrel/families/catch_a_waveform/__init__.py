"""The family `catch_a_waveform`: a pyramid of networks that learns from one recording."""

from timbrel.families import Family
from timbrel.families.catch_a_waveform.config import CatchAWaveformOptions
from timbrel.families.catch_a_waveform.network import build
from timbrel.families.catch_a_waveform.objective import CatchAWaveformObjective
from timbrel.families.catch_a_waveform.scales import suited

FAMILY = Family(
    title="adversarial networks on the waveform of one recording, a sampling rate after the other",
    config=CatchAWaveformOptions,
    build=build,
    suited=suited,
    objective=CatchAWaveformObjective,
    needs="one recording",
    abilities=frozenset({"improvise"}),
    source="Greshler, Shaham & Michaeli 2021; Sanz 2022 (S2)",
)
