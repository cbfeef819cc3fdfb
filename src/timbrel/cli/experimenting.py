"""The command that asks the sources' questions again: experiment."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from timbrel.cli import completion, output, session
from timbrel.cli.arguments import Force

if TYPE_CHECKING:
    from timbrel.experiments._findings import Cell, Table
    from timbrel.experiments._running import Done


def experiment(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="Which experiment, or the TOML file of your own; without it, all are listed.",
            autocompletion=completion.experiments,
        ),
    ] = None,
    scale: Annotated[
        str,
        typer.Option(metavar="SCALE", help="How large: smoke (a minute), small (minutes) or full."),
    ] = "small",
    data: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="A folder of sounds to do it with, more than once if you like; without it, the "
            "library of the workspace.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for the report; without it, reports/NAME-SCALE in the workspace.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="key=value",
            help="Change a setting of the scale, such as pitch=64; more than once if you like.",
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Repeats an experiment of the sources on your sounds.

    One that was stopped goes on where it was by the same command.
    """
    at = session.of(context)
    from timbrel.experiments import _running as running

    if name is None:
        listed = running.overview()
        at.finish({"experiments": listed}, lambda: _show_list(listed))
        return
    session.existing(data or [], "a folder of sounds")
    with at.progress() as report:
        done = running.run(
            at.workspace,
            name,
            scale=scale,
            data=data or (),
            settings=settings or (),
            out=out,
            seed=at.seed,
            device=at.device(),
            force=force,
            report=report,
        )
    at.finish(_document(done), lambda: _show(done))


def _show_list(listed: list[dict[str, Any]]) -> None:
    for one in listed:
        durations = ", ".join(f"{scale} {time}" for scale, time in one["durations"].items())
        output.line(f"{one['name']}: {one['title']}")
        output.line(f"  {one['about']}")
        output.line(f"  source: {one['source']}")
        output.line(f"  needs: {one['needs']}")
        output.line(f"  takes: {durations}")


def _document(done: "Done") -> dict[str, Any]:
    return {
        "folder": done.folder,
        "page": done.folder / "index.html",
        "kept": done.kept,
        "verdict": list(done.findings.verdict),
        "tables": {table.title: _values(table) for table in done.findings.tables},
    }


def _values(table: "Table") -> dict[str, dict[str, Any]]:
    titles = [column.title for column in table.columns]
    return {
        name: dict(zip(titles, (cell.text or cell.value for cell in cells), strict=True))
        for name, cells in table.rows.items()
    }


def _show(done: "Done") -> None:
    for sentence in done.findings.verdict:
        output.line(sentence)
    for table in done.findings.tables:
        output.line()
        output.line(table.title)
        head = ["", *(column.title for column in table.columns)]
        output.table(head, [[name, *map(_shown, cells)] for name, cells in table.rows.items()])
    output.line()
    output.line(f"the whole report: {done.folder / 'index.html'}")


def _shown(cell: "Cell") -> object:
    return cell.text or ("–" if cell.value is None else cell.value)
