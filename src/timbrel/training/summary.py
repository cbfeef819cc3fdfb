"""What a training leaves to say."""

from dataclasses import asdict, dataclass, field
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
        seed: The seed.
        device: Where it was computed.
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
    seed: int
    device: str
    history: list[dict[str, Any]] = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Gives the summary as plain values, for JSON; the history stays in its own file."""
        table = asdict(self)
        del table["history"]
        return table
