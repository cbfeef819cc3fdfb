"""Assessment: what was heard, measured, compared and summed up."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from timbrel.errors import LibraryError, TimbrelError
from timbrel.evaluation.classifier import (
    balanced_ratio,
    can_train,
    label_ratios,
    recognition,
    train_classifier,
)
from timbrel.evaluation.copying import NearestSound, copying
from timbrel.evaluation.diversity import diversity
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
    Measure,
    Scored,
    Trial,
    Version,
    measures,
)
from timbrel.evaluation.results import Counts, Facts, Listening, Report, Skipped
from timbrel.evaluation.verdict import verdict
from timbrel.progress import Report as Progressed
from timbrel.progress import silent
from timbrel.signal.files import Sound

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
    """

    report: Report
    reconstructed: tuple[Example, ...]
    generated: tuple[Example, ...]


@dataclass(frozen=True)
class _Returned:
    """What came back of the held-out sounds."""

    scored: list[Scored]
    heard: Heard
    measures: dict[str, Measure]
    examples: tuple[Example, ...]


def assess(
    material: Material,
    *,
    title: str,
    facts: Facts,
    choice: Choice | None = None,
    report: Progressed = silent,
) -> Assessment:
    """Judges an instrument by what comes back of held-out sounds and by what it generates.

    Args:
        material: The sounds, and what the instrument makes of them.
        title: Of what, for headings.
        facts: What made the instrument: recipe, data, machine.
        choice: How much is judged and shown; None for the usual.
        report: Told how far it is.

    Returns:
        The report and the sounds to show with it.

    Raises:
        LibraryError: When no held-out or no training sound can be read.
    """
    hearing = Hearing(material, choice or Choice(), report)
    real = hearing.held_out()
    made, shown = hearing.generated()
    near, learned = hearing.neighbours(_joined(real, made).table)
    if not real.entries or not near.entries or not learned.entries:
        raise LibraryError(
            "no held-out or no training sound can be read", advice="scan the library again"
        )
    near_real, near_made = near.split(len(real.entries))
    returned = _returned(hearing, real, near_real)
    examples = _generated_examples(hearing, shown, near_made)
    found = Report(
        title=title,
        facts={**facts, "evaluation seed": hearing.choice.seed},
        verdict=(),
        counts=Counts(
            held_out=len(returned.scored),
            training=near.searched,
            generated=len(made.entries),
            labels=dict(sorted(Counter(row.label for row in returned.scored).items())),
        ),
        reconstruction=returned.measures,
        held_out_copying=copying(_pairs(real, near_real)),
        generated_copying=copying(_pairs(made, near_made)) if made.entries else None,
        diversity=diversity(made.table, made.labels, real.table, real.labels),
        listening=_listening(learned, real, returned.heard, made),
        skipped=tuple(hearing.skipped),
    )
    return Assessment(replace(found, verdict=verdict(found)), returned.examples, examples)


def _joined(first: Heard, second: Heard) -> Heard:
    return Heard(first.entries + second.entries, first.sketches + second.sketches)


def _returned(hearing: Hearing, real: Heard, near: Neighbours) -> _Returned:
    metrics, seed = load_metrics(), hearing.choice.seed
    shown = spread_over_labels(real.labels, hearing.choice.examples, seed)
    wanted = {real.entries[number].id: place for place, number in enumerate(shown)}
    scored, heard, examples = list[Scored](), Heard(), dict[int, Example]()
    trials = hearing.trials(real.entries, near.entries)
    for judged, scores, seen in scores_of(trials, metrics, hearing.skipped):
        scored.append(scores)
        heard.add(judged.entry, seen)
        if judged.entry.id in wanted:
            examples[wanted[judged.entry.id]] = _reconstructed_example(judged, scores)
    if not scored:
        reason = hearing.skipped[-1].reason if hearing.skipped else ""
        raise LibraryError("no held-out sound can be judged", advice=reason)
    in_order = tuple(examples[place] for place in sorted(examples))
    return _Returned(scored, heard, measures(scored, metrics, seed=seed), in_order)


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
