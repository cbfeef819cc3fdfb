"""The options of the family `sample_vae`."""

from typing import Literal

from timbrel.recipes import Options, option


class SampleVaeOptions(Options):
    """A variational autoencoder of whole short sounds (S3), and our own shape of it."""

    shape: Literal["picture", "strips"] = option(
        "picture",
        "S3's network on the spectrogram as a picture, or ours on strips of frames that starts "
        "from the library's principal components.",
    )
    latent_size: int = option(64, "Dimensions Z of the latent.", low=1, high=1024)
    flow_layers: int = option(10, "Layers of inverse autoregressive flow.", low=0, high=40)
    flow_units: int = option(64, "Units of each small network of the flow.", low=1, high=512)
    hidden_size: int = option(512, "Units of the dense layer of the encoder.", low=8, high=4096)
    dropout: float = option(0.25, "Share of units dropped while training.", low=0, high=0.9)
    beta: float = option(1.0, "Weight of the divergence from the prior.", low=0, high=1000)
    error_scale: float = option(
        0.2,
        "Width of the Gaussian that an error is measured by, in units of the code (strips only; "
        "the picture's error is the binary cross-entropy).",
        low=1e-4, high=10,
    )  # fmt: skip
    roughness_weight: float = option(
        0.0,
        "Weight of the likelihood of the spread, per nat a cell (strips only).",
        low=0, high=1e6,
    )  # fmt: skip
    lag_frames: int = option(
        4,
        "Frames apart that two cells are to tell roughness from mere error: a window's length in "
        "hops (strips only).",
        low=1, high=64,
    )  # fmt: skip
    channels: int = option(256, "Channels of the strips' convolutions.", low=8, high=2048)
    strip_frames: int = option(4, "Frames that one strip joins.", low=1, high=64)
    blocks: int = option(1, "Residual blocks at each of the two time scales.", low=1, high=12)
