"""Resuming: how a training that was interrupted, or an instrument that is done, goes on."""

import shutil
from collections.abc import Sequence
from dataclasses import replace

from timbrel import atomic, recipes
from timbrel.errors import TrainingError, UsageError
from timbrel.instruments import document
from timbrel.instruments.instrument import Instrument
from timbrel.tasks import plan as plans
from timbrel.tasks.instruments import open_named
from timbrel.tasks.plan import Plan
from timbrel.tasks.run_folder import writing
from timbrel.tasks.workspace import Workspace
from timbrel.training import checkpoints
from timbrel.training.budget import Budget


def resumed(
    workspace: Workspace,
    recipe_name: str | None,
    *,
    name: str,
    budget: Budget,
    settings: Sequence[str],
) -> Plan:
    """Finds out how a training goes on.

    Its recipe need not be said again, but must agree where it is said.

    Args:
        workspace: The workspace.
        recipe_name: A recipe's name or file, or None.
        name: The instrument's name.
        budget: What it may spend in all; an empty one leaves what was planned.
        settings: Changes to the recipe; only those that leave the training the same are taken.

    Returns:
        The plan.

    Raises:
        UsageError: When there is nothing to go on with, or the recipe or budget does not fit.
        TrainingError: When what was kept is damaged.
    """
    run = workspace.training_folder(name)
    if not run.exists():
        _reopen(workspace, name, budget)
    plan = plans.read(run).with_budget(budget)
    asked = recipes.find(recipe_name) if recipe_name else plan.recipe
    if asked.name != plan.recipe.name:
        raise UsageError(
            f"the recipe {asked.name!r} to go on with a training by {plan.recipe.name!r}",
            f"the recipe {plan.recipe.name!r}",
            "or train under another name",
        )
    return replace(plan, recipe=recipes.override(plan.recipe, settings))


def _reopen(workspace: Workspace, name: str, budget: Budget) -> None:
    """Makes an ended training unfinished again: its files go back to a run folder."""
    names = workspace.instrument_names()
    if name not in names:
        raise UsageError(
            f"no training of {name!r} to go on with",
            ", ".join(names) or "none was begun yet",
            "leave --resume out to begin one",
        )
    source = workspace.existing_instrument(name)
    instrument = open_named(workspace, name)
    _check_bigger(instrument, budget)
    if not checkpoints.path_in(source).is_file():
        raise TrainingError(
            f"the instrument {name!r} came without checkpoints", advice="train anew"
        )
    plan = Plan(
        instrument.recipe,
        int(instrument.summary.get("seed", 0)),
        budget,
        instrument.sounds,
        instrument.library_fingerprint,
    )
    run = workspace.training_folder(name)
    with writing(run), atomic.new_folder(run) as part:
        for kept in (document.CHECKPOINTS, document.PREVIEWS):
            if (source / kept).is_dir():
                shutil.copytree(source / kept, part / kept)
        if (source / document.HISTORY).is_file():
            shutil.copyfile(source / document.HISTORY, part / document.HISTORY)
        plans.write(plan, part)


def _check_bigger(instrument: Instrument, budget: Budget) -> None:
    done_minutes = float(instrument.summary.get("seconds") or 0) / 60
    done_steps = int(instrument.summary.get("steps") or 0)
    by_time = budget.minutes is not None and budget.minutes > done_minutes
    by_steps = budget.steps is not None and budget.steps > done_steps
    if not (by_time or by_steps):
        raise UsageError(
            f"the training of {instrument.name!r} has ended",
            f"more than the {done_minutes:.1f} minutes or {done_steps} steps that it has had",
            "say how long it may take in all, with --minutes or --steps",
        )
