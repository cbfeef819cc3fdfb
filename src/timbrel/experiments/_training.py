"""Instruments that an experiment trains for itself; a killed training goes on where it stopped."""

from collections.abc import Sequence
from pathlib import Path

from timbrel.experiments import Request
from timbrel.instruments.instrument import Instrument
from timbrel.tasks.instruments import open_named
from timbrel.tasks.train import train
from timbrel.tasks.workspace import Workspace


def trained(  # noqa: PLR0913 - as `train`, all but three by keyword
    request: Request,
    workspace: Workspace,
    recipe: str,
    *,
    name: str,
    steps: int | None = None,
    minutes: float | None = None,
    settings: Sequence[str] = (),
    sounds: Sequence[Path] = (),
    holes: Sequence[tuple[float, float]] = (),
) -> Instrument:
    """Trains an instrument, unless an earlier run of the experiment has.

    Args:
        request: Of the experiment: seed, device, progress.
        workspace: The experiment's own workspace.
        recipe: A recipe's name.
        name: What the instrument is called.
        steps: Training steps.
        minutes: Minutes of training.
        settings: Changes to the recipe, each ``key=value``.
        sounds: The recordings, for a recipe that learns from recordings.
        holes: What of them is not learned from, from one moment to another in seconds.

    Returns:
        The instrument.

    Raises:
        KeyboardInterrupt: When training was interrupted; the next run goes on.
    """
    train_once(
        request,
        workspace,
        recipe,
        name=name,
        steps=steps,
        minutes=minutes,
        settings=settings,
        sounds=sounds,
        holes=holes,
    )
    return open_named(workspace, name, request.device)


def train_once(  # noqa: PLR0913 - as `trained`
    request: Request,
    workspace: Workspace,
    recipe: str,
    *,
    name: str,
    steps: int | None = None,
    minutes: float | None = None,
    settings: Sequence[str] = (),
    sounds: Sequence[Path] = (),
    holes: Sequence[tuple[float, float]] = (),
) -> None:
    """Sees to it that an instrument is trained, without opening it; as `trained`.

    Args:
        request: Of the experiment: seed, device, progress.
        workspace: The experiment's own workspace.
        recipe: A recipe's name.
        name: What the instrument is called.
        steps: Training steps.
        minutes: Minutes of training.
        settings: Changes to the recipe, each ``key=value``.
        sounds: The recordings, for a recipe that learns from recordings.
        holes: What of them is not learned from, from one moment to another in seconds.

    Raises:
        KeyboardInterrupt: When training was interrupted; the next run goes on.
    """
    unfinished = workspace.training_folder(name).exists()
    if unfinished or name not in workspace.instrument_names():
        made = train(
            workspace,
            recipe,
            name=name,
            steps=steps,
            minutes=minutes,
            sounds=() if unfinished else sounds,
            holes=() if unfinished else holes,
            settings=() if unfinished else settings,
            resume=unfinished,
            seed=request.seed,
            device=request.device,
            report=request.report,
        )
        if made.summary.stopped_because == "interrupted":
            raise KeyboardInterrupt
