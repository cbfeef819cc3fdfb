"""Library: what is in it."""

from collections.abc import Iterator, Sequence

from timbrel.errors import UnknownNameError
from timbrel.library.catalogue import Catalogue, quoted
from timbrel.library.rows import Skipped, SoundRow
from timbrel.library.summary import LibrarySummary
from timbrel.library.summary import summarise as summed_up
from timbrel.tasks.workspace import Workspace, open_library

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


def rows(workspace: Workspace, *, label: str | None = None) -> Iterator[SoundRow]:
    """Gives the sounds of the library, in the order of their paths, a batch at a time.

    Args:
        workspace: Whose library.
        label: Only sounds of this label.

    Returns:
        One row a sound.

    Raises:
        LibraryError: When there is no library.
        UnknownNameError: When no sound has the label.
    """
    catalogue = open_library(workspace)
    if label is not None:
        _check_label(catalogue, label)
    return catalogue.rows(label=label)


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
