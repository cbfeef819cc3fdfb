"""One writer at a time in a store of objects, which knows no locks.

Beside the table of sounds lies one of a single row: who writes, and when that was last heard of. A
writer enters its name where there is none, or where the last one has been silent for long; the
database lets one of two through that try at once. Clocks of the machines may differ by a minute.
"""

import re
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from timbrel.errors import LibraryError

_TABLE = "writing"
_BEAT_S = 15.0
_SETTLE_S = 2.0  # until a table that another machine is making as well stands
_KEEP_VERSIONS = timedelta(minutes=1)
_QUICKER = re.compile(r"conflict|transaction|concurrent", re.IGNORECASE)  # than this one, another
SILENT_S = 150.0  # of a writer that is taken for dead


class Lease:
    """The right to write, for as long as it is told of again and again; made by `leased`.

    Args:
        table: The table of a single row.
        holder: The name of this writer.
    """

    def __init__(self, table: Any, holder: str) -> None:
        self._table, self._holder = table, holder
        self._is_lost, self._is_over = threading.Event(), threading.Event()

    def check(self) -> None:
        """Sees that the right is still there: a machine that slept may have lost it.

        Raises:
            LibraryError: When another writer has taken this one for dead.
        """
        if self._is_lost.is_set():
            raise LibraryError(
                "another scan has taken this one for dead and fills the library",
                advice="wait until it has ended and scan again: nothing is lost",
            )

    def keep(self, every_s: float) -> None:
        """Tells of this writer until it is over.

        Args:
            every_s: How long between two signs of life.
        """
        while not self._is_over.wait(every_s):
            with suppress(Exception):  # a store that is away for a while; the next may get through
                self._beat()

    def _beat(self) -> None:
        if not _enter(self._table, self._holder, f"holder = '{self._holder}'"):
            self._is_lost.set()

    def end(self) -> None:
        """Gives the right back."""
        self._is_over.set()
        mine = f"holder = '{self._holder}'"
        with suppress(Exception):  # then the silence will tell
            self._table.optimize(cleanup_older_than=_KEEP_VERSIONS)
            self._table.update(where=mine, values={"holder": "", "heard_s": 0.0})


@contextmanager
def leased(database: Any, place: str, *, beat_s: float = _BEAT_S) -> Iterator[Lease]:
    """Keeps other writers out for as long as a block runs.

    Args:
        database: The database, connected.
        place: What it is called in errors.
        beat_s: How long between two signs of life.

    Yields:
        The right to write.

    Raises:
        LibraryError: On entering, when another scan is under way.
    """
    table, is_new = _table(database)
    holder = uuid.uuid4().hex
    enters = _enter(table, holder, f"holder = '' OR heard_s < {time.time() - SILENT_S}")
    if enters and is_new:
        time.sleep(_SETTLE_S)
        enters = _holds(table, holder)
    if not enters:
        raise LibraryError(
            f"another scan is filling the library in {place}",
            advice="wait until it has ended; one that was killed counts as ended after "
            f"{SILENT_S / 60:g} minutes",
        )
    lease = Lease(table, holder)
    beats = threading.Thread(target=lease.keep, args=(beat_s,), daemon=True)
    beats.start()
    try:
        yield lease
    finally:
        lease.end()
        beats.join(timeout=beat_s)


def _enter(table: Any, holder: str, where: str) -> bool:
    """Enters a name where a condition holds. What counts is what stands there afterwards."""
    try:
        table.update(where=where, values={"holder": holder, "heard_s": time.time()})
    except RuntimeError as error:
        if not _QUICKER.search(str(error)):
            raise
    return _holds(table, holder)


def _holds(table: Any, holder: str) -> bool:
    return bool(table.count_rows(f"holder = '{holder}'"))


def _table(database: Any) -> tuple[Any, bool]:
    """The table, and whether it was made now: of two that make it at once the later one stays."""
    with suppress(ValueError):
        return database.open_table(_TABLE), False
    row = [{"holder": "", "heard_s": 0.0}]
    try:
        return database.create_table(_TABLE, row, mode="create"), True
    except ValueError:  # another made it in between
        return database.open_table(_TABLE), True
