"""The commands that judge: evaluate, compare."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from timbrel.cli import completion, output, session
from timbrel.cli.arguments import Force, Instrument

if TYPE_CHECKING:
    from timbrel.evaluation.results import Report
    from timbrel.library.rows import Skipped


def evaluate(
    context: typer.Context,
    instrument: Instrument,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for the report; without it, reports/INSTRUMENT in the workspace.",
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Judges an instrument on sounds that it did not learn from.

    It writes a page with numbers, pictures and sounds to hear.
    """
    at = session.of(context)
    from timbrel.tasks import evaluate as task

    folder = out or task.report_folder(at.workspace, instrument)
    with at.progress() as report:
        found = task.evaluate_named(
            at.workspace,
            instrument,
            out=out,
            seed=at.seed,
            device=at.device(),
            force=force,
            report=report,
        )
    document = {"folder": folder, "page": folder / "index.html", "report": found}
    at.finish(document, lambda: _show_report(found, folder), skipped=_skipped(found))


def _skipped(found: "Report") -> list["Skipped"]:
    from timbrel.library.rows import Skipped

    return [Skipped(Path(one.name), one.reason, "unreadable") for one in found.skipped]


def _show_report(found: "Report", folder: Path) -> None:
    for sentence in found.verdict:
        output.line(sentence)
    output.line()
    rows = [
        [measure.title, measure.unit, *(one.value for one in measure.means["all"].values())]
        for measure in found.reconstruction.values()
    ]
    output.table(["measure", "unit", "instrument", "front end alone", "nearest sound"], rows)
    output.line()
    output.line(f"the whole report: {folder / 'index.html'}")


def compare(
    context: typer.Context,
    reference: Annotated[
        Path, typer.Argument(metavar="REFERENCE", help="The sound file as it should be.")
    ],
    test: Annotated[Path, typer.Argument(metavar="TEST", help="The sound file to judge.")],
    metrics: Annotated[
        list[str] | None,
        typer.Option(
            "--metric",
            metavar="NAME",
            help="A metric to take, more than once if you like; without it all are taken.",
            autocompletion=completion.metrics,
        ),
    ] = None,
) -> None:
    """Compares two sound files by the metrics that take a pair."""
    at = session.of(context)
    for path in (reference, test):
        session.existing([path], "a sound file")
    from timbrel.tasks import compare as task

    with at.progress():
        found = task.compare(reference, test, metrics=metrics or None)
    at.finish(found, lambda: _show_metrics(found))


def _show_metrics(found: Mapping[str, float]) -> None:
    from timbrel.evaluation.pairs import load_metrics

    loaded = load_metrics(list(found))
    rows = [
        [name, value, loaded[name].unit, "higher" if loaded[name].higher_is_better else "lower"]
        for name, value in found.items()
    ]
    output.table(["metric", "value", "unit", "better"], rows)
