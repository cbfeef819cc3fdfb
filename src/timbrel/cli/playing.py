"""The commands that make sounds: reconstruct, generate, morph."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from timbrel.cli import output, session
from timbrel.cli.arguments import (
    Curve,
    Ends,
    Force,
    Instrument,
    MaybeOutFolder,
    OnlyPairs,
    OutFolder,
    PhaseName,
    StepsBetween,
)
from timbrel.errors import UsageError

if TYPE_CHECKING:
    from timbrel.synthesis.pairs import Pair
    from timbrel.tasks.rendering import Rendered


def _finish(at: session.Session, made: "Rendered") -> None:
    document = {"sounds": made.paths, "skipped": session.left_out(made.skipped)}
    at.finish(document, lambda: _show(made.paths), skipped=made.skipped)


def _show(paths: Sequence[Path]) -> None:
    for path in paths:
        output.line(str(path))


def reconstruct(
    context: typer.Context,
    instrument: Instrument,
    sounds: Annotated[
        list[Path],
        typer.Argument(metavar="SOUND...", help="Sound files, or folders of them."),
    ],
    out: OutFolder,
    phase: PhaseName = None,
    force: Force = False,
) -> None:
    """Plays sounds through an instrument and back."""
    at = session.of(context)
    session.existing(sounds, "sound files, or folders of them")
    from timbrel.tasks import reconstruct as task

    with at.progress() as report:
        made = task.reconstruct(
            at.workspace,
            instrument,
            sounds,
            out=out,
            seed=at.seed,
            device=at.device(),
            phase=phase,
            force=force,
            report=report,
        )
    _finish(at, made)


def generate(
    context: typer.Context,
    instrument: Instrument,
    count: Annotated[int, typer.Option(metavar="N", help="How many sounds to make.")],
    out: OutFolder,
    label: Annotated[
        str | None,
        typer.Option(metavar="LABEL", help="Only sounds of this label, such as kick."),
    ] = None,
    from_prior: Annotated[
        bool,
        typer.Option(
            "--from-prior",
            help="Draw more freely, farther from the library's sounds; knows no labels.",
            show_default=False,
        ),
    ] = False,
    phase: PhaseName = None,
    force: Force = False,
) -> None:
    """Makes new sounds.

    The same --seed makes the same sounds again; another seed makes others.
    """
    at = session.of(context)
    from timbrel.tasks import generate as task

    with at.progress() as report:
        made = task.generate(
            at.workspace,
            instrument,
            count=count,
            label=label,
            out=out,
            seed=at.seed,
            device=at.device(),
            phase=phase,
            from_prior=from_prior,
            force=force,
            report=report,
        )
    _finish(at, made)


def morph(
    context: typer.Context,
    instrument: Instrument,
    sounds: Ends = None,
    steps: StepsBetween = 8,
    curve: Curve = "linear",
    pairs: OnlyPairs = False,
    out: MaybeOutFolder = None,
    phase: PhaseName = None,
    force: Force = False,
) -> None:
    """Moves from one sound to another in steps, or between four."""
    at = session.of(context)
    if pairs:
        _pairs(at, instrument, sounds or [])
        return
    ends = sounds or []
    if len(ends) not in (2, 4):
        raise UsageError(f"{len(ends)} sounds to morph between", "two sounds A B, or four A B C D")
    if out is None:
        raise UsageError("no folder for the sounds", "--out DIR")
    for end in ends:
        session.existing([end], "a sound file")
    from timbrel.tasks import morph as task

    with at.progress() as report:
        made = task.morph(
            at.workspace,
            instrument,
            ends,
            steps=steps,
            curve=curve,
            out=out,
            seed=at.seed,
            device=at.device(),
            phase=phase,
            force=force,
            report=report,
        )
    _finish(at, made)


def _pairs(at: session.Session, instrument: str, sounds: Sequence[Path]) -> None:
    if sounds:
        raise UsageError("--pairs together with sounds", "one or the other")
    from timbrel.tasks import morph as task

    with at.progress():
        found = task.suggest_pairs(at.workspace, instrument, seed=at.seed)
    at.finish({"pairs": found}, lambda: _show_pairs(found))


def _show_pairs(found: Sequence["Pair"]) -> None:
    output.table(
        ["one", "label", "other", "label", "alike"],
        [
            [p.first.name, p.first.label, p.second.name, p.second.label, p.correlation]
            for p in found
        ],
    )
