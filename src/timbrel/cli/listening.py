"""The command of listening tests for people: listen build, listen serve, listen report."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from timbrel import plugins
from timbrel.cli import completion, output, session
from timbrel.cli.arguments import Force
from timbrel.errors import UsageError

if TYPE_CHECKING:
    from timbrel.evaluation.listening.build import Built
    from timbrel.evaluation.listening.page import Summary

PORT = 8737

app = typer.Typer(
    help="Blind listening tests for people: build, serve, report.\n\n"
    "`build` makes a test from your originals and from what systems made; `serve` shows it in a "
    "browser; `report` says what the answers are worth. Nobody's name is needed.",
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)

Test = Annotated[Path, typer.Argument(metavar="TEST", help="The folder of the listening test.")]


@app.command(
    epilog="Example: timbrel listen build test --kind questionnaire --real songs --system "
    "band=renders"
)
def build(
    context: typer.Context,
    test: Test,
    kind: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="questionnaire (real or fake, and is it of use), mos (a grade from 1 to 5), abx "
            "(is a difference heard), mushra (0 to 100 beside a reference) or preference (which "
            "of two).",
            autocompletion=completion.listening_kinds,
        ),
    ],
    systems: Annotated[
        list[str],
        typer.Option(
            "--system",
            metavar="NAME=FOLDER",
            help="What made sounds, and the folder of them; once for each system.",
        ),
    ],
    real: Annotated[
        list[Path] | None,
        typer.Option(
            "--real",
            metavar="FILE_OR_FOLDER",
            help="Originals: folders or sound files, one or more.",
        ),
    ] = None,
    items: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Pages of the test, drawn evenly from all sources; without it 20, or 8 of mushra.",
        ),
    ] = None,
    per_listener: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Pages that each listener is given, drawn for each; without it all.",
        ),
    ] = None,
    title: Annotated[
        str, typer.Option(metavar="TEXT", help="What listeners read above the test.")
    ] = "Listening test",
    seconds: Annotated[
        float | None,
        typer.Option(
            metavar="S",
            help="The longest that a sound is; a longer one is heard in part. Without it 10, or 25 "
            "of questionnaire.",
        ),
    ] = None,
    bandwidth: Annotated[
        str | None,
        typer.Option(
            metavar="match|keep",
            help="match cuts originals off where the systems' sounds end, keep leaves them; "
            "without it match, or keep of mushra.",
        ),
    ] = None,
    repeats: Annotated[
        int,
        typer.Option(
            metavar="N", help="How often each page of abx or preference is asked of a listener."
        ),
    ] = 1,
    force: Force = False,
) -> None:
    """Makes a listening test from originals and from what systems made.

    All sounds get one loudness (LUFS), one sample rate, one number of channels and the same short
    fades, silence around them is cut off, and their files are called by numbers that say nothing.
    Sounds that are heard alone get one length. abx, mushra and preference set versions of one
    original side by side: renders whose sidecars name it as a parent, or files that share its
    name. What belongs to no original is named and left out.
    """
    at = session.of(context)
    from timbrel.evaluation.listening.gathering import checked_systems
    from timbrel.tasks import listen as task

    with at.progress() as report:
        built = task.build(
            test,
            kind,
            originals=real or (),
            systems=checked_systems(systems),
            options=task.Options(
                title=title,
                items=items,
                per_listener=per_listener,
                seconds=seconds,
                bandwidth=_bandwidth(bandwidth),
                repeats=repeats,
                seed=at.seed,
            ),
            force=force,
            report=report,
        )
    document = {
        "folder": test,
        "kind": kind,
        "items": len(built.description.trials),
        "items_per_listener": built.description.per_listener,
        "sounds": _sources(built),
        "prepared": built.key.prepared.model_dump()
        | {
            "loudness_lufs": built.description.loudness_lufs,
            "longest_s": built.description.longest_s,
        },
        "notes": list(built.key.notes),
        "skipped": session.left_out(built.skipped),
    }
    at.finish(document, lambda: _show_built(test, built), skipped=built.skipped)


def _bandwidth(text: str | None) -> Literal["match", "keep"] | None:
    if text not in (None, "match", "keep"):
        raise UsageError(f"--bandwidth {text}", "match or keep")
    return cast(Literal["match", "keep"] | None, text)


def _sources(built: "Built") -> dict[str, int]:
    """How many sounds each source has in the test; twins and references count once."""
    judged = {name for trial in built.description.trials for name in trial.sounds}
    sources = [built.key.sounds[name] for name in judged]
    roles = ["original", "system", "anchor"]
    ordered = sorted(sources, key=lambda one: (roles.index(one.role), one.system))
    return dict(Counter(one.system for one in ordered))


def _show_built(test: Path, built: "Built") -> None:
    description = built.description
    counts = ", ".join(f"{count} of {name}" for name, count in _sources(built).items())
    output.line(f"{len(description.trials)} items in {test}: {counts}")
    output.line(
        f"up to {description.longest_s:.1f} s long, {description.loudness_lufs:.1f} LUFS each"
    )
    for note in built.key.notes:
        output.line(note)
    output.line(f"serve it: timbrel listen serve {test}")


@app.command(epilog="Example: timbrel listen serve test")
def serve(
    context: typer.Context,
    test: Test,
    port: Annotated[
        int, typer.Option(metavar="N", help="Port of the page; 0 takes one that is free.")
    ] = PORT,
) -> None:
    """Shows a listening test in a browser, on 127.0.0.1, until Ctrl-C.

    Answers are kept in the test's folder, each as soon as it is given.
    """
    at = session.of(context)
    from timbrel.tasks import listen as task

    opened = task.open_test(test)
    document = {"test": test, "results": opened.results.path, "items": len(opened.sounds)}

    def ready(address: str) -> None:
        def show() -> None:
            output.line(f"the test is at {address} (Ctrl-C ends it)")

        at.finish({"address": address, **document}, show)

    plugins.load("studio", "listening")(opened, port=port, ready=ready)


@app.command(epilog="Example: timbrel listen report test --out what-they-heard")
def report(
    context: typer.Context,
    test: Test,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the report.")],
    force: Force = False,
) -> None:
    """Says what the answers are worth, as a page and a CSV.

    Means with intervals, exact tests with corrections for many comparisons, the rules by which
    answers are left out and whom they left out, and what so few answers cannot tell.
    """
    at = session.of(context)
    from timbrel.tasks import listen as task

    with at.progress():
        found = task.report(test, out, seed=at.seed, force=force)
    document = {
        "folder": out,
        "page": out / "index.html",
        "answers": out / "answers.csv",
        "report": found,
    }
    at.finish(document, lambda: _show_report(found, out))


def _show_report(found: "Summary", out: Path) -> None:
    output.line(found.subtitle)
    for sentence in found.verdict:
        output.line(sentence)
    for rule in found.rules:
        if rule.count:
            output.line(f"left out {rule.count} answers: {rule.text}")
    output.line()
    output.line(f"the whole report: {out / 'index.html'}")
