"""What training minimises: the decoder's error, its roughness, and the flow's."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from timbrel.blocks.detail_decoder import LOWEST_LOG_SPREAD
from timbrel.errors import TrainingError
from timbrel.families.long_flow.beats import SIDE_ROWS, metre_of
from timbrel.families.long_flow.config import LongFlowOptions
from timbrel.families.long_flow.network import LongFlow
from timbrel.losses.elbo import roughness_error
from timbrel.losses.flow import time_between

DECODED_EVERY = 8  # of a batch: the decoder needs less than the flow, and costs more a sound


class LongFlowObjective:
    """Decoder and flow learn side by side: what they learn from, the components, stays put.

    Args:
        options: The recipe's network table.
    """

    def __init__(self, options: LongFlowOptions) -> None:
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
            ``roughness`` (nats a cell) and ``flow`` (mean square of what the flow's
            guess misses, where 1 is what the best linear guess misses).
        """
        if not isinstance(network, LongFlow):
            raise TrainingError(f"a network of type {type(network).__name__}", "a LongFlow")
        with torch.no_grad(), torch.autocast(code.device.type, enabled=False):
            some = code[::DECODED_EVERY]
            every, first = network.coordinates(some), network.coordinates(code, network.drawn)
        error, roughness = self._decoding(network, some[:, :-SIDE_ROWS], every, generator)
        flow = self._flow(network, code, first, generator)
        return {
            "loss": error + self.options.roughness_weight * roughness + flow,
            "error": error.detach(),
            "roughness": roughness.detach(),
            "flow": flow.detach(),
        }

    def _decoding(
        self, network: LongFlow, level: Tensor, coordinates: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """A third of the sounds wholly known, a third as if drawn, a third between."""
        draw = torch.rand(len(level), generator=generator, device=level.device)
        known = (3 * draw - 1).clamp(0, 1)
        rest = coordinates[:, network.drawn :] * known[:, None, None]
        held = known[:, None, None].expand(-1, 1, coordinates.shape[2])
        found = network.predicted(torch.cat([coordinates[:, : network.drawn], rest, held], dim=1))
        frames = level.shape[2]
        prediction, log_spread = found.level[:, :, :frames], found.log_spread[:, :, :frames]
        error = (prediction - level).square().mean() / (2 * self.options.error_scale**2)
        if frames < 2:  # nothing changes from one frame to another
            return error, log_spread.sum() * 0
        lag = min(self.options.lag_frames, frames // 2)
        roughness = roughness_error(prediction, level, log_spread, lag_frames=lag)
        return error, roughness - LOWEST_LOG_SPREAD

    def _flow(
        self, network: LongFlow, code: Tensor, coordinates: Tensor, generator: torch.Generator
    ) -> Tensor:
        with torch.no_grad(), torch.autocast(code.device.type, enabled=False):
            metre = metre_of(code, network.position_frames)
            latent = network.latent_of(coordinates, metre)
            latent, doubt = self._doubted(network, latent, generator)
            detail = network.scaled(coordinates)
            noise = torch.randn(detail.shape, generator=generator, device=detail.device)
            time = time_between(len(detail), generator)
            point = network.way(noise, detail, time)
            told = network.told(latent[:, None], metre, doubt)
        guess = network.guess(point, time, told)
        wanted = (detail - guess.linear) / guess.spread
        weight = network.left[:, None]
        error: Tensor = (weight * (guess.added - wanted).square()).mean() / weight.mean()
        return error

    def _doubted(
        self, network: LongFlow, latent: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Adds noise to grooves, so that one that no piece has is not taken at its word."""
        draws = torch.rand(2, len(latent), generator=generator, device=latent.device)
        doubt = torch.where(draws[1] < self.options.groove_free, 1.0, draws[0])
        noise = torch.randn(latent.shape, generator=generator, device=latent.device)
        kept = (1 - doubt.square()).clamp(min=0).sqrt()
        centre = network.centre()
        near = centre + kept[:, None] * (latent - centre)
        return near + doubt[:, None] * noise * network.doubtful(), doubt
