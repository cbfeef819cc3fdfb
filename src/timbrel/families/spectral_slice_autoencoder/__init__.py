"""The family `spectral_slice_autoencoder`: slices of a few frames, each squeezed to one vector."""

from timbrel.families import Family
from timbrel.families.spectral_slice_autoencoder.config import SpectralSliceOptions
from timbrel.families.spectral_slice_autoencoder.network import build, start
from timbrel.families.spectral_slice_autoencoder.objective import SpectralSliceObjective

FAMILY = Family(
    title="2-D convolutional autoencoder of spectrogram slices, for morphing",
    config=SpectralSliceOptions,
    build=build,
    start=start,
    objective=SpectralSliceObjective,
    needs="sounds",
    abilities=frozenset({"encode", "decode", "detail"}),
    source="Langer 2023 (S4), section 4.5",
)
