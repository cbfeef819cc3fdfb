"""A session: the global options of one command, and how its work is shown and ended."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import typer

from timbrel.cli import bars, output
from timbrel.errors import UsageError
from timbrel.progress import Report, silent
from timbrel.tasks.workspace import Workspace

DEVICES = ("auto", "cpu", "cuda", "mps")
PROGRESS = ("text", "json")
SKIPPED_SOME = 3


class Left(Protocol):
    """An input that was left out: a `Skipped` of the library."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def reason(self) -> str:
        """Why."""

    @property
    def kind(self) -> str:
        """The kind of reason, one word."""


@dataclass(frozen=True)
class Session:
    """The global options of one command.

    Attributes:
        workspace: Where everything lies.
        as_json: Whether the answer is one JSON document.
        quiet: Whether progress is hidden.
        device_name: "auto", "cpu", "cuda" or "mps".
        seed: Seed of all that is drawn.
        seed_given: Whether it was said, and is not merely the usual one.
        threads: Processor threads to use at most; None where it was not said.
        progress_for: For whom progress is told: "text" for people, "json" for programs.
    """

    workspace: Workspace
    as_json: bool
    quiet: bool
    device_name: str
    seed: int
    seed_given: bool
    threads: int | None
    progress_for: str = "text"

    def device(self) -> str:
        """Finds the device to compute on; imports torch.

        Returns:
            "cpu", "cuda" or "mps".

        Raises:
            UsageError: When this machine has no such device.
        """
        import torch

        there = {
            "cuda": torch.cuda.is_available(),
            "mps": torch.backends.mps.is_available(),
            "cpu": True,
        }
        if self.device_name == "auto":
            return next(name for name, here in there.items() if here)
        if not there[self.device_name]:
            here = ", ".join(["auto", *(name for name in DEVICES[1:] if there[name])])
            raise UsageError(f"--device {self.device_name}, which this machine has not", here)
        return self.device_name

    @contextmanager
    def progress(self) -> Iterator[Report]:
        """Shows progress on stderr while the work runs; stdout is kept clean for the answer.

        Yields:
            What the work reports to.
        """
        with redirect_stdout(sys.stderr):
            if self.quiet:
                yield silent
            else:
                with bars.shown(sys.stderr, as_json=self.progress_for == "json") as report:
                    yield report

    def finish(
        self,
        document: Mapping[str, Any],
        show: Callable[[], None],
        *,
        skipped: Sequence[Left] = (),
    ) -> None:
        """Gives the answer, names what was skipped, and ends the command.

        Args:
            document: The answer as plain values.
            show: Prints the answer for people.
            skipped: Inputs that were left out, each with its reason.

        Raises:
            typer.Exit: With status 3, when inputs were skipped.
        """
        for one in skipped:
            output.aside(output.in_one_line(f"skipped {one.path}: {one.reason}"))
        if self.as_json:
            output.line(json.dumps(output.plain(document), indent=1))
        else:
            show()
        sys.stdout.flush()  # a server goes on for long, and whoever began it waits for its address
        if skipped:
            raise typer.Exit(SKIPPED_SOME)


def of(context: typer.Context) -> Session:
    """Gives the session of a command.

    Args:
        context: What typer passes to the command.

    Returns:
        The session.
    """
    return cast(Session, context.obj)


def left_out(skipped: Sequence[Left]) -> list[dict[str, str]]:
    """Gives skipped inputs as plain values, for the answer in JSON.

    Args:
        skipped: Inputs that were left out.

    Returns:
        A dictionary each: ``path``, ``reason``, ``kind``.
    """
    return [{"path": str(one.path), "reason": one.reason, "kind": one.kind} for one in skipped]


def existing(paths: Sequence[Path], accepted: str) -> None:
    """Refuses a command all of whose inputs are not there: a slip of the pen.

    Args:
        paths: What was named.
        accepted: What is accepted, for the message.

    Raises:
        UsageError: When none of them exists.
    """
    if paths and not any(path.expanduser().exists() for path in paths):
        raise UsageError(f"{paths[0]} does not exist", accepted)
