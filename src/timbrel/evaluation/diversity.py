"""Diversity: how much sounds of one label differ from each other, beside real held-out ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from timbrel.evaluation.sketches import Sketches, distances
from timbrel.evaluation.statistics import Z_95, Interval

MOST_PAIRED = 500
RESAMPLES = 200


@dataclass(frozen=True)
class Diversity:
    """How varied generated sounds are, in dB between two of one label.

    Attributes:
        generated_db: Mean distance of two generated sounds; None where there are fewer than two.
        held_out_db: The same of real held-out sounds.
        ratio: Generated over held-out; 1 is as varied as real sounds.
        interval: The ratio with its 95 % bootstrap interval, both sets being drawn anew; None where
            there is no ratio.
    """

    generated_db: float | None
    held_out_db: float | None
    ratio: float | None
    interval: Interval | None = None


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
    *,
    seed: int = 0,
) -> dict[str, Diversity]:
    """Compares how varied generated and held-out sounds are, label by label.

    Args:
        generated: Sketches of generated sounds, [Q, D].
        generated_labels: The label that was asked of each.
        held_out: Sketches of real sounds that nothing was learned from, [M, D].
        held_out_labels: Their labels.
        seed: Seed of the intervals.

    Returns:
        For each label of the generated sounds, how varied both are.
    """
    return {
        label: _compared(
            generated[_where(generated_labels, label)],
            held_out[_where(held_out_labels, label)],
            seed,
        )
        for label in sorted(set(generated_labels))
    }


def _where(labels: Sequence[str], label: str) -> list[int]:
    return [index for index, name in enumerate(labels) if name == label]


def _compared(generated: Sketches, held_out: Sketches, seed: int) -> Diversity:
    made, real = mean_distance(generated), mean_distance(held_out)
    if made is None or not real:
        return Diversity(made, real, None)
    return Diversity(made, real, made / real, _interval(generated, held_out, made / real, seed))


def _interval(generated: Sketches, held_out: Sketches, ratio: float, seed: int) -> Interval:
    """Draws both sets anew; a sound drawn twice makes no pair with itself."""
    rng = np.random.default_rng(seed)
    tables = [distances(part[:MOST_PAIRED], part[:MOST_PAIRED]) for part in (generated, held_out)]
    drawn = []
    for _ in range(RESAMPLES):
        made, real = (_mean_of_drawn(table, rng) for table in tables)
        if made is not None and real:
            drawn.append(made / real)
    reach = Z_95 * float(np.std(drawn, ddof=1)) if len(drawn) > 1 else 0.0
    return Interval(ratio, max(0.0, ratio - reach), ratio + reach, len(tables[0]))


def _mean_of_drawn(table: NDArray[np.float64], rng: np.random.Generator) -> float | None:
    rows = rng.integers(0, len(table), len(table))
    different = rows[:, None] != rows[None]
    return float(table[np.ix_(rows, rows)][different].mean()) if different.any() else None


def typical_ratio(labels: Mapping[str, Diversity]) -> float | None:
    """Gives the median of the labels' ratios.

    Args:
        labels: What `diversity` found.

    Returns:
        The median, None where no label has a ratio.
    """
    ratios = [found.ratio for found in labels.values() if found.ratio is not None]
    return float(np.median(ratios)) if ratios else None
