"""A projection lays latents out in two dimensions. One file each.

Each file declares ``PROJECTION``, a `Projection`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Projection:
    """The declaration of a projection.

    Attributes:
        title: What it is called in lists.
        source: The paper it follows.
        fit: (latents [M, Z], seed) -> positions [M, 2], in any range.
        note: What to know while it works, such as why it takes long; "" where nothing.
    """

    title: str
    source: str
    fit: Callable[[FloatArray, int], FloatArray]
    note: str = ""
