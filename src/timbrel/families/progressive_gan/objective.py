"""What training minimises: the Wasserstein game, at the level that the network stands at."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from timbrel.blocks.adversarial import doubled
from timbrel.errors import TrainingError
from timbrel.families import Growth, Stage
from timbrel.families.progressive_gan.config import ProgressiveGanOptions
from timbrel.families.progressive_gan.network import ProgressiveGan
from timbrel.losses.likeness import band_level_distance
from timbrel.losses.wasserstein import critic_loss, drift, generator_loss, gradient_penalty
from timbrel.signal.decimation import decimated


class ProgressiveGanObjective:
    """WGAN-GP with drift penalty, between sounds of a level's sampling rate.

    Args:
        options: The recipe's network table.

    Source:
        S1, equations 7.1 and 7.2; Karras, Aila, Laine & Lehtinen 2018, appendix A.1.
    """

    def __init__(self, options: ProgressiveGanOptions) -> None:
        self.options = options
        self.critic_steps = options.critic_steps
        self.growth: Growth | None = options.growth

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
        """See `timbrel.families.AdversarialObjective.critic_losses`.

        Args:
            network: A `ProgressiveGan`.
            code: Waveforms at the full rate, [B, 1, N].
            label: Not used.
            stage: The level, and how far it has faded in.
            step: Not used.
            generator: Draws the latents and where the penalty is taken.

        Returns:
            ``loss``; mean scores ``real`` and ``fake``; ``penalty`` and ``drift`` before their
            weights.
        """
        gan = _gan(network)
        real = self.heard(gan, code, stage)
        with torch.no_grad():
            fake = _made(gan, len(code), stage, generator)

        def score(wave: Tensor) -> Tensor:
            scores: Tensor = gan.critic(wave, stage.level, stage.fade)
            return scores

        both = gan.critic(torch.cat([real, fake]), stage.level, stage.fade, groups=2)
        of_real, of_fake = both.chunk(2)
        penalty = gradient_penalty(score, real, fake, generator)
        drifted = drift(of_real)
        loss = critic_loss(of_real, of_fake)
        weighted = self.options.penalty_weight * penalty + self.options.drift_weight * drifted
        return {
            "loss": loss + weighted,
            "real": of_real.detach().mean(),
            "fake": of_fake.detach().mean(),
            "penalty": penalty.detach(),
            "drift": drifted.detach(),
        }

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
        """See `timbrel.families.AdversarialObjective.generator_losses`.

        Args:
            network: A `ProgressiveGan`.
            code: Its number of sounds is made, [B, 1, N].
            label: Not used.
            stage: The level, and how far it has faded in.
            step: Not used.
            generator: Draws the latents.

        Returns:
            ``loss``, minus the mean score of what was made.
        """
        gan = _gan(network)
        made = _made(gan, len(code), stage, generator)
        return {"loss": generator_loss(gan.critic(made, stage.level, stage.fade))}

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

        Made sounds are compared with true ones, free of aliases, at the rate of the level.

        Args:
            network: A `ProgressiveGan`.
            code: Waveforms at the full rate, [B, 1, N].
            label: Not used.
            stage: The level, and how far it has faded in.
            generator: Draws the latents.

        Returns:
            ``loss``, the distance of the levels of bands in dB.
        """
        gan = _gan(network)
        factor = gan.factor(stage.level)
        made = _made(gan, len(code), stage, generator)
        rate = max(1, round(gan.sample_rate / factor))
        return {"loss": band_level_distance(made[:, 0], decimated(code, factor)[:, 0], rate)}

    def heard(self, gan: ProgressiveGan, code: Tensor, stage: Stage) -> Tensor:
        """Tells what a level's critic hears of sounds.

        Args:
            gan: The network.
            code: Waveforms at the full rate, [B, 1, N].
            stage: The level, and how far it has faded in.

        Returns:
            Waveforms at the level's rate, [B, 1, N / factor].
        """
        factor, aliased = gan.factor(stage.level), self.options.aliased
        real = decimated(code, factor, aliased=aliased)
        if not self.options.fade_sounds or stage.fade >= 1 or stage.level == 1:
            return real
        lower = decimated(code, 2 * factor, aliased=aliased)
        return torch.lerp(doubled(lower.unsqueeze(2)).squeeze(2), real, stage.fade)


def _made(gan: ProgressiveGan, count: int, stage: Stage, generator: torch.Generator) -> Tensor:
    wave: Tensor = gan.generator(gan.sample(count, generator), stage.level, stage.fade)
    return wave


def _gan(network: nn.Module) -> ProgressiveGan:
    if not isinstance(network, ProgressiveGan):
        raise TrainingError(f"a network of type {type(network).__name__}", "a ProgressiveGan")
    return network
