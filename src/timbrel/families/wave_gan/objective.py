"""What the two players of `wave_gan` minimise."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from timbrel.errors import TrainingError
from timbrel.families import Growth, Stage
from timbrel.families.wave_gan.config import WaveGanOptions
from timbrel.families.wave_gan.network import WaveGan
from timbrel.losses.game import critic_turn, generator_turn
from timbrel.losses.likeness import band_level_distance


class WaveGanObjective:
    """The Wasserstein game with gradient penalty; each critic step draws new noise.

    Args:
        options: The recipe's network table.

    Source:
        Donahue, McAuley & Puckette 2019, section 3.3 and appendix D.
    """

    growth: Growth | None = None

    def __init__(self, options: WaveGanOptions) -> None:
        self.critic_steps = options.critic_steps
        self.penalty_weight = options.penalty_weight

    def critic_losses(
        self,
        network: nn.Module,
        code: Tensor,
        label: Tensor,
        *,
        stage: Stage,
        step: int,
        generator: torch.Generator,
    ) -> Mapping[str, Tensor]:
        """See `timbrel.families.AdversarialObjective.critic_losses`."""
        network = _checked(network)
        with torch.no_grad():
            made = _made(network, len(code), generator)
        return critic_turn(
            lambda codes: network.critic(codes, generator), code, made, generator,
            penalty_weight=self.penalty_weight,
        )  # fmt: skip

    def generator_losses(
        self,
        network: nn.Module,
        code: Tensor,
        label: Tensor,
        *,
        stage: Stage,
        step: int,
        generator: torch.Generator,
    ) -> Mapping[str, Tensor]:
        """See `timbrel.families.AdversarialObjective.generator_losses`."""
        network = _checked(network)
        made = _made(network, len(code), generator)
        return generator_turn(lambda codes: network.critic(codes, generator), made)

    @torch.no_grad()
    def validation_losses(
        self,
        network: nn.Module,
        code: Tensor,
        label: Tensor,
        *,
        stage: Stage,
        generator: torch.Generator,
    ) -> Mapping[str, Tensor]:
        """See `timbrel.families.AdversarialObjective.validation_losses`.

        Returns:
            ``loss``, how far the levels of made sounds' bands are from real ones', in dB; and
            ``gap``, the critic's estimate of the distance.
        """
        network = _checked(network)
        made = _made(network, len(code), generator)
        return {
            "loss": band_level_distance(made[:, 0], code[:, 0], network.sample_rate),
            "gap": network.score(code).mean() - network.score(made).mean(),
        }


def _checked(network: nn.Module) -> WaveGan:
    if not isinstance(network, WaveGan):
        raise TrainingError(f"a network of type {type(network).__name__}", "a WaveGan")
    return network


def _made(network: WaveGan, count: int, generator: torch.Generator) -> Tensor:
    return network.decode(network.sample(count, generator))
