"""The commands of the library: scan, library."""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from timbrel import plugins
from timbrel.cli import completion, output, session
from timbrel.cli.arguments import Cluster
from timbrel.errors import UsageError

if TYPE_CHECKING:
    from timbrel.library.rows import SoundRow
    from timbrel.library.scan import ScanSummary
    from timbrel.library.summary import LibrarySummary


def scan(
    context: typer.Context,
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE...", help="Folders or sound files, one or more.", show_default=False
        ),
    ],
    reader: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How the folder is laid out: folder (labels from the folders' names), nsynth, "
            "or demo (makes sounds of its own there).",
            autocompletion=completion.readers,
        ),
    ] = "folder",
    labels: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV",
            help="A table with the columns file and label; its labels go before all others.",
        ),
    ] = None,
    catalogue: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Where the library's table shall lie: s3://BUCKET/PLACE, gs://BUCKET/PLACE or "
            "az://CONTAINER/PLACE. Say it once; the workspace remembers. Without it the table lies "
            "in the workspace.",
        ),
    ] = None,
    cluster: Cluster = None,
) -> None:
    """Adds sounds to the library.

    Sounds stay where they are and are never changed. A second scan reads only what is new or has
    changed. Files that cannot be used are named with the reason.
    """
    at = session.of(context)
    from timbrel.tasks import library as stock
    from timbrel.tasks import scan as task

    if not plugins.load("library.readers", reader).makes_sounds:
        _all_there(sources)
    if labels:
        session.existing([labels], "a CSV file")
    if cluster is not None and at.threads is not None:
        raise UsageError(
            "--threads together with --cluster",
            advice="a scan takes every processor that the cluster has: leave one of them out",
        )
    with at.progress() as report:
        done = task.scan(
            at.workspace,
            sources,
            reader=reader,
            labels_csv=labels,
            workers=at.threads,
            cluster=cluster,
            address=catalogue,
            report=report,
        )
    place = stock.place(at.workspace)
    document = {**done.as_dict(), "catalogue": place}
    at.finish(document, lambda: _show_scan(done, place), skipped=done.skipped)


def _all_there(sources: Sequence[Path]) -> None:
    for source in sources:
        session.existing([source], "a folder or a sound file")


def _show_scan(done: "ScanSummary", place: str) -> None:
    counts = {
        "added": done.added,
        "changed": done.changed,
        "unchanged": done.unchanged,
        "relabelled": done.relabelled,
        "removed": done.removed,
        "skipped": len(done.skipped),
    }
    output.line(", ".join(f"{count} {what}" for what, count in counts.items() if count) or "none")
    if "://" in place:
        output.line(f"table: {place}")
    for warning in done.warnings:
        output.line(f"note: {warning}")


def library(
    context: typer.Context,
    label: Annotated[
        str | None, typer.Option(metavar="LABEL", help="Only sounds of this label.")
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="Also list every sound.", show_default=False)
    ] = False,
    words: Annotated[
        str | None,
        typer.Option(
            metavar="WORDS",
            help="List only sounds in whose path, label or group all of these words stand.",
        ),
    ] = None,
    order: Annotated[
        str,
        typer.Option(
            metavar="COLUMN",
            help="Order of the list: name, folder, label, group, duration_s, pitch_semitones, "
            "loudness_lufs, peak_db, sample_rate or format; with a minus before it the largest "
            "first, as in --order=-duration_s.",
        ),
    ] = "folder",
    set_label: Annotated[
        str | None,
        typer.Option(
            "--set-label",
            metavar="LABEL",
            help='Give the sounds that --label, --words or --sound choose this label; "" for none.',
        ),
    ] = None,
    sound: Annotated[
        list[str] | None,
        typer.Option(
            "--sound", metavar="ID", help="With --set-label: a sound by its id; once for each."
        ),
    ] = None,
) -> None:
    """Tells what is in the library.

    It counts sounds, hours, labels and rates, and says what to know before training.
    """
    at = session.of(context)
    from timbrel.tasks import library as task

    if set_label is not None:
        _relabel(at, set_label, words=words, label=label, ids=sound)
        return
    if sound:
        raise UsageError("--sound without --set-label", "--set-label LABEL --sound ID")
    listed = listed or words is not None

    with at.progress():
        summary = task.summarise(at.workspace, label=label)
        skipped = [] if label else session.left_out(task.skipped(at.workspace))
        place = task.place(at.workspace)
    document = {**summary.as_dict(), "skipped_files": skipped, "catalogue": place}
    if not listed:
        at.finish(document, lambda: _show_library(summary, place))
        return
    down, column = order.startswith("-"), order.removeprefix("-")
    rows = task.listed(at.workspace, words=words or "", label=label, order=column, down=down)
    if at.as_json:
        _stream(document, rows)
    else:
        _list(rows)


def _relabel(
    at: session.Session, to: str, *, words: str | None, label: str | None, ids: list[str] | None
) -> None:
    from timbrel.tasks import library as task

    chosen = [words is not None, label is not None, bool(ids)]
    if not any(chosen) or (ids and any(chosen[:2])):
        raise UsageError(
            "--set-label without sounds"
            if not any(chosen)
            else "--sound beside --words or --label",
            "--words WORDS and --label LABEL, or --sound ID",
        )
    done = task.relabel(at.workspace, to, words=words or "", label=label, ids=ids or None)
    changed = done.changed
    at.finish({"changed": changed}, lambda: output.line(f"{changed} sounds have another label"))


def _show_library(summary: "LibrarySummary", place: str) -> None:
    output.line(
        f"{summary.count} sounds, {summary.hours:.2f} hours, "
        f"{summary.shortest_s:.2f} to {summary.longest_s:.2f} s long"
    )
    output.line(f"table: {place}")
    output.line("rates: " + output.cell([f"{rate} Hz" for rate in summary.sample_rates]))
    if summary.groups:
        output.line(f"groups: {summary.groups}")
    if summary.labels:
        output.line()
        output.table(
            ["label", "sounds"], [[name or "(none)", n] for name, n in summary.labels.items()]
        )
    if summary.skipped:
        output.line()
        output.table(["skipped", "files"], list(summary.skipped.items()))
    for warning in summary.warnings:
        output.line(f"note: {warning}")


def _list(rows: Iterable["SoundRow"]) -> None:
    for row in rows:
        output.line(f"{row.duration_s:8.3f} s  {row.label or '-'}  {row.path}")


def _stream(document: dict[str, Any], rows: Iterable["SoundRow"]) -> None:
    """One JSON document, written row by row: a library may be larger than the memory."""
    head = json.dumps(output.plain(document))
    sys.stdout.write(head[:-1] + ', "sounds": [')
    for number, row in enumerate(rows):
        sys.stdout.write(",\n " if number else "\n ")
        sys.stdout.write(json.dumps(output.plain(described(row))))
    sys.stdout.write("\n]}\n")


def described(row: "SoundRow") -> dict[str, Any]:
    """Gives a sound of the library as plain values.

    Args:
        row: The sound.

    Returns:
        What is known of it, features left out.
    """
    return {
        "id": row.id,
        "path": row.path,
        "label": row.label,
        "group": row.group,
        "duration_s": row.duration_s,
        "sample_rate": row.sample_rate,
        "channels": row.channels,
        "format": row.format,
        "peak_db": row.peak_db,
        "loudness_lufs": row.loudness_lufs,
        "pitch_semitones": row.pitch_semitones,
    }
