"""The family `wave_gan`: waveforms from noise, by transposed convolutions alone."""

from timbrel.families import Family
from timbrel.families.wave_gan.config import WaveGanOptions
from timbrel.families.wave_gan.network import build
from timbrel.families.wave_gan.objective import WaveGanObjective

FAMILY = Family(
    title="WaveGAN: waveforms from noise",
    config=WaveGanOptions,
    build=build,
    objective=WaveGanObjective,
    needs="sounds",
    abilities=frozenset({"decode", "sample"}),
    source="Donahue, McAuley & Puckette 2019, as S1 describes it",
)
