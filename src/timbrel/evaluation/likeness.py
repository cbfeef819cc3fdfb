"""Likeness: generated sounds as a set beside held-out ones, both against training sounds."""

from dataclasses import dataclass, field

from timbrel.evaluation.copying import nearest_distances
from timbrel.evaluation.hearing import Heard
from timbrel.evaluation.sound_sets import (
    FEWEST,
    SetMeasure,
    asked_labels,
    know,
    matched,
    set_measures,
)
from timbrel.evaluation.statistics import Spread


@dataclass(frozen=True)
class Likeness:
    """How like real sounds generated ones are, as a whole.

    Attributes:
        measures: Metric of sets to measure; empty where there was nothing to compare.
        matched: How many generated, and as many held-out sounds were compared.
        held_out_distance: How far held-out sounds are from the nearest training sound, by features.
        generated_distance: The same of generated sounds.
    """

    measures: dict[str, SetMeasure] = field(default_factory=dict)
    matched: int = 0
    held_out_distance: Spread | None = None
    generated_distance: Spread | None = None


def likeness(learned: Heard, made: Heard, real: Heard, *, seed: int) -> Likeness:
    """Compares generated and held-out sounds with training sounds, equally many of each label.

    Args:
        learned: Training sounds.
        made: Generated sounds.
        real: Held-out sounds.
        seed: Seed of halves, classifier, bins and intervals.

    Returns:
        What was found; nothing where there is nothing to compare.
    """
    chosen, partners = matched(made.labels, asked_labels(made.labels, real.labels))
    if len(chosen) < FEWEST or len(learned.entries) < FEWEST:
        return Likeness()
    known = know(learned.glimpses, learned.labels, seed=seed)
    ours, theirs = known.set_of(made.glimpses), known.set_of(real.glimpses)
    return Likeness(
        set_measures(known, ours.take(chosen), theirs.take(partners), seed=seed),
        len(chosen),
        nearest_distances(theirs.features, known.reference.features),
        nearest_distances(ours.features, known.reference.features),
    )
