"""A family is a kind of model: its config, network and objective. One folder each.

Each folder's ``__init__`` declares ``FAMILY``, a `Family`; its recipes lie in ``recipes/*.toml``
and its card in ``card.md``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from timbrel.recipes import Options, Recipe


@dataclass(frozen=True)
class DataFacts:
    """What a network must know of the data it is built for.

    Attributes:
        bins: F, the height of a code.
        frames: N, the length of a code.
        labels: The label names in the order of their numbers; empty where nothing is labelled.
        sample_rate: Rate of the sounds in Hz.
        channels: C of the recordings that the network is for; 1 for a library's sounds.
        length_samples: T of all recordings together; 0 for a library's sounds.
    """

    bins: int
    frames: int
    labels: tuple[str, ...] = ()
    sample_rate: int = 44_100
    channels: int = 1
    length_samples: int = 0


class Objective(Protocol):
    """What training minimises, for one family."""

    def losses(
        self,
        network: nn.Module,
        code: Tensor,
        label: Tensor,
        *,
        step: int,
        generator: torch.Generator,
    ) -> Mapping[str, Tensor]:
        """Computes the loss of one batch and its parts.

        Args:
            network: The family's network.
            code: Codes of the front end, [B, F, N].
            label: Label numbers, [B], -1 where unknown.
            step: Training steps done so far, for schedules.
            generator: Where all randomness comes from; draw on its own device.

        Returns:
            Scalars by name; ``"loss"`` is what is minimised, the others are its parts.
        """
        ...


@dataclass(frozen=True)
class Stage:
    """Where a network stands that is trained level by level.

    Attributes:
        level: The level it has reached, 1 ... `levels`.
        levels: How many there are; 1 where nothing grows.
        fade: The weight of the newest level, 0 (only the level below it, made longer) ... 1.
        batch_size: Sounds a step.
        done: How much of what is planned for this level, or its fade, is done, 0 ... 1.

    Example:
        >>> Stage().grown
        True
    """

    level: int = 1
    levels: int = 1
    fade: float = 1.0
    batch_size: int = 1
    done: float = 0.0

    @property
    def grown(self) -> bool:
        """Whether it is the last level, all of it."""
        return self.level == self.levels and self.fade >= 1.0


@dataclass(frozen=True)
class Level:
    """How long one level of a growing network is trained.

    Attributes:
        fade_epochs: Passes over the sounds while it fades in; the first level has no fade.
        full_epochs: Passes over the sounds once it stands alone.
        batch_size: Sounds a step; fewer where memory is short.
        time_share: Its part of a budget in minutes, beside those of the other levels.
        bytes_share: The memory and the work of a step, beside those of the other levels; 0 where
            nobody knows before it is tried.
    """

    fade_epochs: float
    full_epochs: float
    batch_size: int
    time_share: float = 1.0
    bytes_share: float = 0.0


@dataclass(frozen=True)
class Growth:
    """How a network grows.

    Attributes:
        levels: Its levels, the first first.
        stairs: Whether the fade rises once an epoch (as S1 does it) or with every step.
    """

    levels: tuple[Level, ...]
    stairs: bool = False


@runtime_checkable
class Grows(Protocol):
    """A network that grows. Its buffers ``level`` (int64) and ``fade`` (float32) say how far.

    All that depends on them is read from the buffers, for weights that are loaded bring them along.
    """

    def grow(self, level: int, fade: float) -> None:
        """Sets the buffers; called before each step and before each validation.

        Args:
            level: 1 ... the number of levels.
            fade: Weight of the newest level, 0 ... 1.
        """
        ...


@runtime_checkable
class AdversarialObjective(Protocol):
    """What training minimises where a generator and a critic learn against each other.

    The network has the children ``generator`` and ``critic``, each with its own optimiser, and
    offers ``decode``, ``sample`` and ``score(code [B,F,N]) -> [B]``, the critic's score, higher
    where a code seems more real. One step of the loop is `critic_steps` steps of the critic and
    one of the generator, all on one batch; new latents each time. Code comes at full length and
    rate whatever the level: what a level sees of it is the objective's to make.

    Attributes:
        critic_steps: Steps of the critic before each step of the generator, at least 1.
        growth: How the network grows; None where it does not.
    """

    critic_steps: int
    growth: Growth | None

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
        """Computes the critic's loss of one batch and its parts. The generator is frozen.

        Args:
            network: The family's network.
            code: Codes of the front end, [B, F, N].
            label: Label numbers, [B], -1 where unknown.
            stage: Where the network stands.
            step: Training steps done so far.
            generator: Where all randomness comes from; draw on its own device.

        Returns:
            Scalars by name: ``"loss"`` is what is minimised; ``"real"`` and ``"fake"`` are mean
            scores (by them training tells when the critic wins or drifts); others as they come
            (``"penalty"``, ``"drift"``).
        """
        ...

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
        """Computes the generator's loss and its parts. The critic is frozen.

        Args:
            network: The family's network.
            code: Codes of the front end, [B, F, N]; as many sounds are made as it holds.
            label: Label numbers, [B], -1 where unknown.
            stage: Where the network stands.
            step: Training steps done so far.
            generator: Where all randomness comes from; draw on its own device.

        Returns:
            Scalars by name; ``"loss"`` is what is minimised.
        """
        ...

    def validation_losses(
        self,
        network: nn.Module,
        code: Tensor,
        label: Tensor,
        *,
        stage: Stage,
        generator: torch.Generator,
    ) -> Mapping[str, Tensor]:
        """Tells how far made sounds are from sounds that were not learned from.

        Called without gradients, with averaged weights, for a batch at a time; the mean over
        batches counts. The latents are the same at each validation.

        Args:
            network: The family's network.
            code: Codes of the front end, [B, F, N].
            label: Label numbers, [B], -1 where unknown.
            stage: Where the network stands.
            generator: Where all randomness comes from; draw on its own device.

        Returns:
            Scalars by name; ``"loss"`` is a distance in dB, never below 0 and comparable within
            a level: the weights with the lowest of the last level are kept.
        """
        ...


@runtime_checkable
class LearnsAnew(Protocol):
    """An adversarial objective for which each level is a training of its own.

    Every level has fresh optimisers; what lies below only plays.
    """

    def begin_level(self, network: nn.Module, stage: Stage) -> None:
        """Readies the network for a level, once, before its first step.

        Args:
            network: The family's network, which stands at the level.
            stage: The level.
        """
        ...

    def rate_share(self, stage: Stage) -> float:
        """Tells what share of the learning rate holds.

        Args:
            stage: The level, and how much of it is done.

        Returns:
            The share, 0 ... 1.
        """
        ...


AnyObjective = Objective | AdversarialObjective


def suits_as_it_is(recipe: Recipe, _sounds: Sequence[Tensor], _sample_rate: int) -> Recipe:
    """Leaves a recipe as it is: most do not depend on what they learn from."""
    return recipe


def start_from_nothing(_network: nn.Module, _codes: Tensor, _labels: Tensor) -> None:
    """Leaves a fresh network as it is: most families learn all they know by training."""


@dataclass(frozen=True)
class Family:
    """The declaration of a kind of model.

    Attributes:
        title: What it is called in lists.
        config: The class of its options, the ``[network]`` table of a recipe.
        build: (options, facts) -> network, freshly initialised from torch's current seed.
            The network offers what `abilities` say: ``encode(code [B,F,N]) -> [B,Z]``,
            ``decode(latent [B,Z]) -> code [B,F,N]``, ``sample(count, generator) -> [count,Z]``,
            and for "phase" ``frames`` and
            ``waveform(magnitude [B,F,N], *, length_samples, seed) -> [B,T]``.
            A network whose attribute ``any_length`` is true takes codes of any N up to that of
            the facts, and is trained on batches that end where their longest sound does; with
            ``slice_frames`` k beside it, it is trained on slices [B, F, k] from all places of all
            sounds. One whose attribute ``memory_format`` is set gets its weights laid out so; one
            without weights to train takes no steps: `start` is all it needs.
        objective: options -> what training minimises.
        needs: What it learns from: "sounds" (a library) or "one recording" (or a few). A network of
            the latter has a child ``recording``, a `timbrel.blocks.recording.Recording`.
        abilities: What its networks offer: "encode", "decode", "sample", "phase", "improvise".
        source: The work it follows.
        suited: (recipe, recordings [C, T], their rate in Hz) -> the recipe as it suits them; for
            what the recordings decide, such as the rate.
        start: (fresh network, codes [M, F, N], label numbers [M]) -> nothing; gives the network
            what can be known of the data without training. Called once, before the first step.
    """

    title: str
    config: type[Options]
    build: Callable[[Any, DataFacts], nn.Module]
    objective: Callable[[Any], AnyObjective]
    needs: str
    abilities: frozenset[str]
    source: str
    suited: Callable[[Recipe, Sequence[Tensor], int], Recipe] = suits_as_it_is
    start: Callable[[nn.Module, Tensor, Tensor], None] = start_from_nothing
