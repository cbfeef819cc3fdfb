"""Sets of sounds compared: generated ones, and held-out real ones, each with training sounds.

Three rules keep it fair. Both sets that are judged have the same number of sounds of each label.
The classifier whose features are looked at learns from one half of the training sounds, and the
other half is what sets are compared with: neither side knows it. And what real, held-out sounds
get stands beside: that is how well one can do.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from timbrel import plugins
from timbrel.errors import UsageError
from timbrel.evaluation.classifier import can_train
from timbrel.evaluation.features import Features, train_features
from timbrel.evaluation.glimpses import Glimpse
from timbrel.evaluation.metrics import SetMetric, SoundSet
from timbrel.evaluation.statistics import Interval, set_interval

Rows = NDArray[np.int64]
FEWEST = 2


@dataclass(frozen=True)
class SetMeasure:
    """One metric of sets.

    Attributes:
        title: What the metric is called.
        unit: Its unit, "" for none.
        higher_is_better: Its direction.
        generated: Generated sounds against training sounds; None where it is undefined.
        held_out: As many held-out real sounds of the same labels against the same.
        reference: With how many training sounds they were compared.
        reason: Why it is undefined, "" where it is not.
    """

    title: str
    unit: str
    higher_is_better: bool
    generated: Interval | None
    held_out: Interval | None
    reference: int
    reason: str = ""

    @property
    def ratio(self) -> float | None:
        """Generated over held-out; None where it is undefined."""
        if self.generated is None or self.held_out is None or not self.held_out.value:
            return None
        return self.generated.value / self.held_out.value


@dataclass(frozen=True)
class Known:
    """What is known of a library's training sounds once it was heard.

    Attributes:
        reference: The half of them that sets are compared with.
        features: What the other half taught a classifier; None where it has too few labels.
    """

    reference: SoundSet
    features: Features | None

    def set_of(self, glimpses: Sequence[Glimpse]) -> SoundSet:
        """Puts sounds into a form that metrics of sets can take.

        Args:
            glimpses: What was kept of each.

        Returns:
            The set.
        """
        return set_of(glimpses, self.features)


def know(glimpses: Sequence[Glimpse], labels: Sequence[str], *, seed: int) -> Known:
    """Learns from one half of the training sounds, and keeps the other to compare with.

    Args:
        glimpses: What was kept of each training sound, at least two.
        labels: Their labels, "" for none.
        seed: Seed of the halves and of the classifier.

    Returns:
        Both.

    Raises:
        UsageError: When there are fewer than two training sounds.
    """
    if len(glimpses) < FEWEST:
        raise UsageError(f"{len(glimpses)} training sound(s)", f"at least {FEWEST}")
    order = np.argsort(interleaved(labels, seed))
    taught, kept = order[::2], order[1::2]
    names = [labels[row] for row in taught]
    features = None
    if can_train(names):
        sketches = np.stack([glimpses[row].sketch for row in taught])
        features = train_features(sketches, names, seed=seed)
    return Known(set_of([glimpses[row] for row in kept], features), features)


def set_of(glimpses: Sequence[Glimpse], features: Features | None) -> SoundSet:
    """Puts sounds into a form that metrics of sets can take.

    Args:
        glimpses: What was kept of each, at least one.
        features: A classifier's features; None leaves them out.

    Returns:
        The set.
    """
    sketches = np.stack([one.sketch for one in glimpses])
    return SoundSet(
        pictures=np.stack([one.picture for one in glimpses]),
        statistics=np.stack([one.statistics for one in glimpses]),
        features=features.of(sketches) if features else np.zeros((len(glimpses), 0), np.float32),
    )


def interleaved(labels: Sequence[str], seed: int) -> Rows:
    """Ranks sounds so that every second one is half of every label, by seed.

    Args:
        labels: The label of each.
        seed: Seed of the order within a label.

    Returns:
        The rank of each, [M]: a permutation in which labels follow each other.

    Example:
        >>> sorted(interleaved(["kick", "snare", "kick", "snare"], seed=0)[[0, 2]].tolist())
        [0, 1]
    """
    drawn = np.random.default_rng(seed).permutation(len(labels))
    order = sorted(range(len(labels)), key=lambda row: (labels[row], drawn[row]))
    ranks = np.empty(len(labels), dtype=np.int64)
    ranks[order] = np.arange(len(labels))
    return ranks


def asked_labels(generated: Sequence[str], held_out: Sequence[str]) -> Sequence[str]:
    """Gives held-out sounds the labels that generated ones can be set beside.

    Args:
        generated: The label that was asked of each generated sound.
        held_out: The label of each held-out sound.

    Returns:
        The held-out labels; none of them where no label was asked.

    Example:
        >>> asked_labels(["", ""], ["kick"]), asked_labels(["kick", ""], ["kick"])
        ([''], ['kick'])
    """
    return held_out if any(generated) else [""] * len(held_out)


def matched(generated: Sequence[str], held_out: Sequence[str]) -> tuple[Rows, Rows]:
    """Chooses as many generated as held-out sounds of each label: the first ones.

    Args:
        generated: The label of each generated sound.
        held_out: The label of each held-out sound.

    Returns:
        Rows of either, equally many.

    Example:
        >>> made, real = matched(["kick"] * 3, ["kick", "snare", "kick"])
        >>> made.tolist(), real.tolist()
        ([0, 1], [0, 2])
    """
    counts = Counter(generated) & Counter(held_out)
    return _first(generated, counts), _first(held_out, counts)


def _first(labels: Sequence[str], counts: Mapping[str, int]) -> Rows:
    seen, rows = Counter[str](), []
    for row, label in enumerate(labels):
        seen[label] += 1
        if seen[label] <= counts[label]:
            rows.append(row)
    return np.array(rows, dtype=np.int64)


def load_set_metrics() -> dict[str, SetMetric]:
    """Imports the metrics that take two sets.

    Returns:
        Name to metric, alphabetical.
    """
    room = "evaluation.metrics"
    loaded = {name: plugins.load(room, name) for name in plugins.names(room)}
    return {name: metric for name, metric in loaded.items() if metric.needs == "sets"}


def set_measures(
    known: Known, generated: SoundSet, held_out: SoundSet, *, seed: int
) -> dict[str, SetMeasure]:
    """Compares generated and held-out sounds with training sounds, by all metrics of sets.

    Args:
        known: What is known of the training sounds.
        generated: Generated sounds.
        held_out: As many held-out real sounds.
        seed: Seed of bins and intervals.

    Returns:
        Metric to its measure.
    """
    return {
        name: _measure(metric, known, (generated, held_out), seed)
        for name, metric in load_set_metrics().items()
    }


def _measure(
    metric: SetMetric, known: Known, judged: tuple[SoundSet, SoundSet], seed: int
) -> SetMeasure:
    declared = (metric.title, metric.unit, metric.higher_is_better)
    count = len(known.reference)
    try:
        judge = metric.fitted(known.reference, seed)
        made, real = (
            set_interval(lambda rows, s=one: judge(s.take(rows)), len(one), seed=seed)  # type: ignore[misc]
            for one in judged
        )
    except UsageError as error:
        return SetMeasure(*declared, None, None, count, reason=str(error))
    return SetMeasure(*declared, made, real, count)
