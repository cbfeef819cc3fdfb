"""The options of the family `conv_autoencoder`."""

from pydantic import model_validator

from timbrel.errors import UsageError
from timbrel.recipes import Options, option


class ConvAutoencoderOptions(Options):
    """Convolutions that halve the length, a full layer to the bottleneck, and back the same way."""

    channels: tuple[int, ...] = option(
        (16, 32, 64), "Channels after each convolution; each halves the length."
    )
    bottleneck: int = option(
        3300,
        "Values of the bottleneck; nearly all parameters lie around it.",
        low=1,
        high=1_000_000,
    )

    @model_validator(mode="after")
    def _fits(self) -> "ConvAutoencoderOptions":
        if not self.channels or min(self.channels) < 1:
            raise UsageError(
                f"network.channels = {list(self.channels)}",
                "one or more numbers of 1 or more, as in [16, 32, 64]",
            )
        return self
