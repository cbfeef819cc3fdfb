"""The bench: what the studio works with, shared by all that is asked of it."""

import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from timbrel.errors import LibraryError, TimbrelError
from timbrel.library.table import Table
from timbrel.studio.workbench import adopting
from timbrel.studio.workbench.events import Events
from timbrel.studio.workbench.faults import TooMuch
from timbrel.studio.workbench.history import MadeHistory
from timbrel.studio.workbench.jobs import JobList, Plan
from timbrel.studio.workbench.models import Job, Wish
from timbrel.studio.workbench.served import ServedTests
from timbrel.studio.workbench.turns import Turns
from timbrel.tasks.shelf import Shelf
from timbrel.tasks.workspace import Workspace, open_library

MOST_WAITING = 256  # requests that wait for the instruments
TABLE_ROW_BYTES = 150


class Bench:
    """A workspace with all that is open in it.

    Args:
        root: The workspace's folder.
        device: Where networks live.
        most_bytes: How much stays open of instruments, maps and tables.
    """

    def __init__(self, root: Path, *, device: str = "cpu", most_bytes: int = 2 * 2**30) -> None:
        self.shelf = Shelf(most_bytes)
        self.workspace = Workspace(root.resolve(), self.shelf)
        self.device = device
        self.address = ""
        self.events = Events()
        self.places: dict[str, Path] = {}  # opaque names of sounds that trainings keep
        self.secret = secrets.token_hex(8)  # in the address of reports
        self.served = ServedTests()
        self._playing = Turns()
        self._threads = _threads()
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)
        studio = self.workspace.studio
        self.jobs = JobList(studio / "jobs", tell=self._tell, ended=self._ended)
        self.history = MadeHistory(studio, self.workspace.root, self._made)
        self.measuring = adopting.Measuring(self)

    def start(self) -> None:
        """Begins the work, and opens what the page asks for first, while the browser starts."""
        self.jobs.start()
        threading.Thread(target=self._warm_up, name="warming", daemon=True).start()

    def _warm_up(self) -> None:
        from timbrel.studio.workbench import overview

        with suppress(TimbrelError, OSError):
            overview.state(self)
            self.table_or_none()

    def begin(self, wish: Wish) -> Job:
        """Adds a job to the queue.

        Args:
            wish: What is asked for.

        Returns:
            The job.

        Raises:
            TimbrelError: When it cannot be.
        """
        from timbrel.studio.workbench import planning

        return self.jobs.add(planning.planned(self, wish))

    @contextmanager
    def playing(self) -> Iterator[None]:
        """Lets one request at a time use the instruments, in about the order they came.

        Yields:
            Nothing.

        Raises:
            TooMuch: When too many wait already.
        """
        if not self._waiting.acquire(blocking=False):
            raise TooMuch("too many sounds are asked for at once", advice="wait a moment")
        try:
            with self._playing.mine():
                self._use_threads()
                yield
        finally:
            self._waiting.release()

    def _use_threads(self) -> None:
        """One thread while a job has the processor: many would wait for one another."""
        import torch

        wanted = 1 if self.jobs.is_busy else self._threads
        if torch.get_num_threads() != wanted:
            torch.set_num_threads(wanted)

    def table(self) -> Table:
        """Gives the library as a table.

        Returns:
            The table, as the library is now.

        Raises:
            LibraryError: When there is no library.
        """
        catalogue = open_library(self.workspace)
        return self.shelf.get(
            ("table",), catalogue.version, lambda: Table(catalogue),
            lambda table: TABLE_ROW_BYTES * len(table),
        )  # fmt: skip

    def table_or_none(self) -> Table | None:
        """Gives the library as a table; None where there is none.

        Returns:
            The table.
        """
        try:
            return self.table()
        except LibraryError:
            return None

    def close(self) -> None:
        """Ends the work; what runs goes on when the studio is started again."""
        self.jobs.close()
        self.served.end_all()

    def _tell(self, job: Job) -> None:
        self.events.tell({"type": "job", "job": job.model_dump()})

    def _made(self) -> None:
        self.events.changed("made")

    def _ended(self, plan: Plan, answer: dict[str, Any]) -> Sequence[str]:
        made = adopting.adopt(self, plan, answer)
        for what in plan.changes:
            self.events.changed(what)
        return made


def _threads() -> int:
    import torch

    return torch.get_num_threads()
