"""The options of the family `long_flow`."""

from typing import Literal

from pydantic import model_validator

from timbrel.recipes import Options, option


class LongFlowOptions(Options):
    """A groove of each piece (one vector), and its detail over time (a sequence of any length)."""

    latent_size: int = option(
        64,
        "Dimensions Z of the vector that stands for a piece: its groove, its liveliness, and two "
        "that tell tempo and clarity of its beat.",
        low=4, high=1024,
    )  # fmt: skip
    liveliness_size: int = option(
        16, "Of these, how many tell how far what sounds is from the groove.", low=1, high=1024
    )
    slice_frames: int = option(1032, "Frames of a slice, a training example.", low=8, high=65_536)
    strip_frames: int = option(4, "Frames that one position of the detail joins.", low=1, high=64)
    components: int = option(
        384, "Values of the detail at each position that a sound is kept by.", low=2, high=2048
    )
    drawn_components: int = option(
        128, "Of these, how many are drawn for a new sound; the others follow.", low=1, high=2048
    )
    groove_components: int = option(
        64, "Of those drawn, how many the groove knows of, in each sixteenth of a bar.",
        low=1, high=2048,
    )  # fmt: skip
    path: Literal["straight", "arc"] = option(
        "straight",
        "The way from noise to detail: straight as in flow matching, or an arc of constant "
        "variance as in diffusion.",
    )
    channels: int = option(256, "Channels of the flow.", low=8, high=4096)
    blocks: int = option(
        12, "Residual blocks of the flow; they look along positions and beats in turn.",
        low=1, high=64,
    )  # fmt: skip
    decoder_channels: int = option(256, "Channels of the decoder's convolutions.", low=8, high=4096)
    decoder_blocks: int = option(2, "Residual blocks of the decoder.", low=1, high=64)
    draw_steps: int = option(12, "Steps in which a new detail is drawn.", low=1, high=500)
    temperature: float = option(
        0.7,
        "Spread of the noise that a new detail is drawn from; 1 draws as widely as was learned.",
        low=0, high=2,
    )  # fmt: skip
    groove_free: float = option(
        0.1, "Share of slices whose detail is learned without their groove.", low=0, high=1
    )
    error_scale: float = option(
        0.05,
        "Width of the Gaussian that the decoder's error is measured by, in units of the code.",
        low=1e-4, high=10,
    )  # fmt: skip
    roughness_weight: float = option(
        1.0, "Weight of the likelihood of the spread, per nat a cell.", low=0, high=1e6
    )
    lag_frames: int = option(
        4,
        "Frames apart that two cells are to tell roughness from mere error: a window's length in "
        "hops.",
        low=1, high=64,
    )  # fmt: skip

    @model_validator(mode="after")
    def _nested(self) -> "LongFlowOptions":
        if self.latent_size < self.liveliness_size + 3:
            raise ValueError(
                f"latent_size {self.latent_size} with liveliness_size {self.liveliness_size}: "
                "three more are needed at least"
            )
        if not self.groove_components <= self.drawn_components <= self.components:
            raise ValueError(
                f"groove_components {self.groove_components}, drawn_components "
                f"{self.drawn_components}, components {self.components}: each may be at most "
                "the next"
            )
        return self
