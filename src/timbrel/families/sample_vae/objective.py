"""What training minimises: the negative evidence lower bound, with β."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from timbrel.errors import TrainingError
from timbrel.families.sample_vae.config import SampleVaeOptions
from timbrel.families.sample_vae.network import SampleVae


class SampleVaeObjective:
    """The negative evidence lower bound of a batch: error + β · divergence (+ roughness).

    Args:
        options: The recipe's network table.

    Source:
        Kingma & Welling 2014, equation 10; β as in Higgins et al. 2017.
    """

    def __init__(self, options: SampleVaeOptions) -> None:
        self.beta = options.beta
        self.roughness_weight = options.roughness_weight

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
            ``loss`` in nats a sound, and its parts ``error``, ``divergence`` and ``roughness``.
        """
        if not isinstance(network, SampleVae):
            raise TrainingError(f"a network of type {type(network).__name__}", "a SampleVae")
        error, divergence, roughness = network.bound(code, generator)
        loss = error + self.beta * divergence + self.roughness_weight * roughness
        return {
            "loss": loss,
            "error": error.detach(),
            "divergence": divergence.detach(),
            "roughness": roughness.detach(),
        }
