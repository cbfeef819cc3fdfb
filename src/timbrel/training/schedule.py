"""The learning rate of each step."""

import math
from dataclasses import dataclass

from timbrel.recipes import TrainingOptions

GAIN = 1e-4  # the relative fall of the validation loss below which it counts as standing still


@dataclass
class Plateau:
    """Watches the validation loss: how long it has stood still, how often the rate was cut.

    Attributes:
        best: The lowest loss so far.
        bad: Validations without gain since the last gain or cut.
        stale: Validations without gain since the last gain, for early stopping.
        cuts: How often the rate was cut.
    """

    best: float = math.inf
    bad: int = 0
    stale: int = 0
    cuts: int = 0

    def see(self, loss: float, *, patience: int) -> None:
        """Takes in one validation.

        Args:
            loss: The validation loss.
            patience: Validations without gain that make a plateau.

        Example:
            >>> watch = Plateau()
            >>> for loss in (1.0, 0.9, 0.9, 0.9):
            ...     watch.see(loss, patience=2)
            >>> watch.cuts, watch.stale
            (1, 2)
        """
        if loss < self.best - GAIN * abs(self.best) or math.isinf(self.best):
            self.best, self.bad, self.stale = loss, 0, 0
            return
        self.bad, self.stale = self.bad + 1, self.stale + 1
        if self.bad >= patience:
            self.bad, self.cuts = 0, self.cuts + 1


def learning_rate(
    options: TrainingOptions, *, step: int, fraction: float, cuts: int, scale: float
) -> float:
    """Says how far the optimiser goes at one step.

    Args:
        options: The recipe's training settings.
        step: Steps done so far.
        fraction: How much of the budget is spent, 0 ... 1.
        cuts: Plateaus so far.
        scale: What the divergence guard multiplies the rate by, 0 ... 1.

    Returns:
        The learning rate.

    Source:
        Cosine: Loshchilov and Hutter 2017, SGDR, eq. 5, without restarts.

    Example:
        >>> options = TrainingOptions(learning_rate=1.0, learning_rate_end=0.0, schedule="cosine")
        >>> learning_rate(options, step=500, fraction=0.5, cuts=0, scale=1.0)
        0.5
    """
    top = options.learning_rate
    end = min(options.learning_rate_end, top)
    rate = top
    if options.schedule == "cosine":
        rate = end + (top - end) * 0.5 * (1 + math.cos(math.pi * min(1.0, fraction)))
    elif options.schedule == "plateau":
        rate = max(end, top * options.plateau_factor**cuts)
    warmup = min(1.0, (step + 1) / options.warmup_steps) if options.warmup_steps else 1.0
    return rate * warmup * scale
