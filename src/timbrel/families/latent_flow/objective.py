"""What training minimises: the decoder's error, its roughness, and the flow's."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from timbrel.blocks.detail_decoder import LOWEST_LOG_SPREAD
from timbrel.errors import TrainingError
from timbrel.families.latent_flow.config import LatentFlowOptions
from timbrel.families.latent_flow.network import LatentFlow
from timbrel.losses.elbo import roughness_error
from timbrel.losses.flow import flow_matching_error, time_between

DECODED_EVERY = 4  # of a batch: the decoder needs less than the flow, and costs more a sound


class LatentFlowObjective:
    """Decoder and flow learn side by side: what they learn from, the components, stays put.

    Args:
        options: The recipe's network table.
    """

    def __init__(self, options: LatentFlowOptions) -> None:
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
            ``loss``, and its parts ``error`` (of the code, in units of ``error_scale``, a cell),
            ``roughness`` (nats a cell) and ``flow`` (mean square of the velocity's error).
        """
        if not isinstance(network, LatentFlow):
            raise TrainingError(f"a network of type {type(network).__name__}", "a LatentFlow")
        with torch.no_grad(), torch.autocast(code.device.type, enabled=False):
            coordinates = network.strips.coordinates(code)
        some = slice(None, None, DECODED_EVERY)
        error, roughness = self._decoding(network, code[some], coordinates[some], generator)
        flow = self._flow(network, coordinates, generator)
        return {
            "loss": error + self.options.roughness_weight * roughness + flow,
            "error": error.detach(),
            "roughness": roughness.detach(),
            "flow": flow.detach(),
        }

    def _decoding(
        self, network: LatentFlow, code: Tensor, coordinates: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """A third of the sounds wholly known, a third as if drawn, a third between."""
        level = torch.rand(len(code), generator=generator, device=code.device)
        known = (3 * level - 1).clamp(0, 1)
        rest = coordinates[:, network.drawn :] * known[:, None, None]
        held = known[:, None, None].expand(-1, 1, coordinates.shape[2])
        found = network.predicted(torch.cat([coordinates[:, : network.drawn], rest, held], dim=1))
        frames = code.shape[2]
        prediction, log_spread = found.code[:, :, :frames], found.log_spread[:, :, :frames]
        error = (prediction - code).square().mean() / (2 * self.options.error_scale**2)
        if frames < 2:  # nothing changes from one frame to another
            return error, log_spread.sum() * 0
        lag = min(self.options.lag_frames, frames // 2)
        roughness = roughness_error(prediction, code, log_spread, lag_frames=lag)
        return error, roughness - LOWEST_LOG_SPREAD

    def _flow(self, network: LatentFlow, coordinates: Tensor, generator: torch.Generator) -> Tensor:
        plan, doubt = self._doubted(network, network.plan_of(coordinates), generator)
        detail = network.scaled(coordinates)
        noise = torch.randn(detail.shape, generator=generator, device=detail.device)
        time = time_between(len(detail), generator)
        point = torch.lerp(noise, detail, time[:, None, None])
        velocity = network.velocity(point, time, *network.conditions(plan, detail.shape[2], doubt))
        return flow_matching_error(velocity, noise, detail)

    def _doubted(
        self, network: LatentFlow, plan: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Adds noise to plans, so that a plan that no sound has is not taken at its word."""
        draws = torch.rand(2, len(plan), generator=generator, device=plan.device)
        doubt = torch.where(draws[1] < self.options.plan_free, 1.0, draws[0])
        noise = torch.randn(plan.shape, generator=generator, device=plan.device)
        noise = noise * network.doubtful()
        kept = (1 - doubt.square()).clamp(min=0).sqrt()
        return kept[:, None] * plan + doubt[:, None] * noise, doubt
