"""Hearing: each sound of the material is read when its turn comes, sketched, measured, let go.

Training sounds stream by: only their sketches are looked at, and the audio of those that turn out
to be the nearest is read again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from timbrel.errors import TimbrelError
from timbrel.evaluation.material import Entry, Made, Material
from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.reconstruction import Scored, Trial, score, trial
from timbrel.evaluation.results import Skipped
from timbrel.evaluation.sketches import MELS, MOMENTS, Sketches, nearest, sketch
from timbrel.progress import Report, Tracker, silent
from timbrel.signal.files import Sound

MOST_HEARD = 4000  # training sounds that the listener learns from: enough, and quick
Item = TypeVar("Item")


@dataclass(frozen=True)
class Choice:
    """How much is judged and shown.

    Attributes:
        held_out: Held-out sounds at most, drawn by seed.
        training: Training sounds at most among which the nearest are looked for, drawn by seed.
        examples: Held-out sounds to show, at most, spread over the labels.
        generated_examples: Generated sounds to show, at most, spread over the labels.
        seed: Seed of everything drawn.
    """

    held_out: int = 300
    training: int = 20_000
    examples: int = 12
    generated_examples: int = 24
    seed: int = 0


@dataclass(frozen=True)
class Example:
    """A sound to hear and see on the page, with others beside it.

    Attributes:
        title: What it is.
        label: Its label.
        sounds: Caption to sound, in order.
        note: A line beneath it.
    """

    title: str
    label: str
    sounds: Mapping[str, Sound]
    note: str = ""


@dataclass
class Heard:
    """The sketches of a set of sounds, gathered while it streams by.

    Attributes:
        entries: What was heard, in order.
        sketches: A sketch of each.
    """

    entries: list[Entry] = field(default_factory=list)
    sketches: list[Sketches] = field(default_factory=list)

    def add(self, entry: Entry, drawn: Sketches) -> None:
        """Adds one sound.

        Args:
            entry: What it is.
            drawn: Its sketch, [D].
        """
        self.entries.append(entry)
        self.sketches.append(drawn)

    @property
    def table(self) -> Sketches:
        """All sketches, [Q, D]."""
        empty = np.zeros((0, MELS * MOMENTS), dtype=np.float32)
        return np.stack(self.sketches) if self.sketches else empty

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
        skipped: What could not be judged.
    """

    material: Material
    choice: Choice
    report: Report = silent
    skipped: list[Skipped] = field(default_factory=list)

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
        tracker = Tracker("hearing generated sounds", 0, self.report)
        for made in self.material.generated:
            tracker.advance()
            try:
                heard.add(Entry(made.name, made.name, made.label), sketch(made.sound))
            except TimbrelError as error:
                self.skipped.append(Skipped(made.name, str(error)))
            else:
                _keep(shown, (len(heard.entries) - 1, made), self.choice.generated_examples)
        return heard, shown

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
                yield numbers[entry.id], seen

        chosen, distances_db = nearest(queries, streamed())
        found = [entries[number] for number in chosen if number >= 0]
        return Neighbours(found, distances_db, searched), learned

    def _sketched(self, entries: Sequence[Entry], stage: str) -> Iterator[tuple[Entry, Sketches]]:
        tracker = Tracker(stage, len(entries), self.report)
        for entry in entries:
            tracker.advance()
            try:
                yield entry, sketch(self.material.read(entry.id))
            except TimbrelError as error:
                self.skipped.append(Skipped(entry.name, str(error)))

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
        return trial(
            entry,
            original,
            reconstruction=self.material.reconstruct(original),
            round_trip=self.material.round_trip(original),
            nearest=self.material.read(near.id),
            nearest_entry=near,
        )


def _keep(shown: list[tuple[int, Made]], new: tuple[int, Made], most: int) -> None:
    """Adds a sound; where that is one too many, the last one of the commonest label goes."""
    shown.append(new)
    if len(shown) > most:
        (commonest, _), *_ = Counter(made.label for _, made in shown).most_common(1)
        shown.remove([item for item in shown if item[1].label == commonest][-1])


def drawn(items: Sequence[Item], most: int, seed: int) -> list[Item]:
    """Draws at most so many items, in their own order.

    Args:
        items: All of them.
        most: How many at most.
        seed: Seed of the draw.

    Returns:
        All where there are no more than `most`, else as many, drawn.

    Example:
        >>> drawn("abc", 5, seed=0)
        ['a', 'b', 'c']
    """
    if len(items) <= most:
        return list(items)
    kept = np.random.default_rng(seed).choice(len(items), most, replace=False)
    return [items[index] for index in sorted(kept.tolist())]


def spread_over_labels(labels: Sequence[str], most: int, seed: int) -> list[int]:
    """Chooses what to show: as equally often of each label as can be, by seed and not by ear.

    Args:
        labels: The label of each sound.
        most: How many to choose at most.
        seed: Seed of the choice.

    Returns:
        The numbers of the chosen, in order of their labels.

    Example:
        >>> spread_over_labels(["kick", "kick", "kick", "snare"], 2, seed=0)[-1]
        3
    """
    turns = Counter[str]()
    ranked = []
    for index in np.random.default_rng(seed).permutation(len(labels)).tolist():
        ranked.append((turns[labels[index]], labels[index], index))
        turns[labels[index]] += 1
    chosen = sorted(ranked)[:most]
    return [index for _, _, index in sorted(chosen, key=lambda item: (item[1], item[0]))]


def scores_of(
    trials: Iterator[Trial], metrics: Mapping[str, Metric], skipped: list[Skipped]
) -> Iterator[tuple[Trial, Scored, Sketches]]:
    """Measures trials and sketches their reconstructions.

    Args:
        trials: Held-out sounds with their versions.
        metrics: What to measure by.
        skipped: Where to note what cannot be measured.

    Yields:
        Each trial with its scores and the sketch of its reconstruction.
    """
    for judged in trials:
        try:
            made = Sound(judged.versions["reconstruction"][None], judged.sample_rate)
            yield judged, score(judged, metrics), sketch(made)
        except TimbrelError as error:
            skipped.append(Skipped(judged.entry.name, str(error)))
