"""The one training loop, for all families."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from timbrel.errors import ExistsError, TrainingError, UsageError
from timbrel.families import AnyObjective
from timbrel.progress import Report, silent
from timbrel.recipes import Recipe
from timbrel.training import checkpoints
from timbrel.training.budget import Budget, planned_steps
from timbrel.training.fitting import FreeBytes, free_bytes, short_of_memory
from timbrel.training.growth import spans_of
from timbrel.training.hooks import Hooks, Preview
from timbrel.training.identity import identity
from timbrel.training.interrupts import gentle
from timbrel.training.items import Itself
from timbrel.training.learns import Learns, learner
from timbrel.training.run import Run
from timbrel.training.store import TrainingData
from timbrel.training.summary import Ending, TrainingSummary, epoch_seconds
from timbrel.training.verdict import Course, Game, verdict
from timbrel.training.world import Alone, World

__all__ = ["Budget", "TrainingData", "TrainingSummary", "train"]


def never() -> bool:
    """Never wishes to stop."""
    return False


def train(  # noqa: PLR0913 - the wiring of a whole training, all but the data by keyword
    recipe: Recipe,
    network: nn.Module,
    objective: AnyObjective,
    data: TrainingData,
    *,
    folder: Path,
    budget: Budget,
    seed: int,
    device: str = "cpu",
    report: Report = silent,
    resume: bool = False,
    should_stop: Callable[[], bool] = never,
    preview: Preview | None = None,
    free: FreeBytes = free_bytes,
    world: World | None = None,
) -> TrainingSummary:
    """Trains a network until the budget is spent, nothing is gained any more, or somebody stops it.

    Afterwards the network holds the weights that did best on the validation split (averaged ones
    where the recipe averages), on its device, in evaluation mode. `folder` holds ``checkpoints/``,
    ``history.csv`` and, where installed, ``tensorboard/``. Stopping by Ctrl-C, SIGTERM or
    `should_stop` keeps everything; a kill loses half a minute at most. With a budget in steps, a
    training that was interrupted and resumed ends with the same weights, bit for bit, as one
    that was not.

    Args:
        recipe: Its training settings; the rest only to recognise the training when resumed.
        network: The family's network, freshly initialised.
        objective: What is minimised.
        data: Both splits.
        folder: Where the training keeps its files.
        budget: Minutes or steps; without either the recipe's steps or epochs.
        seed: Seed of the order of sounds and of all noise.
        device: "cpu", "cuda" or "mps", with a number where there are several.
        report: Where progress goes.
        resume: Whether to go on where an earlier run with the same folder stopped; it starts from
            the beginning where that run was killed before its first checkpoint.
        should_stop: Asked between steps.
        preview: Called now and then with the network as it would be kept, and the step.
        free: Says how much memory may still be taken on a device, in bytes.
        world: The workers that share each batch; None where this is the only one. All call this
            alike, and the first alone writes, reports and makes previews.

    Returns:
        What it came to.

    Raises:
        ExistsError: When the folder holds a training and `resume` is false.
        TrainingError: When there is nothing to learn from, the checkpoint belongs to another
            training, the files cannot be written, or the loss explodes from the start.
    """
    data, place, world = data.checked(), _device(device), world or Alone()
    if not resume:
        world.told(lambda: _refuse_existing(folder))
    if not world.first:
        report, preview = silent, None
    with torch.random.fork_rng(_cards(place)), gentle() as interrupted:
        torch.manual_seed(seed)
        learns = learner(network, objective, recipe.training, seed=seed, device=place, world=world)
        run = Run(
            learns,
            data,
            folder=folder,
            budget=budget.or_steps(_planned(learns, data)),
            identity=identity(recipe, data, seed),
            hooks=Hooks(report, lambda: interrupted() or should_stop(), preview, free),
        )
        try:
            run.begin(resume=resume)
            ending = run.go()
            run.close()
        except (RuntimeError, MemoryError) as error:
            if not short_of_memory(error):
                raise
            raise TrainingError(
                f"memory ran out in a step on {run.place.batch_size} sounds",
                "a batch that fits",
                "nothing before the last checkpoint is lost: close other programs and go on with "
                "--resume, or train anew with smaller batches",
            ) from None
        except OSError as error:
            raise TrainingError(
                f"training cannot write to {folder} ({error.strerror or error})",
                "a folder with free space",
                "free some space and resume: nothing before the last checkpoint is lost",
            ) from None
    return _summary(run, ending)


def _planned(learns: Learns, data: TrainingData) -> int:
    """How many steps the recipe plans where no budget is given."""
    count = len(learns.items(data.train))
    if learns.growth is None:
        return planned_steps(learns.options, count)
    return sum(span.steps for span in spans_of(learns.growth, count, 0))


def _summary(run: Run, ending: Ending) -> TrainingSummary:
    course = Course(
        rows=run.history.rows,
        best_step=run.best.step,
        best_loss=run.best.loss,
        rollbacks=run.guard.rollbacks,
        stopped_because=ending,
        sounds=len(run.data.train),
        standing=run.stage,
        game=_game(run),
        one_recording=isinstance(run.items, Itself),
    )
    return TrainingSummary(
        steps=run.step,
        seconds=run.clock.elapsed_s,
        best_step=run.best.step,
        best_loss=run.best.loss,
        stopped_because=ending,
        rollbacks=run.guard.rollbacks,
        verdict=verdict(course),
        sounds=len(run.data.train),
        parameters=sum(parameter.numel() for parameter in run.learner.parameters),
        epochs=run.epochs_at(run.step),
        epoch_seconds=epoch_seconds(run.history.rows),
        memory_bytes=run.peak.memory_bytes,
        card_bytes=run.peak.card_bytes,
        seed=run.learner.seed,
        device=str(run.learner.device),
        precision=run.precision,
        level=run.stage.level if run.learner.growth else 0,
        levels=run.stage.levels if run.learner.growth else 0,
        batch_size=run.order.batch_size,
        history=run.history.rows,
    )


def _game(run: Run) -> Game | None:
    if not run.learner.adversarial:
        return None
    return Game(collapsed=run.health.collapsed, overwhelmed=run.health.overwhelmed)


def _refuse_existing(folder: Path) -> None:
    if checkpoints.path_in(folder).exists():
        raise ExistsError(
            f"{folder} holds a training already",
            advice="go on with it by --resume, or choose another name",
        )


def _device(name: str) -> torch.device:
    """Checks that arithmetic is possible where it was asked for."""
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        raise UsageError(
            f"device {name!r} is not there", "cpu, or cuda or mps where this machine has one"
        ) from None
    return device


def _cards(device: torch.device) -> list[int]:
    """Lists the graphics cards whose random state must be left as it was found."""
    if device.type != "cuda":
        return []
    return [device.index if device.index is not None else torch.cuda.current_device()]
