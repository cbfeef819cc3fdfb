"""What has just been read, on its way into the catalogue: in batches, copies told apart."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from timbrel.library.catalogue import Catalogue, quoted
from timbrel.library.known import analysis_of, id_of, tags_of
from timbrel.library.readers import Found
from timbrel.library.rows import Facts, Refusal, facts_record

_BATCH_ROWS = 256  # a killed scan reads at most so many again
_BATCH_S = 3.0
_COMPACT_EVERY = 32  # batches

T = TypeVar("T")


@dataclass(frozen=True)
class Job:
    """A file to be read.

    Attributes:
        found: The file and what its data set says of it.
        size_bytes: Its size, 0 where it is not there.
        modified_ns: When it last changed, 0 where it is not there.
    """

    found: Found
    size_bytes: int
    modified_ns: int

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self.found.path

    @property
    def id(self) -> str:
        """The id under which the library keeps it."""
        return id_of(self.found.path)


@dataclass
class Counts:
    """How many files arrived in which way."""

    added: int = 0
    changed: int = 0
    confirmed: int = 0
    relabelled: int = 0
    moved: int = 0


class Arrivals:
    """Collects what was read and writes it in batches.

    Args:
        catalogue: Where it goes.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.counts = Counts()
        self._catalogue = catalogue
        self._read: dict[str, tuple[Job, Facts | Refusal]] = {}
        self._relabelled: dict[str, Job] = {}
        self._batches, self._written_s = 0, time.monotonic()

    def put(self, job: Job, outcome: Facts | Refusal) -> None:
        """Takes in what reading a file gave.

        Args:
            job: The file.
            outcome: What is in it, or why it cannot be used.
        """
        self._read[job.id] = (job, outcome)
        self._flush_when_due()

    def relabel(self, job: Job) -> None:
        """Takes in new tags for a sound that need not be read again.

        Args:
            job: The file.
        """
        self._relabelled[job.id] = job
        self._flush_when_due()

    def _flush_when_due(self) -> None:
        waiting = len(self._read) + len(self._relabelled)
        if waiting >= _BATCH_ROWS or time.monotonic() - self._written_s > _BATCH_S:
            self.flush()

    def flush(self) -> None:
        """Writes all that waits, in one step."""
        self._written_s = time.monotonic()
        records, moved = self._records()
        records += self._relabelled_records()
        if not records:
            return
        self._catalogue.put(records)
        self._catalogue.remove(moved)
        self.counts.moved += len(moved)
        self._read, self._relabelled = {}, {}
        self._batches += 1
        if self._batches % _COMPACT_EVERY == 0:
            self._catalogue.compact()

    def _records(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Rows for what was read, and the ids of sounds that turn out to have moved away."""
        firsts, moved = self._firsts()
        before = self._before()
        records = []
        for job, outcome in self._read.values():
            record = record_of(job, outcome)
            if isinstance(outcome, Facts):
                first = firsts.setdefault(outcome.content_hash, job.path)
                if first != job.path:
                    record |= _copy_of(first)
            known = before.get(job.id)
            self._tally(record, known)
            if known and known["tags"] == record["tags"]:
                record["label"] = known["label"]  # perhaps set by hand
            records.append(record)
        return records, moved

    def _firsts(self) -> tuple[dict[str, Path], list[str]]:
        """Which sounds of the library have the same content as one that was read just now."""
        hashes = [one.content_hash for _, one in self._read.values() if isinstance(one, Facts)]
        firsts: dict[str, Path] = {}
        moved = []
        there = self._catalogue.sounds_with(hashes) if hashes else {}
        stale = self._stale([name for name, _ in there.values() if name not in self._read])
        for content_hash, (name, path) in there.items():
            if name in self._read:
                continue  # it was read again itself
            if name in stale:
                continue  # it will be: its file holds something else by now
            if path.exists():
                firsts[content_hash] = path
            else:
                moved.append(name)
        return firsts, moved

    def _stale(self, names: list[str]) -> set[str]:
        """Which sounds of the library have files that have changed since they were read."""
        if not names:
            return set()
        columns = ["id", "path", "size_bytes", "modified_ns"]
        return {
            row["id"]
            for batch in self._catalogue.batches(columns, f"id IN {quoted(names)}")
            for row in batch.to_pylist()
            if _has_changed(Path(row["path"]), row["size_bytes"], row["modified_ns"])
        }

    def _before(self) -> dict[str, dict[str, Any]]:
        """Id -> some columns of what was known already."""
        if not self._read:
            return {}
        batches = self._catalogue.batches(
            ["id", "content_hash", "kind", "label", "tags"], f"id IN {quoted(self._read)}"
        )
        return {row["id"]: row for batch in batches for row in batch.to_pylist()}

    def _tally(self, record: dict[str, Any], before: dict[str, Any] | None) -> None:
        if record["kind"]:
            return
        if before is None or before["kind"]:
            self.counts.added += 1
        elif before["content_hash"] == record["content_hash"]:
            self.counts.confirmed += 1
        else:
            self.counts.changed += 1

    def _relabelled_records(self) -> list[dict[str, Any]]:
        if not self._relabelled:
            return []
        self.counts.relabelled += len(self._relabelled)
        rows = self._catalogue.records(f"id IN {quoted(self._relabelled)}")
        return [row | _tags(self._relabelled[row["id"]].found) for row in rows]


def record_of(job: Job, outcome: Facts | Refusal) -> dict[str, Any]:
    """Makes the whole row of a file.

    Args:
        job: The file.
        outcome: What reading it gave.

    Returns:
        Column name -> value.
    """
    facts = facts_record(outcome)
    return {
        **facts,
        **_tags(job.found),
        "id": job.id,
        "path": _text(str(job.path)),
        "size_bytes": job.size_bytes,
        "modified_ns": job.modified_ns,
        "analysis": analysis_of(facts["kind"]),
    }


def _has_changed(path: Path, size_bytes: int, modified_ns: int) -> bool:
    """Whether a file that is there is not what it was."""
    try:
        now = path.stat()
    except OSError:
        return False
    return (now.st_size, now.st_mtime_ns) != (size_bytes, modified_ns)


def _copy_of(first: Path) -> dict[str, str]:
    return {"kind": "duplicate", "reason": f"sounds exactly like {first}"}


def _tags(found: Found) -> dict[str, Any]:
    clean = replace(found, label=_text(found.label), group=_text(found.group))
    return {
        "label": clean.label,
        "group_name": clean.group,
        "pitch_semitones": clean.pitch_semitones,
        "tags": tags_of(found),
    }


def _text(text: str) -> str:
    """The text, with what is no Unicode (odd bytes of a file name) spelt out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cuts a stream into lists.

    Args:
        items: Anything, lazily taken.
        size: The length of each list but the last.

    Yields:
        Lists.

    Example:
        >>> list(batched("abc", 2))
        [['a', 'b'], ['c']]
    """
    stream = iter(items)
    while part := list(islice(stream, size)):
        yield part
