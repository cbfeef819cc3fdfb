"""A way over a map, heard as one sound that changes from point to point."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.instruments.instrument import Instrument, normalised
from timbrel.progress import Report, Tracker, silent
from timbrel.signal import levels
from timbrel.synthesis import renders
from timbrel.synthesis.journeys import joined
from timbrel.synthesis.renders import Origin, Render
from timbrel.tasks import ingredients, phases
from timbrel.tasks.ingredients import Ingredient, Point
from timbrel.tasks.instruments import open_named
from timbrel.tasks.layouts import Layout, layout_of
from timbrel.tasks.pick import (
    Picked,
    check_out,
    check_points,
    layout_told,
    picked,
)
from timbrel.tasks.workspace import Workspace

STEPS = range(2, 65)
USUAL_STEPS = 8
SECONDS = (0.1, 600.0)
STRIKE_S = 0.25  # from one stroke to the next where nobody says how long it shall be
OVERLAP = 0.5  # of each sound with the next


def follow(  # noqa: PLR0913 - one argument an option of the command
    workspace: Workspace,
    name: str,
    points: Sequence[Point],
    *,
    steps: int = USUAL_STEPS,
    seconds: float | None = None,
    out: Path,
    projection: str = "umap",
    settings: Sequence[str] = (),
    seed: int = 0,
    device: str = "cpu",
    phase: str | None = None,
    force: bool = False,
    report: Report = silent,
) -> Picked:
    """Makes one sound of a way over a map: sounds at even distances along it, joined.

    Strokes follow one another in time, each from a point farther on; what sounds on is faded from
    one to the next with equal power.

    Args:
        workspace: The workspace.
        name: The instrument.
        points: The corners of the way, two or more; x to the right, y upwards, 0 to 1.
        steps: How many sounds lie along it, 2 to 64.
        seconds: How long the sound shall be, 0.1 to 600; None gives a quarter of a second a step.
        out: The sound file, .wav or .flac.
        projection: How the map was laid out.
        settings: Settings of the projection, each ``key=value``.
        seed: Seed of the map and of the phase method.
        device: Where the network shall live.
        phase: A phase method, or an instrument that finds phases; None takes the instrument's own.
        force: Whether an existing file is replaced.
        report: Where progress goes.

    Returns:
        The file, where the way ends, and what lies nearest there.

    Raises:
        UsageError: When a point is not on the map, or a number out of its range.
        ExistsError: When the file exists and `force` is false.
        UnknownNameError: When there is no such instrument or projection.
    """
    _check(points, steps, seconds)
    check_out(out, force=force)
    instrument = open_named(workspace, name, device)
    chosen = phases.for_new_sounds(workspace, phase, instrument)
    laid_out = layout_of(
        workspace, instrument, projection=projection, settings=settings, seed=seed, report=report
    )
    along = [ingredients.of_point(laid_out, point) for point in spaced(points, steps)]
    said = {
        "path": [list(point) for point in points],
        "steps": steps,
        **({} if seconds is None else {"seconds": seconds}),
        **layout_told(Layout(projection, tuple(settings), seed)),
        **({"outside": along[-1].note} if along[-1].note else {}),
    }
    origin = Origin(
        out.stem, "pick", renders.checked_seed(seed), parents=along[-1].parents, settings=said,
        phase=chosen,
    )  # fmt: skip
    joined = _joined(instrument, along, origin, seconds or STRIKE_S * steps, report)
    renders.write_at(out, renders.trim(joined), force=True)
    return picked(laid_out, along[-1], out)


def spaced(points: Sequence[Point], count: int) -> list[Point]:
    """Puts points at even distances on a broken line, its ends among them.

    Args:
        points: The corners, two or more.
        count: How many points.

    Returns:
        The points.

    Example:
        >>> spaced([(0.0, 0.0), (1.0, 0.0)], 3)
        [(0.0, 0.0), (0.5, 0.0), (1.0, 0.0)]
    """
    corners = np.asarray(points, dtype=np.float64)
    lengths = np.hypot(*np.diff(corners, axis=0).T)
    at = np.concatenate([[0.0], np.cumsum(lengths)])
    wanted = np.linspace(0.0, at[-1], count)
    return [
        (float(x), float(y))
        for x, y in zip(
            np.interp(wanted, at, corners[:, 0]), np.interp(wanted, at, corners[:, 1]), strict=True
        )
    ]


def _joined(
    instrument: Instrument,
    along: Sequence[Ingredient],
    origin: Origin,
    seconds: float,
    report: Report,
) -> Render:
    rate = instrument.sample_rate
    hop = max(1, round(seconds * rate / len(along)))
    each = round(hop / OVERLAP)
    tracker = Tracker("playing the way", len(along), report)

    def played() -> Iterator[Tensor]:
        for one in along:
            latent = torch.from_numpy(one.latent)
            sound = renders.play(instrument, latent, None, origin).sound.samples
            tracker.advance()
            yield levels.fit_length(sound, each)[0]

    whole = joined(played(), hop_samples=hop, length_samples=round(seconds * rate))
    end = torch.from_numpy(along[-1].latent)
    return renders.told(instrument, normalised(whole[None]), end, None, origin)


def _check(points: Sequence[Point], steps: int, seconds: float | None) -> None:
    if len(points) < 2:
        raise UsageError(f"a way of {len(points)} points", "two points or more")
    check_points(points)
    if steps not in STEPS:
        raise UsageError(f"{steps} steps", f"{STEPS.start} to {STEPS.stop - 1}")
    if seconds is not None and not SECONDS[0] <= seconds <= SECONDS[1]:
        raise UsageError(f"{seconds:g} seconds", f"{SECONDS[0]:g} to {SECONDS[1]:g}")
