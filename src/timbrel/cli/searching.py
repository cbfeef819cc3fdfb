"""The command that searches: sounds like one, at a point of a map, and copies."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from timbrel.cli import output, session
from timbrel.cli.arguments import Projection
from timbrel.cli.maps import DEFAULT_PROJECTION, ProjectionSettings, parsed_point
from timbrel.cli.sounds import described
from timbrel.errors import UsageError

if TYPE_CHECKING:
    from timbrel.library.duplicates import Group
    from timbrel.library.rows import SoundRow
    from timbrel.library.similarity import Match
    from timbrel.tasks.search import Placed


def search(
    context: typer.Context,
    sound: Annotated[
        Path | None,
        typer.Argument(
            metavar="SOUND", help="A sound file of any origin, or the name of a render."
        ),
    ] = None,
    top: Annotated[int, typer.Option(metavar="K", help="How many sounds to show, at most.")] = 10,
    by: Annotated[
        str,
        typer.Option(
            metavar="ASPECT,...",
            help="What counts: all (but level), timbre, pitch, length, loudness; with weights "
            "where you like, such as timbre=1,pitch=0.5.",
        ),
    ] = "all",
    label: Annotated[
        str | None, typer.Option(metavar="LABEL", help="Only sounds of this label.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="X,Y", help="Instead of a SOUND: a point of the map of --map."),
    ] = None,
    map_: Annotated[
        str | None,
        typer.Option("--map", metavar="INSTRUMENT", help="The instrument whose map --at means."),
    ] = None,
    projection: Projection = DEFAULT_PROJECTION,
    settings: ProjectionSettings = None,
    exact: Annotated[
        bool,
        typer.Option(
            "--exact",
            help="Compare all sounds, also where the library is large and has an index.",
            show_default=False,
        ),
    ] = False,
    duplicates: Annotated[
        bool,
        typer.Option(
            "--duplicates",
            help="Instead of a SOUND: the library's files that hold the same recording, "
            "re-encoded, trimmed, louder or softer.",
            show_default=False,
        ),
    ] = False,
) -> None:
    """Finds sounds that sound like one, or copies of recordings.

    It needs no training. Distances are in units of hearing: 1 is clearly another timbre, a minor
    third, twice the length, or 6 dB.
    """
    if [sound is not None, at is not None, duplicates].count(True) != 1:
        raise UsageError(
            "search needs one thing to look for", "a SOUND, --at X,Y --map INSTRUMENT, --duplicates"
        )
    if (at is None) != (map_ is None):
        raise UsageError("--at and --map go together", "--at X,Y --map INSTRUMENT")
    if exact and sound is None:
        raise UsageError("--exact without a SOUND", "search SOUND --exact")
    here = session.of(context)
    if sound is not None:
        _nearest(here, sound, top, _weights(by), (label, exact))
    elif at is not None and map_ is not None:
        placed = _placed(here, map_, parsed_point(at), (projection, settings or []), top, label)
        _show_placed(here, parsed_point(at), placed)
    else:
        _duplicates(here)


def _weights(text: str) -> dict[str, float]:
    """Reads aspects with or without weights: ``timbre=1,pitch=0.5``."""
    weights = {}
    for part in text.split(","):
        name, _, weight = part.strip().partition("=")
        try:
            weights[name.strip()] = float(weight) if weight else 1.0
        except ValueError:
            raise UsageError(f"the weight in {part.strip()!r}", "a number, 0 or more") from None
    return weights


def _nearest(
    at: session.Session,
    sound: Path,
    top: int,
    by: dict[str, float],
    among: tuple[str | None, bool],
) -> None:
    from timbrel.tasks import search as task

    session.existing([task.found(at.workspace, sound)], "a sound file, or the name of a render")
    with at.progress():
        matches = task.search(at.workspace, sound, top=top, by=by, label=among[0], exact=among[1])
    found = [
        {"distance": match.distance, "aspects": match.aspects, **described(match.row)}
        for match in matches
    ]
    document = {"matches": found, "approximate": any(one.approximate for one in matches)}
    at.finish(document, lambda: _show_matches(matches))


def _show_matches(matches: Sequence["Match"]) -> None:
    names = [name for name in matches[0].aspects if name != "all"]
    output.table(
        ["distance", *names, "label", "sound"],
        [
            [match.distance, *(match.aspects[name] for name in names), *_named(match.row)]
            for match in matches
        ],
    )
    if matches[0].approximate:
        output.line("found by the library's index, which may miss a near sound; --exact does not")


def _named(row: "SoundRow") -> tuple[str, Path]:
    return row.label, row.path


def _placed(
    here: session.Session,
    instrument: str,
    point: tuple[float, float],
    laid_out: tuple[str, Sequence[str]],
    top: int,
    label: str | None,
) -> "list[Placed]":
    from timbrel.tasks import search as task

    with here.progress() as report:
        return task.search_map(
            here.workspace,
            instrument,
            at=point,
            projection=laid_out[0],
            settings=laid_out[1],
            seed=here.seed,
            top=top,
            label=label,
            device=here.device(),
            report=report,
        )


def _show_placed(
    here: session.Session, point: tuple[float, float], placed: "Sequence[Placed]"
) -> None:
    found = [
        {"distance": one.distance, "start_s": one.start_s, **described(one.row)} for one in placed
    ]
    columns, rows = ["distance", "label"], [[one.distance, one.row.label] for one in placed]
    if any(one.start_s for one in placed):
        columns = [*columns, "from (s)"]
        rows = [[*row, one.start_s] for row, one in zip(rows, placed, strict=True)]
    table = [[*row, one.row.path] for row, one in zip(rows, placed, strict=True)]
    here.finish({"at": point, "matches": found}, lambda: output.table([*columns, "sound"], table))


def _duplicates(at: session.Session) -> None:
    from timbrel.tasks import copies as task

    with at.progress() as report:
        groups, skipped = task.duplicates(at.workspace, threads=at.threads, report=report)
    found = [
        [{**described(row), "keep": row is group.keep} for row in group.rows] for group in groups
    ]
    document = {"duplicates": found, "skipped": session.left_out(skipped)}
    at.finish(document, lambda: _show_groups(groups), skipped=skipped)


def _show_groups(groups: Sequence["Group"]) -> None:
    output.line(f"{len(groups)} groups of files that hold the same recording")
    for group in groups:
        output.line()
        if group.exact:
            output.line("the same samples:")
        for row in group.rows:
            advice = "keep" if row is group.keep else "    "
            seen = f"{row.duration_s:8.3f} s  {row.sample_rate:6d} Hz  {row.format:5}"
            output.line(f"{advice}  {seen}  {row.path}")
