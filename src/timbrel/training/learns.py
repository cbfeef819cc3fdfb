"""What the loop asks of whatever learns, and which kind of learner an objective asks for."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

import torch
from torch import Tensor, nn

from timbrel.families import AdversarialObjective, AnyObjective, Growth, Stage
from timbrel.recipes import TrainingOptions
from timbrel.training.adversarial import AdversarialLearner
from timbrel.training.items import Items
from timbrel.training.learner import Learner
from timbrel.training.store import CodeStore
from timbrel.training.world import World


class Learns(Protocol):
    """A network that learns, as the loop sees it.

    Attributes:
        network: The family's network.
        options: The recipe's training settings.
        seed: The run's seed.
        device: Where the arithmetic happens.
        world: Who learns along.
        parameters: What steps can change; empty where a network is fitted at once.
        adversarial: Whether a generator learns against a critic.
    """

    network: nn.Module
    options: TrainingOptions
    seed: int
    device: torch.device
    world: World
    parameters: list[nn.Parameter]
    adversarial: bool

    @property
    def growth(self) -> Growth | None:
        """How the network grows; None where it does not."""
        ...

    def items(self, store: CodeStore) -> Items:
        """Says what of some sounds the network learns from."""
        ...

    def begin_level(self) -> None:
        """Readies for a new level: averages forget quickly again, as at the start."""
        ...

    def stand(self, stage: Stage) -> None:
        """Tells the network where it stands, before each step and each validation."""
        ...

    def sound_bytes(self, code: Tensor, label: Tensor) -> int | None:
        """Measures the memory that a step takes for each of its sounds, on codes [1, F, N].

        Returns:
            Bytes; None where nobody needs to know.
        """
        ...

    def step(self, code: Tensor, label: Tensor, *, step: int, rate: float) -> dict[str, float]:
        """Learns from one batch [B, F, N]; ``"loss"`` of what it gives is watched by the guard."""
        ...

    def validate(self, store: CodeStore) -> dict[str, float]:
        """Scores the network on sounds it does not learn from, the same way each time."""
        ...

    def judged(self) -> AbstractContextManager[nn.Module]:
        """Gives the network in the state that is judged and kept."""
        ...

    def weights(self) -> dict[str, Tensor]:
        """Gives the network's weights and buffers, without copying."""
        ...

    def buffers(self) -> dict[str, Tensor]:
        """Gives what belongs to the network but is not learned by gradients."""
        ...

    def state(self) -> dict[str, Tensor]:
        """Gives all that learning depends on, without copying."""
        ...

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Takes back what `state` gave."""
        ...

    def finish(self, weights: Mapping[str, Tensor]) -> None:
        """Leaves the network with the given weights, in plain layout and evaluation mode."""
        ...


def learner(
    network: nn.Module,
    objective: AnyObjective,
    options: TrainingOptions,
    *,
    seed: int,
    device: torch.device,
    world: World | None = None,
) -> Learns:
    """Makes the learner that an objective asks for.

    Args:
        network: The family's network; it is trained in place.
        objective: What is minimised.
        options: The recipe's training settings.
        seed: The run's seed.
        device: Where the arithmetic happens.
        world: Who learns along; None where nobody does.

    Returns:
        The learner.
    """
    if isinstance(objective, AdversarialObjective):
        return AdversarialLearner(
            network, objective, options, seed=seed, device=device, world=world
        )
    return Learner(network, objective, options, seed=seed, device=device, world=world)
