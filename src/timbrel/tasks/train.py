"""Train: from a library to an instrument."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from timbrel import atomic, plugins, recipes
from timbrel.errors import ExistsError, TrainingError, UsageError
from timbrel.families import DataFacts, Family
from timbrel.instruments import cloud, document, folder
from timbrel.instruments.instrument import Instrument, create
from timbrel.library import lock
from timbrel.library.rows import Skipped
from timbrel.progress import Progress, Report, silent
from timbrel.recipes import Recipe
from timbrel.signal.frontends import FrontEnd
from timbrel.tasks import plan as plans
from timbrel.tasks.instruments import open_named
from timbrel.tasks.plan import Plan
from timbrel.tasks.workspace import Workspace, open_library
from timbrel.training import checkpoints, latents, loop, previews
from timbrel.training import estimate as estimates
from timbrel.training.budget import Budget
from timbrel.training.data import Entry, fingerprint, prepare
from timbrel.training.estimate import Estimate
from timbrel.training.loop import never
from timbrel.training.store import CodeStore, TrainingData
from timbrel.training.summary import TrainingSummary

if TYPE_CHECKING:
    from torch import nn

START_SOUNDS = 2048  # that a fresh network may look at before its first step
START_BYTES = 2**30


@dataclass(frozen=True)
class Trained:
    """What a training made.

    Attributes:
        folder: The instrument's folder.
        summary: What training came to.
        skipped: Sounds of the library that could not be read any more.
    """

    folder: Path
    summary: TrainingSummary
    skipped: list[Skipped]


@dataclass(frozen=True)
class _Work:
    """A training under way: where, by what plan, and whom to ask and tell."""

    workspace: Workspace
    name: str
    plan: Plan
    device: str
    report: Report
    should_stop: Callable[[], bool]

    @property
    def run(self) -> Path:
        return self.workspace.training_folder(self.name)

    @property
    def family(self) -> Family:
        return cast(Family, plugins.load("families", self.plan.recipe.family))


def train(  # noqa: PLR0913 - one argument an option of the command, all but three by keyword
    workspace: Workspace,
    recipe_name: str | None,
    *,
    name: str,
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
) -> Trained:
    """Trains an instrument on the sounds of the library.

    Ctrl-C (or `should_stop`) ends it early and still makes the instrument, of the best weights so
    far; a kill loses half a minute at most. Either way `resume` goes on: with the recipe, seed and
    very sounds that the training began with, whatever was added to the library since. An
    instrument whose training had ended is resumed by a bigger budget.

    Args:
        workspace: Whose library, and where the instrument shall stand.
        recipe_name: A recipe's name or file; may be None when resuming.
        name: What the instrument shall be called.
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

    Returns:
        The instrument's folder, the summary, and the sounds that were left out.

    Raises:
        ExistsError: When the name is taken, and neither `resume` nor `force` is given.
        UsageError: When name, budget or settings do not fit, or there is nothing to resume.
        LibraryError: When there is no library, or sounds of a resumed training are gone from it.
        TrainingError: When there are too few sounds, or training cannot go on.
    """
    budget = Budget(minutes=minutes, steps=steps)
    with _alone(workspace, name):
        if resume:
            plan = _resumed(workspace, recipe_name, name=name, budget=budget, settings=settings)
        else:
            recipe = _recipe(recipe_name, settings)
            _refuse_existing(workspace, name, force=force)
            library = open_library(workspace)
            plan = plans.make(library, recipe, seed=seed, budget=budget, keep_groups=keep_groups)
        work = _Work(workspace, name, plan, device, report, should_stop)
        return _done(work, anew=not resume)


@contextmanager
def _alone(workspace: Workspace, name: str) -> Iterator[None]:
    """Keeps a second training of the same name out."""
    run = workspace.training_folder(name)
    try:
        run.parent.mkdir(parents=True, exist_ok=True)
        with lock.exclusive(run.with_suffix(".lock")):
            yield
    except OSError as error:
        raise TrainingError(
            f"cannot write to {run.parent} ({error.strerror or error})", "a folder with free space"
        ) from None


def _recipe(recipe_name: str | None, settings: Sequence[str]) -> Recipe:
    if recipe_name is None:
        raise UsageError("no recipe", ", ".join(recipes.names()))
    return recipes.override(recipes.find(recipe_name), settings)


def _refuse_existing(workspace: Workspace, name: str, *, force: bool) -> None:
    if force:
        return
    if workspace.training_folder(name).exists():
        raise ExistsError(
            f"a training of {name!r} was interrupted",
            advice="go on with it by --resume, or begin anew by --force",
        )
    if workspace.instrument_folder(name).exists():
        raise ExistsError(
            f"there is an instrument {name!r} already",
            advice="choose another name, train it longer by --resume, or replace it by --force",
        )


# ---- resuming ------------------------------------------------------------------------------------


def _resumed(
    workspace: Workspace,
    recipe_name: str | None,
    *,
    name: str,
    budget: Budget,
    settings: Sequence[str],
) -> Plan:
    """The plan of a training that goes on; its recipe need not be said again, but must agree."""
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
    with atomic.new_folder(workspace.training_folder(name)) as part:
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


# ---- the work ------------------------------------------------------------------------------------


def _done(work: _Work, *, anew: bool) -> Trained:
    data, skipped = _data(work)
    network = _network(work, data, fresh=anew or not checkpoints.path_in(work.run).is_file())
    if anew:
        shutil.rmtree(work.run, ignore_errors=True)
        with atomic.new_folder(work.run) as part:
            plans.write(work.plan, part)
    recipe = work.plan.recipe
    summary = loop.train(
        recipe,
        network,
        work.family.objective(recipe.network),
        data,
        folder=work.run,
        budget=work.plan.budget,
        seed=work.plan.seed,
        device=work.device,
        report=work.report,
        resume=True,
        should_stop=work.should_stop,
        preview=_preview(work, data.validation),
    )
    target = work.workspace.instrument_folder(work.name)
    instrument = _instrument(work, network, data, summary)
    folder.save(target, instrument, run_folder=work.run, force=True)
    if summary.stopped_because != "interrupted":
        shutil.rmtree(work.run, ignore_errors=True)
    return Trained(target, summary, skipped)


def _data(work: _Work) -> tuple[TrainingData, list[Skipped]]:
    """Prepares both splits; what cannot be read any more is named and left out."""
    library = open_library(work.workspace)
    stores, skipped = [], []
    for part in ("train", "validation"):
        entries = plans.entries(work.plan, library, part)
        store = prepare(entries, work.plan.recipe, folder=work.workspace.cache, report=work.report)
        stores.append(store)
        skipped += _skipped(entries, store)
    return TrainingData(*stores).checked(), skipped


def _skipped(entries: Sequence[Entry], store: CodeStore) -> list[Skipped]:
    paths = {entry.id: entry.path for entry in entries}
    return [Skipped(paths[id_], reason, "unreadable") for id_, reason in store.skipped]


def _network(work: _Work, data: TrainingData, *, fresh: bool) -> "nn.Module":
    """Builds the network; a fresh one may look at the sounds before it learns."""
    import torch

    recipe = work.plan.recipe
    bins, frames = data.train.codes.shape[1:]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(work.plan.seed)
        network = work.family.build(recipe.network, DataFacts(bins, frames, work.plan.labels))
        if fresh:
            work.report(Progress("looking at the sounds", 0, 1))
            work.family.start(network, *_first_look(data.train, work.plan.seed))
            work.report(Progress("looking at the sounds", 1, 1))
    return network


def _first_look(store: CodeStore, seed: int) -> Any:
    """Some codes [M, F, N] and their label numbers [M], drawn by seed, as many as memory allows."""
    import numpy as np
    import torch

    code_bytes = 2 * store.codes.shape[1] * store.codes.shape[2]
    most = min(START_SOUNDS, max(1, START_BYTES // code_bytes))
    rows = np.arange(len(store))
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
    return torch.from_numpy(store.codes[rows]), store.labels_of(rows)


def _preview(work: _Work, store: CodeStore) -> previews.Previewer | None:
    recipe = work.plan.recipe
    if not recipe.training.previews:
        return None
    names = {note.id: note.name for note in work.plan.sounds}
    sounds = previews.chosen(
        store, recipe.training.previews, names=[names[id_] for id_ in store.ids]
    )
    decode = previews.decoder(recipe, seed=work.plan.seed)
    return previews.Previewer(
        work.run / document.PREVIEWS, sounds, decode=decode, sample_rate=recipe.sample_rate
    )


def _instrument(
    work: _Work, network: "nn.Module", data: TrainingData, summary: TrainingSummary
) -> Instrument:
    import torch

    work.report(Progress("placing the sounds", 0, 1))
    placed = torch.from_numpy(latents.encode_all(network, data.train))
    work.report(Progress("placing the sounds", 1, 1))
    plan = work.plan
    prepared = {*data.train.ids, *data.validation.ids}
    notes = tuple(n for n in plan.sounds if n.split == "test" or n.id in prepared)
    bins, frames = data.train.codes.shape[1:]
    spent = {"budget_minutes": plan.budget.minutes, "budget_steps": plan.budget.steps}
    return create(
        work.name,
        plan.recipe,
        DataFacts(bins, frames, plan.labels),
        network.cpu(),
        cloud.of(notes, placed, torch.from_numpy(data.train.references)),
        sounds=notes,
        summary={**summary.as_dict(), **spent},
        library_fingerprint=plan.library_fingerprint,
    )


# ---- the estimate --------------------------------------------------------------------------------


def estimate(
    workspace: Workspace,
    recipe_name: str,
    *,
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
        recipe_name: A recipe's name or file.
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
        LibraryError: When there is no library.
        TrainingError: When there are too few sounds.
    """
    import torch

    recipe, library = _recipe(recipe_name, settings), open_library(workspace)
    budget = Budget(minutes=minutes, steps=steps)
    plan = plans.make(library, recipe, seed=seed, budget=budget, keep_groups=keep_groups)
    bins, frames = cast(FrontEnd, recipe.front_end).code_shape(recipe.length_samples)
    family: Family = plugins.load("families", recipe.family)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = family.build(recipe.network, DataFacts(bins, frames, plan.labels))
    count = sum(note.split != "test" for note in plan.sounds)
    objective = family.objective(recipe.network)
    told = estimates.estimate(recipe, network, objective, count, budget=budget, device=device)
    parts = [plans.entries(plan, library, part) for part in ("train", "validation")]
    prepared = [
        (workspace.cache / fingerprint(p, recipe) / "complete.json").is_file() for p in parts
    ]
    if all(prepared):
        return replace(told, seconds=told.seconds - told.prepare_seconds, prepare_seconds=0.0)
    return told
