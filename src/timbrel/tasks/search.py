"""Search: the library's sounds that sound like one, or like each other."""

from pathlib import Path

from timbrel.errors import SoundFileError
from timbrel.library import similarity
from timbrel.library.analysis import analyse
from timbrel.library.rows import Refusal, SoundRow
from timbrel.library.similarity import Match
from timbrel.tasks.workspace import Workspace, open_library


def search(workspace: Workspace, sound: Path, *, top: int = 10) -> list[Match]:
    """Finds the sounds of the library that sound most like one.

    Args:
        workspace: Whose library.
        sound: A sound file, of the library or from elsewhere.
        top: How many at most, 1 or more.

    Returns:
        Matches, nearest first; a sound of the library itself has distance 0.

    Raises:
        LibraryError: When there is no library.
        SoundFileError: When the sound cannot be used, with the reason.
        UsageError: When `top` is below 1.
    """
    catalogue = open_library(workspace)
    facts = analyse(sound.expanduser())
    if isinstance(facts, Refusal):
        raise SoundFileError(f"{sound}: {facts.reason}", "a sound file with something to hear")
    return similarity.nearest(catalogue, facts.features, top=top)


def duplicates(workspace: Workspace) -> list[list[SoundRow]]:
    """Groups the files of the library that sound the same or nearly so.

    Args:
        workspace: Whose library.

    Returns:
        Groups of two or more, the largest first, each in the order of paths.

    Raises:
        LibraryError: When there is no library.
    """
    return similarity.duplicates(open_library(workspace))
