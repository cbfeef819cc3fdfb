"""The process of a job: a command of timbrel, which lives on when the server does not.

It writes its answer and its progress to files, so that a server that was started again finds it.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from timbrel import atomic

ANSWER, PROGRESS, PROCESS = "answer.json", "progress.jsonl", "process.json"
NICENESS = 10  # what is clicked goes before what takes hours
LONGEST_LINE_BYTES = 65_536


class Process:
    """A command that runs, of this server or of one before it.

    Args:
        folder: Where its files are.
        child: The process where this server began it.
    """

    def __init__(self, folder: Path, child: "subprocess.Popen[bytes] | None" = None) -> None:
        self._folder, self._child, self._read_bytes = folder, child, 0

    def is_alive(self) -> bool:
        """Whether it still runs."""
        if self._child is not None:
            return self._child.poll() is None
        kept = _kept(self._folder)
        return kept is not None and _began(kept["pid"]) == kept["began"]

    def stop(self, *, at_once: bool = False) -> None:
        """Asks it to end in order, as Ctrl-C does.

        Args:
            at_once: Whether it is killed.
        """
        kept = _kept(self._folder)
        if kept is not None and self.is_alive():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(int(kept["pid"]), signal.SIGKILL if at_once else signal.SIGINT)

    def moments(self) -> list[dict[str, Any]]:
        """What it has told of its progress since this was last asked."""
        path = self._folder / PROGRESS
        with suppress(OSError), path.open("rb") as file:
            file.seek(self._read_bytes)
            lines = file.read().split(b"\n")
            self._read_bytes = file.tell() - len(lines[-1])
            return [moment for line in lines[:-1] if (moment := _moment(line))]
        return []

    def said(self) -> list[str]:
        """The last lines that it wrote beside its progress."""
        with suppress(OSError):
            text = (self._folder / PROGRESS).read_bytes()[-LONGEST_LINE_BYTES:]
            lines = text.decode("utf-8", "replace").splitlines()
            return [line for line in lines if line and not line.startswith("{")][-5:]
        return []

    def answer(self) -> dict[str, Any] | None:
        """Its answer; None where there is none, or only the beginning of one."""
        try:
            found = json.loads((self._folder / ANSWER).read_bytes())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None


def begin(folder: Path, arguments: Sequence[str]) -> Process:
    """Begins a command.

    Args:
        folder: Where its files go; it is there.
        arguments: What stands behind ``timbrel``.

    Returns:
        The process.

    Raises:
        OSError: When it cannot be begun.
    """
    command = [sys.executable, "-m", "timbrel", *arguments]
    with (folder / ANSWER).open("wb") as answer, (folder / PROGRESS).open("wb") as progress:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=answer,
            stderr=progress,
            start_new_session=True,  # Ctrl-C in the terminal is the server's, who then asks
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, child.pid, NICENESS)
    kept = {"pid": child.pid, "began": _began(child.pid)}
    atomic.write_text(folder / PROCESS, json.dumps(kept))
    return Process(folder, child)


def _kept(folder: Path) -> dict[str, Any] | None:
    try:
        kept = json.loads((folder / PROCESS).read_text(encoding="utf-8"))
        pid, began = int(kept["pid"]), kept["began"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    # A number below 1 would mean many processes; one without a beginning had ended at once.
    return {"pid": pid, "began": began} if pid > 0 and began != "" else None


def _began(pid: int) -> str | None:
    """When a process began, so that another of the same number is not taken for it; "" if dead."""
    try:
        if sys.platform == "linux":
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            return "" if fields[0] == "Z" else fields[19]
        os.kill(pid, 0)
    except (OSError, LookupError):
        return ""
    return None


def _moment(line: bytes) -> dict[str, Any] | None:
    if not line.startswith(b"{") or len(line) > LONGEST_LINE_BYTES:
        return None
    with suppress(ValueError):
        told = json.loads(line).get("progress")
        return told if isinstance(told, dict) else None
    return None
