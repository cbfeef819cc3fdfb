"""Assessment: what was heard, measured, compared and summed up."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from timbrel.errors import LibraryError
from timbrel.evaluation.choosing import Choice, spread_over_labels
from timbrel.evaluation.classifier import (
    balanced_ratio,
    can_train,
    label_ratios,
    recognition,
    train_classifier,
)
from timbrel.evaluation.copying import NearestSound, Run, copying, runs_of
from timbrel.evaluation.diversity import diversity
from timbrel.evaluation.examples import Example, generated_examples, reconstructed_example
from timbrel.evaluation.glimpses import Glimpse
from timbrel.evaluation.hearing import Heard, Hearing, Neighbours, scores_of
from timbrel.evaluation.joined import joined_grades
from timbrel.evaluation.likeness import likeness
from timbrel.evaluation.material import Entry, Material
from timbrel.evaluation.morph_trials import judged_morphs
from timbrel.evaluation.pairs import load_metrics
from timbrel.evaluation.reconstruction import Measure, Scored, Trial, measures
from timbrel.evaluation.requirements import Pieces, required
from timbrel.evaluation.results import Counts, Facts, Listening, Report, Unavailable
from timbrel.evaluation.sound_sets import asked_labels
from timbrel.evaluation.stretches import copied_stretches, printed
from timbrel.evaluation.verdict import verdict
from timbrel.progress import Report as Progressed
from timbrel.progress import silent


@dataclass(frozen=True)
class Assessment:
    """A report and the sounds to show with it.

    Attributes:
        report: All numbers.
        reconstructed: Held-out sounds with their versions.
        generated: Generated sounds, each with its nearest training sound.
        scored: The scores of each held-out sound.
        morphed: Morphs between held-out sounds, each beside a crossfade.
        pieces: What was measured of single sounds, where the instrument plays long ones.
    """

    report: Report
    reconstructed: tuple[Example, ...]
    generated: tuple[Example, ...]
    scored: Sequence[Scored] = ()
    morphed: tuple[Example, ...] = ()
    pieces: Pieces = field(default_factory=Pieces)


@dataclass(frozen=True)
class _Returned:
    """What came back of the held-out sounds."""

    scored: list[Scored]
    heard: Heard
    measures: dict[str, Measure]
    examples: tuple[Example, ...]
    kept: list[Trial]


_NOTHING = _Returned([], Heard(), {}, (), [])


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

    Of an instrument that only generates, all that needs no reconstruction is judged.

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
    returned = _returned(hearing, real, near_real) if material.reconstruct else _NOTHING
    hearing.measure_real()
    examples = generated_examples(shown, near_made, material.read, hearing.skipped)
    alike = likeness(learned, made, real, seed=hearing.choice.seed)
    copied_real, copied_made = _copied(hearing, real, learned)
    morphs, morphed = judged_morphs(hearing, real.entries, learned)
    found = Report(
        title=title,
        facts={**facts, "evaluation seed": hearing.choice.seed},
        verdict=(),
        counts=Counts(
            held_out=len(returned.scored) if material.reconstruct else len(real.entries),
            training=near.searched,
            generated=len(made.entries),
            labels=_labels(returned.scored if material.reconstruct else real.entries),
            slow=len(returned.kept),
            matched=alike.matched,
            copied_held_out=len(copied_real),
            copied_generated=len(copied_made),
        ),
        reconstruction=returned.measures,
        held_out_copying=replace(
            copying(_pairs(real, near_real)),
            feature_distance=alike.held_out_distance,
            runs=runs_of(copied_real),
        ),
        generated_copying=replace(
            copying(_pairs(made, near_made)),
            feature_distance=alike.generated_distance,
            runs=runs_of(copied_made),
        )
        if made.entries
        else None,
        diversity=diversity(
            made.table,
            made.labels,
            real.table,
            asked_labels(made.labels, real.labels),
            seed=hearing.choice.seed,
        ),
        listening=_listening(learned, real, returned.heard, made),
        skipped=tuple(hearing.skipped),
        joined=joined_grades(returned.kept),
        sets=alike.measures,
        unavailable=tuple(
            Unavailable(metric.title, metric.missing)
            for metric in load_metrics().values()
            if metric.missing
        ),
        morphs=morphs,
        requirements=required(
            hearing.measured, length_s=material.length_s, seed=hearing.choice.seed
        ),
        steering=material.steering,
    )
    whole = replace(found, verdict=verdict(found))
    return Assessment(
        whole, returned.examples, examples, returned.scored, morphed, hearing.measured
    )


def _labels(sounds: Sequence[Scored | Entry]) -> dict[str, int]:
    return dict(sorted(Counter(sound.label for sound in sounds).items()))


def _copied(hearing: Hearing, real: Heard, learned: Heard) -> tuple[list[Run], list[Run]]:
    """The longest copied stretches of a part of the held-out and of the generated sounds."""
    choice, read = hearing.choice, hearing.material.read
    if not choice.copied:
        return [], []
    ours = printed(
        real.entries, read, most=choice.copied, seed=choice.seed, skipped=hearing.skipped
    )
    asked = ours + [one for _, one in hearing.prints]
    runs = copied_stretches(asked, learned.entries, read, hearing.report)
    return runs[: len(ours)], runs[len(ours) :]


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
            examples[wanted[judged.entry.id]] = reconstructed_example(judged, scores)
    if not found.scored:
        reason = hearing.skipped[-1].reason if hearing.skipped else ""
        raise LibraryError("no held-out sound can be judged", advice=reason)
    in_order = tuple(examples[place] for place in sorted(examples))
    summed = measures(found.scored, metrics, seed=choice.seed)
    return replace(found, measures=summed, examples=in_order)


def _ids(heard: Heard, rows: Sequence[int]) -> dict[str, int]:
    return {heard.entries[row].id: place for place, row in enumerate(rows)}


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
    back = returned.labels
    if not known & set(real.labels) or (back and not known & set(back)):
        return None
    held_out = recognition(listener, real.table, real.labels)
    asked = bool(known & set(made.labels))
    generated = recognition(listener, made.table, made.labels) if asked else None
    return Listening(
        held_out=held_out,
        reconstructions=recognition(listener, returned.table, back) if back else None,
        generated=generated,
        ratio=balanced_ratio(generated, held_out) if generated else None,
        label_ratios=label_ratios(generated, held_out) if generated else {},
    )
