"""What training minimises: the squared error of what comes back."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from timbrel.errors import TrainingError
from timbrel.families.conv_autoencoder.config import ConvAutoencoderOptions
from timbrel.families.conv_autoencoder.network import ConvAutoencoder
from timbrel.losses.reconstruction import (
    mean_absolute_error,
    mean_squared_error,
    signal_to_noise_db,
)


class ConvAutoencoderObjective:
    """The mean squared error over all values of the code; absolute and relative ones beside it.

    Args:
        options: The recipe's network table; nothing of it matters here.

    Source:
        Metsälä 2024 (S0), section 5.2.3.
    """

    def __init__(self, options: ConvAutoencoderOptions) -> None:
        self.options = options

    def losses(
        self,
        network: nn.Module,
        code: Tensor,
        label: Tensor,
        *,
        step: int,
        generator: torch.Generator,
    ) -> Mapping[str, Tensor]:
        """See `timbrel.families.Objective.losses`.

        Args:
            network: A `ConvAutoencoder`.
            code: Codes, or single columns of them, [B, F, N].
            label: Not used.
            step: Not used.
            generator: Not used.

        Returns:
            ``loss``, the mean squared error, ``mae``, the mean absolute error of the code, and
            ``snr_db``, its signal-to-noise ratio.
        """
        if not isinstance(network, ConvAutoencoder):
            raise TrainingError(f"a network of type {type(network).__name__}", "a ConvAutoencoder")
        found = network(code)
        return {
            "loss": mean_squared_error(found, code),
            "mae": mean_absolute_error(found.detach(), code),
            "snr_db": signal_to_noise_db(found.detach(), code),
        }
