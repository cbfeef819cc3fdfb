"""Contrasts: whether one source is rated higher than another, tested on what can be tested."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from timbrel.evaluation.listening.inference import (
    LEVEL,
    holm,
    relabelling_p,
    sign_flip_p,
    t_interval,
)
from timbrel.evaluation.statistics import Interval

FEWEST_LISTENERS = 6  # of fewer, no arrangement of signs is rare enough even for one comparison
LISTENERS, ITEMS, SOUNDS = "listeners", "originals", "sounds"


@dataclass(frozen=True)
class Rating:
    """A number that a listener gave a sound.

    Attributes:
        listener: Who.
        source: What made the sound.
        item: What it is a version of, where versions of one original are rated; else the sound.
        value: The number.
        grouped: Whether there are versions of `item` by other sources.
    """

    listener: str
    source: str
    item: str
    value: float
    grouped: bool = False


@dataclass(frozen=True)
class Contrast:
    """Two sources compared.

    Attributes:
        first: The one that is rated higher.
        second: The other.
        difference: Of their means; with an interval where it is of pairs.
        p: The two-sided p that labels do not matter.
        corrected_p: The same, corrected for all comparisons of the family (Holm).
        unit: What was compared: the means of listeners, of originals, or of single sounds.
        count: How many of them.
        least_p: The least p that any ratings of so many could have come to, corrected.
    """

    first: str
    second: str
    difference: Interval
    p: float
    corrected_p: float
    unit: str
    count: int
    least_p: float

    @property
    def is_hopeless(self) -> bool:
        """Whether no difference, however clear, could have come out as more than chance."""
        return self.least_p >= LEVEL


def contrasts(ratings: Sequence[Rating], sources: Sequence[str], *, seed: int) -> list[Contrast]:
    """Compares each source with each other.

    What is permuted is the largest unit that there is enough of. With enough listeners who rated
    both for a corrected p below 0.05 (six for one comparison, seven for three, eight for six), it
    is the listener: what comes out holds for people like them. With fewer it is the original that
    both are versions of, else the single sound: what comes out holds for these listeners, and for
    sounds like these.

    Args:
        ratings: All ratings.
        sources: Which to compare.
        seed: Seed of drawn arrangements.

    Returns:
        One contrast a pair that both have ratings, by rising p.
    """
    rated = [name for name in sources if any(one.source == name for one in ratings)]
    pairs = list(combinations(rated, 2))
    found = [_contrast(ratings, pair, len(pairs), seed) for pair in pairs]
    corrected = holm([one.p for one in found])
    found = [replace(one, corrected_p=p) for one, p in zip(found, corrected, strict=True)]
    return sorted(found, key=lambda one: one.p)


def _contrast(ratings: Sequence[Rating], pair: tuple[str, str], family: int, seed: int) -> Contrast:
    """Compares two sources, as one of a family of so many comparisons."""
    for unit, grouped in ((LISTENERS, False), (ITEMS, True)):
        differences = _differences(ratings, *pair, unit, grouped=grouped)
        least = min(1.0, family * 2.0 ** (1 - len(differences)))
        if least < LEVEL or (unit == ITEMS and len(differences) > 1):
            p = sign_flip_p(differences, seed=seed)
            return _ordered(pair, t_interval(differences), p, (unit, len(differences)), least)
    first, second = (list(_means(ratings, name, "item").values()) for name in pair)
    apart = float(np.mean(first) - np.mean(second))
    p = relabelling_p(first, second, seed=seed)
    count = len(first) + len(second)
    # Both ways round are as extreme where the sets are of one size.
    ways = math.comb(count, len(first)) / (2 if len(first) == len(second) else 1)
    difference = Interval(apart, apart, apart, 1)
    return _ordered(pair, difference, p, (SOUNDS, count), min(1.0, family / ways))


def _differences(
    ratings: Sequence[Rating], one: str, other: str, unit: str, *, grouped: bool
) -> list[float]:
    by = "listener" if unit == LISTENERS else "item"
    used = [rating for rating in ratings if rating.grouped or not grouped]
    first, second = _means(used, one, by), _means(used, other, by)
    return [first[name] - second[name] for name in first if name in second]


def _means(ratings: Sequence[Rating], source: str, by: str) -> dict[str, float]:
    values: dict[str, list[float]] = {}
    for rating in ratings:
        if rating.source == source:
            values.setdefault(getattr(rating, by), []).append(rating.value)
    return {name: float(np.mean(each)) for name, each in values.items()}


def _ordered(
    pair: tuple[str, str], difference: Interval, p: float, units: tuple[str, int], least: float
) -> Contrast:
    if difference.value < 0:
        turned = Interval(-difference.value, -difference.high, -difference.low, difference.count)
        return _ordered(pair[::-1], turned, p, units, least)
    return Contrast(*pair, difference, p, p, *units, least)
