"""A projection lays latents out in two dimensions. One file each.

Each file declares ``PROJECTION``, a `Projection`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from timbrel.recipes import Options

FloatArray = NDArray[np.float32]


class NoOptions(Options):
    """The settings of a projection that has none."""


@dataclass(frozen=True)
class Projection:
    """The declaration of a projection.

    Attributes:
        title: What it is called in lists.
        source: The paper it follows.
        fit: (latents [M, Z], seed, options) -> positions [M, 2], in any range; where the third is
            left out, the options' defaults hold.
        note: What to know while it works, such as why it takes long; "" where nothing.
        options: The class of its settings; all of them have defaults.
    """

    title: str
    source: str
    fit: Callable[..., FloatArray]
    note: str = ""
    options: type[Options] = NoOptions
