"""The catalogue: an embedded table with one row a sound file, on disk, read in batches."""

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from timbrel.errors import LibraryError, NoLibraryError, TimbrelError
from timbrel.library import elsewhere, lease, lock, lookup_index, opening, vector_index
from timbrel.library.rows import Skipped, SoundRow, arrow_table, schema, sound_row
from timbrel.library.summary import LibrarySummary, summarise
from timbrel.progress import Progress, Report, silent

_UPDATED_ROWS = 20_000  # in one version of the table
_BATCH_ROWS = 1024
_SOUNDS = "kind = ''"
_KEEP_VERSIONS = timedelta(minutes=1)  # long enough for a reader to finish its batch


def open_catalogue(
    folder: Path, *, create: bool = False, address: str | None = None
) -> "Catalogue":
    """Opens the library in a folder.

    Args:
        folder: Where the library is.
        create: Whether to make an empty one where there is none.
        address: With `create`: where its table shall lie, in a store of objects, from now on; None
            for where it lies already, or else in the folder.

    Returns:
        The catalogue.

    Raises:
        NoLibraryError: When there is none.
        LibraryError: When it is damaged, of another version, or in a store that does not answer.
        ExistsError: When it shall lie at an address and lies somewhere else already.
    """
    if address is not None:
        elsewhere.check_free(folder, address)
    there = address or elsewhere.address_of(folder)
    with _explained(f"the library in {there or folder} cannot be opened"):
        table = opening.remote(there, create) if there else opening.local(folder, create)
        columns = None if table is None else table.schema
    if table is None:
        advice = "scan a folder of sounds first"
        raise NoLibraryError(f"no library in {there or folder}", advice=advice)
    if columns != schema():
        raise LibraryError(
            f"the library in {there or folder} was made by another version of timbrel",
            advice="scan into another workspace, or move it away and scan again",
        )
    if address is not None:
        elsewhere.note(folder, address)
    return Catalogue(folder, table, there)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Turns what the database throws into one clear line.

    Damaged files make it panic, which is an exception of its own, or none of Python's kinds.
    """
    try:
        yield
    except TimbrelError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise  # Ctrl-C, or the end of a generator
        raise LibraryError(f"{what} ({elsewhere.core(error)})") from None


def quoted(texts: Iterable[str]) -> str:
    """Writes texts as a list of SQL literals.

    Args:
        texts: Any texts; quotes in them are doubled.

    Returns:
        The list in parentheses.

    Example:
        >>> quoted(["kick", "rock'n'roll"])
        "('kick', 'rock''n''roll')"
    """
    return "(" + ", ".join("'" + text.replace("'", "''") + "'" for text in texts) + ")"


class Catalogue:
    """The sounds of a library, and the files that were skipped; made by `open_catalogue`.

    Nothing here loads the whole library: rows come in batches, and sums are added up on the way.

    Args:
        folder: Where it is.
        table: The open table.
        address: Where the table lies, if it lies in a store of objects.
    """

    def __init__(self, folder: Path, table: Any, address: str | None = None) -> None:
        self.folder, self.address = folder, address
        self._table = table
        self._lease: lease.Lease | None = None

    def count(self) -> int:
        """Counts the sounds.

        Returns:
            How many there are, without the skipped files.

        Raises:
            LibraryError: When the library is damaged.
        """
        with _explained("the library cannot be read"):
            return int(self._table.count_rows(_SOUNDS))

    def labels(self) -> dict[str, int]:
        """Counts the sounds of each label.

        Returns:
            Label -> count, in alphabetical order.
        """
        counts: Counter[str] = Counter()
        for batch in self.batches(["label"], _SOUNDS):
            counts.update(batch.column("label").to_pylist())
        return dict(sorted(counts.items()))

    def rows(self, *, label: str | None = None, where: str | None = None) -> Iterator[SoundRow]:
        """Gives the sounds, in the order of their paths.

        Args:
            label: Only sounds of this label.
            where: Only sounds for which this SQL condition holds, such as
                ``"duration_s < 2 AND sample_rate = 44100"``; the group's column is `group_name`.

        Yields:
            One row a sound. What is added meanwhile may be missed.

        Raises:
            LibraryError: When the condition is no valid SQL.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        condition = _SOUNDS + (f" AND label IN {quoted([label])}" if label is not None else "")
        condition += f" AND ({where})" if where else ""
        batches = list(self.batches(["id", "path"], condition))
        if not batches:
            return
        table = pa.Table.from_batches(batches)
        ids = table["id"].take(pc.sort_indices(table["path"]))
        for start in range(0, len(ids), _BATCH_ROWS):
            yield from self.get(ids.slice(start, _BATCH_ROWS).to_pylist())

    def get(self, ids: Sequence[str]) -> list[SoundRow]:
        """Gives sounds by their ids.

        Args:
            ids: Any number of ids.

        Returns:
            The rows in the same order; ids that are not there are left out.
        """
        found = {}
        for start in range(0, len(ids), _BATCH_ROWS):
            part = quoted(ids[start : start + _BATCH_ROWS])
            for record in self.records(f"{_SOUNDS} AND id IN {part}"):
                found[record["id"]] = sound_row(record)
        return [found[name] for name in ids if name in found]

    def skipped(self) -> list[Skipped]:
        """Lists the files that were found and could not be used.

        Returns:
            Each with its reason, in the order of their paths.
        """
        columns = ["path", "reason", "kind"]
        found = [
            Skipped(Path(record["path"]), record["reason"], record["kind"])
            for batch in self.batches(columns, "kind <> ''")
            for record in batch.to_pylist()
        ]
        return sorted(found, key=lambda skipped: skipped.path)

    def fingerprint(self) -> str:
        """Names the present content: sounds, labels and groups, wherever the files lie.

        Returns:
            32 hexadecimal digits that change when any of it does.
        """
        total = 0
        for batch in self.batches(["content_hash", "label", "group_name"], _SOUNDS):
            for record in batch.to_pylist():
                text = "\0".join(record.values()).encode()
                total += int.from_bytes(hashlib.blake2b(text, digest_size=16).digest(), "big")
        return f"{total % 2**128:032x}"

    def summary(self) -> LibrarySummary:
        """Sums the library up.

        Returns:
            Counts, hours, labels, rates and warnings in plain words.
        """
        columns = ["label", "duration_s", "sample_rate", "peak_db", "group_name", "kind"]
        return summarise(self.batches(columns))

    @property
    def version(self) -> int:
        """A number that changes with every change of the library."""
        with _explained("the library cannot be read"):
            return int(self._table.version)

    def batches(self, columns: Sequence[str], where: str | None = None) -> Iterator[Any]:
        """Streams some columns, skipped files included, in no particular order.

        Args:
            columns: Names of `timbrel.library.rows.schema`.
            where: An SQL condition.

        Yields:
            `pyarrow.RecordBatch` of at most some thousand rows.

        Raises:
            LibraryError: When the condition is no valid SQL or the library is damaged.
        """
        with _explained("the library cannot be read"):
            query = self._table.search().select(list(columns))
            yield from (query.where(where) if where else query).to_batches(batch_size=4096)

    def records(self, where: str) -> Iterator[dict[str, Any]]:
        """Streams whole rows as dictionaries, skipped files included.

        Args:
            where: An SQL condition.

        Yields:
            Column name -> value.
        """
        for batch in self.batches(schema().names, where):
            yield from batch.to_pylist()

    def sounds_with(self, hashes: Iterable[str]) -> dict[str, tuple[str, Path]]:
        """Finds the sounds that have one of these contents.

        Args:
            hashes: Content hashes.

        Returns:
            Content hash -> id and path of its sound.
        """
        wanted = quoted({*hashes, ""})
        columns = ["content_hash", "id", "path"]
        return {
            row["content_hash"]: (row["id"], Path(row["path"]))
            for batch in self.batches(columns, f"{_SOUNDS} AND content_hash IN {wanted}")
            for row in batch.to_pylist()
        }

    def copied(self, folder: Path) -> None:
        """Copies the library as it is now into a folder, wherever its table lies.

        Args:
            folder: An empty folder; nothing there is replaced.

        Raises:
            LibraryError: When it cannot be read or written.
        """
        with _explained("the library cannot be copied"):
            if self.address is None:
                shutil.copytree(self.folder, folder, dirs_exist_ok=True)
                return
            table = opening.local(folder, create=True)
            for batch in self.batches(schema().names):
                table.add(batch)

    def put(self, records: Sequence[dict[str, Any]]) -> None:
        """Adds rows, or replaces those of the same id. A killed process leaves no half of a row.

        Args:
            records: Complete rows of the schema, each id once.

        Raises:
            LibraryError: When they cannot be written (a full disk, say); what was there stays.
        """
        there = self._known_among([record["id"] for record in records])
        old = [record for record in records if record["id"] in there]
        new = [record for record in records if record["id"] not in there]
        if old:
            with self._written():
                merge = self._table.merge_insert("id").when_matched_update_all()
                merge.execute(arrow_table(old))
        if new:
            with self._written():  # a plain addition: a merge would read the whole table
                self._table.add(arrow_table(new))

    def _known_among(self, ids: Sequence[str]) -> set[str]:
        batches = self.batches(["id"], f"id IN {quoted(ids)}") if ids else ()
        return {name for batch in batches for name in batch.column("id").to_pylist()}

    def relabel(self, ids: Sequence[str], label: str) -> None:
        """Gives sounds another label, which stays until their data set says another than before.

        Args:
            ids: Their ids.
            label: The label; "" for none.

        Raises:
            LibraryError: When it cannot be written; what was there stays.
        """
        for start in range(0, len(ids), _UPDATED_ROWS):
            part = quoted(ids[start : start + _UPDATED_ROWS])
            with self._written():
                self._table.update(where=f"id IN {part}", values={"label": label})

    def remove(self, ids: Sequence[str]) -> None:
        """Forgets files, sounds and skipped ones alike; the files themselves stay.

        Args:
            ids: Their ids.
        """
        for start in range(0, len(ids), _BATCH_ROWS):
            with self._written():
                self._table.delete(f"id IN {quoted(ids[start : start + _BATCH_ROWS])}")

    def compact(self, *, looked_up_from: int = lookup_index.LOOKED_UP_FROM) -> None:
        """Joins small pieces on disk and deletes versions that no reader needs any more.

        Args:
            looked_up_from: From how many rows on ids and contents are found by an index.

        Raises:
            LibraryError: When it cannot be written; what was there stays.
        """
        with self._written():
            self._table.optimize(cleanup_older_than=_KEEP_VERSIONS)
            lookup_index.keep(self._table, least=looked_up_from)

    def indexed(self) -> vector_index.Indexed | None:
        """Tells of the index of the features.

        Returns:
            What there is to know, or None where there is none: in a library of fewer sounds than
            `vector_index.INDEXED_FROM`, or one that was last scanned by an older timbrel.
        """
        with _explained("the library cannot be read"):
            return vector_index.index_of(self._table)

    def index_features(
        self, *, least: int = vector_index.INDEXED_FROM, report: Report = silent
    ) -> None:
        """Makes or renews the index of the features where the library has grown enough for it.

        Args:
            least: From how many sounds on there is one.
            report: Where progress is told; it may take minutes.

        Raises:
            LibraryError: When it cannot be written; what was there stays.
        """
        sounds, index = self.count(), self.indexed()
        with self._written():
            if vector_index.is_due(sounds, index, least):
                report(Progress(f"indexing {sounds} sounds for search", 0, 0))
                vector_index.build(self._table, sounds)
                self._table.optimize(cleanup_older_than=_KEEP_VERSIONS)
            elif index is not None and sounds < least:
                vector_index.drop(self._table)

    def near(self, features: NDArray[np.float32], *, count: int, label: str | None = None) -> Any:
        """Finds sounds whose features are nearest to some, by the index where there is one.

        Args:
            features: What to look for, [D].
            count: How many at most.
            label: Only sounds of this label.

        Returns:
            A `pyarrow.Table` of the schema's columns, nearest first.

        Raises:
            LibraryError: When the library is damaged.
        """
        where = _SOUNDS + (f" AND label IN {quoted([label])}" if label is not None else "")
        with _explained("the library cannot be read"):
            return vector_index.near(self._table, features, count=count, where=where)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keeps other scans out for as long as a block runs, those of other machines among them.

        Yields:
            Nothing.

        Raises:
            LibraryError: On entering, when another scan is under way.
        """
        with ExitStack() as held:
            held.enter_context(lock.exclusive(self.folder / ".writing"))
            if self.address is not None:
                held.callback(setattr, self, "_lease", None)
                with _explained("the library cannot be written"):
                    database = opening.connected(self.address)
                    lent = lease.leased(database, self.address, owner=lock.owner_of(self.folder))
                    self._lease = held.enter_context(lent)
            yield

    @contextmanager
    def _written(self) -> Iterator[None]:
        """Around whatever is written: not by one that was taken for dead; errors in one line."""
        with _explained("the library cannot be written"):
            if self._lease is not None:
                self._lease.check()
            yield
