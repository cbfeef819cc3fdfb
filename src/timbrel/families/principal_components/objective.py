"""What principal components minimise, so that training can say how far they come."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from timbrel.errors import TrainingError
from timbrel.families.principal_components.config import PrincipalComponentsOptions
from timbrel.families.principal_components.network import PrincipalComponents
from timbrel.losses.reconstruction import mean_squared_error


class PrincipalComponentsObjective:
    """The mean squared error of slices in dB².

    Args:
        options: The recipe's network table.
    """

    def __init__(self, options: PrincipalComponentsOptions) -> None:
        self.unit_db = options.unit_db

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
            ``loss`` in dB², of slices of a code, [B, F, k]; no gradient changes it.
        """
        if not isinstance(network, PrincipalComponents):
            raise TrainingError(f"a network of type {type(network).__name__}", "components")
        return {"loss": self.unit_db**2 * mean_squared_error(network(code), code)}
