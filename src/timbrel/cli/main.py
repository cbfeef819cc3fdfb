"""`timbrel`: the commands, the global options, and how a command ends."""

import os
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from timbrel import __version__
from timbrel.cli import (
    arguments_order,
    experimenting,
    exporting,
    failures,
    improvising,
    judging,
    listening,
    making,
    maps,
    morphing,
    output,
    playing,
    searching,
    session,
    showing,
    sounds,
    steering,
    studio,
)
from timbrel.errors import UsageError
from timbrel.tasks.workspace import Workspace

LARGEST_SEED = 2**32 - 1  # the largest that every library we seed accepts

# name, function (or a group of them), example line
VERBS: tuple[tuple[str, Callable[..., None] | typer.Typer, str], ...] = (
    ("scan", sounds.scan, "timbrel scan ~/samples"),
    ("library", sounds.library, "timbrel library --label kick --list"),
    ("search", searching.search, "timbrel search my-kick.wav --top 5"),
    ("recipes", making.recipes, "timbrel recipes sample-vae-laptop"),
    ("train", making.train, "timbrel train sample-vae-laptop --name drums --minutes 5"),
    ("instruments", making.instruments, "timbrel instruments drums"),
    ("reconstruct", playing.reconstruct, "timbrel reconstruct drums kick.wav --out heard"),
    ("generate", playing.generate, "timbrel generate drums --count 16 --label kick --out kicks"),
    ("sliders", steering.sliders, "timbrel sliders drums"),
    ("morph", morphing.morph, "timbrel morph drums kick.wav snare.wav --steps 8 --out between"),
    ("vary", improvising.vary, "timbrel vary idea --amount 0.3 --count 4 --out variations"),
    ("continue", improvising.carry_on, "timbrel continue idea --seconds 20 --out longer"),
    ("inpaint", improvising.inpaint, "timbrel inpaint idea --hole 3.2,3.45 --count 3 --out whole"),
    ("extend", improvising.extend, "timbrel extend idea old-take.wav --out brighter"),
    ("denoise", improvising.denoise, "timbrel denoise idea noisy-take.wav --out clean"),
    ("map", maps.draw, "timbrel map drums --out drums.html"),
    ("pick", maps.pick, "timbrel pick drums --at 0.4,0.7 --out found.wav"),
    ("evaluate", judging.evaluate, "timbrel evaluate drums"),
    ("compare", judging.compare, "timbrel compare original.wav copy.wav --metric snr"),
    (
        "experiment",
        experimenting.experiment,
        "timbrel experiment reconstruction --data notes --data drums",
    ),
    ("listen", listening.app, "timbrel listen build test --real songs --system band=renders"),
    ("studio", studio.studio, "timbrel studio --open"),
    (
        "export",
        exporting.export,
        "timbrel export drums --morph guitar,brass --format sfz --out guitar-brass",
    ),
    ("demo", showing.demo, "timbrel demo --out my-demo"),
)


class Verbs(TyperGroup):
    """The commands, with global options understood wherever they stand."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Brings the arguments into the one order that is parsed."""
        return super().parse_args(ctx, arguments_order.ordered(args))

    def invoke(self, ctx: Any) -> Any:
        """Runs a command; Ctrl-C ends it with a word about going on."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise failures.Interrupted from None


def _version(wanted: bool) -> None:
    if wanted:
        output.line(f"timbrel {__version__}")
        raise typer.Exit


def begin(
    context: typer.Context,
    workspace: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            envvar="TIMBREL_WORKSPACE",
            help="Folder of your library and instruments.",
        ),
    ] = Path("timbrel-workspace"),
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Answer with one JSON document.", show_default=False),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Show no progress.", show_default=False)
    ] = False,
    progress: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How progress is told on stderr: text for people, or json for programs, one "
            "document a line.",
        ),
    ] = "text",
    device: Annotated[
        str, typer.Option(metavar="NAME", help="Where to compute: auto, cpu, cuda or mps.")
    ] = "auto",
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            max=LARGEST_SEED,
            help="Number that all chance comes from: the same gives the same.",
            show_default="0",
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Processor threads to use; without it, all."),
    ] = None,
    _asked_version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_version,
            is_eager=True,
            help="Show the version and leave.",
            show_default=False,
        ),
    ] = False,
) -> None:
    """Turns your own sounds into an instrument.

    Begin with `timbrel demo`, or with a folder of your own: scan, train, generate.
    """
    if device not in session.DEVICES:
        raise UsageError(f"--device {device}", ", ".join(session.DEVICES))
    if progress not in session.PROGRESS:
        raise UsageError(f"--progress {progress}", ", ".join(session.PROGRESS))
    root = workspace.expanduser()
    if root.exists() and not root.is_dir():
        raise UsageError(f"the workspace {root} is a file", "a folder", "say --workspace DIR")
    _use_threads(threads)
    context.obj = session.Session(
        Workspace(root),
        as_json=as_json,
        quiet=quiet,
        device_name=device,
        seed=seed or 0,
        seed_given=seed is not None,
        threads=threads,
        progress_for=progress,
    )


def _use_threads(count: int | None) -> None:
    """Torch and numpy read their number of threads when they are imported, which is later."""
    if count is None:
        return
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(count)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(count)


def make_app() -> typer.Typer:
    """Puts the commands together.

    Returns:
        The application; its help is plain text, for rich help would double the time to start.
    """
    app = typer.Typer(
        name="timbrel",
        cls=Verbs,
        callback=begin,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    for name, verb, example in VERBS:
        if isinstance(verb, typer.Typer):
            app.add_typer(verb, name=name, epilog=f"Example: {example}")
        else:
            app.command(name, epilog=f"Example: {example}")(verb)
    return app


app = make_app()


def run(arguments: Sequence[str]) -> int:
    """Runs one command.

    Args:
        arguments: What stands behind `timbrel`.

    Returns:
        The exit status: 0 done; 1 the work failed; 2 the command was wrong; 3 done, with some
        inputs skipped; 130 stopped by Ctrl-C.
    """
    as_json = arguments_order.asks_for_json(arguments)
    if not arguments:
        run(["--help"])
        return 2
    try:
        status = app(args=list(arguments), prog_name="timbrel", standalone_mode=False)
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        failure = failures.told(error)
        failures.announce(failure, as_json)
        return failure.exit_status
    return status if isinstance(status, int) else 0


def _own_stderr() -> None:
    """Gives us a way to standard error that stays open while decoders are kept from using it."""
    try:
        sys.stderr = os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding=sys.stderr.encoding,
                               buffering=1)  # fmt: skip
    except (AttributeError, OSError, ValueError):  # there is none, or none of the system's
        return


def main() -> None:
    """The entry point of the program."""
    # Huge pages make the processor's arithmetic faster; torch reads this when it is imported.
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    _own_stderr()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:  # a name that the terminal cannot write must not end the work
            reconfigure(errors="backslashreplace")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # of libraries, to their developers
    try:
        status = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read our answer has had enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status)
