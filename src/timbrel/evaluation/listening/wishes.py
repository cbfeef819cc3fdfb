"""What a person wants of a listening test, checked before any sound is read."""

from dataclasses import dataclass
from pathlib import Path

from timbrel.errors import ExistsError, UsageError
from timbrel.evaluation.listening import description as documents
from timbrel.evaluation.listening.cutting import SHORTEST_S
from timbrel.evaluation.listening.drafting import MOST_ITEMS
from timbrel.evaluation.listening.kinds import Bandwidth, Kind

LONGEST_S = 120.0
MOST_REPEATS = 20
LONGEST_TITLE = 120


@dataclass(frozen=True)
class Wish:
    """What a person wants of a test.

    Attributes:
        kind: The kind of test.
        title: What listeners read above it.
        items: Pages that it shall have.
        per_listener: Pages that each listener is given; None for all.
        seconds: The longest that a sound may be, in s.
        bandwidth: Whether originals are brought down to the others' bandwidth.
        repeats: How often each page is asked.
        seed: Seed of what is drawn.
    """

    kind: Kind
    title: str
    items: int
    per_listener: int | None
    seconds: float
    bandwidth: Bandwidth
    repeats: int = 1
    seed: int = 0


def checked(wish: Wish) -> Wish:
    """Makes sure that a wish can be fulfilled.

    Args:
        wish: What a person wants.

    Returns:
        The same.

    Raises:
        UsageError: When a number is out of its range or an option does not fit the kind.
    """
    if not SHORTEST_S <= wish.seconds <= LONGEST_S:
        raise UsageError(f"{wish.seconds:g} seconds", f"{SHORTEST_S} to {LONGEST_S:g} s")
    if not 1 <= wish.items <= MOST_ITEMS:
        raise UsageError(f"{wish.items} items", f"1 to {MOST_ITEMS}")
    if not 1 <= wish.repeats <= MOST_REPEATS:
        raise UsageError(f"{wish.repeats} repeats", f"1 to {MOST_REPEATS}")
    if wish.repeats > 1 and wish.kind.name not in ("abx", "preference"):
        raise UsageError(f"repeats of {wish.kind.name}", "repeats of abx or preference")
    if wish.per_listener is not None and wish.per_listener < 1:
        raise UsageError(f"{wish.per_listener} items a listener", "1 or more")
    if not 0 < len(wish.title) <= LONGEST_TITLE or not wish.title.isprintable():
        raise UsageError(f"the title {wish.title!r:.60}", f"1 to {LONGEST_TITLE} characters")
    return wish


def checked_folder(folder: Path, *, force: bool) -> Path:
    """Makes sure that a test may stand in a folder; answers of listeners are never replaced.

    Args:
        folder: Where it shall stand.
        force: Whether a test that nobody has answered is replaced.

    Returns:
        The folder, absolute.

    Raises:
        ExistsError: When something is there that may not be replaced.
        UsageError: When there can be no folder of that name.
    """
    place = folder.expanduser().resolve()
    above = next(parent for parent in (place, *place.parents) if parent.exists())
    if not above.is_dir():
        raise UsageError(f"{above} is a file", "a folder for the test")
    if not place.exists():
        return place
    if not force:
        raise ExistsError(f"{folder} exists already", advice="choose another name or add --force")
    names = {entry.name for entry in place.iterdir()}
    own = {documents.TEST, documents.KEY, documents.SOUNDS, documents.RESULTS}
    if documents.RESULTS in names:
        raise ExistsError(
            f"{folder} exists already and holds answers of listeners",
            advice=f"choose another name, or move {documents.RESULTS} away first",
        )
    if names - own or (names and documents.TEST not in names):
        raise ExistsError(
            f"{folder} exists already and is no listening test", advice="choose another name"
        )
    return place
