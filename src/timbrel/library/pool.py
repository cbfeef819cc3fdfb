"""Reads many files in several worker processes, in order, and outlives any of them."""

import os
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from threading import Timer
from typing import IO, Protocol, TypeVar

from timbrel.errors import LibraryError
from timbrel.library import worker
from timbrel.library.rows import Facts, Refusal

Outcome = Facts | Refusal


class _Job(Protocol):
    @property
    def path(self) -> Path: ...


Job = TypeVar("Job", bound=_Job)

_MOST_WORKERS = 8
_CHUNK = 8  # files a request: fewer waits between the processes
_PATIENCE_S = 120.0  # for a request, more for large files
_SLOWEST_BYTES_A_SECOND = 200_000
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Worker:
    """One reading process; started at the first request, started again when it dies."""

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._closed = False

    def analyse(self, paths: Sequence[Path]) -> list[Outcome]:
        """Reads some files; one that ends the process costs only itself.

        Args:
            paths: The files.

        Returns:
            What is in each, in the same order.

        Raises:
            LibraryError: When the process cannot be started at all.
        """
        answer = self._ask(paths)
        if answer is not None and not self._closed:
            return answer
        self._end()
        if self._closed:
            return [Refusal("unreadable", "the scan was stopped")] * len(paths)
        if len(paths) == 1:
            reason = "the decoder crashed on it, or ran out of memory or time"
            return [Refusal("unreadable", reason)]
        return [outcome for path in paths for outcome in self.analyse([path])]

    def _ask(self, paths: Sequence[Path]) -> list[Outcome] | None:
        """The answer, or None where the process ended instead."""
        process = self._process or self._start()
        timer = Timer(self._limit_s(paths), process.kill)
        timer.daemon = True
        timer.start()
        try:
            assert process.stdin  # noqa: S101 - a pipe, for the type checker
            assert process.stdout  # noqa: S101 - a pipe, for the type checker
            worker.send(process.stdin, [os.fsencode(path) for path in paths])
            answer: list[Outcome] | None = worker.receive(process.stdout)
            return answer
        except (OSError, ValueError):  # the pipe is broken, or was closed by `close`
            return None
        finally:
            timer.cancel()

    def _limit_s(self, paths: Sequence[Path]) -> float:
        size = 0
        for path in paths:
            with suppress(OSError):
                size += path.stat().st_size
        return self._patience_s + size / _SLOWEST_BYTES_A_SECOND

    def _start(self) -> subprocess.Popen[bytes]:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        # -P: nothing in the current folder, which may be a stranger's, is taken for a module
        command = [sys.executable, "-P", "-m", worker.__name__]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=_environment(),
        )
        self._process = process
        assert process.stdout  # noqa: S101 - a pipe, for the type checker
        if process.stdout.readline() != worker.READY:
            raise LibraryError(
                f"the process that reads sounds does not start ({self._last_words()})",
                advice="check the installation of timbrel",
            )
        return process

    def _last_words(self) -> str:
        if self._errors is None:
            return ""
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "no message"

    def close(self) -> None:
        """Ends the process, at once and for good."""
        self._closed = True
        self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()
        if self._errors is not None:
            self._errors.close()
            self._errors = None


def _environment() -> dict[str, str]:
    folders = os.pathsep.join(folder for folder in sys.path if folder)
    threads = dict.fromkeys(_ONE_THREAD, "1")
    return {**os.environ, **threads, "PYTHONPATH": folders}


def analyse_all(
    jobs: Iterable[Job], *, workers: int | None = None, patience_s: float = _PATIENCE_S
) -> Generator[tuple[Job, Outcome], None, None]:
    """Reads files in worker processes and gives what is in them, in the order asked for.

    Only a few requests are under way at a time, so `jobs` may be endless and lazy.

    Args:
        jobs: Anything with a `path`.
        workers: How many processes, 1 or more; as many as there are processor cores for us where
            None; never more than 8, for each takes memory.
        patience_s: Seconds after which a file that gives no answer is given up; large files get
            more.

    Yields:
        Each job with what is in its file.
    """
    count = min(_MOST_WORKERS, workers or cores())
    readers = [Worker(patience_s) for _ in range(count)]
    idle: SimpleQueue[Worker] = SimpleQueue()
    for reader in readers:
        idle.put(reader)
    pool = ThreadPoolExecutor(count)
    try:
        yield from _in_order(iter(jobs), pool, idle, window=4 * count)
    finally:
        for reader in readers:
            reader.close()
        pool.shutdown(cancel_futures=True)


def cores() -> int:
    """Counts the processor cores that this process may use, which can be fewer than there are.

    Returns:
        1 or more.
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _in_order(
    jobs: Iterator[Job], pool: ThreadPoolExecutor, idle: "SimpleQueue[Worker]", *, window: int
) -> Iterator[tuple[Job, Outcome]]:
    under_way: deque[tuple[list[Job], Future[list[Outcome]]]] = deque()
    while True:
        while len(under_way) < window and (chunk := list(islice(jobs, _CHUNK))):
            paths = [job.path for job in chunk]
            under_way.append((chunk, pool.submit(_with_idle, idle, paths)))
        if not under_way:
            return
        chunk, future = under_way.popleft()
        yield from zip(chunk, future.result(), strict=True)


def _with_idle(idle: "SimpleQueue[Worker]", paths: list[Path]) -> list[Outcome]:
    reader = idle.get()
    try:
        return reader.analyse(paths)
    finally:
        idle.put(reader)
