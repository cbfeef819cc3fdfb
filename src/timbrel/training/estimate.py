"""Time, memory and disk of a training before it starts, from a few real steps on made data."""

import copy
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from timbrel.families import Objective
from timbrel.recipes import Recipe
from timbrel.signal import files
from timbrel.signal.files import Sound
from timbrel.training import checkpoints
from timbrel.training.budget import Budget, planned_steps
from timbrel.training.checkpoints import Checkpoint
from timbrel.training.constants import Constants
from timbrel.training.data import Entry, prepare
from timbrel.training.items import VALIDATION_SOUNDS, Items, validated, validated_slices
from timbrel.training.learner import Learner
from timbrel.training.memory import MemoryWatch
from timbrel.training.run import CHECKPOINT_EVERY_S
from timbrel.training.seeds import derived
from timbrel.training.store import CodeStore, from_codes

VALIDATION_SHARE = 1 / 9  # of the sounds that training sees: splits are 80, 10 and 10 %
_TRIAL_S = 3.0
_TRIAL_STEPS = (3, 20)
_TRIAL_SOUNDS = 32
_TRIAL_SOUND_S = 320.0  # of made sound at most, all together


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


@dataclass(frozen=True)
class _Trial:
    """What was measured: seconds of each part, and bytes."""

    first_s: float
    step_s: float
    validation_s: float  # one sound or slice
    checkpoint_s: float
    memory_bytes: int
    card_bytes: int
    weights_bytes: int
    state_bytes: int
    best_bytes: int
    constants_bytes: int


def estimate(
    recipe: Recipe,
    network: nn.Module,
    objective: Objective,
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
    material = _Material(recipe, count, sound_s, int(getattr(network, "slice_frames", 0)))
    budget = budget.or_steps(planned_steps(recipe.training, material.items("train")))
    with _threads(threads), tempfile.TemporaryDirectory() as folder:
        prepare_s = _time_preparing(material, Path(folder)) * count
        trial = _try(material, network, objective, device=device, folder=Path(folder))
    cost = _cost_per_step(material, trial)
    steps = _steps(budget, cost) if trial.step_s else 0
    judging_s = _judging_s(material, trial) + trial.checkpoint_s
    seconds = _seconds(budget, steps, cost, trial) if steps else judging_s
    return Estimate(
        seconds=prepare_s + seconds,
        prepare_seconds=prepare_s,
        steps=steps,
        step_seconds=trial.step_s,
        memory_bytes=trial.memory_bytes,
        card_bytes=trial.card_bytes,
        disk_bytes=_disk(material, trial, steps),
    )


@dataclass(frozen=True)
class _Material:
    """What would be learned from: how many sounds, how long they are on average, cut how."""

    recipe: Recipe
    count: int
    sound_s: float
    slice_frames: int  # 0 where whole sounds are learned from

    def items(self, split: str) -> int:
        """Sounds or slices of a split."""
        validation = max(1, round(self.count * VALIDATION_SHARE))
        sounds = validation if split == "validation" else max(1, self.count - validation)
        if not self.slice_frames:
            return sounds
        return sounds * max(1, self.frames - self.slice_frames + 1)

    @property
    def batch_size(self) -> int:
        """Sounds or slices of a step."""
        return min(self.recipe.training.batch_size, self.items("train"))

    @property
    def trial_sounds(self) -> int:
        """How many sounds are made to see how long preparing takes."""
        return max(2, min(_TRIAL_SOUNDS, int(_TRIAL_SOUND_S / self.sound_s)))

    @property
    def frames(self) -> int:
        """Frames of an average sound's code."""
        share = self.sound_s / self.recipe.duration_s
        return max(1, math.ceil(share * _shape(self.recipe)[1]))


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _shape(recipe: Recipe) -> tuple[int, int]:
    shape: tuple[int, int] = recipe.front_end.code_shape(recipe.length_samples)  # type: ignore[attr-defined]
    return shape


def _time_preparing(material: _Material, folder: Path) -> float:
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


def _try(
    material: _Material, network: nn.Module, objective: Objective, *, device: str, folder: Path
) -> _Trial:
    """Runs a few steps as the loop does, with all the copies that the loop holds."""
    place, training = torch.device(device), material.recipe.training
    store = _made(material)
    watch = MemoryWatch(place)
    network = copy.deepcopy(network)
    weights_bytes = _bytes(network.state_dict())
    cards = [torch.cuda.current_device()] if place.type == "cuda" else []
    with watch, torch.random.fork_rng(cards):
        learner = Learner(network, objective, training, seed=0, device=place)
        constants = Constants(learner.buffers())
        best = constants.copied(learner.weights())
        items = learner.items(store)
        first_s, step_s = _time_steps(learner, items, material) if learner.parameters else (0, 0)
        good = constants.copied(learner.state())
        validation_s = _timed(lambda: learner.validate(store)) / len(validated(items))
        now = constants.changed(learner.state())
        groups = {"now": now, "good": constants.changed(good), "best": constants.changed(best)}
        kept = Checkpoint({}, groups)
        checkpoint_s = _timed(lambda: checkpoints.save(folder / "x.safetensors", kept))
    return _Trial(
        first_s=first_s,
        step_s=step_s,
        validation_s=validation_s,
        checkpoint_s=checkpoint_s,
        # The trial trained a copy of the network; a training trains the network itself.
        memory_bytes=watch.peak_bytes - (weights_bytes if place.type == "cpu" else 0),
        card_bytes=watch.card_bytes,
        weights_bytes=weights_bytes,
        state_bytes=_bytes(now),
        best_bytes=_bytes(groups["best"]),
        constants_bytes=_bytes(constants.tensors),
    )


def _made(material: _Material) -> CodeStore:
    """Makes codes of a batch of sounds; or one sound that gives slices for a validation's batch."""
    generator = torch.Generator().manual_seed(derived(0, "estimate", 1))
    count, (bins, frames) = min(material.batch_size, material.count), _shape(material.recipe)
    heard = material.frames
    if material.slice_frames:
        count, frames = 1, 4 * material.batch_size + material.slice_frames - 1
        heard = frames
    codes = torch.zeros(count, bins, frames)
    codes[:, :, :heard] = torch.rand(count, bins, heard, generator=generator)
    return from_codes(codes, labels=[0] * count)


def _time_steps(learner: Learner, items: Items, material: _Material) -> tuple[float, float]:
    """Times the first step, which compiles and allocates, and the median of those after it."""
    numbers = range(material.batch_size)

    def step() -> None:
        learner.step(*items.batch(numbers), step=0, rate=learner.options.learning_rate_end)

    first_s = _timed(step)
    least, most = _TRIAL_STEPS
    times: list[float] = []
    while len(times) < least or (sum(times) < _TRIAL_S and len(times) < most):
        times.append(_timed(step))
    return max(0.0, first_s - median(times)), median(times)


def _timed(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def _bytes(tensors: dict[str, Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())


def _cost_per_step(material: _Material, trial: _Trial) -> float:
    """Seconds a step costs, with its share of validations and checkpoints."""
    step_s = trial.step_s + _judging_s(material, trial) / _steps_between(material)
    return step_s * (1 + trial.checkpoint_s / CHECKPOINT_EVERY_S)


def _judging_s(material: _Material, trial: _Trial) -> float:
    """Seconds of one validation."""
    slices = material.slice_frames
    most = validated_slices(slices) if slices else VALIDATION_SOUNDS
    return trial.validation_s * min(most, material.items("validation"))


def _steps_between(material: _Material) -> float:
    """Steps between two validations."""
    every = material.recipe.training.validate_every_steps
    return every or material.items("train") / material.batch_size


def _steps(budget: Budget, cost_s: float) -> int:
    by_time = max(1, int(budget.seconds / cost_s)) if budget.seconds else None
    limits = [limit for limit in (budget.steps, by_time) if limit is not None]
    return min(limits)


def _seconds(budget: Budget, steps: int, cost_s: float, trial: _Trial) -> float:
    if budget.seconds and steps != budget.steps:
        return budget.seconds
    return min(budget.seconds or math.inf, trial.first_s + steps * cost_s)


def _disk(material: _Material, trial: _Trial, steps: int) -> int:
    recipe = material.recipe
    codes = material.count * (2 * _shape(recipe)[0] * material.frames + 80)
    # The last good state is the last state where a validation comes with the last step.
    states = 1 if steps % _steps_between(material) == 0 else 2
    checkpoint = states * trial.state_bytes + trial.best_bytes + trial.constants_bytes
    return codes + checkpoint + trial.weights_bytes
