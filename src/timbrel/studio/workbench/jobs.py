r"""Jobs: long work in a queue, one at a time, kept in a journal that outlives the server.

queued -> running -> done | failed | stopped      an estimate passes by the queue
   ^         |  \-- the server dies: the process lives on, and the next server finds it
   |---------/  --- both die: queued again, and goes on where it stopped
"""

import secrets
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from timbrel.errors import UsageError
from timbrel.studio.workbench import processes
from timbrel.studio.workbench.faults import Gone, TooMuch
from timbrel.studio.workbench.journal import (
    Entry,
    Plan,
    as_moment,
    failed,
    is_interrupted,
    read,
    write,
)
from timbrel.studio.workbench.models.common import Fault
from timbrel.studio.workbench.models.workspace import Job, JobKind, JobState, Moment
from timbrel.studio.workbench.processes import Process

POLL_S = 0.2
PATIENCE_S = 20.0  # with what shall end when the server does
MOST_QUEUED = 100
MOST_KEPT = 500
BESIDE = frozenset({"estimate"})  # kinds that do not wait
MOST_TURNS = 5  # that a job begins anew by itself after it was lost


class JobList:
    """The jobs of a workspace.

    Args:
        folder: Where the journal is.
        tell: Told of each change of a job.
        ended: Told of each job that has ended well; gives the sounds that it made.
        is_ours: Says whether a command of the journal may run.
    """

    def __init__(
        self,
        folder: Path,
        *,
        tell: Callable[[Job], None],
        ended: Callable[[Plan, dict[str, Any]], Sequence[str]],
        is_ours: Callable[[Sequence[str]], bool] = lambda _: True,
    ) -> None:
        self._folder, self._tell, self._ended = folder, tell, ended
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._closing = False
        self._moments: dict[str, Moment] = {}
        self._processes: dict[str, Process] = {}
        self._asked_to_stop: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)
        self._entries = {entry.id: entry for entry in read(folder, is_ours)}
        self._watch = threading.Thread(target=self._run, name="jobs", daemon=True)

    @property
    def is_busy(self) -> bool:
        """Whether a job runs."""
        return bool(self._processes)

    def start(self) -> None:
        """Begins to work, with what the server before left."""
        for entry in list(self._entries.values()):
            if entry.state == "running":
                self._find_again(entry)
        self._watch.start()

    def close(self) -> None:
        """Asks what runs to end in order; it goes on when the studio is started again."""
        self._closing = True
        self._wake.set()
        if self._watch.is_alive():
            self._watch.join()
        for process in self._processes.values():
            process.stop()
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s and any(p.is_alive() for p in self._processes.values()):
            time.sleep(POLL_S)
        for name, process in self._processes.items():
            if process.is_alive():
                continue  # the next server finds it
            if process.answer() is None:  # it had hardly begun
                self._put_back(self._entries[name])
            else:
                self._settle(self._entries[name], process)
        self._processes.clear()

    def add(self, plan: Plan) -> Job:
        """Adds a job to the queue.

        Args:
            plan: What it is.

        Returns:
            The job.

        Raises:
            TooMuch: When the queue is full.
        """
        with self._lock:
            waiting = sum(entry.state == "queued" for entry in self._entries.values())
            if waiting >= MOST_QUEUED:
                raise TooMuch(f"{waiting} jobs wait already", advice="stop some of them")
            self._make_room()
            name = f"{time.time_ns() // 1_000_000:x}{secrets.token_hex(2)}"
            (self._folder / name).mkdir()
            entry = self._put(Entry(name, plan, created_s=time.time()))
        self._wake.set()
        return self._job(entry)

    def all(self) -> list[Job]:
        """Gives all jobs, the newest first."""
        with self._lock:
            entries = sorted(self._entries.values(), key=lambda entry: entry.id, reverse=True)
            return [self._job(entry) for entry in entries]

    def one(self, name: str) -> Job:
        """Gives one job.

        Args:
            name: Its id.

        Returns:
            The job.

        Raises:
            Gone: When there is none.
        """
        with self._lock:
            return self._job(self._entry(name))

    def running(self, kind: JobKind, instrument: str) -> Job | None:
        """Finds the job that is at something or waits to be.

        Args:
            kind: What it does.
            instrument: The instrument that it is about.

        Returns:
            The job; None where there is none.
        """
        jobs = (job for job in self.all() if job.state in ("queued", "running"))
        return next((j for j in jobs if j.kind == kind and j.instrument == instrument), None)

    def cancel(self, name: str) -> Job:
        """Stops a job; one that was asked before is stopped at once.

        Args:
            name: Its id.

        Returns:
            The job.

        Raises:
            Gone: When there is none.
        """
        with self._lock:
            entry = self._entry(name)
            if entry.state == "queued":
                entry = self._put(replace(entry, state="stopped", ended_s=time.time()))
            elif entry.state == "running" and name in self._processes:
                self._processes[name].stop(at_once=name in self._asked_to_stop)
                self._asked_to_stop.add(name)
            return self._job(entry)

    def resume(self, name: str) -> Job:
        """Puts a job that has ended back into the queue; it goes on where it stopped.

        Args:
            name: Its id.

        Returns:
            The job.

        Raises:
            Gone: When there is none.
            UsageError: When it cannot go on.
        """
        with self._lock:
            entry = self._entry(name)
            if not self._is_resumable(entry):
                raise UsageError(
                    f"{entry.plan.title}, which is {entry.state}", "a job that was stopped"
                )
            entry = self._put(
                replace(entry, state="queued", goes_on=bool(entry.plan.again), turns=0, error=None,
                        ended_s=None)
            )  # fmt: skip
        self._wake.set()
        return self._job(entry)

    def forget(self, name: str) -> None:
        """Takes a job that has ended off the list.

        Args:
            name: Its id.

        Raises:
            Gone: When there is none.
            UsageError: When it has not ended.
        """
        with self._lock:
            entry = self._entry(name)
            if entry.state in ("queued", "running"):
                raise UsageError(
                    f"{entry.plan.title}, which is {entry.state}", "a job that has ended"
                )
            del self._entries[name]
            shutil.rmtree(self._folder / name, ignore_errors=True)

    def _entry(self, name: str) -> Entry:
        if name not in self._entries:
            raise Gone(f"no job {name!r}", advice="look at the list of jobs")
        return self._entries[name]

    def _put(self, entry: Entry) -> Entry:
        with self._lock:
            self._entries[entry.id] = entry
            write(self._folder, entry)
        self._tell(self._job(entry))
        return entry

    def _make_room(self) -> None:
        """The oldest that have ended leave the list."""
        ended = [e for e in self._entries.values() if e.state not in ("queued", "running")]
        for entry in sorted(ended, key=lambda entry: entry.id)[: max(0, len(ended) - MOST_KEPT)]:
            self.forget(entry.id)

    def _job(self, entry: Entry) -> Job:
        plan, error = entry.plan, entry.error
        return Job(
            id=entry.id,
            kind=plan.kind,
            title=plan.title,
            state=entry.state,
            command=plan.command,
            progress=self._moments.get(entry.id) if entry.state == "running" else None,
            position=self._position(entry),
            resumable=self._is_resumable(entry),
            error=None if error is None else Fault(**error),
            result=entry.result,
            made=list(entry.made),
            instrument=plan.instrument,
            created_s=entry.created_s,
            started_s=entry.started_s,
            ended_s=entry.ended_s,
        )

    def _is_resumable(self, entry: Entry) -> bool:
        return entry.state in ("stopped", "failed")

    def _position(self, entry: Entry) -> int:
        if entry.state != "queued":
            return 0
        before = [
            other
            for other in self._entries.values()
            if (other.plan.kind in BESIDE) == (entry.plan.kind in BESIDE)
            and (other.state == "running" or (other.state == "queued" and other.id < entry.id))
        ]
        return len(before)

    # ---- the work, in a thread of its own

    def _run(self) -> None:
        while not self._closing:
            with suppress(OSError):  # a full disk must not end the queue
                self._begin_next()
                self._look()
            self._wake.wait(POLL_S if self._processes else 1.0)
            self._wake.clear()

    def _begin_next(self) -> None:
        with self._lock:
            busy = {self._entries[name].plan.kind in BESIDE for name in self._processes}
            queued = sorted(
                (e for e in self._entries.values() if e.state == "queued"), key=lambda e: e.id
            )
            for entry in queued:
                beside = entry.plan.kind in BESIDE
                if beside not in busy:
                    self._begin(entry)
                    busy.add(beside)

    def _begin(self, entry: Entry) -> None:
        plan = entry.plan
        there = not plan.kept or Path(plan.kept).exists()
        arguments = plan.again if entry.goes_on and plan.again and there else plan.arguments
        try:
            process = processes.begin(self._folder / entry.id, arguments)
        except (OSError, ValueError) as error:
            fault = {"text": f"it cannot be begun ({getattr(error, 'strerror', None) or error})"}
            self._put(replace(entry, state="failed", error=fault, ended_s=time.time()))
            return
        self._processes[entry.id] = process
        now_s = time.time()
        self._put(
            replace(entry, state="running", started_s=now_s, turns=entry.turns + 1, result=None)
        )

    def _find_again(self, entry: Entry) -> None:
        process = Process(self._folder / entry.id)
        if process.is_alive() or process.answer() is not None:
            self._processes[entry.id] = process
            return
        self._lost(entry)

    def _put_back(self, entry: Entry) -> None:
        """The server ended it, not the person: it goes on when there is a server again."""
        self._put(replace(entry, state="queued", goes_on=bool(entry.plan.again), turns=0))

    def _lost(self, entry: Entry) -> None:
        """Its process is gone without an answer: it goes on, but not for ever."""
        if entry.turns < MOST_TURNS:
            self._put(replace(entry, state="queued", goes_on=bool(entry.plan.again)))
            return
        fault = {
            "text": f"it ended {entry.turns} times without an answer; look whether the memory "
            "suffices, or run its command in a terminal.",
        }
        self._put(replace(entry, state="failed", error=fault, ended_s=time.time()))

    def _look(self) -> None:
        for name, process in list(self._processes.items()):
            alive = process.is_alive()  # before its files are read, so that nothing is missed
            moments = process.moments()
            if moments:
                self._moments[name] = as_moment(moments[-1])
                self._tell(self._job(self._entries[name]))
            if not alive and not self._closing:
                with self._lock:
                    del self._processes[name]
                    self._moments.pop(name, None)
                self._settle(self._entries[name], process)

    def _settle(self, entry: Entry, process: Process) -> None:
        answer = process.answer()
        asked = entry.id in self._asked_to_stop
        self._asked_to_stop.discard(entry.id)
        now_s = time.time()
        if is_interrupted(answer) and not asked:
            self._put_back(entry)
        elif answer is None and asked:
            self._put(replace(entry, state="stopped", ended_s=now_s))
        elif answer is None:
            said = process.said()
            if said:  # it spoke before it died: another turn would say the same
                fault = {"text": said[-1]}
                self._put(replace(entry, state="failed", error=fault, ended_s=now_s))
            else:
                self._lost(entry)
        elif isinstance(answer.get("error"), dict):
            self._put(failed(entry, answer["error"], now_s))
        else:
            made = tuple(self._ended(entry.plan, answer))
            state: JobState = "stopped" if asked and entry.plan.again else "done"
            self._put(
                replace(entry, state=state, result=answer, made=made, error=None, ended_s=now_s)
            )
