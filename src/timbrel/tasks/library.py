"""Library: what is in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from timbrel.errors import UnknownNameError, UsageError
from timbrel.library import elsewhere
from timbrel.library.catalogue import Catalogue, quoted
from timbrel.library.rows import Skipped, SoundRow
from timbrel.library.summary import LibrarySummary
from timbrel.library.summary import summarise as summed_up
from timbrel.library.table import Table
from timbrel.tasks.workspace import Workspace, open_library

_ROWS_AT_ONCE = 1024
_LONGEST_LABEL = 120
_COLUMNS = ("label", "duration_s", "sample_rate", "peak_db", "group_name", "kind")


def summarise(workspace: Workspace, *, label: str | None = None) -> LibrarySummary:
    """Sums the library up.

    Args:
        workspace: Whose library.
        label: Only sounds of this label; skipped files are left out then.

    Returns:
        Counts, hours, labels, rates and warnings in plain words.

    Raises:
        LibraryError: When there is no library.
        UnknownNameError: When no sound has the label.
    """
    catalogue = open_library(workspace)
    if label is None:
        return catalogue.summary()
    _check_label(catalogue, label)
    where = f"kind = '' AND label IN {quoted([label])}"
    return summed_up(catalogue.batches(_COLUMNS, where))


def place(workspace: Workspace) -> str:
    """Tells where the table of the library lies.

    Args:
        workspace: Whose library.

    Returns:
        Its address in a store of objects, or its folder.

    Raises:
        LibraryError: When the note about it is damaged.
    """
    return elsewhere.address_of(workspace.library) or str(workspace.library)


def skipped(workspace: Workspace) -> Sequence[Skipped]:
    """Lists the files that were found and could not be used.

    Args:
        workspace: Whose library.

    Returns:
        Each with its reason, in the order of their paths.

    Raises:
        LibraryError: When there is no library.
    """
    return open_library(workspace).skipped()


def _check_label(catalogue: Catalogue, label: str) -> None:
    labels = catalogue.labels()
    if label not in labels:
        raise UnknownNameError("label", label, [name for name in labels if name])


def listed(
    workspace: Workspace,
    *,
    words: str = "",
    label: str | None = None,
    order: str = "name",
    down: bool = False,
) -> Iterator[SoundRow]:
    """Finds sounds of the library by words, in an order.

    Args:
        workspace: Whose library.
        words: All of these stand in a sound's path, label or group.
        label: Only sounds of this label.
        order: A column: name, folder, label, group, duration_s, pitch_semitones, loudness_lufs,
            peak_db, sample_rate or format.
        down: Whether the largest comes first.

    Returns:
        One row a sound, a batch at a time.

    Raises:
        LibraryError: When there is no library.
        UnknownNameError: When no sound has the label, or there is no such column.
    """
    catalogue = open_library(workspace)
    table = Table(catalogue)
    found = table.ordered(table.find(words=words, label=label), order, down=down)
    ids = table.ids(found)
    return _rows(catalogue, ids)


def _rows(catalogue: Catalogue, ids: Sequence[str]) -> Iterator[SoundRow]:
    for start in range(0, len(ids), _ROWS_AT_ONCE):
        yield from catalogue.get(ids[start : start + _ROWS_AT_ONCE])


@dataclass(frozen=True)
class Relabelled:
    """Sounds that have another label now.

    Attributes:
        before: The label that they had -> their ids.
    """

    before: Mapping[str, Sequence[str]]

    @property
    def changed(self) -> int:
        """How many they are."""
        return sum(map(len, self.before.values()))


def relabel(
    workspace: Workspace,
    to: str,
    *,
    words: str = "",
    label: str | None = None,
    ids: Sequence[str] | None = None,
) -> Relabelled:
    """Gives sounds of the library another label.

    The label stays when the folder is scanned again, also when the file has changed, until its
    data set says another than it said before.

    Args:
        workspace: Whose library.
        to: The new label; "" for none.
        words: Sounds in whose path, label or group all of these stand.
        label: Sounds of this label.
        ids: These sounds, whatever `words` and `label` say; None for what those find.

    Returns:
        Which sounds have another label now, and which they had.

    Raises:
        LibraryError: When there is no library, or a scan is under way.
        UnknownNameError: When no sound has the label.
        UsageError: When the new label cannot be one, or an id is unknown.
    """
    to = _checked_label(to)
    catalogue = open_library(workspace)
    table = Table(catalogue)
    if ids is None:
        chosen = table.ids(table.find(words=words, label=label))
    else:
        unknown = [id_ for id_ in ids if table.row(id_) is None]
        if unknown:
            raise UsageError(
                f"{unknown[0]!r}, which the library does not know", "ids of its sounds"
            )
        chosen = list(dict.fromkeys(ids))
    rows = [row for row in map(table.row, chosen) if row is not None]
    before: dict[str, list[str]] = {}
    for row in table.records(rows):
        if row["label"] != to:
            before.setdefault(row["label"], []).append(row["id"])
    if before:
        with catalogue.writing():
            catalogue.relabel([id_ for ids in before.values() for id_ in ids], to)
    return Relabelled(before)


def restore_labels(workspace: Workspace, before: Mapping[str, Sequence[str]]) -> None:
    """Gives sounds of the library labels back; sounds that are gone by now are passed over.

    Args:
        workspace: Whose library.
        before: Label -> ids of the sounds that get it, as `Relabelled` tells.

    Raises:
        LibraryError: When there is no library, or a scan is under way.
    """
    catalogue = open_library(workspace)
    with catalogue.writing():
        for label, ids in before.items():
            catalogue.relabel(ids, label)


def _checked_label(label: str) -> str:
    label = " ".join(label.split())
    if len(label) > _LONGEST_LABEL or not label.isprintable():
        raise UsageError(f"the label {label[:40]!r}", f"up to {_LONGEST_LABEL} printable letters")
    return label
