"""Running an experiment: its sounds, its settings, what it keeps, and its report."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from timbrel import plugins, recipes
from timbrel.errors import UnknownNameError, UsageError
from timbrel.evaluation.report import checked_folder
from timbrel.experiments import ROOM, SCALES, Experiment, Request, module_name, typed_name
from timbrel.experiments import _material as material
from timbrel.experiments._findings import Findings
from timbrel.experiments._writing import write
from timbrel.progress import Report, silent
from timbrel.recipes import Options
from timbrel.tasks.workspace import Workspace, checked_name


@dataclass(frozen=True)
class Done:
    """What an experiment came to.

    Attributes:
        folder: The folder of its report.
        kept: The folder of what it trained and measured: a workspace of its own.
        findings: What it found.
        facts: What the numbers depend on.
    """

    folder: Path
    kept: Path
    findings: Findings
    facts: dict[str, Any]


def overview() -> list[dict[str, Any]]:
    """Lists the experiments.

    Returns:
        Of each its name, title, what it asks, its source, what it needs, and how long each scale
        takes.
    """
    loaded = {name: _load(name) for name in plugins.names(ROOM)}
    return [
        {
            "name": typed_name(name),
            "title": one.title,
            "about": one.about,
            "source": one.source,
            "needs": one.needs,
            "durations": {scale: one.scales[scale].duration for scale in SCALES},
        }
        for name, one in loaded.items()
    ]


def _load(name: str) -> Experiment:
    if name.endswith(".toml"):
        from timbrel.experiments._own import read

        return read(Path(name))
    known = [typed_name(module) for module in plugins.names(ROOM)]
    if typed_name(name) not in known:
        raise UnknownNameError("experiment", name, known)
    experiment: Experiment = plugins.load(ROOM, module_name(name))
    return experiment


def run(  # noqa: PLR0913 - one argument an option of the command, all but two by keyword
    workspace: Workspace,
    name: str,
    *,
    scale: str = "small",
    data: Sequence[Path] = (),
    settings: Sequence[str] = (),
    out: Path | None = None,
    seed: int = 0,
    device: str = "cpu",
    force: bool = False,
    report: Report = silent,
) -> Done:
    """Runs an experiment and writes its report.

    A killed run is gone on with by the same call: what was trained and measured is kept in the
    workspace's folder ``experiments``, under a name that settings, seed and sounds decide.

    Args:
        workspace: Whose library it is about where `data` is empty, and where it keeps its things.
        name: One of the experiments, such as "vae-variants", or the TOML file of one's own.
        scale: "smoke", "small" or "full".
        data: Folders of sounds.
        settings: Changes to the scale's settings, each ``key=value``.
        out: The folder of the report; None for one of the workspace's reports.
        seed: Seed of all that is drawn.
        device: Where the arithmetic happens.
        force: Whether a report that stands there is replaced.
        report: Where progress goes.

    Returns:
        Where everything is, and what was found.

    Raises:
        UnknownNameError: When there is no such experiment.
        UsageError: When there is no such scale or setting, or there are no sounds.
        ExistsError: When the report's folder exists and `force` is false.
    """
    experiment = _load(name)
    if scale not in experiment.scales:
        raise UsageError(f"--scale {scale}", ", ".join(SCALES))
    chosen = recipes.changed(experiment.scales[scale].settings, settings)
    called = _called(name)
    folder = out or workspace.reports / f"{called}-{scale}"
    checked_folder(folder, force=force)
    request = Request(
        data=tuple(one.expanduser() for one in data),
        workspace=workspace.root,
        kept=Path(),
        seed=seed,
        device=device,
        makes_sounds=scale == "smoke",
        report=report,
    )
    request = replace(request, kept=_kept(workspace, called, scale, request, chosen))
    began_s = time.monotonic()
    findings = experiment.run(request, chosen)
    facts = _facts(request, scale, chosen, findings, time.monotonic() - began_s)
    write(folder, experiment.title, findings, facts, force=force)
    return Done(folder, request.kept, findings, facts)


def _called(name: str) -> str:
    """What its folders are called; an experiment of one's own is called as its file."""
    return checked_name(Path(name).stem) if name.endswith(".toml") else typed_name(name)


def _kept(workspace: Workspace, name: str, scale: str, request: Request, settings: Options) -> Path:
    told = f"{settings.model_dump_json()} {request.seed} {material.fingerprint(request)}"
    told += "".join(_recipe_files(settings.model_dump()))
    digest = hashlib.sha256(told.encode()).hexdigest()[:8]
    return workspace.root / "experiments" / f"{name}-{scale}-{digest}"


def _recipe_files(value: Any) -> list[str]:
    """What stands in the recipe files that settings name: a changed one is trained anew."""
    if isinstance(value, str) and value.endswith(".toml"):
        file = Path(value).expanduser()
        return [file.read_text("utf-8", "replace")] if file.is_file() else []
    if not isinstance(value, dict | list | tuple):
        return []
    inner = value.values() if isinstance(value, dict) else value
    return [text for one in inner for text in _recipe_files(one)]


def _facts(
    request: Request, scale: str, settings: Options, findings: Findings, seconds: float
) -> dict[str, Any]:
    import torch

    from timbrel.evaluation.machine import machine_facts

    return {
        "scale": scale,
        "seed": request.seed,
        "sounds": ", ".join(folder.name for folder in request.data)
        or ("made by timbrel" if request.makes_sounds else "the workspace's library"),
        **{f"setting: {name}": value for name, value in settings.model_dump().items()},
        **findings.facts,
        "seconds of this run": round(seconds, 1),
        **machine_facts(torch.device(request.device)),
    }
