"""One writer at a time: a lock that the operating system drops when its holder dies."""

import hashlib
import platform
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from timbrel.errors import LibraryError


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Holds a lock file for as long as the block runs.

    Args:
        path: The lock file; made where it is not there, and left there.

    Yields:
        Nothing.

    Raises:
        LibraryError: When another process holds it.
    """
    with path.open("a+b") as file:
        try:
            _take(file)
        except OSError:
            raise LibraryError(
                f"another scan is filling the library in {path.parent}",
                advice="wait until it has ended",
            ) from None
        yield


def owner_of(folder: Path) -> str:
    """Names a folder on this machine, whose locks no process of another one can hold.

    Args:
        folder: The folder.

    Returns:
        16 hexadecimal digits.
    """
    here = f"{platform.node()} {uuid.getnode()} {folder.resolve()}"
    return hashlib.blake2b(here.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


if sys.platform == "win32":

    def _take(file: IO[bytes]) -> None:
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:

    def _take(file: IO[bytes]) -> None:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
