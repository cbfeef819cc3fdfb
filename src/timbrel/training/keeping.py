"""The state of a training that goes into its checkpoint, and how it is taken up again."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import Tensor

from timbrel.training import checkpoints
from timbrel.training.budget import Budget, Clock
from timbrel.training.checkpoints import Checkpoint
from timbrel.training.constants import Constants
from timbrel.training.growth import Place
from timbrel.training.guard import Guard
from timbrel.training.health import Health
from timbrel.training.history import History
from timbrel.training.identity import Identity, same_or_refuse
from timbrel.training.items import Items
from timbrel.training.learns import Learns
from timbrel.training.memory import Peak
from timbrel.training.order import Order
from timbrel.training.schedule import Plateau
from timbrel.training.seeds import derived
from timbrel.training.tallies import Best, Mean, Tensors


def kept_in(folder: Path) -> tuple[Checkpoint, Checkpoint] | None:
    """Finds the checkpoint and what training does not change, where there are any.

    Args:
        folder: Where the training keeps its files.

    Returns:
        Both, or None.

    Raises:
        TrainingError: When one cannot be read.

    Example:
        >>> kept_in(Path("nowhere")) is None
        True
    """
    path, beside = (find(folder) for find in (checkpoints.path_in, checkpoints.constants_path_in))
    return (checkpoints.load(path), checkpoints.load(beside)) if path.is_file() else None


class Kept:
    """The state of a training that outlives its process: all that decides about weights.

    Args:
        learner: The network that learns.
        items: What it learns from.
        budget: What may be spent.
        identity: What the training depends on.
    """

    def __init__(
        self, learner: Learns, items: Items, *, budget: Budget, identity: Identity
    ) -> None:
        self.learner, self.items = learner, items
        self.budget, self.identity = budget, identity
        self.options = learner.options
        self.place = Place()
        self.order: Order
        self.history: History
        self.step, self.validations = 0, 0
        self.plateau, self.guard, self.best, self.mean = Plateau(), Guard(), Best(), Mean()
        self.health = Health()
        self.constants = Constants({})
        self.good: Tensors = {}
        self.good_step = 0
        self.validated_step = -1
        self.clock, self.peak = Clock(), Peak()

    def ordered(self) -> Order:
        """Gives the order of sounds: in each span another, and batches as large as it has them."""
        options = self.options.model_copy(update={"batch_size": self.place.batch_size})
        span, seed = self.place.span, self.learner.seed
        return self.items.order(options, derived(seed, "span", span) if span else seed)

    def table(self) -> dict[str, Any]:
        """Gives all of it that is no tensor, for a checkpoint.

        Returns:
            Plain tables, from which `take_up` goes on.
        """
        return {
            "identity": self.identity,
            "budget": asdict(self.budget),
            "step": self.step,
            "place": asdict(self.place),
            "health": asdict(self.health),
            "validations": self.validations,
            "elapsed_s": self.clock.elapsed_s,
            "peak": asdict(self.peak),
            "plateau": asdict(self.plateau),
            "guard": self.guard.as_table(),
            "mean": asdict(self.mean),
            "best": {"step": self.best.step, "loss": self.best.loss},
            "good_step": self.good_step,
            "validated_step": self.validated_step,
            "rows": len(self.history.rows),
        }

    def tensors(self) -> dict[str, dict[str, Tensor]]:
        """Gives the tensors for a checkpoint, those that training does not change left out.

        Returns:
            By group: "now", "best", and "good" where that is another.
        """
        groups = {"now": self.learner.state(), "best": self.best.weights}
        if self.good_step != self.step:
            groups["good"] = self.good
        return {group: self.constants.changed(named) for group, named in groups.items()}

    def take_up(self, checkpoint: Checkpoint, beside: Checkpoint) -> None:
        """Puts a training that has not begun where its checkpoint was written.

        Args:
            checkpoint: Its checkpoint.
            beside: What training does not change.

        Raises:
            TrainingError: When the checkpoint belongs to another training.
        """
        table, tensors = checkpoint.table, checkpoint.tensors
        same_or_refuse(table["identity"], self.identity)
        self.constants = Constants(self._on_device(beside.tensors.get("constants", {})))
        self.learner.restore(self.constants.completed(tensors.get("now", {})))
        self.step, self.validations = table["step"], table["validations"]
        self.place = Place(**table.get("place", {"batch_size": self.options.batch_size}))
        self.health, self.order = Health(**table.get("health", {})), self.ordered()
        self.validated_step = table["validated_step"]
        self.plateau, self.mean = Plateau(**table["plateau"]), Mean(**table["mean"])
        self.guard = Guard.from_table(table["guard"])
        if table.get("budget") != asdict(self.budget):
            self._give_another_chance()
        self.best = Best(**table["best"])
        if "best" in tensors or math.isfinite(self.best.loss):
            self.best.weights = self._taken_up(tensors.get("best", {}))
        self.good_step = table["good_step"]
        good = tensors.get("good")
        now = self.learner.state()
        self.good = self._taken_up(good) if good else self.constants.copied(now)
        self.clock = Clock(carried_s=table["elapsed_s"])
        self.peak = Peak(**table.get("peak", {}))

    def _give_another_chance(self) -> None:
        """Lets a training that had ended by itself go on, as somebody gave it another budget."""
        patience = self.options.patience_validations
        if patience and self.plateau.stale >= patience:
            self.plateau.stale = 0
        if self.guard.exhausted:
            self.guard.relent()

    def _taken_up(self, tensors: Mapping[str, Tensor]) -> Tensors:
        return self.constants.completed(self._on_device(tensors))

    def _on_device(self, tensors: Mapping[str, Tensor]) -> Tensors:
        return {name: tensor.to(self.learner.device) for name, tensor in tensors.items()}
