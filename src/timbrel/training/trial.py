"""A training tried out on made codes: what a step, a validation and a checkpoint take."""

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import torch
from torch import Tensor, nn

from timbrel.families import AdversarialObjective, AnyObjective, Growth, Stage
from timbrel.recipes import Recipe
from timbrel.training import checkpoints
from timbrel.training.adversarial import MOST_VALIDATED, VARIETY_OF
from timbrel.training.checkpoints import Checkpoint
from timbrel.training.constants import Constants
from timbrel.training.fitting import beside_bytes, free_bytes, has_room
from timbrel.training.growth import Span, spans_of
from timbrel.training.items import VALIDATION_SOUNDS, Items, validated, validated_slices
from timbrel.training.learns import Learns, learner
from timbrel.training.memory import MemoryWatch
from timbrel.training.seeds import derived
from timbrel.training.store import CodeStore, from_codes

VALIDATION_SHARE = 1 / 9  # of the sounds that training sees: splits are 80, 10 and 10 %
_TRIAL_S = 3.0
_TRIAL_STEPS = (3, 20)
_TRIAL_SOUNDS = 32
_TRIAL_SOUND_S = 320.0  # of made sound at most, all together
_LONGEST_S = 5.0  # of a step that is tried
_FEW = 4  # codes that a generator and a critic are tried on: long ones are slow


@dataclass(frozen=True)
class Material:
    """What would be learned from: how many sounds, how long they are on average, cut how.

    Attributes:
        recipe: The recipe.
        count: Sounds of the training and validation splits together.
        sound_s: How long they are on average.
        slice_frames: Frames of a slice, 0 where whole sounds are learned from.
        adversarial: Whether a generator learns against a critic.
        growth: How the network grows, or None.
    """

    recipe: Recipe
    count: int
    sound_s: float
    slice_frames: int
    adversarial: bool
    growth: Growth | None

    @classmethod
    def of(
        cls, recipe: Recipe, network: nn.Module, objective: AnyObjective, count: int, sound_s: float
    ) -> "Material":
        """Asks network and objective what they learn from.

        Args:
            recipe: The recipe.
            network: The family's network.
            objective: What is minimised.
            count: Sounds of the training and validation splits together.
            sound_s: How long they are on average.

        Returns:
            The material.
        """
        game = objective if isinstance(objective, AdversarialObjective) else None
        frames = int(getattr(network, "slice_frames", 0))
        growth = None if game is None else game.growth
        return cls(recipe, count, sound_s, frames, game is not None, growth)

    def items(self, split: str) -> int:
        """Sounds or slices of a split."""
        validation = max(1, round(self.count * VALIDATION_SHARE))
        sounds = validation if split == "validation" else max(1, self.count - validation)
        if not self.slice_frames:
            return sounds
        return sounds * max(1, self.frames - self.slice_frames + 1)

    @property
    def judged(self) -> int:
        """Sounds or slices of a validation."""
        if self.adversarial:
            return min(MOST_VALIDATED, self.items("validation")) + VARIETY_OF
        slices = self.slice_frames
        most = validated_slices(slices) if slices else VALIDATION_SOUNDS
        return min(most, self.items("validation"))

    @property
    def batch_size(self) -> int:
        """Sounds or slices of a step where nothing grows."""
        return min(self.recipe.training.batch_size, self.items("train"))

    @property
    def spans(self) -> tuple[Span, ...]:
        """The parts of the way; one where nothing grows."""
        return spans_of(self.growth, self.items("train"), self.batch_size)

    @property
    def trial_sounds(self) -> int:
        """How many sounds are made to see how long preparing takes."""
        return max(2, min(_TRIAL_SOUNDS, int(_TRIAL_SOUND_S / self.sound_s)))

    @property
    def shape(self) -> tuple[int, int]:
        """F and N of a code."""
        front_end = self.recipe.front_end
        shape: tuple[int, int] = front_end.code_shape(self.recipe.length_samples)  # type: ignore[attr-defined]
        return shape

    @property
    def frames(self) -> int:
        """Frames of an average sound's code."""
        share = self.sound_s / self.recipe.duration_s
        return max(1, math.ceil(share * self.shape[1]))


@dataclass(frozen=True)
class Trial:
    """What was measured.

    Attributes:
        first_s: What the first step takes longer than others.
        steps_s: One step in each span.
        validation_s: Validating one sound or slice.
        checkpoint_s: Writing a checkpoint.
        memory_bytes: The largest memory of the process.
        card_bytes: The largest memory on the graphics card, 0 without one.
        weights_bytes: The network.
        state_bytes: What changes with each step.
        best_bytes: The best weights, but for what never changes.
        constants_bytes: What never changes.
    """

    first_s: float
    steps_s: tuple[float, ...]
    validation_s: float
    checkpoint_s: float
    memory_bytes: int
    card_bytes: int
    weights_bytes: int
    state_bytes: int
    best_bytes: int
    constants_bytes: int


@dataclass(frozen=True)
class _Times:
    """Seconds of the first step beyond the others, of one step in each span, and bytes not seen."""

    first_s: float = 0.0
    steps_s: tuple[float, ...] = (0.0,)
    unseen_bytes: int = 0


def tried(
    material: Material,
    network: nn.Module,
    objective: AnyObjective,
    *,
    device: str,
    folder: Path,
    store: CodeStore | None = None,
) -> Trial:
    """Runs a few steps as the loop does, with all the copies that the loop holds.

    Args:
        material: What would be learned from.
        network: The family's network; it is not changed.
        objective: What is minimised.
        device: Where the arithmetic shall happen.
        folder: Where a checkpoint may be written.
        store: The codes that will be learned from; None makes codes for the trial.

    Returns:
        What was measured.
    """
    place, training = torch.device(device), material.recipe.training
    store = _made(material) if store is None else store
    watch = MemoryWatch(place)
    network = copy.deepcopy(network)
    weights_bytes = _bytes(network.state_dict())
    cards = [torch.cuda.current_device()] if place.type == "cuda" else []
    with watch, torch.random.fork_rng(cards):
        learns = learner(network, objective, training, seed=0, device=place)
        constants = Constants(learns.buffers())
        best = constants.copied(learns.weights())
        items = learns.items(store)
        times = _time_steps(learns, items, material) if learns.parameters else _Times()
        good = constants.copied(learns.state())
        judged = validated(items)
        several = len(judged) + (VARIETY_OF if material.adversarial else 0)
        validation_s = _timed(lambda: learns.validate(store)) / several
        now = constants.changed(learns.state())
        groups = {"now": now, "good": constants.changed(good), "best": constants.changed(best)}
        kept = Checkpoint({}, groups)
        checkpoint_s = _timed(lambda: checkpoints.save(folder / "x.safetensors", kept))
    card = place.type == "cuda"
    # The trial trained a copy of the network; a training trains the network itself.
    beside = 0 if card else times.unseen_bytes - weights_bytes
    return Trial(
        first_s=times.first_s,
        steps_s=times.steps_s,
        validation_s=validation_s,
        checkpoint_s=checkpoint_s,
        memory_bytes=watch.peak_bytes + beside,
        card_bytes=watch.card_bytes + (times.unseen_bytes if card else 0),
        weights_bytes=weights_bytes,
        state_bytes=_bytes(now),
        best_bytes=_bytes(groups["best"]),
        constants_bytes=_bytes(constants.tensors),
    )


def _made(material: Material) -> CodeStore:
    """Makes codes of a batch of sounds; or one sound that gives slices for a validation's batch."""
    generator = torch.Generator().manual_seed(derived(0, "estimate", 1))
    count, (bins, frames) = min(material.batch_size, material.count), material.shape
    heard = material.frames
    if material.adversarial:
        count = min(_FEW, material.count)
    if material.slice_frames:
        count, frames = 1, 4 * material.batch_size + material.slice_frames - 1
        heard = frames
    codes = torch.zeros(count, bins, frames)
    codes[:, :, :heard] = torch.rand(count, bins, heard, generator=generator)
    return from_codes(codes, labels=[0] * count)


def _time_steps(learns: Learns, items: Items, material: Material) -> _Times:
    if material.adversarial:
        return _time_levels(learns, items, material)
    step = _step(learns, items, material.batch_size)
    first_s = _timed(step)
    least, most = _TRIAL_STEPS
    times: list[float] = []
    while len(times) < least or (sum(times) < _TRIAL_S and len(times) < most):
        times.append(_timed(step))
    return _Times(max(0.0, first_s - median(times)), (median(times),))


def _time_levels(learns: Learns, items: Items, material: Material) -> _Times:
    """Times a step at each level on one sound, and counts it as often as a batch has sounds.

    Batches that do not fit into memory are made smaller in training; here they count whole. Levels
    that would take long or do not fit into memory are not tried where the work of the one before
    tells theirs.
    """
    step, spans = _step(learns, items, 1), material.spans
    levels = {span.level: span for span in spans}
    sound_s: dict[int, float] = {}
    first_s, unseen, sound_bytes = 0.0, 0, 0
    for level, span in levels.items():
        if level - 1 in sound_s and (grown := _share(material, level)):
            expected_s, needed = sound_s[level - 1] * grown, beside_bytes(sound_bytes, 1) * grown
            if expected_s > _LONGEST_S or not has_room(needed, free_bytes(learns.device)):
                sound_s[level], sound_bytes = expected_s, int(sound_bytes * grown)
                unseen = max(unseen, beside_bytes(sound_bytes, span.batch_size))
                continue
        learns.stand(Stage(level, spans[-1].level, 1.0, 1))
        learns.begin_level()
        first_s = first_s or _timed(step)
        sound_s[level] = _timed(step)
        sound_bytes = learns.sound_bytes(*items.batch([0])) or 0
        unseen = max(unseen, beside_bytes(sound_bytes, span.batch_size - 1))
    steps_s = tuple(sound_s[span.level] * span.batch_size for span in spans)
    return _Times(max(0.0, first_s - sound_s[spans[0].level]), steps_s, unseen)


def _share(material: Material, level: int) -> float:
    """The work of a level beside that of the one before; 0 where that is not known."""
    assert material.growth is not None  # noqa: S101 - there are levels
    shares = [each.bytes_share for each in material.growth.levels]
    before, after = shares[level - 2], shares[level - 1]
    return after / before if before else 0.0


def _step(learns: Learns, items: Items, count: int) -> Callable[[], None]:
    rate = learns.options.learning_rate_end

    def step() -> None:
        learns.step(*items.batch(range(count)), step=0, rate=rate)

    return step


def _timed(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def _bytes(tensors: dict[str, Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
