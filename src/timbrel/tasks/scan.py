"""Scan: adds sounds to the library."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from timbrel import plugins
from timbrel.errors import LibraryError, UsageError
from timbrel.library import elsewhere
from timbrel.library.readers import Reader
from timbrel.library.scan import Analyse, ScanSummary
from timbrel.library.scan import scan as scan_one
from timbrel.progress import Progress, Report, silent
from timbrel.tasks.workspace import Workspace, open_library


def scan(
    workspace: Workspace,
    sources: Sequence[Path],
    *,
    reader: str = "folder",
    labels_csv: Path | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    address: str | None = None,
    report: Report = silent,
) -> ScanSummary:
    """Adds the sounds of folders to the library, or brings them up to date.

    Args:
        workspace: Whose library; it is made where there is none.
        sources: Folders or files, one or more.
        reader: The reader that knows how they are laid out.
        labels_csv: A table of labels that go before those of the reader.
        workers: Processes that read, 1 or more; where None, one a processor core, at most 8.
        cluster: The address of a Ray cluster whose machines read in their place.
        address: Where in a store of objects the library's table shall lie, such as
            ``"s3://sounds/drums"``; the workspace remembers it. None for where it lies already, or
            else in the workspace.
        report: Where progress goes.

    Returns:
        What was done, all sources together.

    Raises:
        UsageError: When there is no source, the address is none, or the library lies elsewhere.
        LibraryError: When a source does not exist or holds no sound; nothing is scanned then.
        UnknownNameError: When there is no such reader.
        TimbrelError: When the cluster cannot be reached.
    """
    if not sources:
        raise UsageError("no folder to scan", "one or more folders or sound files")
    plugin: Reader = plugins.load("library.readers", reader)
    for source in sources:
        _check_source(source, plugin)
    address = None if address is None else elsewhere.checked(address)
    with _reading(cluster, report) as analyse:  # a cluster that is not there leaves no library
        catalogue = open_library(workspace, create=True, address=address)
        return merged(
            [
                scan_one(
                    source,
                    catalogue,
                    reader=reader,
                    labels_csv=labels_csv,
                    report=report,
                    workers=workers,
                    analyse=analyse,
                )
                for source in sources
            ]
        )


@contextmanager
def _reading(address: str | None, report: Report) -> Iterator[Analyse | None]:
    """Gives what reads files: the machines of a cluster, or nothing of the kind."""
    if address is None:
        yield None
        return
    from timbrel.library.on_cluster import analyse_all
    from timbrel.tasks.cluster import connected

    report(Progress("reaching the cluster", 0, 0))
    with connected(address):
        yield analyse_all


def _check_source(source: Path, reader: Reader) -> None:
    """All sources are looked at before the first is read: a slip of the pen shows at once."""
    if reader.makes_sounds:
        try:
            source.expanduser().mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(f"cannot make {source} ({error.strerror})") from None
    elif not source.expanduser().exists():
        raise LibraryError(f"{source} does not exist", "a folder or a sound file")


def merged(summaries: Sequence[ScanSummary]) -> ScanSummary:
    """Adds up what several scans did.

    Args:
        summaries: One or more.

    Returns:
        The sums; a file that two of them skipped stands there once.

    Example:
        >>> one = ScanSummary(added=2, changed=0, unchanged=1, relabelled=0, removed=0)
        >>> merged([one, one]).added
        4
    """
    skipped = {one.path: one for summary in summaries for one in summary.skipped}
    return ScanSummary(
        added=sum(summary.added for summary in summaries),
        changed=sum(summary.changed for summary in summaries),
        unchanged=sum(summary.unchanged for summary in summaries),
        relabelled=sum(summary.relabelled for summary in summaries),
        removed=sum(summary.removed for summary in summaries),
        skipped=sorted(skipped.values(), key=lambda one: one.path),
        warnings=tuple(dict.fromkeys(w for summary in summaries for w in summary.warnings)),
    )
