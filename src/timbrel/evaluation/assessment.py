"""Assessment: what was heard, measured, compared and summed up."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from torch import Tensor

from timbrel.errors import LibraryError, TimbrelError
from timbrel.evaluation import peaq
from timbrel.evaluation.classifier import (
    balanced_ratio,
    can_train,
    label_ratios,
    recognition,
    train_classifier,
)
from timbrel.evaluation.copying import NearestSound, copying, nearest_distances, runs_of
from timbrel.evaluation.diversity import diversity
from timbrel.evaluation.glimpses import Glimpse
from timbrel.evaluation.hearing import (
    Choice,
    Example,
    Heard,
    Hearing,
    Neighbours,
    scores_of,
    spread_over_labels,
)
from timbrel.evaluation.material import Entry, Made, Material
from timbrel.evaluation.pairs import load_metrics
from timbrel.evaluation.reconstruction import (
    VERSIONS,
    Measure,
    Scored,
    Trial,
    Version,
    measures,
)
from timbrel.evaluation.results import (
    Counts,
    Facts,
    Joined,
    Listening,
    Report,
    Skipped,
    Unavailable,
)
from timbrel.evaluation.sound_sets import FEWEST, SetMeasure, know, matched, set_measures
from timbrel.evaluation.statistics import Spread
from timbrel.evaluation.verdict import verdict
from timbrel.progress import Report as Progressed
from timbrel.progress import silent
from timbrel.signal.files import Sound, resample

CAPTIONS: dict[Version, str] = {
    "reconstruction": "reconstruction",
    "round_trip": "front end alone",
    "nearest": "nearest training sound",
}


@dataclass(frozen=True)
class Assessment:
    """A report and the sounds to show with it.

    Attributes:
        report: All numbers.
        reconstructed: Held-out sounds with their versions.
        generated: Generated sounds, each with its nearest training sound.
        scored: The scores of each held-out sound.
    """

    report: Report
    reconstructed: tuple[Example, ...]
    generated: tuple[Example, ...]
    scored: Sequence[Scored] = ()


@dataclass(frozen=True)
class _Returned:
    """What came back of the held-out sounds."""

    scored: list[Scored]
    heard: Heard
    measures: dict[str, Measure]
    examples: tuple[Example, ...]
    kept: list[Trial]


def assess(
    material: Material,
    *,
    title: str,
    facts: Facts,
    choice: Choice | None = None,
    memory: dict[str, Glimpse] | None = None,
    report: Progressed = silent,
) -> Assessment:
    """Judges an instrument by what comes back of held-out sounds and by what it generates.

    Args:
        material: The sounds, and what the instrument makes of them.
        title: Of what, for headings.
        facts: What made the instrument: recipe, data, machine.
        choice: How much is judged and shown; None for the usual.
        memory: What is kept of real sounds, for the next assessment of the same library.
        report: Told how far it is.

    Returns:
        The report and the sounds to show with it.

    Raises:
        LibraryError: When no held-out or no training sound can be read.
    """
    hearing = Hearing(material, choice or Choice(), report, {} if memory is None else memory)
    real = hearing.held_out()
    made, shown = hearing.generated()
    near, learned = hearing.neighbours(_both(real, made).table)
    if not real.entries or not near.entries or not learned.entries:
        raise LibraryError(
            "no held-out or no training sound can be read", advice="scan the library again"
        )
    near_real, near_made = near.split(len(real.entries))
    returned = _returned(hearing, real, near_real)
    examples = _generated_examples(hearing, shown, near_made)
    sets = _sets(learned, made, real, seed=hearing.choice.seed)
    copied = hearing.copied(real, learned)
    found = Report(
        title=title,
        facts={**facts, "evaluation seed": hearing.choice.seed},
        verdict=(),
        counts=Counts(
            held_out=len(returned.scored),
            training=near.searched,
            generated=len(made.entries),
            labels=dict(sorted(Counter(row.label for row in returned.scored).items())),
            slow=len(returned.kept),
            matched=sets.matched,
            copied_held_out=len(copied[0]),
            copied_generated=len(copied[1]),
        ),
        reconstruction=returned.measures,
        held_out_copying=replace(
            copying(_pairs(real, near_real)),
            feature_distance=sets.held_out_distance,
            runs=runs_of(copied[0]),
        ),
        generated_copying=replace(
            copying(_pairs(made, near_made)),
            feature_distance=sets.generated_distance,
            runs=runs_of(copied[1]),
        )
        if made.entries
        else None,
        diversity=diversity(made.table, made.labels, real.table, real.labels),
        listening=_listening(learned, real, returned.heard, made),
        skipped=tuple(hearing.skipped),
        joined=_joined(returned.kept),
        sets=sets.measures,
        unavailable=tuple(
            Unavailable(metric.title, metric.missing)
            for metric in load_metrics().values()
            if metric.missing
        ),
    )
    return Assessment(
        replace(found, verdict=verdict(found)), returned.examples, examples, returned.scored
    )


@dataclass(frozen=True)
class _Sets:
    """What comparing sets gave."""

    measures: dict[str, SetMeasure] = field(default_factory=dict)
    matched: int = 0
    held_out_distance: Spread | None = None
    generated_distance: Spread | None = None


def _sets(learned: Heard, made: Heard, real: Heard, *, seed: int) -> _Sets:
    """Compares sets, equally many of each label; nothing where there is nothing to compare."""
    chosen, partners = matched(made.labels, real.labels)
    if len(chosen) < FEWEST or len(learned.entries) < FEWEST:
        return _Sets()
    known = know(learned.glimpses, learned.labels, seed=seed)
    ours, theirs = known.set_of(made.glimpses), known.set_of(real.glimpses)
    return _Sets(
        set_measures(known, ours.take(chosen), theirs.take(partners), seed=seed),
        len(chosen),
        nearest_distances(theirs.features, known.reference.features),
        nearest_distances(ours.features, known.reference.features),
    )


def _joined(kept: Sequence[Trial]) -> Joined | None:
    """Grades the sounds that slow metrics saw once more, joined end to end."""
    if not kept:
        return None
    rate = max(trial.sample_rate for trial in kept)

    def at_rate(sound: Tensor, trial: Trial) -> Tensor:
        return resample(sound, from_hz=trial.sample_rate, to_hz=rate)[None]

    values: dict[Version, float] = {}
    for version in VERSIONS:
        pairs = [(at_rate(t.original, t), at_rate(t.versions[version], t)) for t in kept]
        values[version] = peaq.joined(pairs, sample_rate=rate).objective_difference
    return Joined("Objective difference grade, joined", "ODG grade", len(kept), values)


def _both(first: Heard, second: Heard) -> Heard:
    return Heard(first.entries + second.entries, first.glimpses + second.glimpses)


def _returned(hearing: Hearing, real: Heard, near: Neighbours) -> _Returned:
    choice = hearing.choice
    metrics = {name: metric for name, metric in load_metrics().items() if not metric.missing}
    quick = {name: metric for name, metric in metrics.items() if not metric.slow}
    wanted = _ids(real, spread_over_labels(real.labels, choice.examples, choice.seed))
    asked = _ids(real, spread_over_labels(real.labels, choice.slow, choice.seed))
    found = _Returned([], Heard(), {}, (), [])
    examples = dict[int, Example]()
    trials = hearing.trials(real.entries, near.entries)
    for judged, scores, seen in scores_of(
        trials, lambda entry: metrics if entry.id in asked else quick, hearing.skipped
    ):
        found.scored.append(scores)
        found.heard.add(judged.entry, seen)
        if judged.entry.id in asked:
            found.kept.append(judged)
        if judged.entry.id in wanted:
            examples[wanted[judged.entry.id]] = _reconstructed_example(judged, scores)
    if not found.scored:
        reason = hearing.skipped[-1].reason if hearing.skipped else ""
        raise LibraryError("no held-out sound can be judged", advice=reason)
    in_order = tuple(examples[place] for place in sorted(examples))
    summed = measures(found.scored, metrics, seed=choice.seed)
    return replace(found, measures=summed, examples=in_order)


def _ids(heard: Heard, rows: Sequence[int]) -> dict[str, int]:
    return {heard.entries[row].id: place for place, row in enumerate(rows)}


def _reconstructed_example(judged: Trial, scores: Scored) -> Example:
    distance = {
        version: values["log_spectral_distance"] for version, values in scores.scores.items()
    }
    sounds = {"original": Sound(judged.original[None], judged.sample_rate)} | {
        f"{caption}, {distance[version]:.1f} dB away": Sound(
            judged.versions[version][None], judged.sample_rate
        )
        for version, caption in CAPTIONS.items()
    }
    return Example(
        judged.entry.name,
        judged.entry.label,
        sounds,
        f"{len(judged.original) / judged.sample_rate:.2f} s. Nearest training sound: "
        f"{scores.nearest}",
    )


def _pairs(heard: Heard, near: Neighbours) -> list[NearestSound]:
    return [
        NearestSound(entry.name, entry.label, close.name, close.label, float(distance))
        for entry, close, distance in zip(
            heard.entries, near.entries, near.distances_db, strict=True
        )
    ]


def _listening(learned: Heard, real: Heard, returned: Heard, made: Heard) -> Listening | None:
    """Asks a listener for the names; None where it cannot be trained or asked."""
    if not can_train(learned.labels):
        return None
    listener = train_classifier(learned.table, learned.labels)
    known = set(listener.labels)
    if not known & set(real.labels) or not known & set(returned.labels):
        return None
    held_out = recognition(listener, real.table, real.labels)
    asked = bool(known & set(made.labels))
    generated = recognition(listener, made.table, made.labels) if asked else None
    return Listening(
        held_out=held_out,
        reconstructions=recognition(listener, returned.table, returned.labels),
        generated=generated,
        ratio=balanced_ratio(generated, held_out) if generated else None,
        label_ratios=label_ratios(generated, held_out) if generated else {},
    )


def _generated_examples(
    hearing: Hearing, shown: Sequence[tuple[int, Made]], near: Neighbours
) -> tuple[Example, ...]:
    ordered = sorted(shown, key=lambda item: (item[1].label, item[0]))
    return tuple(
        _generated_example(hearing, made, near.entries[number], float(near.distances_db[number]))
        for number, made in ordered
    )


def _generated_example(hearing: Hearing, made: Made, nearest: Entry, distance_db: float) -> Example:
    """The generated sound is shown even where its neighbour cannot be read any more."""
    sounds, note = {"generated": made.sound}, f"Nearest training sound: {nearest.name}"
    try:
        caption = f"nearest training sound, {distance_db:.1f} dB away"
        sounds[caption] = hearing.material.read(nearest.id)
    except TimbrelError as error:
        hearing.skipped.append(Skipped(nearest.name, str(error)))
        note += f", {distance_db:.1f} dB away; it cannot be read any more"
    return Example(made.name, made.label, sounds, note)
