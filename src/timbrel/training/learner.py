"""A network that learns: one optimiser step, one validation, and all its state as tensors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext

import torch
from torch import Tensor, nn

from timbrel.families import Objective, Stage
from timbrel.recipes import TrainingOptions
from timbrel.training import placing
from timbrel.training.ema import Average
from timbrel.training.items import Items, items_of, validated
from timbrel.training.mover import Mover, fill, numbers
from timbrel.training.precision import arithmetic
from timbrel.training.seeds import derived, seed_layers
from timbrel.training.store import CodeStore
from timbrel.training.world import Alone, World

# Validation scores as at the end of every schedule of an objective, or losses of different steps
# could not be compared.
SCHEDULES_END_STEP = 2**31 - 1


class Learner:
    """A network, its objective and its optimiser on one device.

    Args:
        network: The family's network; it is trained in place.
        objective: What is minimised.
        options: The recipe's training settings.
        seed: The run's seed.
        device: Where the arithmetic happens.
        world: Who learns along.
    """

    def __init__(
        self,
        network: nn.Module,
        objective: Objective,
        options: TrainingOptions,
        *,
        seed: int,
        device: torch.device,
        world: World | None = None,
    ) -> None:
        self.network, self.objective, self.options = network, objective, options
        self.seed, self.device, self.world = seed, device, world or Alone()
        placing.place(network, options, device)
        self._mover = Mover(network.parameters(), options, world=self.world)
        self._counted = placing.counted(network)
        self.parameters = self._mover.parameters
        self.average = Average(network, options.ema_decay) if options.ema_decay > 0 else None
        self._generator = torch.Generator(device)

    growth = None
    adversarial = False

    def begin_level(self) -> None:
        """Does nothing: what learns so has no levels; see `Learns`."""

    def stand(self, stage: Stage) -> None:
        """Does nothing; see `Learns`."""

    def sound_bytes(self, code: Tensor, label: Tensor) -> None:
        """Says nothing of memory: `estimate` tries it out; see `Learns`."""

    def items(self, store: CodeStore) -> Items:
        """Says what of some sounds this network learns from.

        Args:
            store: The sounds.

        Returns:
            Whole sounds or slices of them.
        """
        return items_of(store, self.network)

    def step(self, code: Tensor, label: Tensor, *, step: int, rate: float) -> dict[str, float]:
        """Learns from one batch.

        Args:
            code: Codes, [B, F, N].
            label: Label numbers, [B].
            step: Steps done so far.
            rate: The learning rate.

        Returns:
            The loss and its parts.
        """
        self.network.train()
        seed = self.world.own(derived(self.seed, "loss", step))
        parts = self._losses(code, label, step=step, seed=seed)
        self._mover.move(parts["loss"], rate, sounds=len(code))
        self.world.average_buffers(self._counted, weight=len(code))
        if self.average:
            self.average.update()
        return self.world.mean(numbers(parts), weight=len(code))

    def _losses(self, code: Tensor, label: Tensor, *, step: int, seed: int) -> Mapping[str, Tensor]:
        seed_layers(seed, self.device)
        self._generator.manual_seed(seed)
        code = code.to(self.device, non_blocking=True)
        label = label.to(self.device, non_blocking=True)
        with arithmetic(self.options, self.device):
            return self.objective.losses(
                self.network, code, label, step=step, generator=self._generator
            )

    @torch.no_grad()
    def validate(self, store: CodeStore) -> dict[str, float]:
        """Scores the network on sounds it does not learn from, the same way each time.

        Args:
            store: The validation split.

        Returns:
            The loss and its parts, averaged over the sounds or slices.
        """
        self.network.eval()
        items = self.items(store)
        chosen, size = validated(items), items.batch_size(self.options)
        totals: dict[str, float] = {}
        for number, start in self.world.dealt(enumerate(range(0, len(chosen), size))):
            batch = chosen[start : start + size]
            seed = derived(self.seed, "validation", number)
            parts = self._losses(*items.batch(batch), step=SCHEDULES_END_STEP, seed=seed)
            for name, value in numbers(parts).items():
                totals[name] = totals.get(name, 0.0) + value * len(batch) / len(chosen)
        return self.world.total(totals)

    @contextmanager
    def judged(self) -> Iterator[nn.Module]:
        """Gives the network in the state that is judged and kept: with averaged weights, if any.

        Yields:
            The network, in evaluation mode.
        """
        self.network.eval()
        with self.average.applied() if self.average else nullcontext():
            yield self.network

    def weights(self) -> dict[str, Tensor]:
        """Gives the network's weights and buffers, without copying.

        Returns:
            Tensors by name, ``network.*``.
        """
        return placing.weights_of(self.network)

    def buffers(self) -> dict[str, Tensor]:
        """Gives what belongs to the network but is not learned by gradients, without copying.

        Returns:
            Tensors by name, as `weights` names them.
        """
        return placing.buffers_of(self.network)

    def state(self) -> dict[str, Tensor]:
        """Gives all that learning depends on, without copying: weights, optimiser, average.

        Returns:
            Tensors by name: ``network.*``, ``average.*`` and ``optimiser.<parameter>.<moment>``.
        """
        tensors = self.weights()
        if self.average:
            tensors |= {f"average.{k}": v for k, v in self.average.tensors().items()}
            tensors["average_updates"] = torch.tensor(self.average.updates)
        return tensors | self._mover.state()

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Takes back a state; the memory layout of each tensor stays what it is here.

        Args:
            tensors: What `state` gave.

        Raises:
            TrainingError: When the tensors are not those of this network.
        """
        fill(self.weights(), tensors)
        if self.average:
            fill({f"average.{k}": v for k, v in self.average.tensors().items()}, tensors)
            self.average.updates = int(tensors["average_updates"])
        self._mover.restore(tensors)

    def finish(self, weights: Mapping[str, Tensor]) -> None:
        """Leaves the network with the given weights, on its device, in plain layout.

        Args:
            weights: What `weights` gave.
        """
        placing.finish(self.network, weights)
