"""Fills the library from folders: reads what is new or changed, names what cannot be used."""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from timbrel import plugins
from timbrel.errors import LibraryError
from timbrel.library.arrivals import Arrivals, Job, batched
from timbrel.library.catalogue import Catalogue, quoted
from timbrel.library.known import Known, State
from timbrel.library.labels import Labels, read_labels
from timbrel.library.pool import Outcome, analyse_all
from timbrel.library.readers import Found, Reader
from timbrel.library.rows import Skipped
from timbrel.library.vector_index import INDEXED_FROM
from timbrel.progress import Report, Tracker, silent
from timbrel.signal.suffixes import SUFFIXES

_LOOKUP_ROWS = 512

Analyse = Callable[[Iterator[Job]], Generator[tuple[Job, Outcome], None, None]]


@dataclass(frozen=True)
class ScanSummary:
    """What a scan did.

    Attributes:
        added: Sounds that are new in the library.
        changed: Sounds that were there and sound differently now.
        unchanged: Sounds that were there and are the same.
        relabelled: Sounds that were there and got another label, group or pitch.
        removed: Files that the library knew and that are gone.
        skipped: Files under the source that cannot be used, each with its reason.
        warnings: What else the user should know, in plain words.
    """

    added: int
    changed: int
    unchanged: int
    relabelled: int
    removed: int
    skipped: list[Skipped] = field(default_factory=list)
    warnings: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Gives it as plain values, ready for JSON.

        Returns:
            Field name -> value, paths as text.
        """
        skipped = [{**asdict(one), "path": str(one.path)} for one in self.skipped]
        return {**asdict(self), "skipped": skipped, "warnings": list(self.warnings)}


def scan(
    source: Path,
    catalogue: Catalogue,
    *,
    reader: str = "folder",
    labels_csv: Path | None = None,
    report: Report = silent,
    workers: int | None = None,
    indexed_from: int = INDEXED_FROM,
    analyse: Analyse | None = None,
) -> ScanSummary:
    """Adds the sounds of a folder to the library, or brings them up to date.

    What has the size and time that it had is not read again; what a killed scan has read is kept.
    No file, whatever is in it, ends a scan.

    Args:
        source: A folder or a file.
        catalogue: The library to fill.
        reader: The reader that knows how this source is laid out.
        labels_csv: A table of labels that go before those of the reader; see `read_labels`.
        report: Where progress is told.
        workers: Reading processes; one a processor core, at most 8, where None.
        indexed_from: From how many sounds on the library gets an index for search. It is made
            here, at the end of what takes long anyway, so that no search ever waits for it.
        analyse: What reads files, in the order of the jobs; None reads them on this machine.

    Returns:
        Counts and the skipped files.

    Raises:
        LibraryError: When there is no such source or no sound in it, or when another scan is
            filling this library.
        UnknownNameError: When there is no such reader.
    """
    plugin: Reader = plugins.load("library.readers", reader)
    root = source.expanduser().resolve()
    if not root.exists():
        raise LibraryError(f"{source} does not exist", "a folder or a sound file")
    labels = read_labels(labels_csv, root) if labels_csv else None
    with catalogue.writing():
        work = _Scan(catalogue, root, labels, Tracker("reading sounds", _count(root), report))
        work.run(plugin, analyse or partial(analyse_all, workers=workers))
        catalogue.index_features(least=indexed_from, report=report)
        return work.summary()


def _count(root: Path) -> int:
    """How many files may be sounds, for the estimate of the time left."""
    return sum(
        Path(name).suffix.lower() in SUFFIXES for _, _, names in os.walk(root) for name in names
    )


class _Scan:
    """One run over one source: walk, read, write, tidy up."""

    def __init__(
        self, catalogue: Catalogue, root: Path, labels: Labels | None, tracker: Tracker
    ) -> None:
        self.catalogue, self.root, self.labels, self.tracker = catalogue, root, labels, tracker
        self.known = Known(catalogue, root)
        self.arrivals = Arrivals(catalogue)
        self.found = self.unchanged = self.removed = 0

    def run(self, reader: Reader, analyse: Analyse) -> None:
        """Does all of it; what was read is kept however it ends."""
        try:
            self._read(self._jobs(reader), analyse)
            if not self.found:
                raise _nothing_in(self.root)
            self._forget_the_gone()
            self._read(self._orphans(), analyse)
        finally:
            self.arrivals.flush()
        self.catalogue.compact()

    def summary(self) -> ScanSummary:
        counts = self.arrivals.counts
        return ScanSummary(
            added=counts.added,
            changed=counts.changed,
            unchanged=self.unchanged + counts.confirmed,
            relabelled=counts.relabelled,
            removed=self.removed + counts.moved,
            skipped=[one for one in self.catalogue.skipped() if _is_below(one.path, self.root)],
            warnings=tuple(self.labels.warnings() if self.labels else ()),
        )

    def _jobs(self, reader: Reader) -> Iterator[Job]:
        """Walks the source and yields what must be read; the rest is dealt with on the way."""
        for found in reader.find(self.root):
            self.found += 1
            job = _job(self.labels.applied_to(found) if self.labels else found)
            state = self.known.look(job.found, job.size_bytes, job.modified_ns)
            if state is State.UNREAD:
                yield job
                continue
            if state is State.RELABELLED:
                self.arrivals.relabel(job)
            self.unchanged += state is State.SAME
            self.tracker.advance()

    def _read(self, jobs: Iterator[Job], analyse: Analyse) -> None:
        # closed here and now, however it ends: no reading process outlives the scan
        with closing(analyse(jobs)) as outcomes:
            for job, outcome in outcomes:
                self.arrivals.put(job, outcome)
                self.tracker.advance()

    def _forget_the_gone(self) -> None:
        """Forgets what neither the reader found nor the disk holds."""
        unseen = self.known.unseen()
        if self.catalogue.address and len(unseen) == len(self.known):
            self._check_that_some_are_here(unseen)
        for ids in batched(unseen, _LOOKUP_ROWS):
            rows = self.catalogue.records(f"id IN {quoted(ids)}")
            gone = [row["id"] for row in rows if not os.path.lexists(row["path"])]
            self.catalogue.remove(gone)
            self.removed += len(gone)

    def _check_that_some_are_here(self, ids: list[str]) -> None:
        """What other machines have scanned is not forgotten where this one sees none of it."""
        for some in batched(ids, _LOOKUP_ROWS):
            rows = self.catalogue.records(f"id IN {quoted(some)}")
            if any(os.path.lexists(row["path"]) for row in rows):
                return
        if ids:
            raise LibraryError(
                f"none of the {len(ids)} files that the library in {self.catalogue.address} knows "
                f"below {self.root} is on this machine; none is forgotten",
                "machines that see the same sounds under the same paths",
                "mount the folder that the others see",
            )

    def _orphans(self) -> Iterator[Job]:
        """Yields the copies whose first file is gone or has changed: one of them comes in now."""
        self.arrivals.flush()
        copies = self.catalogue.records("kind = 'duplicate'")
        for some in batched(copies, _LOOKUP_ROWS):
            there = self.catalogue.sounds_with(row["content_hash"] for row in some)
            alone = [row for row in some if row["content_hash"] not in there]
            for row in sorted(alone, key=lambda row: str(row["path"])):
                tags = row["label"], row["group_name"], row["pitch_semitones"]
                yield _job(Found(Path(row["path"]), *tags))


def _job(found: Found) -> Job:
    try:
        status = os.stat(found.path)
    except OSError:
        return Job(found, 0, 0)
    return Job(found, status.st_size, status.st_mtime_ns)


def _is_below(path: Path, root: Path) -> bool:
    return path == root or root in path.parents


def _nothing_in(root: Path) -> LibraryError:
    return LibraryError(
        f"no sound files in {root}",
        f"files that end in {' '.join(sorted(SUFFIXES))}",
        "check the name, and whether its drive is connected",
    )
