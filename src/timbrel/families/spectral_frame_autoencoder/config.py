"""The options of the family `spectral_frame_autoencoder`."""

from typing import Literal

from pydantic import PositiveInt

from timbrel.recipes import Options, option


class SpectralFrameOptions(Options):
    """A deep convolutional autoencoder of single frames (S4)."""

    channels: tuple[PositiveInt, ...] = option(
        (16, 32, 64, 128, 128, 64, 32, 16),
        "Channels of the encoder's layers; one more has one. Each layer takes two bins.",
    )
    leak: float = option(0.01, "Slope of the activation below zero; 0 is ReLU.", low=0, high=1)
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
