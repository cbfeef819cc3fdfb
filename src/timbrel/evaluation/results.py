"""What an assessment found: plain, frozen and ready for JSON."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from timbrel.evaluation.classifier import Recognition
from timbrel.evaluation.copying import Copying
from timbrel.evaluation.diversity import Diversity
from timbrel.evaluation.morph_table import Morphs
from timbrel.evaluation.reconstruction import Measure, Version
from timbrel.evaluation.requirements import Requirements
from timbrel.evaluation.sound_sets import SetMeasure
from timbrel.evaluation.steering import Steering

FORMAT = 2

Facts = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True)
class Skipped:
    """A sound that could not be judged.

    Attributes:
        name: The sound.
        reason: Why not.
    """

    name: str
    reason: str


@dataclass(frozen=True)
class Counts:
    """How many sounds stand behind a report.

    Attributes:
        held_out: Sounds that were reconstructed.
        training: Training sounds that were read, and among which the nearest were looked for.
        generated: Generated sounds.
        labels: Held-out sounds of each label.
        slow: Held-out sounds that slow metrics were asked about.
        matched: Generated sounds, and as many held-out ones of the same labels, that were compared
            as sets.
        copied_held_out: Held-out sounds whose copied stretches were looked for.
        copied_generated: Generated sounds whose copied stretches were looked for.
    """

    held_out: int
    training: int
    generated: int
    labels: dict[str, int]
    slow: int = 0
    matched: int = 0
    copied_held_out: int = 0
    copied_generated: int = 0


@dataclass(frozen=True)
class Unavailable:
    """A metric that could not be asked.

    Attributes:
        title: What it is called.
        advice: What to install.
    """

    title: str
    advice: str


@dataclass(frozen=True)
class Joined:
    """One grade of many sounds joined end to end: fairer to short ones than the mean of grades.

    Attributes:
        title: The metric.
        unit: Its unit.
        count: How many sounds were joined.
        values: Version to grade; not a number where it is undefined.
    """

    title: str
    unit: str
    count: int
    values: dict[Version, float]


@dataclass(frozen=True)
class Listening:
    """What a listener, trained on the real training sounds, makes of other sounds.

    Attributes:
        held_out: How often it names held-out real sounds right.
        reconstructions: How often it names their reconstructions right; None where there are none.
        generated: How often generated sounds are named as was asked; None where none had a label.
        ratio: Generated over held-out, each label counting equally; None where there is no such.
        label_ratios: The same for each label that both have.
    """

    held_out: Recognition
    reconstructions: Recognition | None
    generated: Recognition | None
    ratio: float | None
    label_ratios: dict[str, float]


@dataclass(frozen=True)
class Report:
    """The answer to "how good is it".

    Attributes:
        title: Of what, for headings.
        facts: What made the instrument and this report: recipe, data, splits, seeds, machine,
            versions.
        verdict: Plain sentences, the most important first.
        counts: How many sounds stand behind it.
        reconstruction: Metric to measure, against two floors; empty for what only generates.
        held_out_copying: How near held-out sounds are to training sounds.
        generated_copying: How near generated sounds are; None where none were made.
        diversity: Label to how varied generated sounds are.
        listening: What a listener makes of them; None where the library has too few labels.
        skipped: Sounds that could not be judged, with reasons.
        joined: The grade of held-out sounds joined end to end; None where it could not be had.
        sets: Metric of sets to measure; empty where nothing was generated.
        unavailable: Metrics that need something installed.
        morphs: How good its morphs are; None where it does not morph.
        requirements: What S1 asks of long sounds; None where it plays short ones.
        steering: What its sliders do; None where they are not known.
    """

    title: str
    facts: Facts
    verdict: tuple[str, ...]
    counts: Counts
    reconstruction: dict[str, Measure]
    held_out_copying: Copying
    generated_copying: Copying | None
    diversity: dict[str, Diversity]
    listening: Listening | None
    skipped: tuple[Skipped, ...]
    joined: Joined | None = None
    sets: dict[str, SetMeasure] = field(default_factory=dict)
    unavailable: tuple[Unavailable, ...] = ()
    morphs: Morphs | None = None
    requirements: Requirements | None = None
    steering: Steering | None = None


def as_json(report: object) -> str:
    """Writes a report as strict JSON: numbers that are not finite become null.

    Args:
        report: A `Report`, or another frozen object of such numbers.

    Returns:
        One JSON object, indented, with the number of its format.
    """
    table = {"format": FORMAT, **asdict(cast(Any, report))}
    return json.dumps(_strict(table), indent=1, ensure_ascii=False, allow_nan=False)


def _strict(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _strict(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(inner) for inner in value]
    return value
