"""From an encoder's hidden vector to a point of the latent space, drawn or central."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel.families.sample_vae.flow import AutoregressiveStep
from timbrel.losses.elbo import gaussian_log_density

# the log-variance around a hidden vector that is the mean itself: a tenth of the prior's width
_NARROW = -4.6


class Draw(NamedTuple):
    """A latent drawn from a posterior [B, Z], and its log-density there [B]."""

    latent: Tensor
    log_density: Tensor


class Posterior(nn.Module):
    """Dense layer, mean and log-variance, and the flow that bends the Gaussian.

    Args:
        encoded_size: Size H of the encoder's hidden vector, which the flow also sees.
        latent_size: Z.
        hidden_size: Units of the dense layer.
        flow_layers: Layers of inverse autoregressive flow; 0 leaves a Gaussian.
        flow_units: Units of each small network of the flow.
        dropout: Share of units of the dense layer dropped while training.
        skip: Whether the mean is the hidden vector itself plus what the layers learn (H = Z);
            the layers then begin at nothing, with a narrow Gaussian around the hidden vector.

    Source:
        S3 section 7.3; Kingma et al. 2016.
    """

    def __init__(
        self,
        encoded_size: int,
        *,
        latent_size: int,
        hidden_size: int,
        flow_layers: int,
        flow_units: int,
        dropout: float,
        skip: bool = False,
    ) -> None:
        super().__init__()
        self.skip = skip
        self.dense = nn.Linear(encoded_size, hidden_size)
        self.dropout = nn.Dropout(dropout)
        self.mean = nn.Linear(hidden_size, latent_size)
        self.log_variance = nn.Linear(hidden_size, latent_size)
        self.flow = nn.ModuleList(
            AutoregressiveStep(encoded_size, latent_size, flow_units) for _ in range(flow_layers)
        )
        if skip:
            for layer, start in ((self.mean, 0.0), (self.log_variance, _NARROW)):
                nn.init.zeros_(layer.weight)
                nn.init.constant_(layer.bias, start)

    def draw(self, hidden: Tensor, generator: torch.Generator) -> Draw:
        """Draws one latent for each hidden vector.

        Args:
            hidden: The encoder's output, [B, H].
            generator: Where the randomness comes from.

        Returns:
            The latents and their log-densities.
        """
        mean, log_variance = self._gaussian(hidden)
        noise = torch.randn(
            mean.shape, generator=generator, dtype=mean.dtype, device=generator.device
        )
        start = mean + noise.to(mean.device) * torch.exp(0.5 * log_variance)
        latent, log_scales = self._bend(start, hidden)
        return Draw(latent, gaussian_log_density(start, mean, log_variance) - log_scales)

    def centre(self, hidden: Tensor) -> Tensor:
        """Gives the latent of the posterior's mean, the same each time.

        Args:
            hidden: The encoder's output, [B, H].

        Returns:
            Latents, [B, Z].
        """
        mean, _ = self._gaussian(hidden)
        return self._bend(mean, hidden)[0]

    def _gaussian(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        dense = self.dropout(functional.elu(self.dense(hidden)))
        mean = self.mean(dense).float() + (hidden.float() if self.skip else 0.0)
        return mean, self.log_variance(dense).float().clamp(-14, 6)

    def _bend(self, latent: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        log_scales = latent.new_zeros(latent.shape[0])
        for step in self.flow:
            latent, log_scale = step(latent, hidden)
            log_scales = log_scales + log_scale
        return latent, log_scales
