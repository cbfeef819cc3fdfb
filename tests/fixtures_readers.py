"""Reading processes that outlast their scans: to start one takes seconds, and all read alike."""

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, ClassVar

import pytest

from timbrel.library import pool, worker
from timbrel.library.pool import Outcome, Worker

Process = subprocess.Popen[bytes]
STARTS, READS = subprocess.Popen, worker.__name__


class Lasting(Worker):
    """Takes over the process of a scan that ended well, and leaves its own to the next."""

    left: ClassVar[list[tuple[Process, IO[bytes] | None]]] = []
    asked = False

    def _ask(self, paths: Sequence[Path]) -> list[Outcome] | None:
        self.asked = True
        answer = super()._ask(paths)
        self.asked = answer is None
        return answer

    def _start(self) -> Process:
        if not _as_shipped() or not self.left:
            return super()._start()
        self._process, self._errors = self.left.pop()
        return self._process

    def close(self) -> None:
        process = self._process
        if process and process.poll() is None and _as_shipped() and not self.asked:
            self.left.append((process, self._errors))
            self._process = self._errors = None
        super().close()


def _as_shipped() -> bool:
    """Whether no test has put another process in the place of the one that reads."""
    return subprocess.Popen is STARTS and worker.__name__ == READS


@pytest.fixture(scope="session", autouse=True)
def readers_outlast_scans() -> Iterator[None]:
    """Scans of all tests share their reading processes; `readers_of_their_own` is without that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "Worker", Lasting)
        yield
    for process, errors in Lasting.left:
        process.kill()
        process.communicate()
        if errors:
            errors.close()
    Lasting.left.clear()


@pytest.fixture
def readers_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each scan starts its reading processes and ends them."""
    monkeypatch.setattr(pool, "Worker", Worker)
