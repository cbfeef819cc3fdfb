"""Which notes to mix: the correlation of their embeddings, as S4 looks for them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from timbrel.errors import TimbrelError
from timbrel.instruments.instrument import Instrument
from timbrel.progress import Report, Tracker
from timbrel.synthesis.pairs import correlations
from timbrel.tasks.sounds import LibrarySounds
from timbrel.tasks.workspace import Workspace, open_library

FARTHEST_SEMITONES = 12  # between the pitches of two notes that are mixed

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Note:
    """A note of the library.

    Attributes:
        id: Its id.
        name: What a person calls it.
        label: The family of its instrument.
        pitch: Its MIDI number; None where nobody knows.
        held_out: Whether nothing was learned from it.
    """

    id: str
    name: str
    label: str
    pitch: float | None
    held_out: bool


@dataclass(frozen=True)
class Mixture:
    """Two notes that are mixed.

    Attributes:
        first: Where the mixture begins.
        second: Where it ends.
        correlation: Pearson's correlation of their embeddings.
        like_pitch: Whether both have one pitch.
    """

    first: Note
    second: Note
    correlation: float
    like_pitch: bool

    @property
    def title(self) -> str:
        """What a person calls the two."""
        return f"{self.first.name} to {self.second.name}"

    @property
    def pitches(self) -> str:
        """Both MIDI numbers."""
        found = (self.first.pitch, self.second.pitch)
        return ", ".join("–" if pitch is None else f"{pitch:g}" for pitch in found)


def notes_of(workspace: Workspace, instrument: Instrument) -> list[Note]:
    """Lists the notes that an instrument knows.

    Args:
        workspace: Whose library.
        instrument: Who was trained on it.

    Returns:
        The notes, in the order of their labels, pitches and names.
    """
    splits = instrument.splits
    found = [
        Note(row.id, row.path.stem, row.label, row.pitch_semitones, splits[row.id] == "test")
        for row in open_library(workspace).rows()
        if row.id in splits
    ]
    return sorted(found, key=lambda note: (note.label, note.pitch or 0.0, note.name))


def embeddings(
    workspace: Workspace, instrument: Instrument, notes: Sequence[Note], report: Report
) -> tuple[list[Note], FloatArray]:
    """Finds the vector that stands for each note.

    Args:
        workspace: Whose library.
        instrument: Who hears.
        notes: The notes.
        report: Where progress goes.

    Returns:
        The notes that could be heard, and their embeddings, [M, Z].
    """
    known = {id_: row for row, id_ in enumerate(instrument.cloud.ids)}
    read, tracker = (
        LibrarySounds(workspace, instrument).read,
        Tracker("hearing", len(notes), report),
    )
    heard: list[Note] = []
    rows: list[torch.Tensor] = []
    for note in notes:
        tracker.advance()
        if note.id in known:
            rows.append(instrument.cloud.latents[known[note.id]])
        else:
            try:
                rows.append(instrument.encode(instrument.fit(read(note.id)))[0][0])
            except TimbrelError:
                continue
        heard.append(note)
    return heard, np.asarray(torch.stack(rows).numpy(), dtype=np.float32)


def table_of(latents: FloatArray) -> FloatArray:
    """Correlates embeddings.

    Args:
        latents: [M, Z].

    Returns:
        Pearson's correlation of each two, [M, M].
    """
    return np.asarray(correlations(torch.from_numpy(latents)).numpy(), dtype=np.float32)


def every_pair(notes: Sequence[Note], table: FloatArray) -> list[Mixture]:
    """Lists all pairs that may be mixed: of two families, no more than an octave apart.

    Args:
        notes: The notes, M of them.
        table: Their correlations, [M, M].

    Returns:
        The pairs, the lowest correlation first.
    """
    found = []
    for i, first in enumerate(notes):
        for j, second in enumerate(notes[i + 1 :], start=i + 1):
            if first.label != second.label and _near(first, second):
                like = first.pitch == second.pitch
                found.append(Mixture(first, second, float(table[i, j]), like))
    return sorted(found, key=lambda one: (one.correlation, one.title))


def _near(first: Note, second: Note) -> bool:
    if first.pitch is None or second.pitch is None:
        return first.pitch is second.pitch
    return abs(first.pitch - second.pitch) <= FARTHEST_SEMITONES


def lowest(
    pairs: Sequence[Mixture], count: int, *, always: tuple[str, str] = ("", "")
) -> list[Mixture]:
    """Takes the pairs with the lowest correlations, as many of one pitch as of two.

    Args:
        pairs: Pairs, the lowest correlation first.
        count: How many at most.
        always: Two labels: the lowest pair of them, of one pitch where there is such, is the first.

    Returns:
        The pairs; no note is in two of them.
    """
    of_two = [one for one in pairs if {one.first.label, one.second.label} == set(always)]
    chosen = sorted(of_two, key=lambda one: not one.like_pitch)[: min(1, count)]
    of_one = [one for one in pairs if one.like_pitch]
    _take(of_one, chosen, (count + 1) // 2)
    _take([one for one in pairs if not one.like_pitch], chosen, count)
    _take(of_one, chosen, count)  # where there are too few of two
    return chosen


def _take(pairs: Sequence[Mixture], chosen: list[Mixture], most: int) -> None:
    """Adds pairs whose notes are free yet, until so many are chosen."""
    for one in pairs:
        if len(chosen) >= most:
            return
        if not _used(one, chosen):
            chosen.append(one)


def spread(pairs: Sequence[Mixture], count: int, *, beside: Sequence[Mixture]) -> list[Mixture]:
    """Takes pairs evenly along the order of their correlations.

    Args:
        pairs: Pairs, the lowest correlation first.
        count: How many at most.
        beside: Pairs that are taken already.

    Returns:
        The pairs; no note is in two of them or of those taken already.
    """
    chosen: list[Mixture] = []
    for start in np.linspace(0, len(pairs) - 1, count).round().astype(int) if pairs else ():
        free = (one for one in pairs[start:] if not _used(one, [*beside, *chosen]))
        if (one := next(free, None)) is not None:
            chosen.append(one)
    return chosen


def _used(one: Mixture, chosen: Sequence[Mixture]) -> bool:
    taken = {note.id for pair in chosen for note in (pair.first, pair.second)}
    return one.first.id in taken or one.second.id in taken


@dataclass(frozen=True)
class Alike:
    """How alike notes of one pitch are to an instrument.

    Attributes:
        asked: Correlations of notes of the two families that were asked for.
        same: Correlations of notes of one family.
        other: Correlations of notes of two families.
    """

    asked: list[float]
    same: list[float]
    other: list[float]


def alike(notes: Sequence[Note], table: FloatArray, asked: tuple[str, str]) -> Alike:
    """Sorts the correlations of notes of one pitch by their families.

    Args:
        notes: The notes, M of them.
        table: Their correlations, [M, M].
        asked: Two families.

    Returns:
        The correlations.
    """
    pitches = np.array([math.nan if note.pitch is None else note.pitch for note in notes])
    labels = np.array([note.label for note in notes], dtype=object)
    above = np.triu(pitches[:, None] == pitches, k=1)
    same = labels[:, None] == labels
    first, second = labels == asked[0], labels == asked[1]
    both = (first[:, None] & second) | (second[:, None] & first)
    found = (table[above & kind].tolist() for kind in (both, same, ~same))
    return Alike(*found)
