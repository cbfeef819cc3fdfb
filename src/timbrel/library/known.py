"""What the library already knows of the files under a folder, in some 40 bytes a file."""

import hashlib
import importlib.util
import os
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from timbrel.library.catalogue import Catalogue
from timbrel.library.readers import Found
from timbrel.library.rows import ANALYSIS_VERSION

_COLUMNS = ["id", "path", "size_bytes", "modified_ns", "tags", "analysis", "kind"]


class State(Enum):
    """How a file on disk stands to what the library knows of it."""

    UNREAD = "new, changed, or read by an older analysis"
    RELABELLED = "known, with other tags"
    SAME = "known, as it is"
    SKIPPED = "known, and still of no use"


def id_of(path: Path) -> str:
    """Gives the id under which the library keeps a path.

    Args:
        path: An absolute path.

    Returns:
        16 hexadecimal digits. Two of a million paths share one with a chance of 1 in 40 million.
    """
    return hashlib.blake2b(os.fsencode(path), digest_size=8).hexdigest()


def tags_of(found: Found) -> int:
    """Gives a fingerprint of what a data set says of a file.

    Args:
        found: The file.

    Returns:
        A whole number below 2^63; 0 where nothing is said.
    """
    if not (found.label or found.group or found.pitch_semitones is not None):
        return 0
    text = repr((found.label, found.group, found.pitch_semitones))
    digest = hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def analysis_of(kind: str) -> int:
    """Gives the version of the analysis that a file of this kind would get today.

    A file that could not be read is worth another try once the optional package that opens more
    formats is there.

    Args:
        kind: "" for a sound, otherwise a kind of refusal.

    Returns:
        A version, to be compared for equality.
    """
    more_formats = kind == "unreadable" and importlib.util.find_spec("av") is not None
    return 2 * ANALYSIS_VERSION + more_formats


class Known:
    """Compact columns of the rows under a folder, for looking up and ticking off.

    Args:
        catalogue: The library.
        root: A folder, or one file.
    """

    def __init__(self, catalogue: Catalogue, root: Path) -> None:
        parts = list(_columns(catalogue, root))
        ids, numbers = zip(*parts, strict=True) if parts else ((), ())
        unsorted_ids = np.concatenate([np.empty(0, np.uint64), *ids])
        order = np.argsort(unsorted_ids)
        self._ids: NDArray[np.uint64] = unsorted_ids[order]
        table = np.concatenate([np.empty((0, 5), np.int64), *numbers])[order]
        self._sizes, self._times, self._tags, self._current, self._sounds = table.T
        self._seen = np.zeros(len(self._ids), dtype=bool)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._ids)

    def look(self, found: Found, size_bytes: int, modified_ns: int) -> State:
        """Compares a file with what is known of it, and ticks it off.

        Args:
            found: The file and what its data set says of it.
            size_bytes: Its size, 0 where it is not there.
            modified_ns: When it last changed, 0 where it is not there.

        Returns:
            Its state. Where the data set says nothing, an earlier label stays.
        """
        at = self._place(id_of(found.path))
        if at is None:
            return State.UNREAD
        self._seen[at] = True
        same_file = (self._sizes[at], self._times[at]) == (size_bytes, modified_ns)
        if not (same_file and self._current[at]):
            return State.UNREAD
        if not self._sounds[at]:
            return State.SKIPPED
        tags = tags_of(found)
        return State.RELABELLED if tags and tags != self._tags[at] else State.SAME

    def unseen(self) -> list[str]:
        """Lists what was known and has not been ticked off.

        Returns:
            Ids.
        """
        return [f"{number:016x}" for number in self._ids[~self._seen].tolist()]

    def _place(self, name: str) -> int | None:
        number = np.uint64(int(name, 16))
        at = int(np.searchsorted(self._ids, number))
        return at if at < len(self._ids) and self._ids[at] == number else None


def _columns(
    catalogue: Catalogue, root: Path
) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.int64]]]:
    """Yields ids and [rows, 5]: size, time, tags, analysed as today?, a sound?"""
    below = str(root).rstrip(os.sep) + os.sep
    for batch in catalogue.batches(_COLUMNS):
        rows = [
            row
            for row in batch.to_pylist()
            if row["path"].startswith(below) or row["path"] == str(root)
        ]
        ids = np.array([int(row["id"], 16) for row in rows], dtype=np.uint64)
        yield ids, np.array([_numbers(row) for row in rows], dtype=np.int64).reshape(-1, 5)


def _numbers(row: dict[str, int | str]) -> tuple[int | str, ...]:
    current = row["analysis"] == analysis_of(str(row["kind"]))
    return row["size_bytes"], row["modified_ns"], row["tags"], int(current), int(not row["kind"])
