"""The commands of the map: map, pick."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from timbrel.cli import output, session
from timbrel.cli.arguments import Cluster, Force, Instrument, PhaseName, Projection
from timbrel.errors import UsageError

if TYPE_CHECKING:
    from timbrel.tasks.map import MapDrawn
    from timbrel.tasks.pick import Picked

DEFAULT_PROJECTION = "umap"
ProjectionSettings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="key=value",
        help="Change a setting of the projection, such as perplexity=50 (tsne) or neighbours=15 "
        "(umap); more than once if you like.",
    ),
]


def draw(
    context: typer.Context,
    instrument: Instrument,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE", help="A picture (.png), data (.json) or a page that plays (.html)."
        ),
    ],
    projection: Projection = DEFAULT_PROJECTION,
    settings: ProjectionSettings = None,
    names_from: Annotated[
        Path | None,
        typer.Option(
            "--names-from",
            metavar="WORKSPACE",
            help="A workspace whose labelled library names the areas of this map.",
        ),
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh",
            help="Lay all sounds out anew; otherwise new ones are placed among the old ones, "
            "which stay where they are.",
            show_default=False,
        ),
    ] = False,
    force: Force = False,
    cluster: Cluster = None,
) -> None:
    """Draws the map of an instrument's sounds: near is alike."""
    at = session.of(context)
    if names_from is not None:
        session.existing([names_from], "a workspace with a labelled library")
    if cluster is not None and at.device_name not in ("auto", "cpu"):
        raise UsageError(
            f"--device {at.device_name} together with --cluster",
            "--device cpu or auto",
            "the machines of a cluster hear on their processors: leave one of them out",
        )
    from timbrel.tasks import map as task

    with at.progress() as report:
        drawn = task.draw_map(
            at.workspace,
            instrument,
            projection=projection,
            settings=settings or [],
            out=out,
            names_from=names_from,
            fresh=fresh,
            cluster=cluster,
            seed=at.seed,
            device=at.device(),
            force=force,
            report=report,
        )
    for one in drawn.left_off:
        output.aside(f"not on the map, {one.path}: {one.reason}")
    document = {
        "path": drawn.path,
        "sounds": drawn.sounds,
        "added": drawn.added,
        "library_sounds": drawn.library_sounds,
        "heard": drawn.heard,
        "areas": drawn.areas,
        "size_bytes": drawn.size_bytes,
        "left_off": session.left_out(drawn.left_off),
        "skipped": session.left_out(drawn.skipped),
    }
    at.finish(document, lambda: _show_map(drawn), skipped=drawn.skipped)


def _show_map(drawn: "MapDrawn") -> None:
    heard = f", {drawn.heard} of them to hear" if drawn.heard else ""
    shown = f"{drawn.sounds} of the library's {drawn.library_sounds} sounds"
    since = f" ({drawn.added} came later)" if drawn.added else ""
    output.line(f"{drawn.path}: {shown}{since}{heard}, {output.size(drawn.size_bytes)}")
    if drawn.areas:
        output.line("areas: " + "; ".join(f"{name} ({count})" for name, count in drawn.areas))


def pick(
    context: typer.Context,
    instrument: Instrument,
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="The sound file to write, .wav or .flac.")
    ],
    at: Annotated[
        list[str] | None,
        typer.Option(
            metavar="X,Y",
            help="A point on the map: 0,0 is at the lower left, 1,1 at the upper right; several "
            "are mixed.",
        ),
    ] = None,
    sound: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SOUND",
            help="A sound to mix in: a file, or the name or id of a sound on the map.",
        ),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="W,W...",
            help="How much of each: of every --at, then of every --sound. Positive ones are "
            "proportions; with a negative they are taken as they stand: 1,-1,1 is A - B + C, "
            "2,-1 goes beyond A.",
        ),
    ] = None,
    way: Annotated[
        str | None,
        typer.Option(
            "--path",
            metavar="'X,Y X,Y...'",
            help="In place of --at: a way over the map, heard as one sound that changes.",
        ),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(metavar="N", help="With --path: how many sounds lie along it.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(metavar="S", help="With --path: how long the sound shall be.")
    ] = None,
    projection: Projection = DEFAULT_PROJECTION,
    settings: ProjectionSettings = None,
    phase: PhaseName = None,
    force: Force = False,
) -> None:
    """Makes the sound of points of the map, and mixes of them.

    The map is the one that `timbrel map` draws with the same --seed, --projection and --set.
    """
    here = session.of(context)
    if way is not None:
        beside = [at, sound, weights]
        if any(given is not None for given in beside):
            raise UsageError("--path together with --at, --sound or --weights", "one or the other")
        _follow(here, instrument, way, out, steps, seconds, (projection, settings, phase), force)
        return
    if steps is not None or seconds is not None:
        raise UsageError("--steps or --seconds without --path", "--path 'X,Y X,Y...'")
    points = tuple(parsed_point(text) for text in at or [])
    shares = None if weights is None else parsed_weights(weights)
    from timbrel.tasks import pick as task

    with here.progress() as report:
        picked = task.pick(
            here.workspace,
            instrument,
            task.Wish(points, tuple(sound or []), shares),
            out=out,
            projection=projection,
            settings=settings or [],
            seed=here.seed,
            device=here.device(),
            phase=phase,
            force=force,
            report=report,
        )
    _finish(here, picked)


def _follow(
    here: session.Session,
    instrument: str,
    way: str,
    out: Path,
    steps: int | None,
    seconds: float | None,
    laid_out: tuple[str, list[str] | None, str | None],
    force: bool,
) -> None:
    from timbrel.tasks import map_path as task

    points = [parsed_point(text) for text in way.split()]
    with here.progress() as report:
        picked = task.follow(
            here.workspace,
            instrument,
            points,
            steps=task.USUAL_STEPS if steps is None else steps,
            seconds=seconds,
            out=out,
            projection=laid_out[0],
            settings=laid_out[1] or [],
            seed=here.seed,
            device=here.device(),
            phase=laid_out[2],
            force=force,
            report=report,
        )
    _finish(here, picked)


def _finish(here: session.Session, picked: "Picked") -> None:
    if picked.note:
        output.aside(picked.note)
    document = {
        "path": picked.path,
        "at": picked.at,
        "nearest": {"name": picked.name, "label": picked.label, "distance": picked.distance},
        "outside": picked.note,
    }
    here.finish(document, lambda: _show_pick(picked))


def parsed_point(text: str) -> tuple[float, float]:
    """Reads a point of the map.

    Args:
        text: Two numbers from 0 to 1 with a comma between, blanks as you like.

    Returns:
        x to the right and y upwards.

    Raises:
        UsageError: When it is anything else.

    Example:
        >>> parsed_point("0.5, 0.25")
        (0.5, 0.25)
    """
    accepted = "--at X,Y, two numbers from 0 to 1 with a comma between, such as 0.5,0.25"
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"the point {text!r}", accepted) from None
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise UsageError(f"the point {text!r}, which is not on the map", accepted)
    return x, y


def parsed_weights(text: str) -> tuple[float, ...]:
    """Reads weights.

    Args:
        text: Numbers with commas between.

    Returns:
        The numbers.

    Raises:
        UsageError: When one of them is no number.

    Example:
        >>> parsed_weights("1, -1, 0.5")
        (1.0, -1.0, 0.5)
    """
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(
            f"the weights {text!r}", "--weights W,W..., numbers with commas, such as 1,-1,1"
        ) from None


def _show_pick(picked: "Picked") -> None:
    label = f" ({picked.label})" if picked.label else ""
    output.line(f"{picked.path}")
    output.line(f"nearest on the map: {picked.name}{label}, {picked.distance:.3f} of a side away")
