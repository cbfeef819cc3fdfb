"""The options of the family `latent_flow`."""

from pydantic import model_validator

from timbrel.recipes import Options, option


class LatentFlowOptions(Options):
    """A plan of each sound (one vector), and its detail over time (a sequence)."""

    latent_size: int = option(
        128, "Dimensions Z of the plan, the vector that stands for a sound.", low=1, high=1024
    )
    strip_frames: int = option(4, "Frames that one position of the detail joins.", low=1, high=64)
    components: int = option(
        256, "Values of the detail at each position that a sound is kept by.", low=2, high=2048
    )
    drawn_components: int = option(
        64, "Of these, how many are drawn for a new sound; the others follow.", low=1, high=2048
    )
    plan_components: int = option(
        48, "Of those drawn, how many the plan knows of, averaged over time.", low=1, high=2048
    )
    channels: int = option(256, "Channels of the flow's convolutions.", low=8, high=4096)
    blocks: int = option(8, "Residual blocks of the flow.", low=1, high=64)
    decoder_channels: int = option(256, "Channels of the decoder's convolutions.", low=8, high=4096)
    decoder_blocks: int = option(2, "Residual blocks of the decoder.", low=1, high=64)
    draw_steps: int = option(16, "Steps in which a new detail is drawn.", low=1, high=500)
    plan_free: float = option(
        0.1, "Share of sounds whose detail is learned without their plan.", low=0, high=1
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
    def _nested(self) -> "LatentFlowOptions":
        if not self.plan_components <= self.drawn_components <= self.components:
            raise ValueError(
                f"plan_components {self.plan_components}, drawn_components "
                f"{self.drawn_components}, components {self.components}: each may be at most "
                "the next"
            )
        return self
