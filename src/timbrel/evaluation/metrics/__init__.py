"""A metric says how near, how good or how varied sounds are, as a number. One file each.

Each file declares ``METRIC``, a `Metric`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from torch import Tensor


@dataclass(frozen=True)
class Metric:
    """The declaration of a metric that takes a pair of sounds.

    Attributes:
        title: What it is called in lists.
        unit: Unit of the number ("dB"), or "" for a ratio.
        higher_is_better: Its direction.
        ideal: The value for identical sounds (may be infinite).
        needs: "pair" (reference and test).
        source: The paper it follows.
        compute: (reference [T], test [T], sample_rate) -> number.
    """

    title: str
    unit: str
    higher_is_better: bool
    ideal: float
    needs: Literal["pair"]
    source: str
    compute: Callable[[Tensor, Tensor, int], float]
