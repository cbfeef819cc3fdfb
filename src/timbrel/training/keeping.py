"""What of a run goes into its checkpoint, and how a run takes it up again."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor

from timbrel.training import checkpoints
from timbrel.training.budget import Clock
from timbrel.training.checkpoints import Checkpoint
from timbrel.training.constants import Constants
from timbrel.training.growth import Place
from timbrel.training.guard import Guard
from timbrel.training.health import Health
from timbrel.training.identity import same_or_refuse
from timbrel.training.memory import Peak
from timbrel.training.schedule import Plateau
from timbrel.training.tallies import Best, Mean, Tensors


class Kept(Protocol):
    """What of a run is kept and taken up; see `timbrel.training.run.Run`, which has all of it."""

    identity: Any
    options: Any
    budget: Any
    learner: Any
    constants: Any
    step: int
    place: Any
    health: Any
    validations: int
    clock: Any
    peak: Any
    plateau: Any
    guard: Any
    mean: Any
    best: Any
    good: Any
    good_step: Any
    validated_step: Any
    history: Any
    order: Any

    def ordered(self) -> Any:
        """Gives the order of sounds as it now is to be."""


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


def table_of(run: Kept) -> dict[str, Any]:
    """Gives all of a run that is no tensor, for its checkpoint.

    Args:
        run: The run.

    Returns:
        Plain tables, from which `take_up` goes on.
    """
    return {
        "identity": run.identity,
        "budget": asdict(run.budget),
        "step": run.step,
        "place": asdict(run.place),
        "health": asdict(run.health),
        "validations": run.validations,
        "elapsed_s": run.clock.elapsed_s,
        "peak": asdict(run.peak),
        "plateau": asdict(run.plateau),
        "guard": run.guard.as_table(),
        "mean": asdict(run.mean),
        "best": {"step": run.best.step, "loss": run.best.loss},
        "good_step": run.good_step,
        "validated_step": run.validated_step,
        "rows": len(run.history.rows),
    }


def take_up(run: Kept, checkpoint: Checkpoint, beside: Checkpoint) -> None:
    """Puts a run where its checkpoint was written.

    Args:
        run: A run that has not begun.
        checkpoint: Its checkpoint.
        beside: What training does not change.

    Raises:
        TrainingError: When the checkpoint belongs to another training.
    """
    table, tensors = checkpoint.table, checkpoint.tensors
    same_or_refuse(table["identity"], run.identity)
    run.constants = Constants(_on_device(run, beside.tensors.get("constants", {})))
    run.learner.restore(run.constants.completed(tensors.get("now", {})))
    run.step, run.validations = table["step"], table["validations"]
    run.place = Place(**table.get("place", {"batch_size": run.options.batch_size}))
    run.health, run.order = Health(**table.get("health", {})), run.ordered()
    run.validated_step = table["validated_step"]
    run.plateau, run.mean = Plateau(**table["plateau"]), Mean(**table["mean"])
    run.guard = Guard.from_table(table["guard"])
    if table.get("budget") != asdict(run.budget):
        _give_another_chance(run)
    run.best = Best(**table["best"])
    if "best" in tensors or math.isfinite(run.best.loss):
        run.best.weights = _taken_up(run, tensors.get("best", {}))
    run.good_step = table["good_step"]
    good = tensors.get("good")
    now = run.learner.state()
    run.good = _taken_up(run, good) if good else run.constants.copied(now)
    run.clock = Clock(carried_s=table["elapsed_s"])
    run.peak = Peak(**table.get("peak", {}))


def _give_another_chance(run: Kept) -> None:
    """Lets a training that had ended by itself go on, as somebody gave it another budget."""
    patience = run.options.patience_validations
    if patience and run.plateau.stale >= patience:
        run.plateau.stale = 0
    if run.guard.exhausted:
        run.guard.relent()


def _taken_up(run: Kept, tensors: Mapping[str, Tensor]) -> Tensors:
    whole: Tensors = run.constants.completed(_on_device(run, tensors))
    return whole


def _on_device(run: Kept, tensors: Mapping[str, Tensor]) -> Tensors:
    return {name: tensor.to(run.learner.device) for name, tensor in tensors.items()}
