"""Progress of a training: loss, speed and time left, a few times a second."""

import time
from collections import deque
from dataclasses import dataclass, field

from timbrel.families import Stage
from timbrel.progress import Progress, Report
from timbrel.training.budget import Budget

_EVERY_S = 0.2
_SPEED_OVER = 50  # moments that the speed is measured over


@dataclass
class Teller:
    """Tells how a training goes.

    Attributes:
        report: Where it tells it.
        budget: What may be spent.
        validation_loss: The last validation's loss, or None.
        stage: Where the network stands.
    """

    report: Report
    budget: Budget
    validation_loss: float | None = None
    stage: Stage = field(default_factory=Stage)
    _told_s: float = 0.0
    _moments: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=_SPEED_OVER))

    @property
    def steps_per_s(self) -> float:
        """The speed of late, validations included."""
        if len(self._moments) < 2:
            return 0.0
        (then_s, then), (now_s, now) = self._moments[0], self._moments[-1]
        return (now - then) / (now_s - then_s) if now_s > then_s else 0.0

    def tell(self, *, step: int, elapsed_s: float, loss: float, last: bool = False) -> None:
        """Reports one moment, unless it has just done so.

        Args:
            step: Steps done.
            elapsed_s: Seconds spent.
            loss: The loss of late.
            last: Whether this is the last moment, which is always told.
        """
        now_s = time.monotonic()
        if now_s - self._told_s < _EVERY_S and not last:
            return
        self._told_s = now_s
        self._moments.append((now_s, step))
        fraction = self.budget.fraction(step=step, elapsed_s=elapsed_s)
        left_s = self._left_s(step, elapsed_s)
        total = float(self.budget.steps or self.budget.seconds or 0)
        done = float(step) if self.budget.steps else min(elapsed_s, total)
        if self.budget.steps and self.budget.seconds:
            done = fraction * total
        self.report(Progress("training", done, total, left_s, self._note(loss)))

    def _left_s(self, step: int, elapsed_s: float) -> float | None:
        left = []
        if self.budget.seconds:
            left.append(max(0.0, self.budget.seconds - elapsed_s))
        if self.budget.steps and self.steps_per_s:
            left.append((self.budget.steps - step) / self.steps_per_s)
        return min(left) if left else None

    def _note(self, loss: float) -> str:
        parts = [f"level {standing(self.stage)}"] if self.stage.levels > 1 else []
        parts.append(f"loss {loss:.4g}")
        if self.validation_loss is not None:
            parts.append(f"validation {self.validation_loss:.4g}")
        if self.steps_per_s:
            parts.append(f"{self.steps_per_s:.3g} steps/s")
        return ", ".join(parts)


def standing(stage: Stage) -> str:
    """Says where a growing network stands.

    Args:
        stage: Its level and fade.

    Returns:
        Such as "3 of 9 (40 % faded in)".

    Example:
        >>> standing(Stage(3, 9, 0.4)), standing(Stage(9, 9))
        ('3 of 9 (40 % faded in)', '9 of 9')
    """
    fading = f" ({100 * stage.fade:.0f} % faded in)" if stage.fade < 1 else ""
    return f"{stage.level} of {stage.levels}{fading}"
