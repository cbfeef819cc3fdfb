"""Resuming: how a training that was interrupted, or an instrument that is done, goes on."""

import filecmp
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from timbrel import atomic, recipes
from timbrel.errors import TrainingError, UsageError
from timbrel.instruments import document
from timbrel.instruments.instrument import Instrument
from timbrel.tasks import plan as plans
from timbrel.tasks import recorded
from timbrel.tasks.instruments import open_named
from timbrel.tasks.plan import Plan
from timbrel.tasks.recorded import Recordings
from timbrel.tasks.run_folder import writing
from timbrel.tasks.workspace import Workspace
from timbrel.training import checkpoints
from timbrel.training.budget import Budget


@dataclass(frozen=True)
class Resumed:
    """How a training goes on.

    Attributes:
        plan: What it learns from, and how.
        source: The instrument folder whose ended training is taken up, or None where a training
            was interrupted and its own folder is still there.
        recordings: What it learns from where that is no library.
    """

    plan: Plan
    source: Path | None
    recordings: Recordings | None = None


def resumed(
    workspace: Workspace,
    recipe_name: str | None,
    *,
    name: str,
    budget: Budget,
    settings: Sequence[str],
) -> Resumed:
    """Finds out how a training goes on; changes nothing on disk.

    Its recipe need not be said again, but must agree where it is said.

    Args:
        workspace: The workspace.
        recipe_name: A recipe's name or file, or None.
        name: The instrument's name.
        budget: What it may spend in all; an empty one leaves what was planned.
        settings: Changes to the recipe; only those that leave the training the same are taken.

    Returns:
        The plan, and where what was learned lies.

    Raises:
        UsageError: When there is nothing to go on with, or the recipe or budget does not fit.
        TrainingError: When what was kept is damaged.
    """
    source, recordings = _source(workspace, name), None
    if source is None:
        run = workspace.training_folder(name)
        plan = plans.read(run).with_budget(budget)
        if recorded.learns_from_recordings(plan.recipe):
            recordings = recorded.kept(run, [note.name for note in plan.sounds])
    else:
        instrument = open_named(workspace, name)
        plan = _plan_of(instrument, budget)
        if recorded.learns_from_recordings(plan.recipe):
            recordings = recorded.inside(instrument)
    asked = recipes.find(recipe_name) if recipe_name else plan.recipe
    if asked.name != plan.recipe.name:
        raise UsageError(
            f"the recipe {asked.name!r} to go on with a training by {plan.recipe.name!r}",
            f"the recipe {plan.recipe.name!r}",
            "or train under another name",
        )
    changed = recipes.override(plan.recipe, settings)
    return Resumed(replace(plan, recipe=changed), source, recordings)


def _source(workspace: Workspace, name: str) -> Path | None:
    """Where what was learned lies; a training's folder without any yields to an instrument."""
    run, names = workspace.training_folder(name), workspace.instrument_names()
    if checkpoints.path_in(run).is_file() or (run.exists() and name not in names):
        return None
    if name not in names:
        raise UsageError(
            f"no training of {name!r} to go on with",
            ", ".join(names) or "none was begun yet",
            "leave --resume out to begin one",
        )
    folder = workspace.existing_instrument(name)
    if checkpoints.path_in(folder).is_file():
        return folder
    if run.exists():
        return None
    raise TrainingError(f"the instrument {name!r} came without checkpoints", advice="train anew")


def _plan_of(instrument: Instrument, budget: Budget) -> Plan:
    _check_bigger(instrument, budget)
    seed = int(instrument.summary.get("seed", 0))
    fingerprint = instrument.library_fingerprint
    return Plan(instrument.recipe, seed, budget, instrument.sounds, fingerprint)


@contextmanager
def reopened(source: Path, run: Path, plan: Plan) -> Iterator[None]:
    """Makes an ended training unfinished again, unless that comes to nothing.

    Args:
        source: The instrument's folder; its files are copied and stay.
        run: The training's folder to be.
        plan: The plan.

    Yields:
        Nothing.
    """
    with writing(run), atomic.new_folder(run, force=True) as part:
        for kept in (document.CHECKPOINTS, document.PREVIEWS):
            if (source / kept).is_dir():
                shutil.copytree(source / kept, part / kept, ignore=shutil.ignore_patterns(".*"))
        if (source / document.HISTORY).is_file():
            shutil.copyfile(source / document.HISTORY, part / document.HISTORY)
        plans.write(plan, part)
    try:
        yield
    except BaseException:
        if _nothing_new(source, run):
            atomic.discard(run)
        raise


def _nothing_new(source: Path, run: Path) -> bool:
    ours, theirs = checkpoints.path_in(run), checkpoints.path_in(source)
    try:
        return filecmp.cmp(ours, theirs, shallow=False)
    except OSError:
        return False


def _check_bigger(instrument: Instrument, budget: Budget) -> None:
    done_minutes = float(instrument.summary.get("seconds") or 0) / 60
    done_steps = int(instrument.summary.get("steps") or 0)
    by_time = budget.minutes is not None and budget.minutes > done_minutes
    by_steps = budget.steps is not None and budget.steps > done_steps
    had = instrument.summary.get("budget_minutes"), instrument.summary.get("budget_steps")
    if not (by_time or by_steps) or had == (budget.minutes, budget.steps):
        raise UsageError(
            f"the training of {instrument.name!r} has ended",
            f"more than the {done_minutes:.1f} minutes or {done_steps} steps that it has had",
            "say how long it may take in all, with --minutes or --steps",
        )
