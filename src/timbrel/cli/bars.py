"""Progress on stderr: bars in a terminal, now and then a line elsewhere."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, TextIO

from timbrel.cli.output import duration
from timbrel.cli.output import shown as visible
from timbrel.progress import Progress, Report

if TYPE_CHECKING:
    from rich.progress import Progress as Display
    from rich.progress import TaskID

LINE_EVERY_S = 10.0
DOCUMENT_EVERY_S = 0.2


@contextmanager
def shown(stream: TextIO, *, as_json: bool = False) -> Iterator[Report]:
    """Shows progress as the stream allows.

    Args:
        stream: Where it goes; a terminal gets bars, anything else plain lines.
        as_json: Whether programs read it: one JSON document a line.

    Yields:
        What the work reports to.
    """
    if as_json:
        yield Documents(stream)
        return
    if not stream.isatty():
        yield Lines(stream)
        return
    bars = Bars(stream)
    try:
        yield bars
    finally:
        bars.close()


class Lines:
    """Progress as plain lines: each stage when it begins and ends, and one now and then.

    Args:
        stream: Where they go.
        every_s: Seconds between lines of one stage.
    """

    def __init__(self, stream: TextIO, every_s: float = LINE_EVERY_S) -> None:
        self._stream, self._every_s = stream, every_s
        self._stage, self._ended, self._told_s = "", False, 0.0

    def __call__(self, moment: Progress) -> None:
        """Writes a line when it is time for one."""
        new = moment.stage != self._stage
        ends = bool(moment.total) and moment.done >= moment.total
        self._ended = self._ended and not new
        late = time.monotonic() - self._told_s >= self._every_s
        if not (new or late or ends) or self._ended:
            return
        self._stage, self._ended, self._told_s = moment.stage, ends, time.monotonic()
        self._stream.write(visible(sentence(moment)) + "\n")
        self._stream.flush()


class Documents:
    """Progress for programs: one JSON document a line, the first and last of each stage at once.

    Args:
        stream: Where they go.
        every_s: Seconds between lines of one stage, at least.
    """

    def __init__(self, stream: TextIO, every_s: float = DOCUMENT_EVERY_S) -> None:
        self._stream, self._every_s = stream, every_s
        self._stage, self._told_s = "", 0.0

    def __call__(self, moment: Progress) -> None:
        """Writes a line when it is time for one."""
        ends = bool(moment.total) and moment.done >= moment.total
        late = time.monotonic() - self._told_s >= self._every_s
        if not (moment.stage != self._stage or late or ends):
            return
        self._stage, self._told_s = moment.stage, time.monotonic()
        self._stream.write(json.dumps({"progress": asdict(moment)}) + "\n")
        self._stream.flush()


def sentence(moment: Progress) -> str:
    """Says one moment of a work in one line.

    Args:
        moment: The moment.

    Returns:
        Stage, how far, time left and note.

    Example:
        >>> sentence(Progress("reading sounds", 3, 4, 2.0, "snare.wav"))
        'reading sounds: 3 of 4, 2 s left, snare.wav'
    """
    far = f"{moment.done:g} of {moment.total:g}" if moment.total else ""
    parts = [far, left(moment), moment.note]
    said = ", ".join(part for part in parts if part)
    return f"{moment.stage}: {said}" if said else moment.stage


def left(moment: Progress) -> str:
    """Says how much time is left.

    Args:
        moment: One moment of a work.

    Returns:
        Such as "20 s left"; nothing when unknown or at the end.
    """
    ended = moment.total and moment.done >= moment.total
    if moment.seconds_left is None or ended:
        return ""
    return f"{duration(moment.seconds_left)} left"


class Bars:
    """Progress as bars, one a stage.

    Args:
        stream: A terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._display: Display | None = None
        self._stages: dict[str, TaskID] = {}

    def __call__(self, moment: Progress) -> None:
        """Moves the bar of the moment's stage."""
        display = self._display = self._display or _display(self._stream)
        if moment.stage not in self._stages:
            self._stages[moment.stage] = display.add_task(visible(moment.stage), left="", note="")
        display.update(
            self._stages[moment.stage],
            completed=moment.done,
            total=moment.total or None,
            left=left(moment),
            note=visible(moment.note),
        )

    def close(self) -> None:
        """Leaves the bars as they stand."""
        if self._display is not None:
            self._display.stop()


def _display(stream: TextIO) -> "Display":
    """Imported as late as the first bar: rich costs a tenth of a second."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Display

    display = Display(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %", markup=False),
        TextColumn("{task.fields[left]}", markup=False),
        TextColumn("{task.fields[note]}", markup=False),
        console=Console(file=stream),
    )
    display.start()
    return display
