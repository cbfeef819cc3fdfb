"""Weights that move down a loss: an optimiser whose whole state is tensors by name."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from timbrel.errors import TrainingError
from timbrel.recipes import TrainingOptions
from timbrel.training.adam import Adam
from timbrel.training.world import Alone, World


class Mover:
    """Some weights and the optimiser that moves them.

    Args:
        parameters: The weights; those that need no gradient are left out.
        options: The recipe's training settings.
        name: What its tensors are called.
        world: With whom gradients are averaged.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        options: TrainingOptions,
        *,
        name: str = "optimiser",
        world: World | None = None,
    ) -> None:
        self.parameters = [p for p in parameters if p.requires_grad]
        self.name, self._clip = name, options.gradient_clip
        self._world = world or Alone()
        # None where there is nothing that steps could change
        self._optimiser = _optimiser(self.parameters, options) if self.parameters else None

    def move(self, loss: Tensor, rate: float, *, sounds: int = 1) -> None:
        """Goes one step down a loss.

        Args:
            loss: The loss, a scalar with a graph.
            rate: The learning rate.
            sounds: How many sounds the loss is the mean of.
        """
        assert self._optimiser is not None  # noqa: S101 - a run asks `parameters` first
        self._optimiser.forget_gradients()
        loss.backward()  # type: ignore[no-untyped-call]
        self._world.average(self.parameters, weight=sounds)
        if self._clip:
            nn.utils.clip_grad_norm_(self.parameters, self._clip)
        self._optimiser.step(rate)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Keeps the weights out of every graph for a while: nothing is computed for their sake."""
        for parameter in self.parameters:
            parameter.requires_grad_(False)
        try:
            yield
        finally:
            for parameter in self.parameters:
                parameter.requires_grad_(True)

    def forget(self) -> None:
        """Forgets all moments, as a fresh optimiser has none."""
        if self._optimiser is not None:
            self._optimiser.state.clear()

    def state(self) -> dict[str, Tensor]:
        """Gives the optimiser's moments, without copying.

        Returns:
            Tensors by name, ``<name>.<parameter>.<moment>``.
        """
        moments = self._optimiser.state if self._optimiser else {}
        return {
            f"{self.name}.{number}.{moment}": value
            for number, parameter in enumerate(self.parameters)
            for moment, value in moments.get(parameter, {}).items()
        }

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Takes back the moments; the memory layout of each stays that of its weight.

        Args:
            tensors: What `state` gave, among others.
        """
        if self._optimiser is None:
            return
        self._optimiser.state.clear()
        for number, parameter in enumerate(self.parameters):
            moments = under(tensors, f"{self.name}.{number}.")
            if moments:
                self._optimiser.state[parameter] = {
                    name: _like(parameter, value) for name, value in moments.items()
                }


def _optimiser(parameters: list[nn.Parameter], options: TrainingOptions) -> Adam:
    return Adam(
        parameters,
        betas=(options.beta_1, options.beta_2),
        weight_decay=options.weight_decay,
        decoupled=options.optimiser != "adam",
    )


def _like(parameter: Tensor, value: Tensor) -> Tensor:
    """Copies a moment into its parameter's layout and device; a step counter stays a scalar."""
    if value.shape != parameter.shape:
        return value.to(parameter.device, copy=True) if value.dim() == 0 else value.clone()
    return torch.empty_like(parameter).copy_(value)


def numbers(parts: Mapping[str, Tensor]) -> dict[str, float]:
    """Fetches losses, all at once: each fetch makes a graphics card wait.

    Args:
        parts: Scalars by name.

    Returns:
        Plain numbers by name.

    Example:
        >>> numbers({"loss": torch.tensor(0.5)})
        {'loss': 0.5}
    """
    values = torch.stack([part.detach().float() for part in parts.values()]).tolist()
    return dict(zip(parts, values, strict=True))


def under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Gives the tensors whose names begin alike, by the rest of their names.

    Args:
        tensors: Tensors by name.
        prefix: How the names begin.

    Returns:
        Tensors by name, none copied.

    Example:
        >>> list(under({"a.x": torch.ones(1), "b.x": torch.ones(1)}, "a."))
        ['x']
    """
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def fill(targets: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> None:
    """Copies values of a checkpoint into tensors in use, whose layouts stay.

    Args:
        targets: Where they go, by name.
        tensors: The values, by the same names among others.

    Raises:
        TrainingError: When one is missing or of another shape.
    """
    for name, target in targets.items():
        source = tensors.get(name)
        if source is None or source.shape != target.shape:
            raise TrainingError(
                "a checkpoint of another network",
                "one that this recipe made",
                "train under a new name",
            )
        target.copy_(source)
