"""Hearing: each sound of the material is read when its turn comes, sketched, measured, let go.

Training sounds stream by: only their sketches are looked at, and the audio of those that turn out
to be the nearest is read again.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from timbrel.errors import TimbrelError
from timbrel.evaluation.choosing import Choice, drawn, keep_spread
from timbrel.evaluation.glimpses import Glimpse, glimpse
from timbrel.evaluation.material import Entry, Made, Material
from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.reconstruction import Scored, Trial, score, trial
from timbrel.evaluation.requirements import Piece, Pieces, measured
from timbrel.evaluation.results import Skipped
from timbrel.evaluation.sketches import MELS, MOMENTS, Sketches, nearest
from timbrel.evaluation.stretches import Printed, fingerprint_of
from timbrel.library.pieces import place
from timbrel.progress import Report, Tracker, silent
from timbrel.signal.files import Sound

MOST_HEARD = 4000  # training sounds that the listener learns from: enough, and quick
MOST_REMEMBERED = 8000  # sounds of which glimpses are kept for the next hearing: 40 MB


@dataclass
class Heard:
    """What is kept of a set of sounds, gathered while it streams by.

    Attributes:
        entries: What was heard, in order.
        glimpses: What is kept of each.
    """

    entries: list[Entry] = field(default_factory=list)
    glimpses: list[Glimpse] = field(default_factory=list)

    def add(self, entry: Entry, seen: Glimpse) -> None:
        """Adds one sound.

        Args:
            entry: What it is.
            seen: What is kept of it.
        """
        self.entries.append(entry)
        self.glimpses.append(seen)

    @property
    def table(self) -> Sketches:
        """All sketches, [Q, D]."""
        empty = np.zeros((0, MELS * MOMENTS), dtype=np.float32)
        return np.stack([seen.sketch for seen in self.glimpses]) if self.glimpses else empty

    @property
    def labels(self) -> list[str]:
        """The label of each."""
        return [entry.label for entry in self.entries]


@dataclass(frozen=True)
class Neighbours:
    """The nearest training sound of each of some sounds.

    Attributes:
        entries: The nearest of each.
        distances_db: How far each is.
        searched: Among how many training sounds, those that could not be read left out.
    """

    entries: list[Entry]
    distances_db: NDArray[np.float64]
    searched: int

    def split(self, count: int) -> tuple["Neighbours", "Neighbours"]:
        """Parts the first ones from the rest.

        Args:
            count: How many the first part has.

        Returns:
            Both parts.
        """
        first = Neighbours(self.entries[:count], self.distances_db[:count], self.searched)
        rest = Neighbours(self.entries[count:], self.distances_db[count:], self.searched)
        return first, rest


@dataclass
class Hearing:
    """One pass through the material; what cannot be read is noted and passed over.

    Attributes:
        material: What is judged.
        choice: How much of it.
        report: Told how far it is.
        memory: What is kept of real sounds, by id: hand the same to the next hearing of the same
            library, and sounds are not heard twice.
        skipped: What could not be judged.
        prints: Generated sounds whose copied stretches are looked for, with their numbers.
        measured: What was measured of sounds alone, where the instrument plays long ones.
    """

    material: Material
    choice: Choice
    report: Report = silent
    memory: dict[str, Glimpse] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    prints: list[tuple[int, Printed]] = field(default_factory=list)
    measured: Pieces = field(default_factory=Pieces)

    @property
    def long(self) -> bool:
        """Whether the instrument plays so long that its sounds have a form."""
        return self.material.length_s >= self.choice.long_from_s

    def held_out(self) -> Heard:
        """Hears the held-out sounds.

        Returns:
            Their sketches.
        """
        heard = Heard()
        entries = drawn(self.material.held_out, self.choice.held_out, self.choice.seed)
        for entry, seen in self._sketched(entries, "hearing held-out sounds"):
            heard.add(entry, seen)
        return heard

    def generated(self) -> tuple[Heard, list[tuple[int, Made]]]:
        """Hears the generated sounds and keeps a few of them to show.

        Returns:
            The sketches of all of them, and (number, sound) of those to show.
        """
        heard, shown = Heard(), list[tuple[int, Made]]()
        tracker = Tracker("hearing generated sounds", self.material.generated_count, self.report)
        for made in self.material.generated:
            tracker.advance()
            try:
                heard.add(Entry(made.name, made.name, made.label), glimpse(made.sound))
            except TimbrelError as error:
                self.skipped.append(Skipped(made.name, str(error)))
            else:
                number = len(heard.entries) - 1
                self._measure(number, made)
                keep_spread(shown, (number, made), self.choice.generated_examples)
                if self.choice.copied:
                    printed = Printed(made.name, made.label, fingerprint_of(made.sound))
                    keep_spread(self.prints, (number, printed), self.choice.copied)
        return heard, shown

    def _measure(self, number: int, made: Made) -> None:
        """Measures every so-manieth generated sound, so that all labels are among them."""
        every = max(math.ceil(self.material.generated_count / self.choice.pieces), 1)
        if self.long and number % every == 0:
            self.measured.generated.append(measured(made.sound, source=str(number)))

    def measure_real(self) -> None:
        """Measures training and held-out sounds as the instrument could play them."""
        if not self.long or not self.measured.generated:
            return
        self.measured.training[:] = self._pieces(self.material.training, "measuring songs")
        self.measured.held_out[:] = self._pieces(self.material.held_out, "measuring other songs")

    def _pieces(self, entries: Sequence[Entry], stage: str) -> list[Piece]:
        chosen = drawn(entries, self.choice.pieces, self.choice.seed)
        tracker, found = Tracker(stage, len(chosen), self.report), list[Piece]()
        for entry in chosen:
            tracker.advance()
            try:
                found.append(self._piece(entry))
            except TimbrelError as error:
                self.skipped.append(Skipped(entry.name, str(error)))
        return found

    def _piece(self, entry: Entry) -> Piece:
        return measured(
            self.material.read(entry.id),
            source=place(entry.id)[0],
            sample_rate=self.material.sample_rate,
            longest_s=self.material.length_s,
        )

    def neighbours(self, queries: Sketches) -> tuple[Neighbours, Heard]:
        """Streams the training sounds by and notes the nearest of each query.

        Args:
            queries: Sketches, [Q, D].

        Returns:
            The nearest of each query, and the training sounds that a listener may learn from.
        """
        entries = drawn(self.material.training, self.choice.training, self.choice.seed)
        learned = Heard()
        keep = set(drawn(range(len(entries)), MOST_HEARD, self.choice.seed))
        numbers = {entry.id: number for number, entry in enumerate(entries)}
        searched = 0

        def streamed() -> Iterator[tuple[int, Sketches]]:
            nonlocal searched
            for entry, seen in self._sketched(entries, "hearing training sounds"):
                searched += 1
                if numbers[entry.id] in keep:
                    learned.add(entry, seen)
                yield numbers[entry.id], seen.sketch

        chosen, distances_db = nearest(queries, streamed())
        found = [entries[number] for number in chosen if number >= 0]
        return Neighbours(found, distances_db, searched), learned

    def _sketched(self, entries: Sequence[Entry], stage: str) -> Iterator[tuple[Entry, Glimpse]]:
        tracker = Tracker(stage, len(entries), self.report)
        for entry in entries:
            tracker.advance()
            try:
                yield entry, self._glimpse(entry.id)
            except TimbrelError as error:
                self.skipped.append(Skipped(entry.name, str(error)))

    def _glimpse(self, id_: str) -> Glimpse:
        if id_ in self.memory:
            return self.memory[id_]
        seen = glimpse(self.material.read(id_))
        if len(self.memory) < MOST_REMEMBERED:
            self.memory[id_] = seen
        return seen

    def trials(self, entries: Sequence[Entry], nearest_entries: Sequence[Entry]) -> Iterator[Trial]:
        """Sends held-out sounds through the instrument.

        Args:
            entries: The held-out sounds.
            nearest_entries: The nearest training sound of each.

        Yields:
            Each sound with its versions, one at a time.
        """
        tracker = Tracker("reconstructing held-out sounds", len(entries), self.report)
        for entry, near in zip(entries, nearest_entries, strict=True):
            tracker.advance()
            try:
                yield self._trial(entry, near)
            except TimbrelError as error:
                self.skipped.append(Skipped(entry.name, str(error)))

    def _trial(self, entry: Entry, near: Entry) -> Trial:
        original = self.material.read(entry.id)
        assert self.material.reconstruct is not None  # noqa: S101 - asked before
        return trial(
            entry,
            original,
            reconstruction=self.material.reconstruct(original),
            round_trip=self.material.round_trip(original),
            nearest=self.material.read(near.id),
            nearest_entry=near,
            longest_s=self.choice.longest_s,
        )


def scores_of(
    trials: Iterator[Trial],
    metrics_for: Callable[[Entry], Mapping[str, Metric]],
    skipped: list[Skipped],
) -> Iterator[tuple[Trial, Scored, Glimpse]]:
    """Measures trials and keeps what is to be kept of their reconstructions.

    Args:
        trials: Held-out sounds with their versions.
        metrics_for: What to measure a sound by.
        skipped: Where to note what cannot be measured.

    Yields:
        Each trial with its scores and a glimpse of its reconstruction.
    """
    for judged in trials:
        try:
            made = Sound(judged.versions["reconstruction"][None], judged.sample_rate)
            yield judged, score(judged, metrics_for(judged.entry)), glimpse(made)
        except TimbrelError as error:
            skipped.append(Skipped(judged.entry.name, str(error)))
