"""The command that shows all of it: demo."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from timbrel.cli import output, session
from timbrel.cli.arguments import Force

if TYPE_CHECKING:
    from timbrel.tasks.demo_page import DemoResult


def demo(
    context: typer.Context,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for all of it: a new or an empty one.")
    ] = Path("timbrel-demo"),
    minutes: Annotated[
        float, typer.Option(metavar="M", help="Minutes that training may take.")
    ] = 1.0,
    force: Force = False,
) -> None:
    """Does all of it in minutes, on sounds made by timbrel.

    It makes a library, learns from it, draws its map, makes new sounds and judges them. A second
    run goes on where the first was stopped.
    """
    at = session.of(context)
    from timbrel.tasks import demo as task

    with at.progress() as report:
        made = task.demo(
            out,
            minutes=minutes,
            seed=at.seed,
            device=at.device(),
            force=force,
            report=report,
        )
    at.finish(output.plain(made), lambda: _show(made))


def _show(made: "DemoResult") -> None:
    if made.made_before:
        output.line(f"kept from an earlier run: {', '.join(made.made_before)}")
    output.line(made.verdict)
    output.line(f"{len(made.sounds)} new sounds, a map, a morph and a report; open this page:")
    output.line(f"  {made.page}")
    output.line("now with sounds of your own:")
    output.line("  timbrel scan YOUR-FOLDER")
    output.line("  timbrel train one-shot --name mine --minutes 20")
    output.line("  timbrel generate mine --count 16 --out new-sounds")
