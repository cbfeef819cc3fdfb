"""What a run tells and asks the world."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from timbrel.progress import Report
from timbrel.training.fitting import FreeBytes, free_bytes

Preview = Callable[[nn.Module, int], None]


@dataclass(frozen=True)
class Hooks:
    """What a run tells and asks the world.

    Attributes:
        report: Where progress goes.
        should_stop: Asked between steps.
        preview: Called now and then with the network and the step.
        free: Says how much memory may still be taken.
    """

    report: Report
    should_stop: Callable[[], bool]
    preview: Preview | None
    free: FreeBytes = free_bytes
