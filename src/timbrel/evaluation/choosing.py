"""Choosing: how much of the material is judged and shown, and which part; by seed, not by ear."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

Item = TypeVar("Item")


class _HasLabel(Protocol):
    @property
    def label(self) -> str: ...


Labelled = TypeVar("Labelled", bound=_HasLabel)


@dataclass(frozen=True)
class Choice:
    """How much is judged and shown.

    Attributes:
        held_out: Held-out sounds at most, drawn by seed.
        training: Training sounds at most among which the nearest are looked for, drawn by seed.
        examples: Held-out sounds to show, at most, spread over the labels.
        generated_examples: Generated sounds to show, at most, spread over the labels.
        slow: Held-out sounds at most that slow metrics are asked about, spread over the labels.
        copied: Generated and held-out sounds at most, of each, of which copied stretches are looked
            for, spread over the labels; 0 looks for none.
        morphs: Pairs of held-out sounds at most that are morphed; 0 morphs none.
        morph_examples: Of these, so many are shown.
        pieces: Training, held-out and generated sounds at most, of each, that are put beside what
            S1 asks of long sounds.
        long_from_s: Instruments that play as long as this or longer are put beside it.
        per_label: Generated sounds of each label; None makes as many as there are held-out ones,
            and at least 16.
        longest_s: What comes later than so many seconds in a held-out sound is not judged.
        seed: Seed of everything drawn.
    """

    held_out: int = 300
    training: int = 20_000
    examples: int = 12
    generated_examples: int = 24
    slow: int = 48
    copied: int = 48
    morphs: int = 6
    morph_examples: int = 3
    pieces: int = 64
    long_from_s: float = 4.0
    per_label: int | None = None
    longest_s: float = math.inf
    seed: int = 0


def drawn(items: Sequence[Item], most: int, seed: int) -> list[Item]:
    """Draws at most so many items, in their own order.

    Args:
        items: All of them.
        most: How many at most.
        seed: Seed of the draw.

    Returns:
        All where there are no more than `most`, else as many, drawn.

    Example:
        >>> drawn("abc", 5, seed=0)
        ['a', 'b', 'c']
    """
    if len(items) <= most:
        return list(items)
    kept = np.random.default_rng(seed).choice(len(items), most, replace=False)
    return [items[index] for index in sorted(kept.tolist())]


def spread_over_labels(labels: Sequence[str], most: int, seed: int) -> list[int]:
    """Chooses what to show: as equally often of each label as can be, by seed and not by ear.

    Args:
        labels: The label of each sound.
        most: How many to choose at most.
        seed: Seed of the choice.

    Returns:
        The numbers of the chosen, in order of their labels.

    Example:
        >>> spread_over_labels(["kick", "kick", "kick", "snare"], 2, seed=0)[-1]
        3
    """
    turns = Counter[str]()
    ranked = []
    for index in np.random.default_rng(seed).permutation(len(labels)).tolist():
        ranked.append((turns[labels[index]], labels[index], index))
        turns[labels[index]] += 1
    chosen = sorted(ranked)[:most]
    return [index for _, _, index in sorted(chosen, key=lambda item: (item[1], item[0]))]


def unlike_pairs(labels: Sequence[str], most: int, seed: int) -> list[tuple[int, int]]:
    """Draws pairs of sounds of different labels, no sound twice.

    Args:
        labels: The label of each sound; where all are alike, any two make a pair.
        most: How many pairs at most.
        seed: Seed of the draw.

    Returns:
        The numbers of both sounds of each pair.

    Example:
        >>> sorted(sum(unlike_pairs(["kick", "kick", "snare", "snare"], 9, seed=0), ()))
        [0, 1, 2, 3]
    """
    alike = len(set(labels)) < 2
    waiting = np.random.default_rng(seed).permutation(len(labels)).tolist()
    pairs: list[tuple[int, int]] = []
    while len(pairs) < most and len(waiting) > 1:
        first = waiting.pop(0)
        second = next((n for n in waiting if alike or labels[n] != labels[first]), None)
        if second is not None:
            waiting.remove(second)
            pairs.append((first, second))
    return pairs


def keep_spread(kept: list[tuple[int, Labelled]], new: tuple[int, Labelled], most: int) -> None:
    """Keeps of a stream of sounds at most so many, as equally many of each label as can be.

    Where one is too many, the last one of the commonest label goes.

    Args:
        kept: (number, sound) of what was kept so far; changed.
        new: The next one.
        most: How many are kept at most, 1 or more.
    """
    kept.append(new)
    if len(kept) > most:
        (commonest, _), *_ = Counter(one.label for _, one in kept).most_common(1)
        kept.remove([item for item in kept if item[1].label == commonest][-1])
