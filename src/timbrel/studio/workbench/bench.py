"""The bench: what the studio works with, shared by all that is asked of it."""

import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from timbrel.errors import NoLibraryError, TimbrelError
from timbrel.library.table import Table
from timbrel.studio.workbench import adopting, commands
from timbrel.studio.workbench.events import Events
from timbrel.studio.workbench.history import MadeHistory
from timbrel.studio.workbench.jobs import JobList
from timbrel.studio.workbench.journal import Plan
from timbrel.studio.workbench.models.workspace import Job
from timbrel.studio.workbench.player import Player
from timbrel.studio.workbench.served import ServedTests
from timbrel.studio.workbench.undoable import Undoable
from timbrel.tasks.shelf import Shelf
from timbrel.tasks.workspace import Workspace, open_library

T = TypeVar("T")
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
        self.events = Events()
        self.places: dict[str, Path] = {}  # opaque names of sounds that trainings keep
        self.secret = secrets.token_hex(8)  # in the address of reports
        self.served = ServedTests()
        self.undoable = Undoable()
        studio = self.workspace.studio
        self.jobs = JobList(
            studio / "jobs", tell=self._tell, ended=self._ended,
            is_ours=lambda arguments: commands.is_ours(self.workspace.root, arguments),
        )  # fmt: skip
        self.player = Player(lambda: self.jobs.is_busy)
        self.history = MadeHistory(studio, self.workspace.root, self._made)
        self.measuring = adopting.Measuring(
            self.history, self.workspace, lambda: self.player.is_asked
        )

    def start(self, warm_up: Callable[[], object]) -> None:
        """Begins the work, and opens what the page asks for first, while the browser starts.

        Args:
            warm_up: Opens it.
        """
        self.jobs.start()

        def warmed() -> None:
            with suppress(TimbrelError, OSError):
                warm_up()
                self.table_or_none()

        threading.Thread(target=warmed, name="warming", daemon=True).start()

    def play(self, work: Callable[[], T]) -> T:
        """Lets something use the instruments, one after another in the order of asking.

        Args:
            work: What uses them.

        Returns:
            What it returns.

        Raises:
            TooMuch: When too many wait already.
        """
        return self.player.play(work)

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
        except NoLibraryError:
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
        made = adopting.adopt(self.history, plan, answer)
        self.measuring.ask(made)
        for what in plan.changes:
            self.events.changed(what)
        return made
