"""Trainings: those under way, and how those went that made the instruments."""

import re
from pathlib import Path
from typing import Any

from timbrel.errors import TimbrelError, UnknownNameError
from timbrel.instruments import document, folder
from timbrel.studio.workbench import sounds
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.models.training import History, Preview, Training, TrainingNames
from timbrel.tasks import plan as plans
from timbrel.tasks.workspace import checked_name
from timbrel.training import history

HISTORY = "history.csv"
MOST_ROWS = 4000
MOST_BYTES = 2**28  # of a file that is shown
_PREVIEW = re.compile(r"(?:(\d+)-)?(?:original|step-(\d+))\.wav")
_UNDER_WAY = re.compile(r"\.(.+)\.training")


def listed(bench: Bench) -> TrainingNames:
    """Lists the trainings, those under way first.

    Args:
        bench: What the studio works with.

    Returns:
        Name, whether it is under way, and the job that runs it.
    """
    under_way = _under_way(bench)
    there = [name for name in bench.workspace.instrument_names() if name not in under_way]
    queued = {
        job.instrument: job
        for job in bench.jobs.all()
        if job.kind == "train" and job.state in ("queued", "running")
    }
    names = [*dict.fromkeys([*queued, *under_way]), *(n for n in there if n not in queued)]
    return TrainingNames(
        trainings=[
            {
                "name": name,
                "under_way": name in under_way or name in queued,
                "job": queued[name].id if name in queued else "",
                "state": queued[name].state if name in queued else
                ("stopped" if name in under_way else "done"),
            }
            for name in names
        ]
    )  # fmt: skip


def _under_way(bench: Bench) -> list[str]:
    root = bench.workspace.instruments
    if not root.is_dir():
        return []
    found = (_UNDER_WAY.fullmatch(path.name) for path in root.iterdir() if path.is_dir())
    return sorted(match[1] for match in found if match)


def one(bench: Bench, name: str) -> Training:
    """Tells how a training goes, or went.

    Args:
        bench: What the studio works with.
        name: The instrument's name.

    Returns:
        Its course, what can be heard of it, and what it came to.

    Raises:
        UnknownNameError: When there is none of that name.
        UsageError: When the name can be none.
    """
    name = checked_name(name)
    run, made = bench.workspace.training_folder(name), bench.workspace.instrument_folder(name)
    job = bench.jobs.running("train", name)
    place = run if run.is_dir() else made
    if not place.is_dir() and job is None:
        raise UnknownNameError("training", name, bench.workspace.instrument_names())
    facts = _facts(run if run.is_dir() else None, made)
    return Training(
        name=name,
        recipe=facts["recipe"],
        job="" if job is None else job.id,
        under_way=run.is_dir() or job is not None,
        verdict=facts["verdict"],
        history=_course(place / HISTORY),
        previews=_previews(bench, place / document.PREVIEWS),
        minutes=facts["minutes"],
        steps=facts["steps"],
    )


def _facts(run: Path | None, made: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"recipe": "", "verdict": "", "minutes": None, "steps": None}
    try:
        if run is not None:
            plan = plans.read(run)
            return found | {
                "recipe": plan.recipe.name,
                "minutes": plan.budget.minutes,
                "steps": plan.budget.steps,
            }
        told = folder.describe(made)
    except TimbrelError:
        return found
    training = told["training"]
    return {
        "recipe": told["recipe"],
        "verdict": str(training.get("verdict", "")),
        "minutes": training.get("budget_minutes"),
        "steps": training.get("budget_steps"),
    }


def _course(path: Path) -> History:
    try:
        rows = history.read(path) if _is_plain(path) else []
    except (OSError, TimbrelError, ValueError):
        rows = []
    step = max(1, len(rows) // MOST_ROWS)
    some = rows[::step]
    columns = dict.fromkeys(name for row in some for name in row)
    return History(
        columns={name: [_plain(row.get(name)) for row in some] for name in columns}
    )  # fmt: skip


def _is_plain(path: Path) -> bool:
    """Whether a file lies in the folder itself, and is of a sane size."""
    there = path.is_file() and not path.is_symlink() and not path.parent.is_symlink()
    return there and path.stat().st_size <= MOST_BYTES


def _plain(value: Any) -> float | str | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        number = float(value)
        return number if abs(number) < float("inf") else None
    return str(value)


def _previews(bench: Bench, place: Path) -> list[Preview]:
    if not place.is_dir():
        return []
    found = [(path, _PREVIEW.fullmatch(path.name)) for path in sorted(place.iterdir())]
    previews = [
        Preview(
            sound=sounds.place(bench, path),
            number=int(match[1] or 1),
            step=None if match[2] is None else int(match[2]),
        )
        for path, match in found
        if match and _is_plain(path)
    ]
    return sorted(previews, key=lambda p: (p.number, -1 if p.step is None else p.step))
