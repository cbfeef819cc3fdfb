"""The family `spectral_frame_autoencoder`: single frames, each squeezed to one vector."""

from timbrel.families import Family
from timbrel.families.spectral_frame_autoencoder.config import SpectralFrameOptions
from timbrel.families.spectral_frame_autoencoder.network import build, start
from timbrel.families.spectral_frame_autoencoder.objective import SpectralFrameObjective

FAMILY = Family(
    title="1-D convolutional autoencoder of single spectrogram frames",
    config=SpectralFrameOptions,
    build=build,
    start=start,
    objective=SpectralFrameObjective,
    needs="sounds",
    abilities=frozenset({"encode", "decode", "detail"}),
    source="Langer 2023 (S4), section 4.4",
)
