"""The options of the family `pitched_autoencoder`."""

from timbrel.recipes import Options, option


class PitchedAutoencoderOptions(Options):
    """A small latent over time, with pitch and level kept beside it."""

    latent_size: int = option(32, "Values of timbre at each position.", low=1, high=1024)
    strip_frames: int = option(2, "Frames that one position joins.", low=1, high=16)
    channels: int = option(256, "Channels of the convolutions over time.", low=8, high=4096)
    blocks: int = option(2, "Residual blocks over time on each side.", low=0, high=16)
    bands: int = option(64, "Bands along frequency that the decoder paints with.", low=8, high=512)
    features: int = option(6, "Learned values of each band and partial.", low=1, high=64)
    painter_channels: int = option(32, "Channels of the painter of single bins.", low=4, high=256)
    unit_db: float = option(
        80.0, "Decibels that one unit of the code stands for.", unit="dB", low=1, high=200
    )
    noise: float = option(
        0.1,
        "Noise on the latents while learning, in their own spread, so that points between sounds "
        "sound as well.",
        low=0, high=1,
    )  # fmt: skip
    slice_frames: int = option(16, "Frames of each excerpt learned from.", low=2, high=256)
    cells: int = option(
        8, "Cells of time whose means make the one vector that stands for a sound.", low=1, high=64
    )
