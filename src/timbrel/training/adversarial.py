"""A generator and a critic that learn against each other, as one learner of the one loop."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from timbrel.errors import TrainingError
from timbrel.families import AdversarialObjective, Grows, Growth, LearnsAnew, Stage
from timbrel.recipes import TrainingOptions
from timbrel.training import placing
from timbrel.training.ema import Average
from timbrel.training.fitting import kept_bytes, short_of_memory
from timbrel.training.items import Items, items_of, spread
from timbrel.training.mover import Mover, fill, numbers
from timbrel.training.precision import arithmetic
from timbrel.training.seeds import derived, seed_layers
from timbrel.training.store import CodeStore
from timbrel.training.variety import varieties
from timbrel.training.world import Alone, World

MOST_VALIDATED = 64  # sounds: making one at full length costs as much as hearing many
VARIETY_OF = 8  # sounds that are compared with each other

Losses = Callable[..., Mapping[str, Tensor]]


class AdversarialLearner:
    """A network with a generator and a critic, their objective and optimisers on one device.

    One step of the loop is ``critic_steps`` steps of the critic and one of the generator. While
    one learns the other is frozen, so that no gradient is computed for it. Averaged weights are the
    generator's alone: it is what is judged, shown and kept.

    Args:
        network: The family's network; it is trained in place.
        objective: What is minimised.
        options: The recipe's training settings; both optimisers go by them.
        seed: The run's seed.
        device: Where the arithmetic happens.
        world: Who learns along.
    """

    adversarial = True

    def __init__(
        self,
        network: nn.Module,
        objective: AdversarialObjective,
        options: TrainingOptions,
        *,
        seed: int,
        device: torch.device,
        world: World | None = None,
    ) -> None:
        self.network, self.objective, self.options = network, objective, options
        self.seed, self.device, self.world = seed, device, world or Alone()
        placing.place(network, options, device)
        generator, critic = network.get_submodule("generator"), network.get_submodule("critic")
        self._generator, self._critic = (
            Mover(part.parameters(), options, name=name, world=self.world)
            for part, name in ((generator, "generator_optimiser"), (critic, "critic_optimiser"))
        )
        self._counted = placing.counted(network)
        self.parameters = [*self._generator.parameters, *self._critic.parameters]
        self.average = Average(generator, options.ema_decay) if options.ema_decay > 0 else None
        self.stage = Stage(batch_size=options.batch_size)
        self._draws = torch.Generator(device)

    @property
    def growth(self) -> Growth | None:
        """How the network grows; None where it does not."""
        return self.objective.growth

    def items(self, store: CodeStore) -> Items:
        """Says what of some sounds the network learns from; see `Learns`."""
        return items_of(store, self.network)

    def begin_level(self) -> None:
        """Lets the average forget quickly again, for the new level's weights are fresh."""
        if self.average:
            self.average.updates = 0
        if isinstance(self.objective, LearnsAnew):
            self._generator.forget()
            self._critic.forget()
            self.objective.begin_level(self.network, self.stage)

    def stand(self, stage: Stage) -> None:
        """Tells the network where it stands; see `Learns`."""
        self.stage = stage
        if self.growth is not None and isinstance(self.network, Grows):
            self.network.grow(stage.level, stage.fade)

    # ---- learning ----------------------------------------------------------------------------

    def step(self, code: Tensor, label: Tensor, *, step: int, rate: float) -> dict[str, float]:
        """Learns from one batch: some steps of the critic, then one of the generator.

        Args:
            code: Codes, [B, F, N].
            label: Label numbers, [B].
            step: Steps done so far.
            rate: The learning rate.

        Returns:
            The losses and their parts, ``critic_...`` and ``generator_...``; ``"loss"`` is the
            critic's, or no number where the generator's is none.
        """
        self.network.train()
        code, label = code.to(self.device, non_blocking=True), label.to(self.device)
        if isinstance(self.objective, LearnsAnew):
            rate *= self.objective.rate_share(self.stage)
        parts: dict[str, Tensor] = {}
        steps = max(1, self.objective.critic_steps)
        with self._generator.frozen():
            for turn in range(steps):
                seed = self.world.own(derived(self.seed, "critic", step * steps + turn))
                losses = self._losses(self.objective.critic_losses, code, label, step, seed)
                self._critic.move(losses["loss"], rate, sounds=len(code))
            parts |= {f"critic_{name}": value.detach() for name, value in losses.items()}
        with self._critic.frozen():
            seed = self.world.own(derived(self.seed, "loss", step))
            losses = self._losses(self.objective.generator_losses, code, label, step, seed)
            self._generator.move(losses["loss"], rate, sounds=len(code))
            parts |= {f"generator_{name}": value.detach() for name, value in losses.items()}
        if self.average:
            self.average.update()
        self.world.average_buffers(self._counted, weight=len(code))
        told = self.world.mean(numbers(parts), weight=len(code))
        fine = math.isfinite(told["generator_loss"])
        return {"loss": told["critic_loss"] if fine else math.nan, **told}

    def _losses(
        self, losses: Losses, code: Tensor, label: Tensor, step: int, seed: int
    ) -> Mapping[str, Tensor]:
        with self._arithmetic(seed):
            return losses(
                self.network, code, label, stage=self.stage, step=step, generator=self._draws
            )

    @contextmanager
    def _arithmetic(self, seed: int) -> Iterator[None]:
        """Seeds all randomness and chooses the number format."""
        seed_layers(seed, self.device)
        self._draws.manual_seed(seed)
        with arithmetic(self.options, self.device):
            yield

    def sound_bytes(self, code: Tensor, label: Tensor) -> int:
        """Measures what the graphs of one step keep for each sound; nothing is learned.

        Args:
            code: Codes, [B, F, N], of one sound or two.
            label: Label numbers, [B].

        Returns:
            Bytes a sound, of the larger of the two players' graphs.

        Raises:
            TrainingError: When memory is too short even for this.
        """
        self.network.train()
        code, label = code.to(self.device), label.to(self.device)
        pairs = (
            (self._generator, self.objective.critic_losses),
            (self._critic, self.objective.generator_losses),
        )
        try:
            found = [self._kept(frozen, losses, code, label) for frozen, losses in pairs]
        except (RuntimeError, MemoryError) as error:
            if not short_of_memory(error):
                raise
            raise TrainingError(
                f"the memory does not hold a step on {len(code)} sound at level {self.stage.level}",
                "a machine with more memory",
                "or train a narrower network",
            ) from None
        return max(found) // len(code)

    def _kept(self, frozen: Mover, losses: Losses, code: Tensor, label: Tensor) -> int:
        with frozen.frozen():
            return kept_bytes(lambda: self._losses(losses, code, label, 0, self.seed), self.network)

    # ---- judging -----------------------------------------------------------------------------

    @torch.no_grad()
    def validate(self, store: CodeStore) -> dict[str, float]:
        """Tells how far made sounds are from sounds not learned from, the same way each time.

        Args:
            store: The validation split.

        Returns:
            The distance and its parts, and how varied the sounds are (``variety``: of the made
            ones, as a share of that of the others).
        """
        self.network.eval()
        items = self.items(store)
        chosen, size = spread(len(items), MOST_VALIDATED), max(1, self.stage.batch_size)
        totals: dict[str, float] = {}
        for number, start in self.world.dealt(enumerate(range(0, len(chosen), size))):
            batch = chosen[start : start + size]
            code, label = items.batch(batch)
            with self._arithmetic(derived(self.seed, "validation", number)):
                parts = self.objective.validation_losses(
                    self.network,
                    code.to(self.device),
                    label.to(self.device),
                    stage=self.stage,
                    generator=self._draws,
                )
            for name, value in numbers(parts).items():
                totals[name] = totals.get(name, 0.0) + value * len(batch) / len(chosen)
        totals = self.world.total(totals)
        return totals | varieties(self._made(), items.batch(spread(len(items), VARIETY_OF))[0])

    def _made(self) -> Tensor:
        """A few made sounds, the same latents each time, [VARIETY_OF, F, N]; none of no latents."""
        network: Any = self.network
        if not hasattr(network, "sample"):
            return torch.zeros(0)
        draws = torch.Generator().manual_seed(derived(self.seed, "variety", 0))
        latents = network.sample(VARIETY_OF, draws).to(self.device)
        with self._arithmetic(derived(self.seed, "variety", 1)):
            made = [network.decode(some) for some in latents.split(self.stage.batch_size)]
        return torch.cat(made).float().cpu()

    @contextmanager
    def judged(self) -> Iterator[nn.Module]:
        """Gives the network in the state that is judged and kept; see `Learns`.

        Yields:
            The network, in evaluation mode, its generator with averaged weights.
        """
        self.network.eval()
        with self.average.applied() if self.average else nullcontext():
            yield self.network

    # ---- state -------------------------------------------------------------------------------

    def weights(self) -> dict[str, Tensor]:
        """Gives the network's weights and buffers; see `Learns`."""
        return placing.weights_of(self.network)

    def buffers(self) -> dict[str, Tensor]:
        """Gives what is not learned by gradients; see `Learns`."""
        return placing.buffers_of(self.network)

    def state(self) -> dict[str, Tensor]:
        """Gives all that learning depends on, without copying: weights, both optimisers, average.

        Returns:
            Tensors by name: ``network.*``, ``average.*``, ``generator_optimiser.*`` and
            ``critic_optimiser.*``.
        """
        tensors = self.weights()
        if self.average:
            tensors |= {f"average.{k}": v for k, v in self.average.tensors().items()}
            tensors["average_updates"] = torch.tensor(self.average.updates)
        return tensors | self._generator.state() | self._critic.state()

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
        self._generator.restore(tensors)
        self._critic.restore(tensors)

    def finish(self, weights: Mapping[str, Tensor]) -> None:
        """Leaves the network with the given weights; see `Learns`."""
        placing.finish(self.network, weights)
