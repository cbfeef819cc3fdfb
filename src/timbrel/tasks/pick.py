"""Pick: the sound of a point on a map, or of a mix of points and sounds."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from timbrel.errors import ExistsError, UsageError
from timbrel.mapping import edge
from timbrel.mapping.layout import SoundMap
from timbrel.progress import Report, silent
from timbrel.synthesis import renders
from timbrel.tasks import ingredients, phases
from timbrel.tasks.ingredients import Ingredient, Point
from timbrel.tasks.instruments import open_named
from timbrel.tasks.layouts import Layout, layout_of
from timbrel.tasks.workspace import Workspace

ENDINGS = (".wav", ".flac")


@dataclass(frozen=True)
class Picked:
    """A sound from a map.

    Attributes:
        path: The sound file; a JSON sidecar of the same name lies beside it.
        at: Where it lies on the map.
        name: The library's sound that lies nearest to that.
        label: Its label, "" where unknown.
        distance: How far it lies from there, the map's sides being 1 long.
        note: What was asked for and lies outside what the instrument knows, and what is played
            in its place; "" where nothing.
    """

    path: Path
    at: Point
    name: str
    label: str
    distance: float
    note: str = ""


@dataclass(frozen=True)
class Wish:
    """What a person asks for.

    Attributes:
        at: Points of the map, x to the right and y upwards, each from 0 to 1.
        sounds: Sound files, or sounds of the map by name or id.
        weights: How much of each, points first, then sounds; None for equal parts. Weights that
            are all positive are proportions; with a negative among them they are taken as they
            stand, so that 1,-1,1 is A - B + C and 2,-1 goes beyond A, away from B.
    """

    at: tuple[Point, ...] = ()
    sounds: tuple[str, ...] = ()
    weights: tuple[float, ...] | None = None


def pick(  # noqa: PLR0913 - one argument an option of the command
    workspace: Workspace,
    name: str,
    wish: Wish,
    *,
    out: Path,
    projection: str = "umap",
    settings: Sequence[str] = (),
    seed: int = 0,
    device: str = "cpu",
    phase: str | None = None,
    force: bool = False,
    report: Report = silent,
) -> Picked:
    """Makes the sound of a point on the map that `draw_map` draws with the same seed, or of a mix.

    What lies outside the cloud of the instrument's sounds is answered by its edge, and said.

    Args:
        workspace: The workspace.
        name: The instrument.
        wish: Points and sounds, and how much of each.
        out: The sound file, .wav or .flac.
        projection: How the map was laid out.
        settings: Settings of the projection, each ``key=value``.
        seed: Seed of the map and of the phase method.
        device: Where the network shall live.
        phase: A phase method, or an instrument that finds phases; None takes the instrument's own.
        force: Whether an existing file is replaced.
        report: Where progress goes.

    Returns:
        The file, where it lies on the map, and what lies nearest.

    Raises:
        UsageError: When nothing is asked for, a point is not on the map, a sound is not known,
            the weights do not fit, or the ending is none of these.
        ExistsError: When the file exists and `force` is false.
        UnknownNameError: When there is no such instrument or projection.
    """
    _check(wish)
    check_out(out, force=force)
    wanted = Layout(projection, tuple(settings), seed)
    instrument = open_named(workspace, name, device)
    chosen = phases.for_new_sounds(workspace, phase, instrument)
    laid_out = layout_of(
        workspace, instrument, projection=projection, settings=settings, seed=seed, report=report
    )
    parts = [ingredients.of_point(laid_out, point) for point in wish.at]
    parts += [ingredients.of_sound(laid_out, instrument, sound) for sound in wish.sounds]
    mixed = ingredients.mixed(laid_out, parts, wish.weights)
    render = renders.at(
        instrument,
        torch.from_numpy(mixed.latent),
        seed=seed,
        name=out.stem,
        parents=mixed.parents,
        settings=_said(wish, wanted, mixed.note),
        phase=chosen,
    )
    renders.write_at(out, renders.trim(render), force=True)
    return picked(laid_out, mixed, out)


def picked(laid_out: SoundMap, made_of: Ingredient, out: Path) -> Picked:
    """Tells of a sound that was picked: where it lies, and what lies nearest.

    Args:
        laid_out: The map.
        made_of: What it was made of.
        out: Its file.

    Returns:
        The file, the place, and the nearest sound of the map.
    """
    place = made_of.place
    x, y = edge.place_of(laid_out, made_of.latent) if place is None else place
    distance, nearest = laid_out.tree.query((x, y))
    return Picked(
        out,
        (float(x), float(y)),
        laid_out.names[nearest],
        laid_out.labels[nearest],
        float(distance),
        made_of.note,
    )


def _said(wish: Wish, wanted: Layout, note: str) -> dict[str, object]:
    """The settings as the render's provenance keeps them; of files only the names."""
    many = len(wish.at) != 1 or wish.sounds
    at: object = [list(point) for point in wish.at] if many else list(wish.at[0])
    return {
        "at": at,
        **({"sounds": [Path(sound).name for sound in wish.sounds]} if wish.sounds else {}),
        **({"weights": list(wish.weights)} if wish.weights else {}),
        **layout_told(wanted),
        **({"outside": note} if note else {}),
    }


def layout_told(wanted: Layout) -> dict[str, object]:
    """Says which map a render comes from, as its settings do.

    Args:
        wanted: The layout.

    Returns:
        Plain values.
    """
    return {
        "projection": wanted.projection,
        **({"projection_settings": list(wanted.settings)} if wanted.settings else {}),
        "map_seed": wanted.seed,
    }


def _check(wish: Wish) -> None:
    if not wish.at and not wish.sounds:
        raise UsageError("nothing to pick", "a point of the map with --at X,Y, or --sound FILE")
    check_points(wish.at)


def check_points(points: Sequence[Point]) -> None:
    """Refuses points that are not on the map.

    Args:
        points: x and y each.

    Raises:
        UsageError: When one of them lies beyond 0 to 1.
    """
    for x, y in points:
        if not (0 <= x <= 1 and 0 <= y <= 1):
            raise UsageError(f"the point {x:g},{y:g}", "X,Y, each from 0 to 1")


def check_out(out: Path, *, force: bool) -> None:
    """Refuses a file that cannot be written before any work is done.

    Args:
        out: The sound file to be.
        force: Whether it may be there already.

    Raises:
        UsageError: When its ending is none that is written.
        ExistsError: When it or its sidecar is there and `force` is false.
    """
    if out.suffix.lower() not in ENDINGS:
        raise UsageError(f"a sound named {out.name!r}", f"a name that ends in {' '.join(ENDINGS)}")
    for path in (out, out.with_suffix(".json")):
        if os.path.lexists(path) and not force:
            raise ExistsError(f"{path} exists already", advice="choose another name or add --force")
