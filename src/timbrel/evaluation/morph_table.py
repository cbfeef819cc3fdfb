"""The table "How good is a morph": means over pairs of sounds, beside the crossfade of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from timbrel.evaluation.morphs import (
    FEATURES,
    LISTENER,
    LISTENER_TITLE,
    MEASURES,
    Judged,
    MorphMeasure,
)
from timbrel.evaluation.statistics import Interval, defined_mean

FEWEST_PAIRS = 5  # below that, the bootstrap calls sure what is chance


@dataclass(frozen=True)
class MorphRow:
    """One measure over all pairs.

    Attributes:
        measure: Which one.
        morph: The mean of the morphs, over the pairs for which it is defined.
        crossfade: The mean of the crossfades of the same pairs.
        difference: The mean of morph less crossfade, pair by pair.
    """

    measure: MorphMeasure
    morph: Interval
    crossfade: Interval
    difference: Interval


@dataclass(frozen=True)
class FeatureRow:
    """How a feature goes from one parent to the other, over all pairs that differ in it.

    Attributes:
        title: The feature.
        forward: Share of the steps that go the right way.
        middle: How far along it is at weight ½.
        largest_step: Share of the way that the largest step covers.
        astray: How far it strays from the straight line.
        crossfade_forward: The first of these numbers, of the crossfades.
        crossfade_largest_step: The third, of the crossfades.
    """

    title: str
    forward: Interval
    middle: Interval
    largest_step: Interval
    astray: Interval
    crossfade_forward: Interval
    crossfade_largest_step: Interval


@dataclass(frozen=True)
class Morphs:
    """How good the morphs of an instrument are.

    Attributes:
        pairs: The pairs of sounds, as they are called.
        weights: The weights at which they were judged.
        rows: Measure to row.
        features: Feature to row.
    """

    pairs: tuple[str, ...]
    weights: tuple[float, ...]
    rows: dict[str, MorphRow]
    features: dict[str, FeatureRow]


def morphs_of(
    judged: Sequence[Judged],
    crossfaded: Sequence[Judged],
    *,
    weights: tuple[float, ...],
    seed: int,
) -> Morphs:
    """Sums up what was measured of some pairs.

    Args:
        judged: What was measured of each morph, at least one.
        crossfaded: The same of the crossfade of each pair, in the same order.
        weights: The weights at which they were judged.
        seed: Seed of the bootstrap over pairs.

    Returns:
        The table.
    """
    return Morphs(
        pairs=tuple(one.title for one in judged),
        weights=weights,
        rows={name: _row(name, judged, crossfaded, seed) for name in MEASURES},
        features={
            name: _feature(name, judged, crossfaded, seed)
            for name in (*FEATURES, LISTENER)
            if any(one.lines.get(name) for one in judged)
        },
    )


def mean_of(judged: Sequence[Judged], name: str, *, seed: int) -> Interval:
    """Gives the mean of a measure over pairs, with its interval.

    Args:
        judged: What was measured of each pair.
        name: One of `MEASURES`.
        seed: Seed of the bootstrap.

    Returns:
        The mean over those pairs for which it is defined.
    """
    return defined_mean([one.numbers[name] for one in judged], seed=seed)


def difference_of(
    ours: Sequence[Judged], theirs: Sequence[Judged], name: str, *, seed: int
) -> Interval:
    """Gives the mean of a measure's difference, pair by pair, with its interval.

    Args:
        ours: What was measured of each pair.
        theirs: The same of the same pairs, by another way.
        name: One of `MEASURES`.
        seed: Seed of the bootstrap.

    Returns:
        The mean of ours less theirs.
    """
    pairs = zip(ours, theirs, strict=True)
    return defined_mean([a.numbers[name] - b.numbers[name] for a, b in pairs], seed=seed)


def better(difference: Interval, measure: MorphMeasure) -> bool | None:
    """Tells which of two ways is surely better, as far as an interval can say.

    Args:
        difference: The mean difference with its interval.
        measure: What was measured.

    Returns:
        True for the first way, False for the second; None where the interval includes zero,
        neither direction is better, or there are fewer than five pairs.

    Example:
        >>> better(Interval(-0.2, -0.3, -0.1, 9), MEASURES["second_pitch"])
        True
    """
    apart = difference.low > 0 or difference.high < 0
    if measure.higher_is_better is None or difference.count < FEWEST_PAIRS or not apart:
        return None
    return (difference.low > 0) == measure.higher_is_better


def _row(
    name: str, judged: Sequence[Judged], crossfaded: Sequence[Judged], seed: int
) -> MorphRow:  # fmt: skip
    return MorphRow(
        MEASURES[name],
        mean_of(judged, name, seed=seed),
        mean_of(crossfaded, name, seed=seed),
        difference_of(judged, crossfaded, name, seed=seed),
    )


def _feature(
    name: str, judged: Sequence[Judged], crossfaded: Sequence[Judged], seed: int
) -> FeatureRow:
    def mean(of: Sequence[Judged], part: str) -> Interval:
        lines = [line for one in of if (line := one.lines.get(name))]
        return defined_mean([float(getattr(line, part)) for line in lines], seed=seed)

    title = LISTENER_TITLE if name == LISTENER else FEATURES[name].title
    parts: Mapping[str, Interval] = {
        part: mean(judged, part) for part in ("forward", "middle", "largest_step", "astray")
    }
    return FeatureRow(
        title,
        **parts,
        crossfade_forward=mean(crossfaded, "forward"),
        crossfade_largest_step=mean(crossfaded, "largest_step"),
    )
