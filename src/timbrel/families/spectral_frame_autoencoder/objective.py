"""What training minimises: the squared error in decibels."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from timbrel.blocks.spectral_autoencoder import SpectralAutoencoder
from timbrel.errors import TrainingError
from timbrel.families.spectral_frame_autoencoder.config import SpectralFrameOptions
from timbrel.losses.reconstruction import mean_squared_error


class SpectralFrameObjective:
    """The mean squared error of frames in dB².

    Args:
        options: The recipe's network table; nothing in it changes what is minimised.

    Source:
        Langer 2023, section 4.2.1.
    """

    def __init__(self, options: SpectralFrameOptions) -> None:
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

        Returns:
            ``loss`` in dB², of frames of a code, [B, F, 1].
        """
        if not isinstance(network, SpectralAutoencoder):
            raise TrainingError(f"a network of type {type(network).__name__}", "one of frames")
        return {"loss": mean_squared_error(network(code), network.decibels(code))}
