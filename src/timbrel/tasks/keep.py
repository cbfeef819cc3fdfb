"""Keep: of many made sounds the best, each with the reason; two passes, so that memory stays flat.

made sounds, one at a time --- what is known of each --- which are kept --- made again --- written
training sounds, once      --- their sketches        _/
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import numpy as np
import torch

from timbrel.errors import TimbrelError
from timbrel.evaluation.choosing import drawn
from timbrel.evaluation.copied_runs import longest_copied_runs
from timbrel.evaluation.copying import COPIED
from timbrel.evaluation.crowd import Crowd, crowd_of, windows_of
from timbrel.evaluation.flaws import BREAKS_OFF, all_end, breaks_off, flaw
from timbrel.evaluation.keeping import Candidate, Kept, Selection, keep
from timbrel.evaluation.sketches import FLOOR_DB, MELS, MOMENTS
from timbrel.evaluation.stretches import fingerprint_of
from timbrel.instruments.cloud import SoundNote
from timbrel.instruments.instrument import Instrument
from timbrel.instruments.offers import Scores
from timbrel.progress import Report, Tracker, silent
from timbrel.signal.files import Sound
from timbrel.synthesis.renders import SEEDS, Render
from timbrel.tasks.sounds import LibrarySounds
from timbrel.tasks.workspace import Workspace

MOST_TRAINING = 4000  # training sounds that are listened to
MOST_HELD_OUT = 200  # sounds never learned from that say how far is near enough
LONG_S = 4.0  # above, copied stretches are looked for wherever they lie

Draw = Callable[[Sequence[int]], Iterator[Render]]


@dataclass(frozen=True, eq=False)
class _Library:
    """What is known of an instrument's library.

    Attributes:
        crowd: Its training sounds; None where none could be read.
        typical_db: How far sounds never learned from are from them; None where that is not known.
        ends: Whether its sounds end, so that one that breaks off is a fault.
        training: Ids of the training sounds that were heard.
        read: Reads a sound by its id.
    """

    crowd: Crowd | None
    typical_db: float | None
    ends: bool
    training: tuple[str, ...]
    read: Callable[[str], Sound]


def choose(
    workspace: Workspace,
    instrument: Instrument,
    draw: Draw,
    *,
    count: int,
    kept: int,
    seed: int = 0,
    report: Report = silent,
) -> Selection:
    """Listens to many sounds and chooses the best of them; none is held.

    Args:
        workspace: Whose library the instrument learned from.
        instrument: Who plays.
        draw: Makes the sounds of some numbers, one at a time; the same number always gives the
            same sound.
        count: How many are made, numbers 0 to `count` - 1.
        kept: How many are kept.
        seed: Seed of which training sounds are listened to, where there are thousands.
        report: Where progress goes.

    Returns:
        Which are kept, and why.
    """
    library = _library(workspace, instrument, seed, report)
    made = _candidates(instrument, library, draw(range(count)), count, report)
    cleared: set[int] = set()
    while True:
        chosen = keep(made, kept, typical_db=library.typical_db)
        asked = [one.number for one in chosen.kept if one.number not in cleared]
        copies = _copies(instrument, library, draw, asked)
        if not copies:
            return chosen
        cleared |= set(asked)
        made = [replace(one, flaw=copies.get(one.number, one.flaw)) for one in made]


def table(chosen: Selection) -> dict[str, Any]:
    """Tells a choice as plain values.

    Args:
        chosen: What was kept.

    Returns:
        ``kept``, a row each, in the order in which they were kept; ``left_out``; ``of``;
        ``criteria``; ``missing``.
    """
    return {
        "of": chosen.of,
        "criteria": list(chosen.criteria),
        "missing": dict(chosen.missing),
        "typical_db": chosen.typical_db,
        "kept": [row(one) for one in chosen.kept],
        "left_out": [{"number": one.number, "reason": one.reason} for one in chosen.left_out],
    }


def row(one: Kept) -> dict[str, Any]:
    """Tells of one kept sound as plain values.

    Args:
        one: The sound.

    Returns:
        Its number, place, ranks, numbers and the reason in words.
    """
    return {**vars(one), "ranks": dict(one.ranks)}


# ---- the library -----------------------------------------------------------------------------


def _library(workspace: Workspace, instrument: Instrument, seed: int, report: Report) -> _Library:
    try:
        read = LibrarySounds(workspace, instrument).read
    except TimbrelError:
        return _Library(None, None, False, (), _gone)
    training = [note for note in instrument.sounds if note.split == "train"]
    unheard = [note for note in instrument.sounds if note.split == "test"]
    heard, endings = _heard(instrument, drawn(training, MOST_TRAINING, seed), read, report)
    crowd = crowd_of([(note.name, windows) for note, windows in heard])
    typical = None
    if crowd is not None:
        others, _ = _heard(instrument, drawn(unheard, MOST_HELD_OUT, seed), read, report)
        far_db = [crowd.near(windows).distance_db for _, windows in others]
        typical = median(far_db) if far_db else None
    return _Library(crowd, typical, all_end(endings), tuple(n.id for n, _ in heard), read)


def _gone(id_: str) -> Sound:
    raise AssertionError(id_)  # nothing was heard, so nothing is asked for again


def _heard(
    instrument: Instrument,
    notes: Sequence[SoundNote],
    read: Callable[[str], Sound],
    report: Report,
) -> tuple[list[tuple[SoundNote, Any]], list[bool]]:
    """Windows of each sound, and whether it breaks off; what cannot be read is passed over."""
    tracker = Tracker("hearing the library's sounds", len(notes), report)
    windows, endings = [], []
    for note in notes:
        tracker.advance()
        try:
            sound = Sound(instrument.fit(read(note.id)), instrument.sample_rate)
            windows.append((note, windows_of(sound)))
        except TimbrelError:
            continue
        endings.append(breaks_off(sound.samples, sound.sample_rate))
    return windows, endings


# ---- what was made ---------------------------------------------------------------------------


def _candidates(
    instrument: Instrument,
    library: _Library,
    made: Iterator[Render],
    count: int,
    report: Report,
) -> list[Candidate]:
    """Listens to each sound; one that cannot be made is no sound to keep, and stops nothing."""
    tracker = Tracker("listening to what is made", count, report)
    found = []
    for number in range(count):
        try:
            found.append(_candidate(instrument, library, number, next(made)))
        except TimbrelError as error:
            found.append(Candidate(number, _NOTHING, flaw=str(error)))
        tracker.advance()
    return found


_NOTHING = np.full(MELS * MOMENTS, -FLOOR_DB, np.float32)


def _candidate(instrument: Instrument, library: _Library, number: int, render: Render) -> Candidate:
    sound = render.sound
    wrong = flaw(sound.samples)
    if not wrong and library.ends and breaks_off(sound.samples, sound.sample_rate):
        wrong = BREAKS_OFF
    if wrong:
        return Candidate(number, _NOTHING, flaw=wrong)
    windows = windows_of(sound)
    near = library.crowd.near(windows) if library.crowd else None
    return Candidate(
        number,
        windows.mean(axis=0),
        score=_score(instrument, render),
        nearest=near.name if near else "",
        distance_db=near.distance_db if near else None,
        copied=near.copied if near else 0.0,
    )


def _score(instrument: Instrument, render: Render) -> float | None:
    """What the critic thinks of the code behind a sound; None where there is no critic."""
    network = instrument.network
    if not isinstance(network, Scores):
        return None
    drawn_by = int(render.provenance["seed"]) * SEEDS + int(render.provenance["number"])
    code = instrument.code(render.latent[None], seed=drawn_by)
    with torch.inference_mode():
        score = float(network.score(code)[0])
    return score if math.isfinite(score) else None


def _copies(
    instrument: Instrument,
    library: _Library,
    draw: Draw,
    asked: Sequence[int],
) -> dict[int, str]:
    """Looks for stretches of long sounds that a training sound has too, wherever they lie."""
    if instrument.recipe.duration_s < LONG_S or not library.training or not asked:
        return {}
    prints = [fingerprint_of(render.sound) for render in draw(asked)]
    names = {note.id: note.name for note in instrument.sounds}
    runs = longest_copied_runs(
        prints, library.training, lambda id_: fingerprint_of(library.read(id_))
    )
    return {
        number: f"{run.run_ms / 1000:.1f} s of it are {names[run.source]}"
        for number, run in zip(asked, runs, strict=True)
        if run.share >= COPIED
    }
