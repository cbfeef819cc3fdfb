"""The commands of the map: map, pick."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from timbrel.cli import output, session
from timbrel.cli.arguments import Force, Instrument, Projection
from timbrel.errors import UsageError

if TYPE_CHECKING:
    from timbrel.tasks.map import MapDrawn
    from timbrel.tasks.pick import Picked

DEFAULT_PROJECTION = "umap"


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
    force: Force = False,
) -> None:
    """Draws the map of an instrument's sounds: near is alike."""
    at = session.of(context)
    from timbrel.tasks import map as task

    with at.progress() as report:
        drawn = task.draw_map(
            at.workspace,
            instrument,
            projection=projection,
            out=out,
            seed=at.seed,
            device=at.device(),
            force=force,
            report=report,
        )
    document = {
        "path": drawn.path,
        "sounds": drawn.sounds,
        "library_sounds": drawn.library_sounds,
        "heard": drawn.heard,
        "size_bytes": drawn.size_bytes,
        "skipped": session.left_out(drawn.skipped),
    }
    at.finish(document, lambda: _show_map(drawn), skipped=drawn.skipped)


def _show_map(drawn: "MapDrawn") -> None:
    heard = f", {drawn.heard} of them to hear" if drawn.heard else ""
    shown = f"{drawn.sounds} of the library's {drawn.library_sounds} sounds"
    output.line(f"{drawn.path}: {shown}{heard}, {output.size(drawn.size_bytes)}")


def pick(
    context: typer.Context,
    instrument: Instrument,
    at: Annotated[
        str,
        typer.Option(
            metavar="X,Y",
            help="The point on the map: 0,0 is at the lower left, 1,1 at the upper right.",
        ),
    ],
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="The sound file to write, .wav or .flac.")
    ],
    projection: Projection = DEFAULT_PROJECTION,
    force: Force = False,
) -> None:
    """Makes the sound of a point on the map.

    The map is the one that `timbrel map` draws with the same --seed and --projection.
    """
    here = session.of(context)
    point = parsed_point(at)
    from timbrel.tasks import pick as task

    with here.progress() as report:
        picked = task.pick(
            here.workspace,
            instrument,
            at=point,
            out=out,
            projection=projection,
            seed=here.seed,
            device=here.device(),
            force=force,
            report=report,
        )
    document = {
        "path": picked.path,
        "at": point,
        "nearest": {"name": picked.name, "label": picked.label, "distance": picked.distance},
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


def _show_pick(picked: "Picked") -> None:
    label = f" ({picked.label})" if picked.label else ""
    output.line(f"{picked.path}")
    output.line(f"nearest on the map: {picked.name}{label}, {picked.distance:.3f} of a side away")
