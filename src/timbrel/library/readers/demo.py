"""Sounds that timbrel synthesises itself: drums, plucked and struck strings, in eight kits."""

from collections.abc import Iterator
from pathlib import Path

from timbrel.library.readers import Found, Reader


def find(folder: Path) -> Iterator[Found]:
    """Makes the demo sounds that are missing from a folder, and gives all of them.

    Each file is written when its turn comes; whoever stops early goes on where it stopped.

    Args:
        folder: An empty folder, a new one, or one of demo sounds.

    Yields:
        The 896 sounds, label by label; their group is the kit they were played on.

    Raises:
        ExistsError: When the folder holds something else.
        UsageError: When the folder is a file.
        LibraryError: When the folder cannot be written to.
        SoundFileError: When a sound cannot be written.
    """
    from timbrel.library.demo_sounds.folder import fill  # late: synthesis needs scipy and torch

    for plan, path in fill(folder.absolute()):
        yield Found(path, plan.label, f"kit-{plan.kit_number}", plan.pitch_semitones)


READER = Reader(
    title="Demo sounds that timbrel makes itself",
    licence="CC0-1.0",
    citation="",
    find=find,
    makes_sounds=True,
)
