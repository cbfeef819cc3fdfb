"""The family `recording_flow`: one recording, drawn by flow matching at several scales."""

from timbrel.families import Family
from timbrel.families.recording_flow.config import RecordingFlowOptions
from timbrel.families.recording_flow.network import build, start
from timbrel.families.recording_flow.objective import RecordingFlowObjective
from timbrel.families.recording_flow.suiting import suited

FAMILY = Family(
    title="magnitudes of one recording, drawn from coarse to fine by flow matching",
    config=RecordingFlowOptions,
    build=build,
    suited=suited,
    start=start,
    objective=RecordingFlowObjective,
    needs="one recording",
    abilities=frozenset({"improvise", "clean"}),
    source="Lipman et al. 2023, flow matching; Shaham et al. 2019, SinGAN",
)
