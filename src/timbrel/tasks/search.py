"""Search: the library's sounds that sound like one, or lie at a point of a map."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from timbrel.errors import LibraryError, SoundFileError, UnknownNameError, UsageError
from timbrel.library import approximate, pieces
from timbrel.library.analysis import analyse
from timbrel.library.catalogue import Catalogue
from timbrel.library.rows import Refusal, SoundRow
from timbrel.library.similarity import OVERALL, Index, Match, check_aspects
from timbrel.progress import Report, silent
from timbrel.signal.suffixes import SUFFIXES
from timbrel.tasks.workspace import Workspace, open_library


@dataclass(frozen=True)
class Placed:
    """A sound of the library, or a piece of one, and how far it lies from a point of a map.

    Attributes:
        row: The sound.
        distance: The map's sides being 1 long.
        start_s: Where in the sound the piece begins, in seconds; 0 for a whole sound.
    """

    row: SoundRow
    distance: float
    start_s: float = 0.0


def search(
    workspace: Workspace,
    sound: Path,
    *,
    top: int = 10,
    by: Mapping[str, float] = OVERALL,
    label: str | None = None,
    exact: bool = False,
) -> list[Match]:
    """Finds the sounds of the library that sound most like one.

    Args:
        workspace: Whose library.
        sound: A sound file, of the library or from elsewhere, or the name of a render in the
            workspace.
        top: How many at most, 1 or more.
        by: Aspect -> weight; see `timbrel.library.similarity.Index.nearest`.
        label: Only sounds of this label.
        exact: Whether all sounds are compared even where the library has an index; always so by
            other aspects than "all".

    Returns:
        Matches, nearest first; a sound of the library itself has distance 0. Each says whether it
        was found by the index.

    Raises:
        LibraryError: When there is no library, or it is empty.
        SoundFileError: When the sound cannot be used, with the reason.
        UnknownNameError: When there is no such aspect or label.
        UsageError: When `top` is below 1 or a weight is none.
    """
    check_aspects(by)
    catalogue = open_library(workspace)
    facts = analyse(found(workspace, sound))
    if isinstance(facts, Refusal):
        raise SoundFileError(f"{sound}: {facts.reason}", "a sound file with something to hear")
    if not exact and approximate.can_answer(catalogue, by):
        return approximate.nearest(catalogue, facts, top=top, by=by, label=label)
    return index_of(workspace).nearest(facts, top=top, by=by, label=label)


def index_of(workspace: Workspace) -> Index:
    """Gives what a search compares, as the library is now.

    Args:
        workspace: Whose library.

    Returns:
        The index.

    Raises:
        LibraryError: When there is no library.
    """
    catalogue = open_library(workspace)
    if workspace.shelf is None:
        return Index(catalogue)
    key = ("index", str(workspace.library))
    return workspace.shelf.get(
        key, catalogue.version, lambda: Index(catalogue), lambda index: 600 * len(index)
    )


def found(workspace: Workspace, sound: Path) -> Path:
    """Finds what a person means by a sound.

    Args:
        workspace: Where renders lie.
        sound: A path, or the name of a render with or without its ending.

    Returns:
        The path where there is a file; else the one render of that name; else the path as given.

    Raises:
        UsageError: When several renders have the name.
    """
    path = sound.expanduser()
    if path.exists() or path.is_absolute():
        return path
    renders = sorted(
        one
        for one in workspace.renders.rglob("*")
        if one.suffix.lower() in SUFFIXES and _is_named(one, sound, workspace.renders)
    )
    if len(renders) > 1:
        names = [one.relative_to(workspace.renders).as_posix() for one in renders]
        raise UsageError(f"{sound}, which {len(names)} renders are called", ", ".join(names))
    return renders[0] if renders else path


def _is_named(render: Path, name: Path, folder: Path) -> bool:
    below = render.relative_to(folder)
    return name in (below, below.with_suffix(""), Path(render.name), Path(render.stem))


def search_map(  # noqa: PLR0913 - one argument an option of the command
    workspace: Workspace,
    instrument: str,
    *,
    at: tuple[float, float],
    projection: str = "umap",
    settings: Sequence[str] = (),
    seed: int = 0,
    top: int = 10,
    label: str | None = None,
    device: str = "cpu",
    report: Report = silent,
) -> list[Placed]:
    """Finds the sounds of the library that lie nearest to a point of an instrument's map.

    Args:
        workspace: Whose library.
        instrument: The instrument's name.
        at: The point: x to the right and y upwards, each from 0 to 1.
        projection: How the map was laid out.
        settings: Settings of the projection, each ``key=value``.
        seed: Seed of the map.
        top: How many at most, 1 or more.
        label: Only sounds of this label.
        device: Where the network shall live.
        report: Where progress goes.

    Returns:
        The sounds, nearest first; those that the library has forgotten are left out.

    Raises:
        UsageError: When the point is not on the map, or `top` is below 1.
        UnknownNameError: When there is no such instrument or projection, or no sound of the map
            has the label.
        RecipeError: When a setting is unknown or does not fit.
        LibraryError: When the library holds none of the map's sounds.
    """
    from timbrel.tasks.instruments import open_named
    from timbrel.tasks.layouts import layout_of

    if top < 1 or not all(0 <= value <= 1 for value in at):
        given = f"top = {top}" if top < 1 else f"the point {at[0]:g},{at[1]:g}"
        raise UsageError(given, "1 or more" if top < 1 else "X,Y, each from 0 to 1")
    catalogue = open_library(workspace)
    opened = open_named(workspace, instrument, device)
    laid_out = layout_of(
        workspace, opened, projection=projection, settings=settings, seed=seed, report=report
    )
    distances = ((laid_out.positions - list(at)) ** 2).sum(axis=1) ** 0.5
    placed = list(_placed(catalogue, laid_out.ids, distances.tolist()))
    if not placed:
        raise LibraryError(
            "the library holds none of the map's sounds",
            advice="scan the sounds again that the instrument was trained on",
        )
    wanted = [one for one in placed if label in (None, one.row.label)]
    if not wanted:
        raise UnknownNameError("label", str(label), {one.row.label for one in placed} - {""})
    return sorted(wanted, key=lambda one: (one.distance, one.row.path))[:top]


def _placed(
    catalogue: Catalogue, ids: Sequence[str], distances: Sequence[float]
) -> Iterator[Placed]:
    """The sounds of a map that the library still knows."""
    places = [pieces.place(id_) for id_ in ids]
    rows = {row.id: row for row in catalogue.get(list(dict.fromkeys(id_ for id_, _ in places)))}
    for (id_, start_s), distance in zip(places, distances, strict=True):
        if id_ in rows:
            yield Placed(rows[id_], distance, start_s)
