"""A family is a kind of model: its config, network and objective. One folder each.

Each folder's ``__init__`` declares ``FAMILY``, a `Family`; its recipes lie in ``recipes/*.toml``
and its card in ``card.md``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from timbrel.recipes import Options


@dataclass(frozen=True)
class DataFacts:
    """What a network must know of the data it is built for.

    Attributes:
        bins: F, the height of a code.
        frames: N, the length of a code.
        labels: The label names in the order of their numbers; empty where nothing is labelled.
        sample_rate: Rate of the sounds in Hz.
    """

    bins: int
    frames: int
    labels: tuple[str, ...] = ()
    sample_rate: int = 44_100


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
        needs: What it learns from: "sounds" (a library) or "one recording".
        abilities: What its networks offer: "encode", "decode", "sample", "phase".
        source: The work it follows.
        start: (fresh network, codes [M, F, N], label numbers [M]) -> nothing; gives the network
            what can be known of the data without training. Called once, before the first step.
    """

    title: str
    config: type[Options]
    build: Callable[[Any, DataFacts], nn.Module]
    objective: Callable[[Any], Objective]
    needs: str
    abilities: frozenset[str]
    source: str
    start: Callable[[nn.Module, Tensor, Tensor], None] = start_from_nothing
