"""The options of the family `spectral_slice_autoencoder`."""

from typing import Literal

from pydantic import PositiveInt

from timbrel.recipes import Options, option

Strides = Literal["single", "double", "triple"]
Bands = Literal["linear", "mel"]


class SpectralSliceOptions(Options):
    """A convolutional autoencoder of slices of 3 frames (S4)."""

    strides: Strides = option(
        "single", "In how many layers a side frequency is halved: single, double or triple."
    )
    bands: Bands = option(
        "linear", "Whose layer table: that of log-magnitude (linear) or of log-mel (mel)."
    )
    channels: tuple[PositiveInt, PositiveInt, PositiveInt, PositiveInt] = option(
        (225, 256, 256, 100), "Channels of the encoder's first four layers; the fifth has one."
    )
    unit_db: float = option(
        80.0, "Decibels that one unit of the code stands for.", unit="dB", low=1, high=200
    )
    scaling: Literal["none", "library"] = option(
        "none",
        "What decibels are relative to inside: nothing (S4), or the library's mean in each bin.",
    )
    cells: int = option(
        8, "Cells of time that the latent of a whole sound averages over.", low=1, high=256
    )
