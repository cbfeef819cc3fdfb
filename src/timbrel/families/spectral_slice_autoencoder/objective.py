"""What training minimises: the squared error in decibels."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from timbrel.blocks.spectral_autoencoder import SpectralAutoencoder
from timbrel.errors import TrainingError
from timbrel.families.spectral_slice_autoencoder.config import SpectralSliceOptions
from timbrel.losses.reconstruction import mean_squared_error


class SpectralSliceObjective:
    """The mean squared error of slices in dB².

    Args:
        options: The recipe's network table; nothing in it changes what is minimised.

    Source:
        Langer 2023, section 4.2.1.
    """

    def __init__(self, options: SpectralSliceOptions) -> None:
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
            ``loss`` in dB², of slices of a code, [B, F, k].
        """
        if not isinstance(network, SpectralAutoencoder):
            raise TrainingError(f"a network of type {type(network).__name__}", "one of slices")
        return {"loss": mean_squared_error(network(code), network.decibels(code))}
