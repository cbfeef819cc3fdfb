"""What a training leaves to say."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any, Literal

Ending = Literal["steps", "minutes", "patience", "interrupted", "diverged", "fitted"]


@dataclass(frozen=True)
class TrainingSummary:
    """What a training came to.

    Attributes:
        steps: Steps done, over all runs of this training.
        seconds: Seconds of training and validation, over all runs.
        best_step: The step whose weights the network now holds.
        best_loss: Their validation loss.
        stopped_because: "steps" or "minutes" (the budget is spent), "patience" (no gain any
            more), "interrupted", "diverged", or "fitted" (nothing in it is learned by steps).
        rollbacks: How often the loss exploded and training was rolled back.
        verdict: What that means, in plain words.
        sounds: How many sounds it learned from.
        parameters: How many numbers of the network are learned.
        epochs: How often it saw every sound or slice.
        epoch_seconds: Seconds that an epoch took with its share of validations, the median over
            the times between two validations; 0 where there were none.
        memory_bytes: The most memory that the process took while it trained, over all runs: codes
            that are mapped from disk and what was there before count too.
        card_bytes: The most memory on the graphics card, 0 without one.
        seed: The seed.
        device: Where it was computed.
        precision: In which numbers: "float32" or "bfloat16".
        level: The level that a growing network reached, from 1; 0 for one that does not grow.
        levels: How many levels it has; 0 for one that does not grow.
        batch_size: Sounds a step at the end: fewer than planned where memory was short.
        history: A row per validation and per roll-back, as in ``history.csv``.
    """

    steps: int
    seconds: float
    best_step: int
    best_loss: float
    stopped_because: Ending
    rollbacks: int
    verdict: str
    sounds: int
    parameters: int
    epochs: float
    epoch_seconds: float
    memory_bytes: int
    card_bytes: int
    seed: int
    device: str
    precision: str
    level: int
    levels: int
    batch_size: int
    history: list[dict[str, Any]] = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Gives the summary as plain values, for JSON; the history stays in its own file."""
        table = asdict(self)
        del table["history"]
        return table


def epoch_seconds(rows: Sequence[Mapping[str, Any]]) -> float:
    """Finds how long an epoch takes.

    Args:
        rows: A history.

    Returns:
        The median over the times between two rows, in s an epoch; 0 for fewer than two.

    Example:
        >>> epoch_seconds([{"epoch": n / 2, "seconds": 3.0 * n} for n in range(5)])
        6.0
    """
    pairs = [
        (later["epoch"] - row["epoch"], later["seconds"] - row["seconds"])
        for row, later in pairwise(rows)
    ]
    speeds = [seconds / epochs for epochs, seconds in pairs if epochs > 0]
    return round(median(speeds), 6) if speeds else 0.0
