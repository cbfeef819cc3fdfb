"""Copies: files of the library that hold the same recording, and what of it a sound has in it."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from timbrel.errors import SoundFileError
from timbrel.evaluation.copying import COPIED
from timbrel.library.duplicates import Group
from timbrel.library.duplicates import duplicates as groups_of
from timbrel.library.rows import Skipped, SoundRow
from timbrel.progress import Report, silent
from timbrel.signal import files
from timbrel.signal.fingerprints import copied_run_ms, fingerprint
from timbrel.tasks.search import found, search
from timbrel.tasks.workspace import Workspace, open_library

_LONGEST_COMPARED_S = 10.0


def duplicates(
    workspace: Workspace, *, threads: int | None = None, report: Report = silent
) -> tuple[list[Group], list[Skipped]]:
    """Groups the files of the library that hold the same recording.

    Args:
        workspace: Whose library.
        threads: How many read and compare at a time, 1 or more; one a core where None.
        report: Where progress goes.

    Returns:
        Groups of two or more, the largest first; and the files that could not be read any more.

    Raises:
        LibraryError: When there is no library.
    """
    return groups_of(open_library(workspace), threads=threads, report=report)


@dataclass(frozen=True)
class Near:
    """A sound of the library near another sound.

    Attributes:
        row: The library's sound.
        distance: How far it sounds from the other, in units of hearing.
        copied: The share of the other that is in it too, up to gain, 0 to 1.
    """

    row: SoundRow
    distance: float
    copied: float

    @property
    def is_copied(self) -> bool:
        """Whether so much of the other is in it that it is no coincidence."""
        return self.copied >= COPIED


def neighbours(workspace: Workspace, sound: Path, *, top: int = 8) -> list[Near]:
    """Finds the library's sounds nearest to a sound, and how much of it each has.

    In a large library it goes by the index, which finds copies and may miss a sound farther off.

    Args:
        workspace: Whose library.
        sound: A sound file, such as a render.
        top: How many at most, 1 or more.

    Returns:
        The nearest first; files that are gone are left out.

    Raises:
        LibraryError: When there is no library, or it is empty.
        SoundFileError: When the sound cannot be read or holds nothing to hear.
        UsageError: When `top` is below 1.
    """
    matches = search(workspace, sound, top=top)
    heard = files.read(found(workspace, sound), duration_s=_LONGEST_COMPARED_S)
    own = fingerprint(heard.samples, heard.sample_rate)
    near = []
    for match in matches:
        with suppress(SoundFileError):
            other = files.read(match.row.path, duration_s=_LONGEST_COMPARED_S)
            run_ms = copied_run_ms(own, fingerprint(other.samples, other.sample_rate))
            near.append(Near(match.row, match.distance, min(1.0, run_ms / max(own.audible_ms, 1))))
    return near
