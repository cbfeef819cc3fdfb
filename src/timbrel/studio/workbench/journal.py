"""The journal of jobs: what each is and how far it came, in a file of its own."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from timbrel import atomic
from timbrel.studio.workbench.models.workspace import JobKind, JobState, Moment

JOURNAL = "job.json"
INTERRUPTED = 130  # how a command ends that Ctrl-C stopped


@dataclass(frozen=True)
class Plan:
    """What a job is: the command, how it is shown, and how it goes on.

    Attributes:
        kind: What it does.
        title: What it does, in words.
        arguments: What stands behind ``timbrel``.
        again: The arguments that go on with it; empty where it cannot.
        kept: What `again` goes on with; where it is not there, the job begins anew.
        command: The command as a person would write it.
        instrument: The instrument that it is about, "" where none.
        out: The folder of the sounds that it makes, "" where it makes none.
        changes: What is not what it was when it has ended: library, instruments ...
        wish: What was asked for.
    """

    kind: JobKind
    title: str
    arguments: tuple[str, ...]
    command: str
    again: tuple[str, ...] = ()
    kept: str = ""
    instrument: str = ""
    out: str = ""
    changes: tuple[str, ...] = ()
    wish: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """A job in the journal."""

    id: str
    plan: Plan
    state: JobState = "queued"
    goes_on: bool = False
    turns: int = 0
    error: dict[str, str] | None = None
    result: dict[str, Any] | None = None
    made: tuple[str, ...] = ()
    created_s: float = 0.0
    started_s: float | None = None
    ended_s: float | None = None


KEPT = TypeAdapter(Entry)


def read(folder: Path, is_ours: Callable[[Sequence[str]], bool]) -> list[Entry]:
    """Reads the jobs; what is damaged, or was never asked for here, is passed over.

    Args:
        folder: Where they are, a folder each.
        is_ours: Says whether a command may run.

    Returns:
        The jobs.
    """
    found = []
    for path in folder.iterdir():
        with suppress(OSError, ValueError):
            entry = KEPT.validate_json((path / JOURNAL).read_bytes())
            commands = [entry.plan.arguments, entry.plan.again or entry.plan.arguments]
            if entry.id == path.name and all(map(is_ours, commands)):
                found.append(entry)
    return found


def write(folder: Path, entry: Entry) -> None:
    """Writes a job as it is now, whole or not at all.

    Args:
        folder: Where the jobs are.
        entry: The job.

    Raises:
        OSError: When it cannot be written; what was there stays.
    """
    text = json.dumps(asdict(entry), ensure_ascii=False)
    atomic.write_text(folder / entry.id / JOURNAL, text)


def is_interrupted(answer: dict[str, Any] | None) -> bool:
    """Says whether a command was stopped from outside.

    Args:
        answer: What it answered; None where it did not.

    Returns:
        Whether.
    """
    if answer is None:
        return False
    error = answer.get("error")
    status = error.get("exit_status") if isinstance(error, dict) else None
    return status == INTERRUPTED or answer.get("stopped_because") == "interrupted"


def failed(entry: Entry, error: dict[str, Any], now_s: float) -> Entry:
    """Gives a job as it is after its command failed.

    Args:
        entry: The job.
        error: What the command said.
        now_s: When, in s since 1970.

    Returns:
        The job, stopped or failed.
    """
    if error.get("exit_status") == INTERRUPTED:
        return replace(entry, state="stopped", ended_s=now_s)
    fault = {
        "text": str(error.get("message", "")),
        **{key: str(error.get(key, "")) for key in ("given", "accepted", "advice")},
    }
    return replace(entry, state="failed", error=fault, ended_s=now_s)


def as_moment(told: dict[str, Any]) -> Moment:
    """Reads one moment of a command's progress.

    Args:
        told: As the command wrote it.

    Returns:
        The moment.
    """
    left = told.get("seconds_left")
    return Moment(
        stage=str(told.get("stage", "")),
        done=float(told.get("done", 0)),
        total=float(told.get("total", 0)),
        seconds_left=None if left is None else float(left),
        note=str(told.get("note", "")),
    )
