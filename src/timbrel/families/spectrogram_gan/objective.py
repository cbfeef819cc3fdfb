"""What the two players of `spectrogram_gan` minimise."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from timbrel.errors import TrainingError
from timbrel.families import Growth, Stage
from timbrel.families.spectrogram_gan.config import SpectrogramGanOptions
from timbrel.families.spectrogram_gan.network import SpectrogramGan
from timbrel.losses.game import critic_turn, generator_turn
from timbrel.losses.likeness import level_distance


class SpectrogramGanObjective:
    """The Wasserstein game with gradient penalty, played with normalised pictures.

    Args:
        options: The recipe's network table.

    Source:
        Donahue, McAuley & Puckette 2019, section 3.1 and appendix D.
    """

    growth: Growth | None = None

    def __init__(self, options: SpectrogramGanOptions) -> None:
        self.critic_steps = options.critic_steps
        self.penalty_weight = options.penalty_weight
        self.unit_db = options.unit_db

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
            real, made = network.pictures(code), _made(network, len(code), generator)
        return critic_turn(
            network.critic, real, made, generator, penalty_weight=self.penalty_weight
        )

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
        return generator_turn(network.critic, _made(network, len(code), generator))

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
            ``loss``, how far the levels of made sounds' bins are from real ones', in dB; and
            ``gap``, the critic's estimate of the distance.
        """
        network = _checked(network)
        made = network.decode(network.sample(len(code), generator))
        return {
            "loss": self.unit_db * level_distance(made, code),
            "gap": network.score(code).mean() - network.score(made).mean(),
        }


def _checked(network: nn.Module) -> SpectrogramGan:
    if not isinstance(network, SpectrogramGan):
        raise TrainingError(f"a network of type {type(network).__name__}", "a SpectrogramGan")
    return network


def _made(network: SpectrogramGan, count: int, generator: torch.Generator) -> Tensor:
    pictures: Tensor = network.generator(network.sample(count, generator))
    return pictures
