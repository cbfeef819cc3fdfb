"""Diversity: how much sounds of one label differ from each other, beside real held-out ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from timbrel.evaluation.sketches import Sketches, distances

MOST_PAIRED = 500


@dataclass(frozen=True)
class Diversity:
    """How varied generated sounds are, in dB between two of one label.

    Attributes:
        generated_db: Mean distance of two generated sounds; None where there are fewer than two.
        held_out_db: The same of real held-out sounds.
        ratio: Generated over held-out; 1 is as varied as real sounds.
    """

    generated_db: float | None
    held_out_db: float | None
    ratio: float | None


def mean_distance(sketches: Sketches) -> float | None:
    """Measures how far two of these sounds are from each other, on average over all pairs.

    Args:
        sketches: Sketches, [Q, D]; of more than 500 the first 500 count.

    Returns:
        The mean distance in dB, None for fewer than two sounds.

    Example:
        >>> mean_distance(np.array([[0, 0], [3, 3]], np.float32))
        3.0
    """
    count = min(len(sketches), MOST_PAIRED)
    if count < 2:
        return None
    pairs = distances(sketches[:count], sketches[:count])
    return float(pairs[np.triu_indices(count, k=1)].mean())


def diversity(
    generated: Sketches,
    generated_labels: Sequence[str],
    held_out: Sketches,
    held_out_labels: Sequence[str],
) -> dict[str, Diversity]:
    """Compares how varied generated and held-out sounds are, label by label.

    Args:
        generated: Sketches of generated sounds, [Q, D].
        generated_labels: The label that was asked of each.
        held_out: Sketches of real sounds that nothing was learned from, [M, D].
        held_out_labels: Their labels.

    Returns:
        For each label of the generated sounds, how varied both are.
    """
    return {
        label: _compared(
            mean_distance(generated[_where(generated_labels, label)]),
            mean_distance(held_out[_where(held_out_labels, label)]),
        )
        for label in sorted(set(generated_labels))
    }


def _where(labels: Sequence[str], label: str) -> list[int]:
    return [index for index, name in enumerate(labels) if name == label]


def _compared(generated_db: float | None, held_out_db: float | None) -> Diversity:
    if generated_db is None or not held_out_db:
        return Diversity(generated_db, held_out_db, None)
    return Diversity(generated_db, held_out_db, generated_db / held_out_db)


def typical_ratio(labels: Mapping[str, Diversity]) -> float | None:
    """Gives the median of the labels' ratios.

    Args:
        labels: What `diversity` found.

    Returns:
        The median, None where no label has a ratio.
    """
    ratios = [found.ratio for found in labels.values() if found.ratio is not None]
    return float(np.median(ratios)) if ratios else None
