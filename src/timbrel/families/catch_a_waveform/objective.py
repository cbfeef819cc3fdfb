"""What is minimised: a game at each scale, and how far off the recordings come back."""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from timbrel.errors import TrainingError
from timbrel.families import Growth, Stage
from timbrel.families.catch_a_waveform.config import CatchAWaveformOptions
from timbrel.families.catch_a_waveform.network import CatchAWaveform
from timbrel.losses.likeness import band_level_distance
from timbrel.losses.spectrograms import spectrogram_distance

_LOUDER = 0.1  # of the first rate, the learning rate near a scale's end


class CatchAWaveformObjective:
    """A Wasserstein game at the highest scale so far; the scales below only play.

    Args:
        options: The recipe's network table.

    Attributes:
        critic_steps: Steps of the critic to each of the generator.
        growth: One level a scale.

    Source:
        Greshler, Shaham & Michaeli 2021, sections 3.2 and 3.3, and the method's own code.
    """

    def __init__(self, options: CatchAWaveformOptions) -> None:
        self.options = options
        self.critic_steps = options.critic_steps
        self.growth: Growth | None = options.growth
        self._coarse: tuple[int, list[Tensor]] = (-1, [])  # of the step under way
        self._back: tuple[int, list[Tensor]] = (-1, [])  # of the scale under way

    def rate_share(self, stage: Stage) -> float:
        """Tells what share of the learning rate holds, by how much of a level is done."""
        return _LOUDER if stage.done >= self.options.slower_after - 1e-9 else 1.0

    @torch.no_grad()
    def begin_level(self, network: nn.Module, stage: Stage) -> None:
        """Readies a scale: from the third on both players begin with what those below learned.

        Players that were inherited begin with that.

        Args:
            network: A `CatchAWaveform`.
            stage: The level that begins.
        """
        pyramid, scale = _pyramid(network), stage.level - 1
        if scale >= 2 and not pyramid.inherited[scale]:
            for players in (pyramid.generator, pyramid.critic):
                players[scale].load_state_dict(players[scale - 1].state_dict())
        pyramid.noise_sizes[scale] = self._noise_size(pyramid, scale)

    def _noise_size(self, pyramid: CatchAWaveform, scale: int) -> float:
        if not scale:
            return 1.0
        if scale == 1 and self.options.likeness == "spectrograms":
            pyramid.eval()
            coarse = torch.cat([part.flatten() for part in pyramid.returned(scale)])
            pyramid.train()
            return float(coarse.std())
        energy = [_energy(pyramid.real(one)) for one in (scale, scale - 1)]
        pyramid.real(scale)
        return self.options.noise_factor * math.sqrt(max(0.0, energy[0] - energy[1]))

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
            network: A `CatchAWaveform`, which has its recordings.
            code: Not used.
            label: Not used.
            stage: The scale.
            step: Steps done so far.
            generator: Draws the noise.

        Returns:
            ``loss``; ``real`` and ``fake``, mean scores; ``penalty``, not yet weighted.
        """
        pyramid, scale = _pyramid(network), stage.level - 1
        self._coarse = (step, pyramid.coarse(scale, generator))
        parts = [
            self._critic_part(pyramid, scale, number, coarse, generator)
            for number, coarse in enumerate(self._coarse[1])
        ]
        told = _together(parts, [real.shape[-1] for real in pyramid.real(scale)])
        loss = told["fake"] - told["real"] + self.options.penalty_weight * told["penalty"]
        return {"loss": loss, **{name: value.detach() for name, value in told.items()}}

    def _critic_part(
        self,
        pyramid: CatchAWaveform,
        scale: int,
        number: int,
        coarse: Tensor,
        generator: torch.Generator,
    ) -> dict[str, Tensor]:
        real, known = pyramid.real(scale)[number], pyramid.known(scale)[number]
        with torch.no_grad():
            fake = pyramid.step(scale, coarse, pyramid.drawn(scale, coarse, generator))
        critic = pyramid.critic[scale]
        real = _filled(real, fake, known)
        return {
            "real": critic(real).mean(),
            "fake": critic(fake).mean(),
            "penalty": _penalty(critic, real, fake, generator),
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
            network: A `CatchAWaveform`, which has its recordings.
            code: Not used.
            label: Not used.
            stage: The scale.
            step: Steps done so far.
            generator: Draws the noise.

        Returns:
            ``loss``; ``back``, how far off the recordings come back, weighted.
        """
        pyramid, scale = _pyramid(network), stage.level - 1
        drawn = self._drawn(pyramid, scale, step, generator)
        returned = self._returned(pyramid, scale)
        parts = [
            self._generator_part(pyramid, scale, number, coarse, returned[number], generator)
            for number, coarse in enumerate(drawn)
        ]
        told = _together(parts, [real.shape[-1] for real in pyramid.real(scale)])
        return {"loss": told["back"] - told["fake"], "back": told["back"].detach()}

    def _generator_part(
        self,
        pyramid: CatchAWaveform,
        scale: int,
        number: int,
        coarse: Tensor,
        returned: Tensor,
        generator: torch.Generator,
    ) -> dict[str, Tensor]:
        fake = pyramid.step(scale, coarse, pyramid.drawn(scale, coarse, generator))
        back = pyramid.step(scale, returned, pyramid.first(scale, number, returned))
        real, known = pyramid.real(scale)[number], pyramid.known(scale)[number]
        real = _filled(real, back.detach(), known)
        return {"fake": pyramid.critic[scale](fake).mean(), "back": self._far(back, real)}

    def _far(self, back: Tensor, real: Tensor) -> Tensor:
        if self.options.likeness == "samples":
            return self.options.samples_weight * (back - real).square().mean()
        rows = (part[0, :, 0] for part in (back, real))
        return self.options.spectrograms_weight * spectrogram_distance(*rows)

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

        Args:
            network: A `CatchAWaveform`, which has its recordings.
            code: Not used.
            label: Not used.
            stage: The scale.
            generator: Draws the noise.

        Returns:
            ``loss``, how far the levels of a made piece's bands are from the recordings', in dB;
            ``back``, the same of what comes back without noise.
        """
        pyramid, scale = _pyramid(network), stage.level - 1
        rate, reals = pyramid.rates_hz[scale], pyramid.real(scale)
        fresh = [
            pyramid.step(scale, coarse, pyramid.drawn(scale, coarse, generator))
            for coarse in pyramid.coarse(scale, generator)
        ]
        back = [
            pyramid.step(scale, coarse, pyramid.first(scale, number, coarse))
            for number, coarse in enumerate(self._returned(pyramid, scale))
        ]
        return {
            "loss": _mean_distance(fresh, reals, rate),
            "back": _mean_distance(back, reals, rate),
        }

    # --- what is drawn once --------------------------------------------------------------------

    def _drawn(
        self, pyramid: CatchAWaveform, scale: int, step: int, generator: torch.Generator
    ) -> list[Tensor]:
        """What comes from below in this step: what the critic saw."""
        if self._coarse[0] != step:
            self._coarse = (step, pyramid.coarse(scale, generator))
        return self._coarse[1]

    def _returned(self, pyramid: CatchAWaveform, scale: int) -> list[Tensor]:
        """What comes from below without noise: the scales below do not change any more."""
        if self._back[0] != scale:
            self._back = (scale, pyramid.returned(scale))
        return self._back[1]


def _filled(real: Tensor, made: Tensor, known: Tensor | None) -> Tensor:
    """Fills the holes of a recording with what is made: nobody is to learn from silence there."""
    return real if known is None else torch.lerp(made, real, known)


def _penalty(
    critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, generator: torch.Generator
) -> Tensor:
    """How far the critic's slope is from 1 at each moment between a real and a made signal.

    The slope is that of the sum of all scores, and one share holds for the whole signal.
    """
    share = torch.rand((), generator=generator, device=generator.device).to(real.device)
    graph = torch.is_grad_enabled()
    with torch.enable_grad():
        between = torch.lerp(fake.detach(), real, share).requires_grad_()
        (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=graph)
    norm = (slope.float().square().sum(1) + 1e-12).sqrt()
    return (norm - 1).square().mean()


def _together(parts: list[dict[str, Tensor]], lengths: list[int]) -> dict[str, Tensor]:
    """The mean over recordings, the longer ones counting more."""
    total = sum(lengths)
    return {
        name: torch.stack(
            [part[name] * (length / total) for part, length in zip(parts, lengths, strict=True)]
        ).sum()
        for name in parts[0]
    }


def _mean_distance(made: list[Tensor], real: list[Tensor], rate: int) -> Tensor:
    found = [
        band_level_distance(one[0, :, 0], other[0, :, 0], rate)
        for one, other in zip(made, real, strict=True)
    ]
    return torch.stack(found).mean()


def _energy(signals: list[Tensor]) -> float:
    return float(torch.cat([signal.flatten() for signal in signals]).square().mean())


def _pyramid(network: nn.Module) -> CatchAWaveform:
    if not isinstance(network, CatchAWaveform):
        raise TrainingError(f"a network of type {type(network).__name__}", "a CatchAWaveform")
    return network
