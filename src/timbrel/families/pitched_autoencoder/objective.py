"""What training a pitched autoencoder minimises."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from timbrel.families.pitched_autoencoder.config import PitchedAutoencoderOptions
from timbrel.families.pitched_autoencoder.network import PitchedAutoencoder

_QUIET = 0.25  # how much an error counts at the floor, where it counts 1.25 at the maximum


class PitchedObjective:
    """The mean error in dB, louder cells counting more.

    Args:
        options: The recipe's network table.
    """

    def __init__(self, options: PitchedAutoencoderOptions) -> None:
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
        """See `timbrel.families.Objective.losses`; "rmse_db" is told beside what is minimised."""
        assert isinstance(network, PitchedAutoencoder)  # noqa: S101 - for the type checker
        magnitude, told = network.facts_of(code)
        latent = network.timbre(magnitude, told)
        if network.training and self.options.noise:
            drawn = torch.randn(latent.shape, generator=generator, device=generator.device)
            latent = latent + self.options.noise * drawn
        error = error_of(network.magnitudes(latent, told), magnitude)
        weight = _QUIET + magnitude
        return {
            "loss": self.options.unit_db * (error.abs() * weight).mean() / weight.mean(),
            "rmse_db": self.options.unit_db * error.detach().square().mean().sqrt(),
        }


def error_of(painted: Tensor, magnitude: Tensor) -> Tensor:
    """Compares painted magnitudes with true ones; what is painted below the floor is no error.

    Args:
        painted: Painted magnitudes, not yet clipped, [B, F, N].
        magnitude: True ones within 0..1, [B, F, N].

    Returns:
        Differences, [B, F, N].

    Example:
        >>> error_of(torch.tensor([-0.5, 0.5]), torch.tensor([0.0, 0.25]))
        tensor([0.0000, 0.2500])
    """
    return torch.where(magnitude > 0, painted - magnitude, painted.clamp(min=0))
