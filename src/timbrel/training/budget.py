"""How long a training may go on, and how long it has."""

import math
import time
from dataclasses import dataclass, field
from typing import Literal

from timbrel.errors import UsageError
from timbrel.recipes import TrainingOptions


@dataclass(frozen=True)
class Now:
    """The time, as the first worker has it: all of them decide by the same.

    Attributes:
        elapsed_s: Seconds since the training began.
        validation_s: Seconds that the last validation took.
    """

    elapsed_s: float = 0.0
    validation_s: float = 0.0


@dataclass(frozen=True)
class Budget:
    """What training may spend; whichever limit comes first ends it.

    Attributes:
        minutes: Wall-clock minutes of training and validation, without preparing data; or None.
        steps: Optimiser steps; or None. With both None the recipe's own steps or epochs hold.

    Raises:
        UsageError: When a limit is not above 0.

    Example:
        >>> Budget(minutes=5).seconds
        300.0
    """

    minutes: float | None = None
    steps: int | None = None

    def __post_init__(self) -> None:
        if self.minutes is not None and not 0 < self.minutes < float("inf"):
            raise UsageError(f"a budget of {self.minutes} minutes", "more than 0 minutes")
        if self.steps is not None and self.steps < 1:
            raise UsageError(f"a budget of {self.steps} steps", "at least 1 step")

    @property
    def seconds(self) -> float | None:
        """The limit in seconds, or None."""
        return None if self.minutes is None else self.minutes * 60.0

    def or_steps(self, steps: int) -> "Budget":
        """Falls back on a number of steps where no limit is set.

        Args:
            steps: The recipe's number of steps.

        Returns:
            A budget with at least one limit.
        """
        return Budget(steps=steps) if self.minutes is None and self.steps is None else self

    def fraction(self, *, step: int, elapsed_s: float) -> float:
        """Says how much is spent.

        Args:
            step: Steps done.
            elapsed_s: Seconds spent.

        Returns:
            0 at the start, 1 when nothing is left.
        """
        by_steps = step / self.steps if self.steps else 0.0
        by_time = elapsed_s / self.seconds if self.seconds else 0.0
        return min(1.0, max(by_steps, by_time))

    def spent(self, *, step: int, now: Now) -> Literal["steps", "minutes"] | None:
        """Says what ends a training; no time ends it before its first step.

        Args:
            step: Steps done.
            now: The time. The closing validation belongs to the budget as well.

        Returns:
            What is spent, None where neither is.

        Example:
            >>> Budget(minutes=1).spent(step=5, now=Now(elapsed_s=50, validation_s=10))
            'minutes'
        """
        if self.steps and step >= self.steps:
            return "steps"
        if self.seconds and now.elapsed_s + now.validation_s >= self.seconds and step:
            return "minutes"
        return None


def planned_steps(options: TrainingOptions, count: int) -> int:
    """Says how many steps a recipe plans where no budget is given.

    Args:
        options: The recipe's training settings.
        count: Sounds or slices in the training split.

    Returns:
        Its steps; or as many as its epochs take.

    Example:
        >>> planned_steps(TrainingOptions(epochs=2, batch_size=32), 100)
        7
    """
    if not options.epochs:
        return options.steps
    return math.ceil(options.epochs * count / min(options.batch_size, count))


@dataclass
class Clock:
    """Seconds of training, carried over from run to run.

    Attributes:
        carried_s: Seconds that earlier runs of the same training took.
        started_s: When this run began, on the monotonic clock.
    """

    carried_s: float = 0.0
    started_s: float = field(default_factory=time.monotonic)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the training began, interruptions not counted."""
        return self.carried_s + time.monotonic() - self.started_s
