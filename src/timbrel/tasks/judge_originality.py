"""Evaluate instruments of one recording: are their new pieces like it, and are they copies?"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from timbrel.errors import UsageError
from timbrel.evaluation.machine import machine_facts
from timbrel.evaluation.originality.judging import originality
from timbrel.evaluation.originality.moments import LOWEST_RATE, SHORTEST_S
from timbrel.evaluation.originality.report import Learned, OriginalityReport, write_originality
from timbrel.evaluation.report import checked_folder
from timbrel.evaluation.results import Facts
from timbrel.instruments import folder, improvising
from timbrel.instruments.instrument import Instrument
from timbrel.progress import Report, Tracker, silent
from timbrel.signal import resampling
from timbrel.signal.files import Sound
from timbrel.synthesis import improvisations
from timbrel.synthesis.proposals import Proposals
from timbrel.tasks.evaluate import different, report_folder, trained_facts
from timbrel.tasks.instruments import open_named
from timbrel.tasks.same_recordings import Takes, longest, same_or_refuse
from timbrel.tasks.workspace import Workspace

PIECES, FEWEST, MOST = 6, 2, 64
LONGEST_S = 30.0  # of a piece


def learned_from_recordings(workspace: Workspace, names: Sequence[str]) -> bool:
    """Says whether instruments learned from a recording, and not from the library.

    Args:
        workspace: The workspace.
        names: The instruments, one or more.

    Returns:
        Whether all of them did.

    Raises:
        UnknownNameError: When there is no such instrument.
        UsageError: When some of them did and some did not.
    """
    kinds = {name: _improvises(workspace, name) for name in names}
    if len(set(kinds.values())) > 1:
        ours = next(name for name, from_recordings in kinds.items() if from_recordings)
        other = next(name for name, from_recordings in kinds.items() if not from_recordings)
        raise UsageError(
            f"{ours!r}, which learned from a recording, beside {other!r}, which did not",
            "instruments of one kind",
            "evaluate them apart",
        )
    return all(kinds.values())


def _improvises(workspace: Workspace, name: str) -> bool:
    return "vary" in folder.describe(workspace.existing_instrument(name))["abilities"]


def judge_originality(
    workspace: Workspace,
    names: Sequence[str],
    *,
    out: Path | None = None,
    count: int | None = None,
    seed: int = 0,
    device: str = "cpu",
    force: bool = False,
    report: Report = silent,
) -> OriginalityReport:
    """Lets instruments that learned from one recording make new pieces, and judges these.

    The pieces are as long as the recording, 30 s at most. They are held against it beside montages
    of it and the recording itself. Several instruments must have learned from the same recording,
    which is told by its sound and not by its name; of each as many pieces of the same seeds are
    made, and all are compared up to what the lowest of their rates can hold.

    Args:
        workspace: The workspace.
        names: The instruments, one or more.
        out: The report's folder; None for the one of those names among the workspace's reports.
        count: New pieces of each, 2 to 64; None for 6.
        seed: Seed of all that is drawn.
        device: Where the networks shall live.
        force: Whether a report that stands there is replaced; nothing else ever is.
        report: Told how far it is.

    Returns:
        The numbers, as they stand in ``report.json``.

    Raises:
        UnknownNameError: When there is no such instrument.
        AbilityError: When one did not learn from a recording, or makes no sound.
        UsageError: When a name is given twice, the recordings differ, or the count is out of range.
        ExistsError: When the folder exists, and `force` is false or it holds something else.
    """
    pieces = PIECES if count is None else count
    if not FEWEST <= pieces <= MOST:
        raise UsageError(f"{pieces} new pieces of each instrument", f"{FEWEST} to {MOST}")
    place = report_folder(workspace, *names) if out is None else out
    checked_folder(place, force=force)
    instruments = [open_named(workspace, name, device) for name in different(names)]
    takes = [takes_of(one) for one in instruments]
    same_or_refuse(takes)
    whole = longest(takes)
    heard = {name: audible(one) for name, one in whole.named.items()}
    seconds = min(max(whole.duration_s, SHORTEST_S), LONGEST_S)
    tracker = Tracker("making new pieces", pieces * len(instruments), report)
    systems = {
        one.name: new_pieces(one, pieces, seconds=seconds, seed=seed, tracker=tracker)
        for one in instruments
    }
    found = originality(list(heard.values()), systems, seed=seed, report=report)
    facts = {
        one.name: _facts(one, own, pieces, seconds, seed)
        for one, own in zip(instruments, takes, strict=True)
    }
    learned = Learned(", ".join(systems), heard, facts, _notes(takes, whole))
    return write_originality(place, found, learned, force=force)


def takes_of(instrument: Instrument) -> Takes:
    """Gives the recordings that an instrument learned from.

    Args:
        instrument: The instrument.

    Returns:
        The recordings at its rate, with its holes.

    Raises:
        AbilityError: When it learned from none.
    """
    recording = improvising.recording_of(instrument)
    sounds = [Sound(one.cpu().clone(), instrument.sample_rate) for one in recording.sounds()]
    lengths = [one.samples.shape[1] for one in sounds]
    return Takes(
        instrument.name,
        tuple(note.name for note in instrument.sounds),
        tuple(sounds),
        torch.split(recording.known().cpu(), lengths),
    )


def new_pieces(
    instrument: Instrument, count: int, *, seconds: float, seed: int, tracker: Tracker
) -> list[Sound]:
    """Lets an instrument make new pieces, fit to be held against its recording.

    Args:
        instrument: Who plays.
        count: How many.
        seconds: How long each is.
        seed: Seed of all that is drawn.
        tracker: Told of each.

    Returns:
        The pieces, at 8 kHz at least.

    Raises:
        AbilityError: When it makes no numbers.
    """
    made = []
    for one in improvisations.generated(
        instrument, seconds=seconds, proposals=Proposals(count, seed)
    ):
        made.append(audible(one.sound))
        tracker.advance(note=instrument.name)
    return made


def audible(sound: Sound) -> Sound:
    """Brings what plays at a rate below 8 kHz to that rate, for lower ones cannot be judged.

    Args:
        sound: Any sound.

    Returns:
        The same at 8 kHz or more; no higher frequencies come into it.
    """
    rate = max(sound.sample_rate, LOWEST_RATE)
    samples = resampling.resample(sound.samples, from_hz=sound.sample_rate, to_hz=rate)
    return replace(sound, samples=samples, sample_rate=rate)


def _facts(instrument: Instrument, takes: Takes, pieces: int, seconds: float, seed: int) -> Facts:
    return {
        **trained_facts(instrument),
        "recordings": ", ".join(takes.named),
        "learned from (s)": round(takes.duration_s, 2),
        "channels": instrument.facts.channels,
        "new pieces": pieces,
        "length of each (s)": round(seconds, 2),
        "evaluation seed": seed,
        **machine_facts(instrument.device),
    }


def _notes(takes: Sequence[Takes], whole: Takes) -> tuple[str, ...]:
    """Names the instruments that heard less of the recording than it is judged by."""
    return tuple(
        f"{one.owner} learned from the first {one.duration_s:.1f} s of {whole.duration_s:.1f} s"
        " only; it is held against the whole."
        for one in takes
        if one.duration_s < whole.duration_s - 0.5
    )
