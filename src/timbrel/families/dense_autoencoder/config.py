"""The options of the family `dense_autoencoder`."""

from pydantic import model_validator

from timbrel.errors import UsageError
from timbrel.recipes import Options, option


class DenseAutoencoderOptions(Options):
    """An autoencoder of full layers, down to a bottleneck and back the same way."""

    widths: tuple[int, ...] = option(
        (9800, 6500, 3300), "Values after each full layer, down to the bottleneck, then back."
    )

    @model_validator(mode="after")
    def _fits(self) -> "DenseAutoencoderOptions":
        if not self.widths or min(self.widths) < 1:
            raise UsageError(
                f"network.widths = {list(self.widths)}",
                "one or more numbers of 1 or more, as in [9800, 6500, 3300]",
            )
        return self
