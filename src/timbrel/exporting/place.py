"""Where an export may stand: in a new folder, or in place of an earlier export and nothing else."""

from collections.abc import Callable
from pathlib import Path

from timbrel.errors import ExistsError, UsageError


def checked_folder(folder: Path, *, force: bool, own: Callable[[Path], set[str]]) -> Path:
    """Makes sure that an export may stand in a folder; nothing but an export is ever replaced.

    Args:
        folder: Where it shall stand.
        force: Whether an export that stands there is replaced.
        own: Tells which files of a folder an export there has written, by their paths inside it.

    Returns:
        The folder, absolute.

    Raises:
        ExistsError: When something is there, and `force` is false or it is no export.
        UsageError: When there can be no folder of that name.

    Example:
        >>> checked_folder(Path("drums-sfz"), force=False, own=lambda place: set()).name
        'drums-sfz'
    """
    place = folder.expanduser().resolve()
    above = next(parent for parent in (place, *place.parents) if parent.exists())
    if not above.is_dir():
        raise UsageError(f"{above} is a file", "a folder for the export")
    if not place.exists():
        return place
    if not force:
        raise ExistsError(f"{folder} exists already", advice="choose another name or add --force")
    found = {path.relative_to(place).as_posix() for path in place.rglob("*") if not path.is_dir()}
    foreign = sorted(found - own(place)) if found else []
    if foreign:
        raise ExistsError(
            f"{folder} exists already and holds {foreign[0]!r}, which no export wrote",
            "a new folder, or with --force an empty one or one with nothing but an export",
            "choose another name",
        )
    return place
