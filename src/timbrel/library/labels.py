"""Tables of labels: CSV files that say what the sounds of a folder are."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from timbrel.errors import LibraryError
from timbrel.library.readers import Found

FILE_COLUMNS = ("path", "file", "filename", "file_name")
LABEL_COLUMNS = ("label", "cls", "class")
GROUP_COLUMNS = ("group", "kit", "instrument")
PITCH_COLUMNS = ("pitch", "pitch_semitones", "midi")


@dataclass(frozen=True)
class Tags:
    """What a table says of a file; None where it has no such column."""

    label: str | None = None
    group: str | None = None
    pitch_semitones: float | None = None

    def applied_to(self, found: Found) -> Found:
        """Puts what the table says in place of what was known.

        Args:
            found: A file.

        Returns:
            The same file, retagged.
        """
        return replace(
            found,
            label=found.label if self.label is None else self.label,
            group=found.group if self.group is None else self.group,
            pitch_semitones=(
                found.pitch_semitones if self.pitch_semitones is None else self.pitch_semitones
            ),
        )


class Labels:
    """A table of labels, looked up by path.

    Args:
        path: The table's file, for messages.
        tags: Path, absolute or relative to `root`, -> tags.
        root: The folder that relative paths start from.
    """

    def __init__(self, path: Path, tags: Mapping[str, Tags], root: Path) -> None:
        self._path, self._tags, self._root = path, tags, root
        self._used = 0

    def applied_to(self, found: Found) -> Found:
        """Retags a file where the table names it.

        Args:
            found: A file.

        Returns:
            The same file, retagged or as it was.
        """
        tags = self._tags.get(str(found.path))
        if tags is None and found.path.is_relative_to(self._root):
            tags = self._tags.get(found.path.relative_to(self._root).as_posix())
        self._used += tags is not None
        return tags.applied_to(found) if tags else found

    def warnings(self) -> Iterator[str]:
        """Says how much of the table was of no use, after all files were looked up.

        Yields:
            Sentences in plain words.
        """
        unused = len(self._tags) - self._used
        if unused > 0:
            yield f"{unused} of the {len(self._tags)} files that {self._path} names were not found"


def read_labels(path: Path, root: Path) -> Labels:
    """Reads a table of labels that a user named.

    Args:
        path: A CSV file with a header: a column `path` (or `file`) and a column `label` (or
            `class`), and where wanted `group` (or `kit`, `instrument`) and `pitch` (MIDI number).
        root: The folder (or file) being scanned; paths in the table are relative to it or absolute.

    Returns:
        The table.

    Raises:
        LibraryError: When it cannot be read or lacks a column.
    """
    folder = root if root.is_dir() else root.parent
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            tags = _table(file)
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise LibraryError(
            f"the labels in {path} cannot be read ({error})", "a CSV file in UTF-8"
        ) from None
    if tags is None:
        raise LibraryError(
            f"{path} has no columns for files and labels", "a first line such as: path,label"
        )
    return Labels(path, tags, folder)


def read_manifest(folder: Path) -> Labels | None:
    """Reads the `manifest.csv` of a folder, where there is one that speaks of sounds.

    Args:
        folder: Any folder.

    Returns:
        The table, or None where there is none with a column for files and one for labels or
        groups: many other programs write files of that name.

    Raises:
        LibraryError: When it has those columns and is damaged.
    """
    path = folder / "manifest.csv"
    if not path.is_file():
        return None
    try:
        with path.open(encoding="utf-8-sig", newline="", errors="backslashreplace") as file:
            tags = _table(file)
    except (OSError, csv.Error, ValueError) as error:
        raise LibraryError(
            f"{path} cannot be read ({error})", "a CSV file in UTF-8", "mend it or move it away"
        ) from None
    return Labels(path, tags, folder) if tags is not None else None


def _table(file: IO[str]) -> dict[str, Tags] | None:
    """File name -> tags, equal tags being one object; None where the columns are missing."""
    lines = csv.reader(file)
    header = [name.strip().lower() for name in next(lines, [])]
    at_file = _column(header, FILE_COLUMNS)
    at = [_column(header, names) for names in (LABEL_COLUMNS, GROUP_COLUMNS, PITCH_COLUMNS)]
    if at_file is None or at[:2] == [None, None]:
        return None
    shared: dict[Tags, Tags] = {}
    table = {}
    for line in lines:
        if len(line) > at_file and line[at_file].strip():
            tags = _tags(line, at)
            table[line[at_file].strip().replace("\\", "/")] = shared.setdefault(tags, tags)
    return table


def _column(header: list[str], names: tuple[str, ...]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _tags(line: list[str], at: list[int | None]) -> Tags:
    label, group, pitch = (
        line[place].strip() if place is not None and place < len(line) else None for place in at
    )
    return Tags(label, group, float(pitch) if pitch else None)
