"""The commands of instruments that learned from a recording: vary, continue, inpaint and more."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from timbrel.cli import moments, playing, session
from timbrel.cli.arguments import Force, Holes, Instrument, OutFolder, PhaseName

if TYPE_CHECKING:
    from timbrel.progress import Report
    from timbrel.tasks.improvise import Asked

Count = Annotated[int, typer.Option(metavar="N", help="How many proposals to make.")]
SoundFile = Annotated[Path, typer.Argument(metavar="FILE", help="The sound.")]


def vary(
    context: typer.Context,
    instrument: Instrument,
    out: OutFolder,
    amount: Annotated[
        float,
        typer.Option(metavar="A", help="How far variations depart: 0 hardly, 1 wholly."),
    ] = 0.5,
    keep_start: Annotated[
        float,
        typer.Option(
            metavar="S",
            help="Keep so many seconds of the beginning, and make the rest new; best with "
            "--amount 1.",
        ),
    ] = 0.0,
    guide: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Another sound whose structure is followed."),
    ] = None,
    count: Count = 1,
    phase: PhaseName = None,
    force: Force = False,
) -> None:
    """Makes variations of the recording that was learned."""
    at = session.of(context)
    if guide is not None:
        session.existing([guide], "a sound file")
    from timbrel.tasks import improvise as task

    with at.progress() as report:
        asked = _asked(at, instrument, out, count, force=force, report=report, phase=phase)
        made = task.vary(asked, amount=amount, keep_s=keep_start, guide=guide)
    playing.finish(at, made)


def carry_on(
    context: typer.Context,
    instrument: Instrument,
    out: OutFolder,
    seconds: Annotated[float, typer.Option(metavar="S", help="How many seconds to go on.")],
    count: Count = 1,
    force: Force = False,
) -> None:
    """Goes on where the recording ends that was learned."""
    at = session.of(context)
    from timbrel.tasks import improvise as task

    with at.progress() as report:
        asked = _asked(at, instrument, out, count, force=force, report=report)
        made = task.carry_on(asked, seconds=seconds)
    playing.finish(at, made)


def inpaint(
    context: typer.Context,
    instrument: Instrument,
    out: OutFolder,
    hole: Holes = None,
    sound: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Another sound of its kind; without it, its own recording."
        ),
    ] = None,
    count: Count = 1,
    force: Force = False,
) -> None:
    """Fills holes of a recording so that they are not heard.

    Without --hole, the holes that the instrument was trained around.
    """
    at = session.of(context)
    if sound is not None:
        session.existing([sound], "a sound file")
    holes = [moments.span(one, "--hole") for one in hole or []]
    from timbrel.tasks import improvise as task

    with at.progress() as report:
        asked = _asked(at, instrument, out, count, force=force, report=report)
        made = task.inpaint(asked, holes=holes, sound=sound)
    playing.finish(at, made)


def extend(
    context: typer.Context,
    instrument: Instrument,
    file: SoundFile,
    out: OutFolder,
    known: Annotated[
        float | None,
        typer.Option(
            "--from",
            metavar="HZ",
            help="Up to which frequency the sound is whole; without it, nearly half its rate.",
        ),
    ] = None,
    count: Count = 1,
    force: Force = False,
) -> None:
    """Adds the high frequencies that a sound lacks."""
    at = session.of(context)
    session.existing([file], "a sound file")
    from timbrel.tasks import improvise as task

    with at.progress() as report:
        asked = _asked(at, instrument, out, count, force=force, report=report)
        made = task.extend(asked, file, known_hz=known)
    playing.finish(at, made)


def denoise(
    context: typer.Context,
    instrument: Instrument,
    file: SoundFile,
    out: OutFolder,
    strength: Annotated[
        float, typer.Option(metavar="A", help="How much of the noise is taken, 0 to 1.")
    ] = 1.0,
    force: Force = False,
) -> None:
    """Takes steady noise out of a sound of the learned kind."""
    at = session.of(context)
    session.existing([file], "a sound file")
    from timbrel.tasks import improvise as task

    with at.progress() as report:
        asked = _asked(at, instrument, out, 1, force=force, report=report)
        made = task.denoise(asked, file, strength=strength)
    playing.finish(at, made)


def _asked(
    at: session.Session,
    instrument: str,
    out: Path,
    count: int,
    *,
    force: bool,
    report: "Report",
    phase: str | None = None,
) -> "Asked":
    from timbrel.tasks.improvise import Asked

    return Asked(at.workspace, instrument, out, count, at.seed, at.device(), phase, force, report)
