"""Guesses: what class a sound is of, told by the labelled sounds of another library."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from timbrel.errors import UsageError
from timbrel.mapping.layout import FloatArray
from timbrel.mapping.placing import BLOCK_ROWS, nearest

NEIGHBOURS = 7
FAR = 1.5  # spacings of the labelled sounds, at which nobody's vote is as strong as a neighbour's
SURE = 0.6  # the share of the votes that a class needs


@dataclass(frozen=True, eq=False)
class Guesses:
    """Votes for classes.

    Attributes:
        classes: The classes, in alphabetical order.
        votes: [M, classes], each row summing to less than 1; what lacks is nobody's vote.
    """

    classes: tuple[str, ...]
    votes: NDArray[np.float64]


def guess(features: FloatArray, known: FloatArray, labels: Sequence[str]) -> Guesses:
    """Guesses the classes of sounds by their nearest neighbours in a labelled library.

    The seven nearest vote for their class with weights that fall with distance as a bell whose
    width is the usual distance of two neighbours in the labelled library; and nobody votes as a
    neighbour would that is one and a half times so far. So a sound that is like none of the
    labelled ones is left without a class, and one that lies between classes has no sure one.

    Args:
        features: Audible features of the sounds, [M, D]; rows of NaN get no votes.
        known: Audible features of the labelled sounds, [K, D].
        labels: Their labels, K; those with "" are left out.

    Returns:
        The votes.

    Raises:
        UsageError: When fewer than two sounds have labels.

    Source:
        Dudani, "The distance-weighted k-nearest-neighbor rule", 1976.

    Example:
        >>> known = np.array([[0.0], [0.1], [5.0], [5.1]], dtype=np.float32)
        >>> made = guess(np.array([[0.0], [2.5]]), known, ["kick", "kick", "snare", "snare"])
        >>> made.classes, (made.votes.max(axis=1) > 0.5).tolist()
        (('kick', 'snare'), [True, False])
    """
    names = np.array(labels, dtype=object)
    has = names != ""
    if has.sum() < 2:
        raise UsageError("a library without labels to take names from", "a labelled library")
    known, names = known[has], names[has]
    classes, own = np.unique(names.astype(str), return_inverse=True)
    width = _usual_distance(known)
    votes = np.zeros((len(features), len(classes)))
    rows = np.flatnonzero(np.isfinite(features).all(axis=1))
    for part in np.array_split(rows, -(-len(rows) // BLOCK_ROWS) or 1):
        votes[part] = _votes(features[part], known, own, width, len(classes))
    return Guesses(tuple(classes.tolist()), votes)


def _votes(
    asked: FloatArray, known: FloatArray, own: NDArray[np.intp], width: float, classes: int
) -> NDArray[np.float64]:
    distances, near = nearest(known, asked, NEIGHBOURS)
    weights = np.exp(-0.5 * (distances / width) ** 2)
    summed = np.stack([(weights * (own[near] == c)).sum(axis=1) for c in range(classes)], axis=1)
    nobody = np.exp(-0.5 * FAR**2)
    return np.asarray(summed / (summed.sum(axis=1, keepdims=True) + nobody))


def _usual_distance(known: FloatArray) -> float:
    """The median distance of a labelled sound's neighbours, itself left out."""
    some = known[:: -(-len(known) // BLOCK_ROWS)]
    distances = nearest(known, some, NEIGHBOURS + 1)[0][:, 1:]
    return max(float(np.median(distances)), float(np.finfo(np.float32).eps))


def classes(guesses: Guesses) -> list[str]:
    """Gives each sound the class with the most votes, where that has three fifths of them.

    Args:
        guesses: The votes.

    Returns:
        A class each, "" where nobody is sure.

    Example:
        >>> classes(Guesses(("kick", "tom"), np.array([[0.9, 0.0], [0.4, 0.5]])))
        ['kick', '']
    """
    best = guesses.votes.argmax(axis=1)
    return [
        guesses.classes[choice] if row[choice] >= SURE else ""
        for row, choice in zip(guesses.votes, best, strict=True)
    ]
