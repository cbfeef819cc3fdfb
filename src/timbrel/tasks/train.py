"""Train: from a library to an instrument."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import cast

from timbrel import plugins
from timbrel.errors import ExistsError, UsageError
from timbrel.families import DataFacts, Family
from timbrel.instruments import document
from timbrel.progress import Report, silent
from timbrel.recipes import Recipe
from timbrel.signal.frontends import FrontEnd
from timbrel.tasks import from_recordings, plan_sounds, recorded
from timbrel.tasks import plan as plans
from timbrel.tasks.from_recordings import Source
from timbrel.tasks.learning import Learning, Trained, learn
from timbrel.tasks.resuming import Resumed, resumed
from timbrel.tasks.run_folder import alone
from timbrel.tasks.workspace import Workspace, checked_name, open_library
from timbrel.training import estimate as estimates
from timbrel.training.budget import Budget
from timbrel.training.data import fingerprint
from timbrel.training.estimate import Estimate
from timbrel.training.loop import never
from timbrel.training.world import Alone, World

__all__ = ["Estimate", "Trained", "estimate", "train"]


def train(  # noqa: PLR0913 - one argument an option of the command, all but three by keyword
    workspace: Workspace,
    recipe_name: str | None,
    *,
    name: str,
    sounds: Sequence[Path] = (),
    holes: Sequence[tuple[float, float]] = (),
    origin: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    settings: Sequence[str] = (),
    resume: bool = False,
    force: bool = False,
    keep_groups: bool = False,
    seed: int = 0,
    device: str = "cpu",
    report: Report = silent,
    should_stop: Callable[[], bool] = never,
    world: World | None = None,
) -> Trained:
    """Trains an instrument on the sounds of the library, or on one recording or a few.

    Ctrl-C (or `should_stop`) ends it early and still makes the instrument, of the best weights so
    far; a kill loses half a minute at most. Either way `resume` goes on: with the recipe, seed and
    very sounds that the training began with, whatever was added to the library since. An
    instrument whose training had ended is resumed by a bigger budget.

    Args:
        workspace: Whose library, and where the instrument shall stand.
        recipe_name: A recipe's name or file; may be None when resuming.
        name: What the instrument shall be called.
        sounds: The recordings, for a recipe that learns from recordings; a training that goes on
            has kept its own.
        holes: Where nothing is to be learned from a recording, begin and end in seconds.
        origin: An instrument of the same recipe with whose weights it begins, having learned from
            other recordings.
        minutes: Minutes that training may take in all, without preparing the sounds.
        steps: Steps that it may take in all; without either the recipe's own number, or when
            resuming the budget that it had.
        settings: Changes to the recipe, each ``key=value``.
        resume: Whether to go on with the training of that name.
        force: Whether an instrument or an unfinished training of that name is replaced.
        keep_groups: Whether kits or instruments stay together in the split.
        seed: Seed of all that is drawn; a resumed training keeps its own.
        device: Where the arithmetic happens: "cpu", "cuda" or "mps".
        report: Where progress goes.
        should_stop: Asked between steps.
        world: The workers that share each batch, each of which calls this alike; None where this
            is the only one.

    Returns:
        The instrument's folder, the summary, and the sounds that were left out.

    Raises:
        ExistsError: When the name is taken, and neither `resume` nor `force` is given.
        UsageError: When name, budget or settings do not fit, or there is nothing to resume.
        LibraryError: When there is no library, or sounds of a resumed training are gone from it.
        TrainingError: When there are too few sounds, or training cannot go on.
    """
    if resume and force:
        raise UsageError("--resume and --force at once", "one of them: to go on, or to begin anew")
    if resume and (sounds or holes or origin):
        raise UsageError(
            "--resume and --sound, --hole or --from at once",
            "one of them",
            "a training goes on with the recordings that it began with",
        )
    name, budget, world = checked_name(name), Budget(minutes=minutes, steps=steps), world or Alone()
    source = Source(tuple(sounds), tuple(holes), origin)

    def planned() -> Resumed:
        if resume:
            return resumed(workspace, recipe_name, name=name, budget=budget, settings=settings)
        if recorded.learns_from_recordings(recipe):
            return from_recordings.planned(
                workspace, recipe, source, budget=budget, seed=seed, report=report
            )
        library = open_library(workspace)
        plan = plans.make(library, recipe, seed=seed, budget=budget, keep_groups=keep_groups)
        return Resumed(plan, None)

    with ExitStack() as held:
        if not resume:
            recipe = from_recordings.chosen(
                workspace, recipe_name, settings, source, keep_groups=keep_groups
            )
            _check_shareable(recipe, world)
            world.told(lambda: _refuse_existing(workspace, name, force=force), patient=True)
        world.told(lambda: held.enter_context(alone(workspace, name)), patient=True)
        on = world.told(planned, patient=True)
        _check_shareable(on.plan.recipe, world)
        work = Learning(workspace, name, on.plan, device, report, should_stop, on.recordings, world)
        return learn(work, anew=not resume, source=on.source)


def _check_shareable(recipe: Recipe, world: World) -> None:
    if world.size > 1 and recorded.learns_from_recordings(recipe):
        raise UsageError(
            f"{world.size} workers for a recipe that learns from recordings",
            "one worker",
            "leave the others out: a recording is one sound, and there is no batch to share",
        )


def _refuse_existing(workspace: Workspace, name: str, *, force: bool) -> None:
    folder = workspace.instrument_folder(name)
    if folder.exists() and not (folder / document.DOCUMENT).is_file():
        raise ExistsError(
            f"{folder} is no instrument and is not replaced", advice="choose another name"
        )
    if force:
        return
    if workspace.training_folder(name).exists():
        raise ExistsError(
            f"a training of {name!r} was interrupted",
            advice="go on with it by --resume, or begin anew by --force",
        )
    if folder.exists():
        raise ExistsError(
            f"there is an instrument {name!r} already",
            advice="choose another name, train it longer by --resume, or replace it by --force",
        )


def estimate(  # noqa: PLR0913 - one argument an option of the command, all but two by keyword
    workspace: Workspace,
    recipe_name: str | None,
    *,
    sounds: Sequence[Path] = (),
    holes: Sequence[tuple[float, float]] = (),
    origin: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    settings: Sequence[str] = (),
    device: str = "cpu",
    keep_groups: bool = False,
    seed: int = 0,
) -> Estimate:
    """Says what a training would take, by trying a few steps; nothing is left behind.

    Args:
        workspace: Whose library.
        recipe_name: A recipe's name or file; None takes that of `origin`.
        sounds: The recordings, for a recipe that learns from recordings.
        holes: Where nothing would be learned from a recording, begin and end in seconds.
        origin: An instrument with whose weights it would begin.
        minutes: Minutes that training may take.
        steps: Steps that it may take.
        settings: Changes to the recipe, each ``key=value``.
        device: Where the arithmetic would happen.
        keep_groups: Whether kits or instruments would stay together in the split.
        seed: Seed of the split and of the network.

    Returns:
        Time, memory and disk.

    Raises:
        UnknownNameError: When there is no such recipe.
        UsageError: When the recipe learns from something else.
        LibraryError: When there is no library.
        SoundFileError: When a recording cannot be read or holds nothing to learn from.
        TrainingError: When there are too few sounds.
    """
    import torch

    budget = Budget(minutes=minutes, steps=steps)
    source = Source(tuple(sounds), tuple(holes), origin)
    recipe = from_recordings.chosen(
        workspace, recipe_name, settings, source, keep_groups=keep_groups
    )
    if source.sounds:
        return from_recordings.estimate(
            workspace, recipe, source, budget=budget, seed=seed, device=device
        )
    library = open_library(workspace)
    plan = plans.make(library, recipe, seed=seed, budget=budget, keep_groups=keep_groups)
    bins, frames = cast(FrontEnd, recipe.front_end).code_shape(recipe.length_samples)
    family: Family = plugins.load("families", recipe.family)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        facts = DataFacts(bins, frames, plan.labels, recipe.sample_rate)
        network = family.build(recipe.network, facts)
    count = sum(note.split != "test" for note in plan.sounds)
    objective = family.objective(recipe.network)
    told = estimates.estimate(
        recipe,
        network,
        objective,
        count,
        budget=budget,
        sound_s=plan_sounds.mean_length_s(library, recipe),
        device=device,
    )
    parts = [plans.entries(plan, library, part) for part in ("train", "validation")]
    prepared = [
        (workspace.cache / fingerprint(p, recipe) / "complete.json").is_file() for p in parts
    ]
    if all(prepared):
        return replace(told, seconds=told.seconds - told.prepare_seconds, prepare_seconds=0.0)
    return told
