"""The commands that make sounds: reconstruct, generate."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from timbrel.cli import choice, output, seeds, session, steering
from timbrel.cli import endless as unending
from timbrel.cli.arguments import (
    Force,
    Instrument,
    OutFolder,
    PhaseName,
)
from timbrel.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
    from timbrel.synthesis.sliders import Wanted
    from timbrel.tasks.rendering import Rendered


def finish(at: session.Session, made: "Rendered") -> None:
    """Tells which sounds were made and which could not be used.

    Args:
        at: The session.
        made: What a task made.
    """
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
    energy: Annotated[
        str | None,
        typer.Option(
            metavar="on/off",
            help="Whether each moment is made as loud as it is in the sound; without it as suits "
            "the instrument.",
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Plays sounds through an instrument and back."""
    at = session.of(context)
    if energy not in (None, "on", "off"):
        raise UnknownNameError("energy correction", energy or "", ("on", "off"))
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
            energy=None if energy is None else energy == "on",
            force=force,
            report=report,
        )
    finish(at, made)


def generate(
    context: typer.Context,
    instrument: Instrument,
    out: OutFolder,
    count: Annotated[int | None, typer.Option(metavar="N", help="How many sounds to make.")] = None,
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
    seconds: Annotated[
        float | None,
        typer.Option(metavar="S", help="How long each sound shall be, in seconds."),
    ] = None,
    tempo: Annotated[
        float | None,
        typer.Option(metavar="BPM", help="Tempo, where the instrument knows of one."),
    ] = None,
    journey: Annotated[
        str | None,
        typer.Option(
            metavar="SEED,SEED...",
            help="In place of --count: one long piece from seed to seed, such as 3,7,11.",
        ),
    ] = None,
    slider: steering.SliderValues = None,
    lock: steering.Locks = None,
    phase: PhaseName = None,
    keep: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Write only the best so many of --count, and say why: by the critic where there "
            "is one, by nearness to the library, by how they differ; no copies, nothing broken.",
        ),
    ] = None,
    endless: Annotated[
        bool,
        typer.Option(
            "--endless",
            help="In place of --count, of an instrument that learned from a recording: one piece "
            "without an end, to the sound file --out until Ctrl-C, or with --out - to a player.",
            show_default=False,
        ),
    ] = False,
    force: Force = False,
) -> None:
    """Makes new sounds.

    The same --seed makes the same sounds again; another seed makes others.
    """
    at = session.of(context)
    wanted = steering.wanted(slider, lock)
    if endless:
        beside = {
            "--count": count, "--label": label, "--from-prior": from_prior or None,
            "--keep": keep, "--journey": journey, "--tempo": tempo, "--phase": phase,
            "--slider": slider, "--lock": lock,
        }  # fmt: skip
        _refuse_beside("--endless", beside)
        unending.play(at, instrument, out, seconds=seconds, force=force)
        return
    if journey is not None:
        beside = {
            "--count": count, "--label": label, "--from-prior": from_prior or None, "--keep": keep,
        }  # fmt: skip
        _refuse_beside("--journey", beside)
        _journey(
            at, instrument, seeds.read(journey, "--journey"), wanted,
            seconds=seconds, tempo=tempo, out=out, phase=phase, force=force,
        )  # fmt: skip
        return
    if count is None:
        raise UsageError("no number of sounds", "--count N, or --journey SEED,SEED")
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
            wanted=wanted,
            seconds=seconds,
            tempo_bpm=tempo,
            keep=keep,
            force=force,
            report=report,
        )
    if made.chosen is None:
        finish(at, made)
        return
    choice.finish(at, made, made.chosen)


def _refuse_beside(option: str, others: Mapping[str, object]) -> None:
    said = [name for name, given in others.items() if given is not None]
    if said:
        raise UsageError(f"{option} together with {' and '.join(said)}", "one or the other")


def _journey(
    at: session.Session,
    instrument: str,
    through: list[int],
    wanted: "Wanted",
    *,
    seconds: float | None,
    tempo: float | None,
    out: Path,
    phase: str | None,
    force: bool,
) -> None:
    from timbrel.tasks import journeys as task

    with at.progress() as report:
        made = task.journey(
            at.workspace,
            instrument,
            through,
            seconds=seconds,
            tempo_bpm=tempo,
            wanted=wanted,
            out=out,
            seed=at.seed,
            device=at.device(),
            phase=phase,
            force=force,
            report=report,
        )
    finish(at, made)
