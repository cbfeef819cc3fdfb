"""The options of the family `principal_components`."""

from timbrel.recipes import Options, option


class PrincipalComponentsOptions(Options):
    """Principal components of slices of a spectrogram: known from the library, without training."""

    latent_size: int = option(250, "Components that a slice is kept by.", low=1, high=4096)
    slice_frames: int = option(3, "Frames of a slice.", low=1, high=64)
    unit_db: float = option(
        80.0, "Decibels that one unit of the code stands for.", unit="dB", low=1, high=200
    )
    cells: int = option(
        8, "Cells of time that the latent of a whole sound averages over.", low=1, high=256
    )
