"""The controlled experiment: one independent variable, everything else equal.

An *arm* is one value of the independent variable: a recipe, with settings of its own. All arms
learn from the same sounds in the same splits, by the same schedule and under the same terms, each
from scratch and once for each seed; a *trial* is one such training. What else differs between the
recipes is an error, unless the experiment says that it may.
"""

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from timbrel import recipes
from timbrel.errors import TrainingError, UsageError
from timbrel.experiments import Request
from timbrel.experiments._memory import Memory
from timbrel.experiments._training import train_once
from timbrel.instruments.document import CHECKPOINTS, HISTORY
from timbrel.instruments.instrument import Instrument
from timbrel.progress import Tracker
from timbrel.recipes import Options, Recipe, option
from timbrel.tasks.instruments import open_named
from timbrel.tasks.workspace import Workspace
from timbrel.training.history import read

_NAMES = ("name", "title", "about")  # what a recipe is called decides nothing
Settings = Mapping[str, Any]


class Terms(Options):
    """The terms of all trainings of a controlled experiment."""

    seeds: int = option(3, "Trainings of each; their seeds count up from --seed.", low=1, high=100)
    minutes: float = option(
        0.0, "Minutes at most of each training; 0 sets no such limit.", unit="min", low=0
    )
    steps: int = option(0, "Steps at most of each training; 0 sets no such limit.", low=0)
    epochs: int = option(
        500, "Passes over the sounds at most, where neither minutes nor steps are given.", low=1
    )
    patience: int = option(
        50, "Epochs without gain in validation that end a training; 0 never does.", low=0
    )

    def changes(self) -> list[str]:
        """Gives what these terms change in every recipe, each ``key=value``."""
        return [
            f"training.epochs={self.epochs}",
            f"training.patience_validations={self.patience}",
            "training.validate_every_steps=0",
            "training.previews=0",
        ]

    def said(self) -> str:
        """Tells the terms in words."""
        limits = [f"{self.minutes:g} minutes"] if self.minutes else []
        limits += [f"{self.steps} steps"] if self.steps else []
        most = " or ".join(limits or [f"{self.epochs} epochs"])
        early = f", ended early by {self.patience} epochs without gain" if self.patience else ""
        return f"from scratch, at most {most}{early}"


@dataclass(frozen=True)
class Arm:
    """One value of the independent variable.

    Attributes:
        name: What tables call it.
        recipe: Its recipe, by name or file.
        settings: Its own changes to the recipe, each ``key=value``.
    """

    name: str
    recipe: str
    settings: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """Its name as part of an instrument's name."""
        marks = "".join(mark if mark.isalnum() else " " for mark in self.name.lower())
        return "-".join(marks.split())


@dataclass(frozen=True)
class Design:
    """What is compared, and what may differ.

    Attributes:
        arms: The values of the independent variable, the one that others are compared with first.
        varies: Settings that may differ between the arms beside those the arms name themselves:
            a group ("network") or a dotted key.
        shared: Changes to every arm's recipe, each ``key=value``.
    """

    arms: tuple[Arm, ...]
    varies: tuple[str, ...] = ("family", "network")
    shared: tuple[str, ...] = ()

    def recipe(self, arm: Arm, terms: Terms) -> Recipe:
        """Resolves the recipe of an arm.

        Args:
            arm: One of the arms.
            terms: The terms of all trainings.

        Returns:
            The recipe that it is trained by.
        """
        changes = [*terms.changes(), *self.shared, *arm.settings]
        return recipes.override(recipes.find(arm.recipe), changes)


@dataclass(frozen=True)
class Held:
    """What is equal in all arms, and what differs.

    Attributes:
        equal: Setting to the value that all arms have.
        differs: Setting to each arm's value, None where an arm has no such setting.
    """

    equal: Settings
    differs: Mapping[str, Settings]


def held(design: Design, terms: Terms) -> Held:
    """Makes sure that only the independent variable differs.

    Args:
        design: What is compared.
        terms: The terms of all trainings.

    Returns:
        What is equal and what differs.

    Raises:
        UsageError: When there are no two arms, two have one name, or they differ in more than
            they may.
        UnknownNameError: When there is no such recipe.
        RecipeError: When a setting does not fit.
    """
    _check_names(design.arms)
    tables = {arm.name: _flat(design.recipe(arm, terms)) for arm in design.arms}
    keys = list(dict.fromkeys(key for table in tables.values() for key in table))
    values = {key: {name: table.get(key) for name, table in tables.items()} for key in keys}
    differs = {key: row for key, row in values.items() if len(set(map(repr, row.values()))) > 1}
    _check_differences(design, differs)
    first = next(iter(tables.values()))
    return Held({key: first[key] for key in keys if key not in differs}, differs)


def _check_names(arms: Sequence[Arm]) -> None:
    if len(arms) < 2:
        raise UsageError(f"{len(arms)} arm to compare", "two or more, the first the one to beat")
    names = [arm.file_name for arm in arms]
    twice = next((arm.name for arm in arms if names.count(arm.file_name) > 1), None)
    accepted = "arms whose names differ in letters or digits"
    if not all(names):
        raise UsageError("an arm without a letter in its name", accepted)
    if twice is not None:
        raise UsageError(f"two arms of the name {twice!r}", accepted)


def _flat(recipe: Recipe) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in recipes.as_table(recipe).items():
        inner = {f"{key}.{name}": one for name, one in value.items()} if _is_group(value) else None
        flat |= {key: value} if inner is None else inner
    return {key: value for key, value in flat.items() if key not in _NAMES}


def _is_group(value: Any) -> bool:
    return isinstance(value, dict)


def _check_differences(design: Design, differs: Mapping[str, Settings]) -> None:
    said = {setting.partition("=")[0].strip() for arm in design.arms for setting in arm.settings}
    allowed = (*design.varies, *said)
    for key, row in differs.items():
        if not any(key == one or key.startswith(f"{one}.") for one in allowed):
            values = ", ".join(f"{value!r} of {name}" for name, value in row.items())
            raise UsageError(
                f"arms that differ in {key} as well ({values})",
                f"arms that differ in {', '.join(allowed)} only",
                f'give all of them one value, as in settings = ["{key}=…"], or name it in varies',
            )


@dataclass(frozen=True)
class Trial:
    """One training of one arm.

    Attributes:
        arm: Which arm.
        seed: Seed of split, network and order.
        workspace: Where its instrument stands.
        device: Where arithmetic happens.
    """

    arm: Arm
    seed: int
    workspace: Workspace
    device: str

    @property
    def name(self) -> str:
        """The name of its instrument."""
        return f"{self.arm.file_name}-seed-{self.seed}"

    def instrument(self) -> Instrument:
        """Opens what was trained."""
        return open_named(self.workspace, self.name, self.device)

    def history(self) -> list[dict[str, Any]]:
        """Reads its history: a row a validation."""
        rows = read(self.workspace.instrument_folder(self.name) / HISTORY)
        return [row for row in rows if isinstance(row.get("validation_loss"), int | float)]


def train_all(
    request: Request, workspace: Workspace, design: Design, terms: Terms
) -> tuple[Trial, ...]:
    """Trains every arm with every seed; what an earlier run has trained stays.

    Args:
        request: What was asked for: the first seed, device, progress.
        workspace: The experiment's own workspace, with its library.
        design: What is compared.
        terms: The terms of all trainings.

    Returns:
        The trials, seed by seed, and of each seed arm by arm.

    Raises:
        KeyboardInterrupt: When training was interrupted; the next run goes on.
    """
    trials = tuple(
        Trial(arm, seed, workspace, request.device)
        for seed in range(request.seed, request.seed + terms.seeds)
        for arm in design.arms
    )
    tracker = Tracker("training", len(trials), request.report)
    for trial in trials:
        train_trial(request, trial, design, terms)
        tracker.advance(note=f"{trial.name} is trained")
    return trials


def train_trial(request: Request, trial: Trial, design: Design, terms: Terms) -> None:
    """Trains one trial, unless an earlier run has; what only resuming needs is not kept.

    Args:
        request: What was asked for: device, progress.
        trial: The trial.
        design: What is compared.
        terms: The terms of all trainings.
    """
    train_once(
        replace(request, seed=trial.seed),
        trial.workspace,
        trial.arm.recipe,
        name=trial.name,
        steps=terms.steps or None,
        minutes=terms.minutes or None,
        settings=[*terms.changes(), *design.shared, *trial.arm.settings],
    )
    checkpoints = trial.workspace.instrument_folder(trial.name) / CHECKPOINTS
    shutil.rmtree(checkpoints, ignore_errors=True)  # several times the weights


def courses(request: Request, trials: Sequence[Trial]) -> dict[str, dict[str, Any]]:
    """Tells how each training went, and makes sure that all of a seed had the same sounds.

    Args:
        request: Whose folder keeps what was found.
        trials: The trials, trained.

    Returns:
        Name of a trial to parameters, steps, epochs, epoch_seconds, seconds, stopped_because,
        best_epoch, memory_bytes (the graphics card's where there is one), and a hash of its splits.

    Raises:
        TrainingError: When two arms learned from other sounds or splits.
    """
    memory = Memory(request.kept / "figures")
    found = {one.name: memory.recall(f"{one.name}-course", lambda: _course(one)) for one in trials}  # noqa: B023 - called at once
    for seed in {trial.seed for trial in trials}:
        splits = {found[trial.name]["splits"] for trial in trials if trial.seed == seed}
        if len(splits) > 1:
            raise TrainingError(
                f"the arms of seed {seed} had other sounds or splits", "the same for all",
                "sounds that one recipe cannot use (too short, silent) are best taken away",
            )  # fmt: skip
    return found


def _course(trial: Trial) -> dict[str, Any]:
    made, history = trial.instrument(), trial.history()
    summary = made.summary
    splits = repr(sorted(made.splits.items())).encode()
    best = next((row for row in history if row["step"] == summary["best_step"]), {})
    taken = ("parameters", "steps", "epochs", "epoch_seconds", "seconds", "stopped_because")
    return {
        **{name: summary[name] for name in taken},
        "best_epoch": float(best.get("epoch") or 0.0),
        "memory_bytes": summary["card_bytes"] or summary["memory_bytes"],
        "splits": hashlib.sha256(splits).hexdigest()[:16],
    }


Measured = Mapping[str, Sequence[float]]


def measure_all(
    request: Request, trials: Sequence[Trial], measure: Callable[[Trial], Measured], *, what: str
) -> dict[str, Measured]:
    """Measures the dependent variables of all trials; what an earlier run measured is taken up.

    Args:
        request: Whose folder keeps figures, and where progress goes.
        trials: The trials, trained.
        measure: Trial -> variable to its values, one a unit (a segment, a note), in one order
            for all arms of a seed.
        what: What is measured, for people and files.

    Returns:
        Name of a trial to its variables.
    """
    memory = Memory(request.kept / "figures")
    tracker = Tracker(f"measuring {what}", len(trials), request.report)
    found = {}
    for trial in trials:
        key = f"{trial.name}-{'-'.join(what.split())}"
        found[trial.name] = memory.recall(key, lambda: measure(trial))  # noqa: B023 - called at once
        tracker.advance(note=trial.name)
    return found
