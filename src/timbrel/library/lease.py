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
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from typing import Any

from timbrel.errors import LibraryError

_TABLE = "writing"
BEAT_S = 15.0  # between two signs of life
SILENT_S = 150.0  # of a writer that is taken for dead
_SETTLE_S = 2.0  # until a table that another machine is making as well stands
_KEEP_VERSIONS = timedelta(minutes=1)
_QUICKER = re.compile(r"conflict|transaction|concurrent", re.IGNORECASE)  # than this one, another


class Lease:
    """The right to write, for as long as it is told of again and again; made by `leased`.

    Args:
        table: The table of a single row.
        owner: What the name of this writer begins with, or "".
    """

    def __init__(self, table: Any, owner: str = "") -> None:
        self._table, self._owner = table, owner
        self._holder = f"{owner}.{uuid.uuid4().hex}"
        self._heard_s = 0.0  # by the clock, which goes on while a machine sleeps
        self._is_over = threading.Event()

    def enters(self) -> bool:
        """Enters the name of this writer where there is none, a silent one, or one of its owner.

        Returns:
            Whether it stands there now.
        """
        free = f"holder = '' OR heard_s < {time.time() - SILENT_S}"
        own = f" OR holder LIKE '{self._owner}.%'" if self._owner else ""
        return self._enters(free + own)

    def check(self) -> None:
        """Sees that the right is still there; asks the store where it has not been heard of lately.

        Raises:
            LibraryError: When another writer has taken this one for dead.
            Exception: Whatever the database raises where the store does not answer.
        """
        if time.time() - self._heard_s > 2 * BEAT_S and not self._is_heard():
            raise LibraryError(
                "another process has taken this one for dead and fills the library",
                advice="wait until it has ended and start again: what was written stays",
            )

    def keep(self) -> None:
        """Tells of this writer until it is over."""
        while not self._is_over.wait(BEAT_S):
            with suppress(Exception):  # a store that is away for a while; `check` asks again
                self._is_heard()

    def end(self) -> None:
        """Gives the right back, as far as the store can be reached; else silence will tell."""
        self._is_over.set()
        with suppress(Exception):
            self._table.update(where=self._mine, values={"holder": "", "heard_s": 0.0})
        with suppress(Exception):
            self._table.optimize(cleanup_older_than=_KEEP_VERSIONS)

    def holds(self) -> bool:
        """Tells whether the name of this writer stands there.

        Returns:
            Whether it does.
        """
        return bool(self._table.count_rows(self._mine))

    @property
    def _mine(self) -> str:
        return f"holder = '{self._holder}'"

    def _is_heard(self) -> bool:
        now = time.time()
        if not self._enters(self._mine):
            return False
        self._heard_s = now
        return True

    def _enters(self, where: str) -> bool:
        """What counts is what stands there afterwards."""
        values = {"holder": self._holder, "heard_s": time.time()}
        try:
            self._table.update(where=where, values=values)
        except RuntimeError as error:
            if not _QUICKER.search(str(error)):
                raise
        return self.holds()


@contextmanager
def leased(database: Any, place: str, *, owner: str = "") -> Iterator[Lease]:
    """Keeps other writers out for as long as a block runs.

    Args:
        database: The database, connected.
        place: What it is called in errors.
        owner: Letters and digits for whoever has seen to it, by a lock of this machine, that no
            other process writes on its behalf: what a killed one of it left is taken over at once.

    Yields:
        The right to write.

    Raises:
        LibraryError: On entering, when another scan is under way.
    """
    table, is_new = _table(database)
    lease = Lease(table, owner)
    with ExitStack() as held:
        held.callback(lease.end)
        enters = lease.enters()
        if enters and is_new:
            time.sleep(_SETTLE_S)
            enters = lease.holds()
        if not enters:
            raise LibraryError(
                f"another scan is filling the library in {place}",
                advice="wait until it has ended; one that was killed counts as ended after "
                f"{SILENT_S / 60:g} minutes",
            )
        threading.Thread(target=lease.keep, daemon=True).start()
        yield lease


def _table(database: Any) -> tuple[Any, bool]:
    """The table, and whether it was made now: of two that make it at once the later one stays."""
    with suppress(ValueError):
        return database.open_table(_TABLE), False
    row = [{"holder": "", "heard_s": 0.0}]
    try:
        return database.create_table(_TABLE, row, mode="create"), True
    except ValueError:  # another made it in between
        return database.open_table(_TABLE), True
