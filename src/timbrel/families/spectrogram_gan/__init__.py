"""The family `spectrogram_gan`: spectrograms from noise, as if they were pictures."""

from timbrel.families import Family
from timbrel.families.spectrogram_gan.config import SpectrogramGanOptions
from timbrel.families.spectrogram_gan.network import build, start
from timbrel.families.spectrogram_gan.objective import SpectrogramGanObjective

FAMILY = Family(
    title="SpecGAN: spectrograms from noise",
    config=SpectrogramGanOptions,
    build=build,
    start=start,
    objective=SpectrogramGanObjective,
    needs="sounds",
    abilities=frozenset({"decode", "sample"}),
    source="Donahue, McAuley & Puckette 2019, after Radford et al. 2016; S2's first design",
)
