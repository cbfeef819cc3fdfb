"""What a run counts up: the best weights so far, and means of losses between two validations."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

Tensors = dict[str, Tensor]


@dataclass
class Best:
    """The best weights so far.

    Attributes:
        step: Where they come from.
        loss: Their validation loss.
        weights: The weights.
    """

    step: int = 0
    loss: float = math.inf
    weights: Tensors = field(default_factory=dict)


@dataclass
class Mean:
    """The mean of losses since the last validation.

    Attributes:
        sums: Sums by name.
        count: How many steps they sum up.
    """

    sums: dict[str, float] = field(default_factory=dict)
    count: int = 0

    def add(self, parts: Mapping[str, float]) -> None:
        """Takes in the losses of one step.

        Args:
            parts: Losses by name.
        """
        self.count += 1
        for name, value in parts.items():
            self.sums[name] = self.sums.get(name, 0.0) + value

    def of(self, name: str) -> float:
        """Gives the mean of one loss; NaN before the first step.

        Args:
            name: Its name.

        Returns:
            The mean.
        """
        return self.sums[name] / self.count if self.count else math.nan
