"""The options of the family `wave_gan`."""

from pydantic import model_validator

from timbrel.errors import UsageError
from timbrel.recipes import Options, option


class WaveGanOptions(Options):
    """A generator that lengthens four times a layer, and a critic that mirrors it."""

    latent_size: int = option(100, "Dimensions Z of the latent.", low=1, high=4096)
    channels: tuple[int, ...] = option(
        (1024, 512, 256, 128, 64),
        "Channels that enter each layer of the generator, and leave each of the critic's; a layer "
        "lengthens 16 samples four times.",
    )
    kernel: int = option(25, "Samples that a convolution sees.", unit="samples", low=4, high=255)
    phase_shuffle: int = option(
        2,
        "How far the critic's layers are shifted at random, at most; 0 shifts none.",
        unit="samples", low=0, high=32,
    )  # fmt: skip
    critic_steps: int = option(5, "Steps of the critic for one of the generator.", low=1, high=100)
    penalty_weight: float = option(10.0, "Weight of the gradient penalty.", low=0, high=1e6)

    @model_validator(mode="after")
    def _fits(self) -> "WaveGanOptions":
        if not 1 <= len(self.channels) <= 8 or min(self.channels) < 1:
            raise UsageError(
                f"network.channels = {list(self.channels)}",
                "one to eight numbers of 1 or more, as in [1024, 512, 256, 128, 64]",
            )
        return self
