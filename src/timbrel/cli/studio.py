"""The command of the studio: the web page where all of it comes together."""

import os
from pathlib import Path
from typing import Annotated

import typer

from timbrel import plugins
from timbrel.cli import output, session
from timbrel.errors import UsageError

PORT = 8765


def studio(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(metavar="N", help="Port of the page; 0 takes one that is free.")
    ] = PORT,
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Where it listens; anywhere but on this machine alone it asks for a token.",
        ),
    ] = "127.0.0.1",
    token: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="The token that the page asks for; else one is drawn."),
    ] = None,
    browse: Annotated[
        bool, typer.Option("--open", help="Open the page in the browser.", show_default=False)
    ] = False,
    page: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="For developers: a page built elsewhere.", hidden=True),
    ] = None,
) -> None:
    """Opens the studio: all of it on one page, in a browser.

    It is served on this machine until Ctrl-C. Long work that is interrupted goes on when the
    studio is started again.
    """
    at = session.of(context)
    # Threads that wait let others work: a click beside a training is answered ten times sooner.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when torch is imported
    if page is not None and not (page / "index.html").is_file():
        raise UsageError(f"--page {page}", "a folder with an index.html")

    def ready(address: str) -> None:
        at.finish(
            {"address": address, "workspace": at.workspace.root},
            lambda: output.line(f"the studio is at {address} (Ctrl-C ends it)"),
        )
        if browse:
            typer.launch(address)

    plugins.load("studio", "workbench")(
        at.workspace, port=port, address=host, token=token, device=at.device(), page=page,
        ready=ready,
    )  # fmt: skip
