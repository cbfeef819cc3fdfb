"""Time, memory and disk of a training before it starts, from a few real steps on made data."""

import math
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from timbrel.families import AnyObjective
from timbrel.recipes import Recipe
from timbrel.signal import files
from timbrel.signal.files import Sound
from timbrel.training.budget import Budget, planned_steps
from timbrel.training.data import Entry, prepare
from timbrel.training.run import CHECKPOINT_EVERY_S
from timbrel.training.seeds import derived
from timbrel.training.store import CodeStore
from timbrel.training.trial import Material, Trial, tried


@dataclass(frozen=True)
class Estimate:
    """What a training will take, at most: it may stop earlier when nothing is gained any more.

    Attributes:
        seconds: From the start to the end, preparing the sounds included.
        prepare_seconds: Of these, for preparing the sounds (nothing, where that was done before).
        steps: How many steps that makes.
        step_seconds: One step.
        memory_bytes: The largest memory of the whole process.
        card_bytes: The largest memory on the graphics card, 0 without one.
        disk_bytes: Prepared sounds, checkpoint and the instrument's weights.
    """

    seconds: float
    prepare_seconds: float
    steps: int
    step_seconds: float
    memory_bytes: int
    card_bytes: int
    disk_bytes: int

    def as_dict(self) -> dict[str, Any]:
        """Gives the estimate as plain values, for JSON."""
        return asdict(self)


def estimate(
    recipe: Recipe,
    network: nn.Module,
    objective: AnyObjective,
    count: int,
    *,
    budget: Budget,
    sound_s: float | None = None,
    threads: int | None = None,
    device: str = "cpu",
) -> Estimate:
    """Says what a training will take, by trying: a few steps, a validation, a checkpoint.

    The network is not changed; nothing is left behind.

    Args:
        recipe: The recipe.
        network: The family's network.
        objective: What is minimised.
        count: Sounds of the training and validation splits together.
        budget: Minutes or steps; without either the recipe's steps or epochs.
        sound_s: How long the sounds are on average; None counts all as long as the recipe's
            length.
        threads: Processor threads of the trial; None leaves torch's setting.
        device: Where the arithmetic shall happen.

    Returns:
        The estimate.
    """
    sound_s = min(sound_s or recipe.duration_s, recipe.duration_s)
    material = Material.of(recipe, network, objective, count, sound_s)
    budget = budget.or_steps(_planned(material))
    with _threads(threads), tempfile.TemporaryDirectory() as folder:
        prepare_s = _time_preparing(material, Path(folder)) * count
        trial = tried(material, network, objective, device=device, folder=Path(folder))
    return _told(material, trial, budget, prepare_s=prepare_s)


def _told(material: Material, trial: Trial, budget: Budget, *, prepare_s: float) -> Estimate:
    step_s = _mean_step_s(material, trial, budget)
    cost = _cost_per_step(material, trial, step_s)
    steps = _steps(budget, cost) if step_s else 0
    judging_s = _judging_s(material, trial) + trial.checkpoint_s
    seconds = _seconds(budget, steps, cost, trial) if steps else judging_s
    return Estimate(
        seconds=prepare_s + seconds,
        prepare_seconds=prepare_s,
        steps=steps,
        step_seconds=step_s,
        memory_bytes=trial.memory_bytes,
        card_bytes=trial.card_bytes,
        disk_bytes=_disk(material, trial, steps),
    )


def of_store(
    recipe: Recipe,
    network: nn.Module,
    objective: AnyObjective,
    store: CodeStore,
    *,
    budget: Budget,
    device: str = "cpu",
) -> Estimate:
    """Says what a training will take on the very codes that it will learn from.

    The network is not changed; nothing is left behind.

    Args:
        recipe: The recipe.
        network: The family's network, which holds its recordings.
        objective: What is minimised.
        store: The codes of the recordings, in memory.
        budget: Minutes or steps; without either the recipe's steps or epochs.
        device: Where the arithmetic shall happen.

    Returns:
        The estimate.
    """
    material = Material.of(recipe, network, objective, 1, recipe.duration_s)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        trial = tried(material, network, objective, device=device, folder=place, store=store)
    return _told(material, trial, budget.or_steps(_planned(material)), prepare_s=0.0)


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _time_preparing(material: Material, folder: Path) -> float:
    """Prepares made sounds, twice: the first time warms up. Gives seconds a sound."""
    rng = np.random.default_rng(derived(0, "estimate", 0))
    noise = rng.standard_normal((1, round(44_100 * material.sound_s))).astype(np.float32)
    sound = Sound(torch.from_numpy(0.1 * noise), 44_100, "")
    paths = [folder / f"{number}.wav" for number in range(material.trial_sounds)]
    for path in paths:
        files.write(path, sound, on_clip="scale")
    seconds = 0.0
    for turn in ("warm", "timed"):
        entries = [Entry(f"{turn} {path.name}", path, 0) for path in paths]
        began_s = time.monotonic()
        prepare(entries, material.recipe, folder=folder / "cache")
        seconds = time.monotonic() - began_s
    return seconds / material.trial_sounds


def _planned(material: Material) -> int:
    """Steps where no budget is given."""
    if material.growth is not None:
        return sum(span.steps for span in material.spans)
    return planned_steps(material.recipe.training, material.items("train"))


def _mean_step_s(material: Material, trial: Trial, budget: Budget) -> float:
    """Seconds of a step, the mean over the spans of a network that grows."""
    pairs = list(zip(material.spans, trial.steps_s, strict=True))
    if budget.seconds and all(trial.steps_s):
        shares = sum(span.time_share for span, _ in pairs)
        return shares / sum(span.time_share / step_s for span, step_s in pairs)
    return sum(span.steps * step_s for span, step_s in pairs) / sum(s.steps for s, _ in pairs)


def _cost_per_step(material: Material, trial: Trial, step_s: float) -> float:
    """Seconds a step costs, with its share of validations and checkpoints."""
    cost_s = step_s + _judging_s(material, trial) / _steps_between(material)
    return cost_s * (1 + trial.checkpoint_s / CHECKPOINT_EVERY_S)


def _judging_s(material: Material, trial: Trial) -> float:
    """Seconds of one validation."""
    return trial.validation_s * material.judged


def _steps_between(material: Material) -> float:
    """Steps between two validations."""
    every = material.recipe.training.validate_every_steps
    return every or material.items("train") / material.spans[-1].batch_size


def _steps(budget: Budget, cost_s: float) -> int:
    by_time = max(1, int(budget.seconds / cost_s)) if budget.seconds else None
    limits = [limit for limit in (budget.steps, by_time) if limit is not None]
    return min(limits)


def _seconds(budget: Budget, steps: int, cost_s: float, trial: Trial) -> float:
    if budget.seconds and steps != budget.steps:
        return budget.seconds
    return min(budget.seconds or math.inf, trial.first_s + steps * cost_s)


def _disk(material: Material, trial: Trial, steps: int) -> int:
    codes = material.count * (2 * material.shape[0] * material.frames + 80)
    # The last good state is the last state where a validation comes with the last step.
    states = 1 if steps % _steps_between(material) == 0 else 2
    checkpoint = states * trial.state_bytes + trial.best_bytes + trial.constants_bytes
    return codes + checkpoint + trial.weights_bytes
