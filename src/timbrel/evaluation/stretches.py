"""Stretches: how long a part of each sound some training sound has too, found by fingerprints."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch

from timbrel.errors import TimbrelError
from timbrel.evaluation.choosing import spread_over_labels
from timbrel.evaluation.copied_runs import longest_copied_runs
from timbrel.evaluation.copying import Run
from timbrel.evaluation.material import Entry
from timbrel.evaluation.results import Skipped
from timbrel.progress import Report, Tracker
from timbrel.signal.files import Sound
from timbrel.signal.fingerprints import BANDS, Fingerprint, fingerprint

CANDIDATES = 4  # training sounds that are compared with the whole of a sound
SILENT = Fingerprint(torch.zeros(0, BANDS), torch.zeros(0))


@dataclass(frozen=True)
class Printed:
    """A sound whose copied stretches are looked for.

    Attributes:
        name: What a person calls it.
        label: Its label.
        fingerprint: Its fingerprint.
    """

    name: str
    label: str
    fingerprint: Fingerprint


def fingerprint_of(sound: Sound) -> Fingerprint:
    """Takes the fingerprint of a sound of any number of channels.

    Args:
        sound: Any sound.

    Returns:
        Its fingerprint.
    """
    return fingerprint(sound.samples, sound.sample_rate)


def printed(
    entries: Sequence[Entry],
    read: Callable[[str], Sound],
    *,
    most: int,
    seed: int,
    skipped: list[Skipped],
) -> list[Printed]:
    """Takes the fingerprints of a part of some sounds, spread over their labels.

    Args:
        entries: The sounds.
        read: Reads one by its id.
        most: How many at most.
        seed: Seed of the choice.
        skipped: Where to note what cannot be read.

    Returns:
        The chosen ones that can be read.
    """
    rows = spread_over_labels([entry.label for entry in entries], most, seed)
    return list(_printed((entries[row] for row in rows), read, skipped))


def _printed(
    entries: Iterable[Entry], read: Callable[[str], Sound], skipped: list[Skipped]
) -> Iterator[Printed]:
    for entry in entries:
        try:
            yield Printed(entry.name, entry.label, fingerprint_of(read(entry.id)))
        except TimbrelError as error:
            skipped.append(Skipped(entry.name, str(error)))


def copied_stretches(
    asked: Sequence[Printed],
    training: Sequence[Entry],
    read: Callable[[str], Sound],
    report: Report,
) -> list[Run]:
    """Looks for the longest stretch of each sound that some training sound has too.

    Args:
        asked: The sounds.
        training: The training sounds to look in; one that vanished meanwhile is like none.
        read: Reads one by its id.
        report: Told how far it is.

    Returns:
        One answer a sound, in their order.
    """
    names = {entry.id: entry.name for entry in training}
    tracker = Tracker("looking for copied stretches", len(names), report)

    def print_of(id_: str) -> Fingerprint:
        tracker.advance()
        try:
            return fingerprint_of(read(id_))
        except TimbrelError:
            return SILENT

    if not asked:
        return []
    queries = [one.fingerprint for one in asked]
    found = longest_copied_runs(queries, list(names), print_of, candidates=CANDIDATES)
    return [
        Run(one.name, names[run.source], run.run_ms, run.share, run.distance)
        for one, run in zip(asked, found, strict=True)
    ]
