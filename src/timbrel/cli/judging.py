"""The commands that judge: evaluate, compare."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from timbrel.cli import completion, output, session
from timbrel.cli.arguments import Force

if TYPE_CHECKING:
    from timbrel.evaluation.comparison import Comparison
    from timbrel.evaluation.originality.report import OriginalityReport
    from timbrel.evaluation.requirements import Requirements
    from timbrel.evaluation.results import Report
    from timbrel.evaluation.results import Skipped as Unjudged
    from timbrel.evaluation.rows import Section
    from timbrel.evaluation.statistics import Interval
    from timbrel.library.rows import Skipped


def evaluate(
    context: typer.Context,
    instruments: Annotated[
        list[str],
        typer.Argument(
            metavar="INSTRUMENT",
            help="Name of the instrument; of several for one report that compares them.",
            autocompletion=completion.instruments,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for the report; without it, reports/INSTRUMENT in the workspace.",
        ),
    ] = None,
    per_label: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=2,
            max=10_000,
            help="Generated sounds of each label; without it as many as are held out, and 16 at "
            "least. Of what learned from a recording: new pieces, 6 without it.",
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Judges instruments on sounds that they did not learn from.

    It writes a page with numbers, pictures and sounds to hear. With several instruments, each is
    judged on the same sounds, and stands in a column of one page.

    Instruments that learned from one recording are judged by new pieces instead: whether they are
    like the recording, and whether they copy it. Several must have learned from the same one.
    """
    at = session.of(context)
    from timbrel.evaluation.choosing import Choice
    from timbrel.evaluation.report import checked_folder
    from timbrel.tasks import evaluate as task
    from timbrel.tasks.judge_originality import learned_from_recordings

    folder = out or task.report_folder(at.workspace, *instruments)
    checked_folder(folder, force=force)
    if learned_from_recordings(at.workspace, instruments):
        _judge_originality(at, instruments, folder, per_label, force=force)
        return
    choice = Choice(per_label=per_label, seed=at.seed)
    answer = {"folder": folder, "page": folder / "index.html"}
    if len(instruments) == 1:
        with at.progress() as report:
            found = task.evaluate_named(
                at.workspace,
                instruments[0],
                out=out,
                device=at.device(),
                force=force,
                choice=choice,
                report=report,
            )
        whole = {**answer, "report": found}
        at.finish(whole, lambda: show_report(found, folder), skipped=_skipped(found.skipped))
        return
    with at.progress() as report:
        compared, skipped = task.evaluate_together(
            at.workspace,
            instruments,
            out=out,
            device=at.device(),
            force=force,
            choice=choice,
            report=report,
        )
    together = {**answer, "report": compared}
    at.finish(together, lambda: _show_comparison(compared, folder), skipped=_skipped(skipped))


def _judge_originality(
    at: session.Session, names: list[str], folder: Path, count: int | None, *, force: bool
) -> None:
    from timbrel.tasks import judge_originality

    with at.progress() as report:
        found = judge_originality.judge_originality(
            at.workspace,
            names,
            out=folder,
            count=count,
            seed=at.seed,
            device=at.device(),
            force=force,
            report=report,
        )
    whole = {"folder": folder, "page": folder / "index.html", "report": found}
    at.finish(whole, lambda: _show_originality(found, folder))


def _skipped(skipped: Iterable["Unjudged"]) -> list["Skipped"]:
    from timbrel.library.rows import Skipped

    return [Skipped(Path(one.name), one.reason, "unreadable") for one in skipped]


def show_report(found: "Report", folder: Path) -> None:
    """Prints what a report comes to.

    Args:
        found: The report.
        folder: Where it stands.
    """
    for sentence in found.verdict:
        output.line(sentence)
    output.line()
    rows = [
        [measure.title, measure.unit, *(one.value for one in measure.means["all"].values())]
        for measure in found.reconstruction.values()
    ]
    if rows:
        output.table(["measure", "unit", "instrument", "front end alone", "nearest sound"], rows)
    if found.requirements:
        if rows:
            output.line()
        _show_requirements(found.requirements)
    sets = [
        [one.title, *(_value(number) for number in (one.generated, one.held_out))]
        for one in found.sets.values()
    ]
    if sets:
        output.line()
        output.table(["generated as a set", "generated", "held-out real"], sets)
    for missing in found.unavailable:
        output.line(f"not measured: {missing.title}; {missing.advice}")
    output.line()
    output.line(f"the whole report: {folder / 'index.html'}")


def _show_requirements(found: "Requirements") -> None:
    rows = [
        [
            one.requirement,
            one.title,
            one.unit,
            *(_value(number) for number in (one.training, one.held_out, one.generated)),
            None if one.requirement == "R1" else one.distance.value,
        ]
        for one in sorted(found.measures.values(), key=lambda one: one.requirement)
    ]
    head = ["asked", "measure", "unit", "training songs", "held-out songs", "generated"]
    output.table([*head, "distance in spreads"], rows)


def _value(number: "Interval | None") -> float | None:
    return None if number is None or math.isnan(number.value) else number.value


def _show_comparison(found: "Comparison", folder: Path) -> None:
    _show_sections(found.sections, found.instruments)
    output.line("* surely better than every other instrument")
    output.line(f"the whole report: {folder / 'index.html'}")


def _show_originality(found: "OriginalityReport", folder: Path) -> None:
    for sentence in (*found.verdict, *found.notes):
        output.line(sentence)
    output.line()
    _show_sections(found.sections, found.systems)
    output.line(f"the whole report: {folder / 'index.html'}")


def _show_sections(sections: Iterable["Section"], columns: Sequence[str]) -> None:
    for section in sections:
        output.line(section.title)
        rows = [
            [
                row.title,
                *(_marked(row.values.get(name), best=row.best == name) for name in columns),
                *([_value(row.real)] if section.real else []),
            ]
            for row in section.rows
        ]
        head = ["", *columns, *([section.real.lower()] if section.real else [])]
        output.table(head, rows)
        output.line()


def _marked(number: "Interval | None", *, best: bool) -> str:
    return output.cell(_value(number)) + (" *" if best else "")


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
    for name, reason in task.undefined(found).items():
        output.aside(f"{name} is undefined for this pair: {reason}")
    for title, advice in task.unavailable(found).items():
        output.aside(f"not measured: {title}; {advice}")
    at.finish(found, lambda: _show_metrics(found))


def _show_metrics(found: Mapping[str, float]) -> None:
    from timbrel.evaluation.pairs import load_metrics

    loaded = load_metrics(list(found))
    rows = [
        [
            name,
            "undefined" if math.isnan(value) else value,
            loaded[name].unit,
            "higher" if loaded[name].higher_is_better else "lower",
        ]
        for name, value in found.items()
    ]
    output.table(["metric", "value", "unit", "better"], rows)
