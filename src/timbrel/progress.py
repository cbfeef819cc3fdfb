"""How long work tells what it is doing. Rooms report; only the command line and studio show."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """One moment of a long piece of work.

    Attributes:
        stage: What is being done, in a user's words ("reading sounds").
        done: How much of it is done, in units of `total`.
        total: How much there is, or 0 where nobody knows yet.
        seconds_left: An estimate in seconds, or None before there is one.
        note: Anything worth reading beside it (loss, speed).
    """

    stage: str
    done: float
    total: float
    seconds_left: float | None = None
    note: str = ""


_SOONEST_S = 0.5  # an estimate before that would be a guess

Report = Callable[[Progress], None]


def silent(_progress: Progress) -> None:
    """A report that shows nothing: the default of every task."""


@dataclass
class Tracker:
    """Turns counts into `Progress` with an estimate of the time left.

    Args:
        stage: What is being done.
        total: How much there is, 0 where unknown.
        report: Where to send each moment.

    Example:
        >>> seen = []
        >>> tracker = Tracker("reading sounds", 2, seen.append)
        >>> tracker.advance(); tracker.advance()
        >>> [moment.done for moment in seen]
        [1.0, 2.0]
    """

    stage: str
    total: float
    report: Report = silent
    done: float = 0.0
    first: float = 0.0
    first_s: float | None = None

    def advance(self, amount: float = 1.0, note: str = "") -> None:
        """Adds to what is done and reports it.

        Args:
            amount: How much more is done, in units of `total`.
            note: Anything worth reading beside it.
        """
        self.done += amount
        if self.first_s is None:
            self.first, self.first_s = self.done, time.monotonic()
        self.report(Progress(self.stage, self.done, self.total, self._seconds_left(), note))

    def _seconds_left(self) -> float | None:
        """Counts from the first result: what comes before it (imports, workers) comes but once."""
        elapsed_s = time.monotonic() - (self.first_s or 0.0)
        if not self.total or elapsed_s < _SOONEST_S or self.done <= self.first:
            return None
        return (self.total - self.done) * elapsed_s / (self.done - self.first)
