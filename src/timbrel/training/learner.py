"""A network that learns: one optimiser step, one validation, and all its state as tensors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext

import torch
from torch import Tensor, nn

from timbrel.errors import TrainingError
from timbrel.families import Objective
from timbrel.recipes import TrainingOptions
from timbrel.training.ema import Average
from timbrel.training.items import Items, items_of, validated
from timbrel.training.seeds import derived
from timbrel.training.store import CodeStore

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
    """

    def __init__(
        self,
        network: nn.Module,
        objective: Objective,
        options: TrainingOptions,
        *,
        seed: int,
        device: torch.device,
    ) -> None:
        self.network, self.objective, self.options = network, objective, options
        self.seed, self.device = seed, device
        network.to(device)
        layout = getattr(network, "memory_format", None)
        if layout is not None:
            _arrange(network, layout)
        self.parameters = [p for p in network.parameters() if p.requires_grad]
        # None where a network has nothing that steps could change
        self.optimiser = _optimiser(self.parameters, options, device) if self.parameters else None
        self.average = Average(network, options.ema_decay) if options.ema_decay > 0 else None
        self._generator = torch.Generator(device)
        if options.compile:
            _compile(network)

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
        assert self.optimiser is not None  # noqa: S101 - a run asks `parameters` first
        self.network.train()
        parts = self._losses(code, label, step=step, seed=derived(self.seed, "loss", step))
        self.optimiser.zero_grad(set_to_none=True)
        parts["loss"].backward()  # type: ignore[no-untyped-call]
        if self.options.gradient_clip:
            nn.utils.clip_grad_norm_(self.parameters, self.options.gradient_clip)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.step()
        if self.average:
            self.average.update()
        return _numbers(parts)

    def _losses(self, code: Tensor, label: Tensor, *, step: int, seed: int) -> Mapping[str, Tensor]:
        _seed_layers(seed, self.device)
        self._generator.manual_seed(seed)
        code = code.to(self.device, non_blocking=True)
        label = label.to(self.device, non_blocking=True)
        half = self.options.precision == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16) if half else nullcontext():
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
        for number, start in enumerate(range(0, len(chosen), size)):
            batch = chosen[start : start + size]
            seed = derived(self.seed, "validation", number)
            parts = self._losses(*items.batch(batch), step=SCHEDULES_END_STEP, seed=seed)
            for name, value in _numbers(parts).items():
                totals[name] = totals.get(name, 0.0) + value * len(batch) / len(chosen)
        return totals

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
        return {f"network.{name}": tensor for name, tensor in self.network.state_dict().items()}

    def buffers(self) -> dict[str, Tensor]:
        """Gives what belongs to the network but is not learned by gradients, without copying.

        Returns:
            Tensors by name, as `weights` names them.
        """
        learned = {f"network.{name}" for name, _ in self.network.named_parameters()}
        return {name: tensor for name, tensor in self.weights().items() if name not in learned}

    def state(self) -> dict[str, Tensor]:
        """Gives all that learning depends on, without copying: weights, optimiser, average.

        Returns:
            Tensors by name: ``network.*``, ``average.*`` and ``optimiser.<parameter>.<moment>``.
        """
        tensors = self.weights()
        if self.average:
            tensors |= {f"average.{k}": v for k, v in self.average.tensors().items()}
            tensors["average_updates"] = torch.tensor(self.average.updates)
        moments = self.optimiser.state if self.optimiser else {}
        for number, parameter in enumerate(self.parameters):
            for name, value in moments.get(parameter, {}).items():
                tensors[f"optimiser.{number}.{name}"] = value
        return tensors

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Takes back a state; the memory layout of each tensor stays what it is here.

        Args:
            tensors: What `state` gave.

        Raises:
            TrainingError: When the tensors are not those of this network.
        """
        _fill(self.weights(), tensors)
        if self.average:
            _fill({f"average.{k}": v for k, v in self.average.tensors().items()}, tensors)
            self.average.updates = int(tensors["average_updates"])
        if self.optimiser is None:
            return
        self.optimiser.state.clear()
        for number, parameter in enumerate(self.parameters):
            moments = _under(tensors, f"optimiser.{number}.")
            if moments:
                self.optimiser.state[parameter] = {
                    name: _like(parameter, value) for name, value in moments.items()
                }

    def finish(self, weights: Mapping[str, Tensor]) -> None:
        """Leaves the network with the given weights, on its device, in plain layout.

        Args:
            weights: What `weights` gave.
        """
        for module in self.network.modules():
            module._compiled_call_impl = None
        _arrange(self.network, torch.contiguous_format)
        self.network.load_state_dict(_under(weights, "network."))
        self.network.zero_grad(set_to_none=True)
        self.network.eval()


def _seed_layers(seed: int, device: torch.device) -> None:
    """Seeds the global generators too, for layers that know no other (dropout).

    `torch.manual_seed` would do, but where no card is in use it notes the wish down, with a
    traceback, each time: slow, and memory that never comes back.
    """
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)


def _optimiser(
    parameters: list[nn.Parameter], options: TrainingOptions, device: torch.device
) -> torch.optim.Adam:
    # Fused: one pass over the weights instead of many (2 to 3 times as fast on processors).
    kind = torch.optim.Adam if options.optimiser == "adam" else torch.optim.AdamW
    return kind(
        parameters,
        lr=options.learning_rate,
        betas=(options.beta_1, options.beta_2),
        weight_decay=options.weight_decay,
        fused=device.type in ("cpu", "cuda", "mps"),
    )


def _compile(network: nn.Module) -> None:
    """Compiles the network's parts, not its whole: generators cannot pass through a compiler."""
    for child in network.children():
        child.compile()


def _arrange(network: nn.Module, layout: torch.memory_format) -> None:
    # Only weights of 2-D convolutions have a layout to choose.
    for parameter in network.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=layout)


def _numbers(parts: Mapping[str, Tensor]) -> dict[str, float]:
    """Fetches all parts at once: each fetch makes a graphics card wait."""
    values = torch.stack([part.detach().float() for part in parts.values()]).tolist()
    return dict(zip(parts, values, strict=True))


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _like(parameter: Tensor, value: Tensor) -> Tensor:
    """Copies a moment into its parameter's layout and device; a step counter stays a scalar."""
    if value.shape != parameter.shape:
        return value.to(parameter.device, copy=True) if value.dim() == 0 else value.clone()
    return torch.empty_like(parameter).copy_(value)


def _fill(targets: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> None:
    for name, target in targets.items():
        source = tensors.get(name)
        if source is None or source.shape != target.shape:
            raise TrainingError(
                "a checkpoint of another network",
                "one that this recipe made",
                "train under a new name",
            )
        target.copy_(source)
