"""One recording: who learns from it best, in new pieces, in repairs and in going on?

recordings --- whole -------- new pieces: like it, and no copies? --- seams of continuations
           |-- with holes --- what fills them ------------ against the truth
           `-- first half --- the second half, dull ------ against the truth
                          `-- the second half, noisy ----- against the truth
"""

from collections.abc import Callable, Mapping
from functools import partial

from timbrel.experiments import Experiment, Request, Scale
from timbrel.experiments._findings import Exhibit, Findings
from timbrel.experiments._long_form_arms import arms_of
from timbrel.experiments._recording_options import OneRecordingOptions, Part
from timbrel.experiments._recording_outcome import Outcome
from timbrel.experiments._recording_pieces import pieces
from timbrel.experiments._recording_repairs import bandwidth, holes, mended, noise
from timbrel.experiments._recording_seams import seams
from timbrel.experiments._recording_tables import tables
from timbrel.experiments._recording_words import verdict
from timbrel.experiments._recording_work import REFUSALS, Found, Work, checked
from timbrel.experiments._takes import Take, takes
from timbrel.progress import Tracker

ASKED: Mapping[Part, Callable[[Work, Take], Found]] = {
    "pieces": pieces,
    "holes": partial(mended, make=holes),
    "bandwidth": partial(mended, make=bandwidth),
    "noise": partial(mended, make=noise),
    "seams": seams,
}
SHOWN: Mapping[Part, tuple[str, str]] = {
    "pieces": ("new pieces", "The first of the seed, not chosen; ten seconds of each."),
    "holes": ("the longest hole", "With a second and a half before and after it."),
    "bandwidth": (
        "bandwidth extended",
        "The beginning of the second half, of which nothing was learned.",
    ),
    "noise": (
        "noise taken out",
        "The beginning of the second half, of which nothing was learned.",
    ),
    "seams": ("going on", "The recording ends in the middle, after three seconds."),
}


def run(request: Request, options: OneRecordingOptions) -> Findings:
    """Trains instruments on recordings for equal minutes, and measures what they make of these.

    Args:
        request: What was asked for.
        options: How much is done.

    Returns:
        Tables of pieces, repairs and seams, what they mean, and pictures and sounds.

    Raises:
        UsageError: When there is no recording, or a recipe learns from a library.
    """
    arms = arms_of(options.recipes)
    checked(arms)
    chosen = takes(request, options.recordings, seconds=options.seconds)
    work = Work(request, options, arms)
    found = _found(work, chosen)
    outcome = Outcome(
        options=options,
        arms=arms,
        takes=tuple(take.name for take in chosen),
        parts={
            part: {take.name: found[part, take].rows for take in chosen if (part, take) in found}
            for part in options.parts
        },
        said={take.name: one.said for (_, take), one in found.items() if one.said},
        trainings={arm.title: work.trainings(arm, chosen) for arm in arms},
        failed=work.failed,
        seed=request.seed,
    )
    return Findings(
        subtitle=f"{len(arms)} {'instrument' if len(arms) == 1 else 'instruments'}, "
        f"{options.minutes:g} minutes for each training; "
        f"{', '.join(outcome.takes)}.",
        verdict=tuple(verdict(outcome)),
        tables=tables(outcome),
        pictures=tuple(p for one in found.values() for p in work.shelf.pictures(one.pictures)),
        exhibits=tuple(
            _exhibit(work, part, take, one) for (part, take), one in found.items() if one.heard
        ),
        facts={"sounds": ", ".join(outcome.takes)},
    )


def _found(work: Work, chosen: tuple[Take, ...]) -> dict[tuple[Part, Take], Found]:
    """Measures part by part of each recording; what cannot be measured is named."""
    parts = tuple(dict.fromkeys(work.options.parts))
    tracker = Tracker("recordings", len(chosen) * len(parts), work.request.report)
    found = {}
    for take in chosen:
        for part in parts:
            try:
                found[part, take] = ASKED[part](work, take)
            except REFUSALS as error:
                work.note(f"any instrument ({part})", take, error)
            tracker.advance(note=f"{part} of {take.name}")
    return found


def _exhibit(work: Work, part: Part, take: Take, found: Found) -> Exhibit:
    title, note = SHOWN[part]
    return work.shelf.exhibit(f"{take.name}: {title}", note, found.heard)


EXPERIMENT = Experiment(
    title="One recording",
    about="Who learns most from one recording in equal time: in new pieces that are like it and no "
    "copies, in repairs held against the truth, and in going on where it ends?",
    source="S2, a songwriter's use of Catch-A-Waveform (Greshler, Shaham and Michaeli 2021); the "
    "measures are timbrel's",
    needs="recordings of four seconds and more, each learned from alone; without any, those of the "
    "folder TIMBREL_DATA",
    scales={
        "smoke": Scale(
            OneRecordingOptions(
                recipes=("single-tiny", "caw-tiny"),
                minutes=0.005,
                seconds=6,
                pieces=2,
                holes_ms=(50, 400),
                repaired_at=4000,
                draws=1,
                continuations=2,
                continued_s=1,
            ),
            "a minute",
        ),
        "small": Scale(OneRecordingOptions(), "two hours"),
        "full": Scale(
            OneRecordingOptions(minutes=30, pieces=12, draws=6, continuations=12, heard=3),
            "eighteen hours",
        ),
    },
    run=run,
)
