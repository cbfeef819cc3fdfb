"""An average of the weights over the steps, which is often the better network."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Average:
    """The exponential moving average of a network's parameters, with a warm-up.

    The decay starts low, ``min(decay, (1 + t) / (10 + t))`` after t updates, so that the average
    forgets the initial weights quickly. Buffers are not averaged: the network's own are used.

    Args:
        network: The network whose weights are averaged.
        decay: Decay per step, 0 ... 1.

    Source:
        Polyak and Juditsky 1992; the warm-up as in TensorFlow's ExponentialMovingAverage.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.updates = 0
        self._names = [name for name, _ in network.named_parameters()]
        self._live = list(network.parameters())
        self._averaged = [parameter.detach().clone() for parameter in self._live]

    @torch.no_grad()
    def update(self) -> None:
        """Takes in the weights after a step."""
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        torch._foreach_lerp_(self._averaged, [p.detach() for p in self._live], 1 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Puts the averaged weights into the network for a while, without copying."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def _swap(self) -> None:
        for place, live in enumerate(self._live):
            live.data, self._averaged[place] = self._averaged[place], live.data

    def tensors(self) -> dict[str, Tensor]:
        """Gives the averaged weights by parameter name, for a checkpoint."""
        return dict(zip(self._names, self._averaged, strict=True))
