"""The command that takes instruments elsewhere: export."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from timbrel.cli import completion, formats, output, session, whole
from timbrel.cli.arguments import Force, PhaseName
from timbrel.errors import UsageError

if TYPE_CHECKING:
    from timbrel.tasks.export import Exported

PACKS = "it takes a folder of sounds as they are"


def export(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="INSTRUMENT|RENDERS",
            help="An instrument, whole or for a morph of it; or a folder of sounds, such as "
            "renders.",
            autocompletion=completion.instruments,
        ),
    ],
    format_name: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME",
            help="What a sampler reads: sfz (most samplers) or decentsampler; onnx, for "
            "programs without Python; hub, a folder for the Hugging Face hub; pack, a ZIP file of "
            "sounds with instruments for samplers.",
            autocompletion=completion.formats,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="DIR", help="The folder that the export becomes; a pack: NAME.zip."
        ),
    ],
    sides: Annotated[
        str | None,
        typer.Option(
            "--morph",
            metavar="A,B",
            help="Two labels or groups of the library, whose pitched sounds are morphed.",
        ),
    ] = None,
    weight: Annotated[
        float | None,
        typer.Option(
            metavar="W",
            help="Share of the second: 0 to 1 between the two, -1 to 2 beyond them.",
            show_default="0.5",
        ),
    ] = None,
    keys: Annotated[
        str | None,
        typer.Option(
            metavar="LOW-HIGH",
            help="Keys of the instrument as MIDI note numbers.",
            show_default="36-84",
        ),
    ] = None,
    every: Annotated[
        int | None,
        typer.Option(metavar="N", help="Semitones from one sample to the next.", show_default="3"),
    ] = None,
    layers: Annotated[
        int | None,
        typer.Option(metavar="N", help="Velocity layers at most.", show_default="3"),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Of a folder: keyboard, by pitch, or kit, one sound a key; else found out.",
        ),
    ] = None,
    phase: PhaseName = None,
    licence: Annotated[
        str | None,
        typer.Option("--license", metavar="NAME", help="Of hub: its licence, as cc-by-4.0."),
    ] = None,
    push: Annotated[
        str | None,
        typer.Option(metavar="OWNER/NAME", help="Of hub: the repository that it is pushed to."),
    ] = None,
    force: Force = False,
) -> None:
    """Takes an instrument into other programs.

    As onnx: the network, its front end and its phases as graphs, each compared with the instrument
    before anything is written. For samplers, of a morph, with --morph: notes across the keyboard,
    tuned, looped, in velocity layers. For samplers, of a folder of sounds: a keyboard where each
    has a pitch of its own, else a kit. As a pack: the sounds, both instruments of them, and where
    they come from, in one ZIP file.
    """
    at = session.of(context)
    formats.check(format_name)
    of_a_morph = {
        "--weight": weight,
        "--keys": keys,
        "--every": every,
        "--layers": layers,
        "--phase": phase,
    }
    if format_name in formats.WHOLE:
        said = {"--morph": sides, "--layout": layout, **of_a_morph}
        _refuse(said, f"--format {format_name}", "it takes a whole instrument")
    of_the_hub = {"--license": licence, "--push": push}
    if format_name == "hub":
        whole.hub(at, what, out, force, licence=licence, push=push)
        return
    _refuse(of_the_hub, f"--format {format_name}", "they belong to --format hub")
    if format_name == "onnx":
        whole.onnx(at, what, out, force)
        return
    if format_name == formats.PACK:
        _refuse({"--morph": sides, "--layout": layout, **of_a_morph}, "--format pack", PACKS)
        _pack(at, what, out, force)
        return
    if sides is None:
        _refuse(of_a_morph, "a folder of sounds", "add --morph A,B to export a morph")
        _folder(at, what, format_name, out, layout, force)
        return
    _refuse({"--layout": layout}, "--morph", "a morph is always a keyboard")
    from timbrel.exporting.build import Keyboard
    from timbrel.tasks import export as task

    lowest, highest = parsed_keys(keys or "36-84")
    wish = task.Morph(sides, 0.5 if weight is None else weight, at.seed, phase)
    covered = Keyboard(
        lowest, highest, 3 if every is None else every, 3 if layers is None else layers
    )
    with at.progress() as report:
        made = task.morph(
            at.workspace,
            what,
            wish,
            out=out,
            format_name=format_name,
            keyboard=covered,
            device=at.device(),
            force=force,
            report=report,
        )
    _finish(at, made)


def _folder(
    at: session.Session, what: str, format_name: str, out: Path, layout: str | None, force: bool
) -> None:
    from timbrel.tasks import export as task

    given = _folder_given(at, what, "an instrument and --morph A,B")

    with at.progress() as report:
        made = task.sounds(
            given, out=out, format_name=format_name, layout=layout, force=force, report=report
        )
    _finish(at, made)


def _pack(at: session.Session, what: str, out: Path, force: bool) -> None:
    from timbrel.tasks import pack as task

    given = _folder_given(at, what, "generate sounds with the instrument first")
    with at.progress() as report:
        made = task.folder(given, out=out, force=force, report=report)
    document = {
        "path": made.path,
        "files": made.files,
        "notes": made.notes,
        "skipped": session.left_out(made.skipped),
    }

    def show() -> None:
        output.line(f"{made.path}: {len(made.files)} files")
        for note in made.notes:
            output.line(f"note: {note}")

    at.finish(document, show, skipped=made.skipped)


def _folder_given(at: session.Session, what: str, instead: str) -> Path:
    """The folder that was meant; `instead` says what else there is for an instrument."""
    given = Path(what)
    if given.expanduser().is_dir():
        return given
    known = what in at.workspace.instrument_names()
    raise UsageError(
        f"the instrument {what} alone" if known else f"no folder {what}",
        f"a folder of sounds, or {instead}",
    )


def _refuse(options: Mapping[str, object], beside: str, advice: str) -> None:
    said = [name for name, value in options.items() if value is not None]
    if said:
        raise UsageError(f"{' and '.join(said)} together with {beside}", advice=advice)


def parsed_keys(text: str) -> tuple[int, int]:
    """Reads the range of a keyboard.

    Args:
        text: Two MIDI note numbers with a minus between.

    Returns:
        The lowest and the highest key.

    Raises:
        UsageError: When it is anything else.

    Example:
        >>> parsed_keys("36-84")
        (36, 84)
    """
    lowest, _, highest = text.partition("-")
    try:
        return int(lowest), int(highest)
    except ValueError:
        raise UsageError(f"--keys {text}", "--keys LOW-HIGH within 0-127, such as 36-84") from None


def _finish(at: session.Session, made: "Exported") -> None:
    document = {
        "path": made.path,
        "samples": made.samples,
        "looped": made.looped,
        "layers": made.layers,
        "keys": [made.lowest, made.highest],
        "untuned": made.untuned,
        "skipped": session.left_out(made.skipped),
    }
    if made.untuned:
        output.aside(f"without a clear pitch, and so not tuned: {', '.join(made.untuned)}")
    at.finish(document, lambda: _show(made), skipped=made.skipped)


def _show(made: "Exported") -> None:
    output.line(str(made.path))
    output.line(
        f"keys {made.lowest} to {made.highest}, {made.samples} samples in {made.layers} "
        f"velocity layers, {made.looped} of them looped"
    )
