"""The divergence guard: notices a loss that exploded, and says how much slower to go on."""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from timbrel.errors import TrainingError

WINDOW_STEPS = 100  # healthy losses that the guard remembers
ENOUGH_STEPS = 20  # healthy losses before it judges anything but NaN and infinity
STREAK_STEPS = 3  # losses beyond the limit in a row that make an explosion
REFRESH_STEPS = 10  # steps between two computations of the limit
SLOWER = 0.5  # what each roll-back multiplies the learning rate by
MOST_ROLLBACKS = 10


@dataclass
class Guard:
    """Watches the loss of every step.

    A loss has exploded when it is not a number or infinite, or when it stays beyond a limit for
    three steps. The limit lies well above what the last hundred steps scattered over::

        limit = median + 20 spreads + 2 |median|

    where a spread is the median absolute deviation, scaled to a standard deviation. It also fits
    losses below zero (log-likelihoods).

    Attributes:
        rollbacks: How often training was rolled back.
    """

    rollbacks: int = 0
    streak: int = 0
    first: float | None = None
    limit: float = math.inf
    since_refresh: int = 0
    window: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW_STEPS))

    def exploded(self, loss: float) -> bool:
        """Takes in the loss of one step.

        Args:
            loss: The loss.

        Returns:
            Whether training must roll back now.

        Example:
            >>> guard = Guard()
            >>> any(guard.exploded(1.0 + 0.01 * (step % 7)) for step in range(200))
            False
            >>> guard.exploded(float("nan"))
            True
        """
        if not math.isfinite(loss):
            return True
        if loss > self.limit:
            self.streak += 1
            return self.streak >= STREAK_STEPS
        self.streak = 0
        self.window.append(loss)
        self._refresh()
        return False

    def _refresh(self) -> None:
        self.since_refresh += 1
        if len(self.window) < ENOUGH_STEPS or self.since_refresh < REFRESH_STEPS:
            return
        self.since_refresh = 0
        level = median(self.window)
        spread = 1.4826 * median(abs(loss - level) for loss in self.window)
        self.first = level if self.first is None else self.first
        # A loss near zero needs a floor, or its smallest jump would count as an explosion.
        self.limit = level + 20 * spread + 2 * max(abs(level), 0.05 * abs(self.first))

    def rolled_back(self) -> None:
        """Notes a roll-back: from here on the rate is lower."""
        self.rollbacks += 1
        self.streak = 0

    def relent(self) -> None:
        """Forgets half of the roll-backs: as many again may come, at a rate still much lower."""
        self.rollbacks //= 2

    @property
    def healthy(self) -> bool:
        """Whether the last loss was within the limit."""
        return self.streak == 0

    @property
    def exhausted(self) -> bool:
        """Whether it has rolled back so often that going on makes no sense."""
        return self.rollbacks >= MOST_ROLLBACKS

    @property
    def scale(self) -> float:
        """What the learning rate is multiplied by."""
        return SLOWER**self.rollbacks

    def as_table(self) -> dict[str, Any]:
        """Gives its state as plain values, for a checkpoint."""
        limit = None if math.isinf(self.limit) else self.limit
        return {**vars(self), "limit": limit, "window": list(self.window)}

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> "Guard":
        """Builds a guard from what `as_table` gave.

        Args:
            table: The plain values.

        Returns:
            A guard in the same state.
        """
        limit = math.inf if table["limit"] is None else float(table["limit"])
        window = deque(table["window"], maxlen=WINDOW_STEPS)
        return cls(**{**table, "limit": limit, "window": window})


def nothing_learned(guard: Guard, learning_rate: float) -> TrainingError:
    """Tells that the loss exploded from the start.

    Args:
        guard: The guard, which gave up.
        learning_rate: The rate at which training began.

    Returns:
        The error.

    Example:
        >>> str(nothing_learned(Guard(rollbacks=10), 0.5)).partition(";")[0]
        'the loss exploded 10 times and nothing was learned'
    """
    return TrainingError(
        f"the loss exploded {guard.rollbacks} times and nothing was learned",
        "a learning rate at which the loss falls",
        f"lower training.learning_rate (now {learning_rate:g}) or set training.gradient_clip=1",
    )
