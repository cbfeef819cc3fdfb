"""Agreement: how far names that were found fit the truth, where somebody knows it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Agreement:
    """How well areas, and names found for sounds, fit true classes.

    Attributes:
        purity: Share of the sounds that are of their area's most frequent true class.
        chance: What the purity would be in one single area: the share of the largest class.
        named: Share of the sounds that have a name.
        right: Share of those whose name is their true class; 0 where none is named.
    """

    purity: float
    chance: float
    named: float
    right: float


def agreement(areas: NDArray[np.intp], names: Sequence[str], truth: Sequence[str]) -> Agreement:
    """Compares areas and class names that were found with the truth.

    Args:
        areas: The area of each sound, [M].
        names: The class found for each sound, [M], "" for none.
        truth: The true class of each sound, [M].

    Returns:
        The shares.

    Source:
        Purity as in Manning, Raghavan and Schütze, "Introduction to information retrieval", 2008,
        section 16.3.

    Example:
        >>> agreement(np.array([0, 0, 1, 1]), ["a", "a", "", "a"], ["a", "a", "b", "b"])
        Agreement(purity=1.0, chance=0.5, named=0.75, right=0.6666666666666666)
    """
    true, given = np.array(truth, dtype=object), np.array(names, dtype=object)
    most = sum(max(Counter(true[areas == area]).values()) for area in np.unique(areas))
    named = given != ""
    right = float((given == true)[named].mean()) if named.any() else 0.0
    largest = max(Counter(truth).values())
    return Agreement(most / len(true), largest / len(true), float(named.mean()), right)
