"""The family `fourier_vocoder`: from magnitudes or mel bands to a waveform, after Vocos."""

from timbrel.families import Family
from timbrel.families.fourier_vocoder.config import FourierVocoderOptions
from timbrel.families.fourier_vocoder.network import build
from timbrel.families.fourier_vocoder.objective import FourierVocoderObjective

FAMILY = Family(
    title="neural vocoder with a Fourier head",
    config=FourierVocoderOptions,
    build=build,
    objective=FourierVocoderObjective,
    needs="sounds",
    abilities=frozenset({"phase"}),
    source="Siuzdak 2023 (Vocos); Masuyama et al. 2023",
)
