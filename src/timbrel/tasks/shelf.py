"""The shelf: what was opened and stays open, so that asking again costs nothing.

A command opens what it needs and ends. What runs for hours, such as the studio, gives its
workspace a shelf, and every task finds instruments and layouts on it as long as their files stay
as they were. What was used least recently leaves when the shelf is full.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
MOST_BYTES = 2 * 2**30
Key = tuple[str, ...]


@dataclass(frozen=True)
class _Kept:
    stamp: Hashable
    value: Any
    size_bytes: int


class Shelf:
    """Opened things by the files they were opened from; may be used by several threads.

    Args:
        most_bytes: How much may stay open; the last thing that was opened always does.

    Example:
        >>> shelf, opened = Shelf(), []
        >>> for version in (1, 1, 2):
        ...     text = shelf.get(("a",), version, lambda: opened.append(1) or "one", len)
        >>> text, len(opened)
        ('one', 2)
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._lock = threading.RLock()
        self._opening: dict[Key, threading.Lock] = {}

    def get(
        self, key: Key, stamp: Hashable, opened: Callable[[], T], size: Callable[[T], int]
    ) -> T:
        """Gives what stands on the shelf, or opens it.

        Args:
            key: What is asked for.
            stamp: What changes when it changes: `stamp_of` a file, a version.
            opened: Opens it.
            size: Says how many bytes it keeps in memory.

        Returns:
            The thing, the same object as long as its stamp stays the same.
        """
        with self._lock:
            opening = self._opening.setdefault(key, threading.Lock())
        with opening:  # who asks for the same waits; who asks for another thing does not
            found = self._there(key, stamp)
            if found is None:
                value = opened()
                found = _Kept(stamp, value, size(value))
            with self._lock:
                self._kept[key] = found
                self._kept.move_to_end(key)
                self._make_room()
        given: T = found.value
        return given

    def _there(self, key: Key, stamp: Hashable) -> _Kept | None:
        with self._lock:
            kept = self._kept.get(key)
        return kept if kept is not None and kept.stamp == stamp else None

    @property
    def size_bytes(self) -> int:
        """How much is open."""
        with self._lock:
            return sum(kept.size_bytes for kept in self._kept.values())

    def __len__(self) -> int:
        """How many things are open."""
        return len(self._kept)

    def _make_room(self) -> None:
        while len(self._kept) > 1 and self.size_bytes > self._most_bytes:
            self._kept.popitem(last=False)


def stamp_of(file: Path) -> tuple[int, int, int]:
    """Gives what changes when a file is written anew.

    Args:
        file: The file.

    Returns:
        When it was written, how large it is, and which file it is.

    Raises:
        OSError: When it is not there.
    """
    about = file.stat()
    return about.st_mtime_ns, about.st_size, about.st_ino
