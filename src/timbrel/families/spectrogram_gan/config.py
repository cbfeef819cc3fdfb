"""The options of the family `spectrogram_gan`."""

from pydantic import model_validator

from timbrel.errors import UsageError
from timbrel.recipes import Options, option


class SpectrogramGanOptions(Options):
    """A generator that doubles height and length with each layer, and a critic that mirrors it."""

    latent_size: int = option(100, "Dimensions Z of the latent.", low=1, high=4096)
    channels: tuple[int, ...] = option(
        (1024, 512, 256, 128, 64),
        "Channels that enter each layer of the generator, and leave each of the critic's; a layer "
        "doubles bins and frames.",
    )
    kernel: int = option(5, "Bins and frames that a convolution sees.", low=2, high=31)
    clip: float = option(
        3.0,
        "Standard deviations of a bin around its mean that the network sees.",
        low=0.5, high=20,
    )  # fmt: skip
    unit_db: float = option(
        80.0, "Decibels that one unit of the code stands for.", unit="dB", low=1, high=200
    )
    critic_steps: int = option(5, "Steps of the critic for one of the generator.", low=1, high=100)
    penalty_weight: float = option(10.0, "Weight of the gradient penalty.", low=0, high=1e6)

    @model_validator(mode="after")
    def _fits(self) -> "SpectrogramGanOptions":
        if not 1 <= len(self.channels) <= 8 or min(self.channels) < 1:
            raise UsageError(
                f"network.channels = {list(self.channels)}",
                "one to eight numbers of 1 or more, as in [1024, 512, 256, 128, 64]",
            )
        return self
