"""Hearing: each sound of the material is read when its turn comes, sketched, measured, let go.

Training sounds stream by: only their sketches are looked at, and the audio of those that turn out
to be the nearest is read again.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from timbrel.errors import TimbrelError
from timbrel.evaluation.copied_runs import longest_copied_runs
from timbrel.evaluation.copying import Run
from timbrel.evaluation.glimpses import Glimpse, glimpse
from timbrel.evaluation.material import Entry, Made, Material
from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.reconstruction import Scored, Trial, score, trial
from timbrel.evaluation.results import Skipped
from timbrel.evaluation.sketches import MELS, MOMENTS, Sketches, nearest
from timbrel.progress import Report, Tracker, silent
from timbrel.signal.files import Sound
from timbrel.signal.fingerprints import BANDS, Fingerprint, fingerprint

MOST_HEARD = 4000  # training sounds that the listener learns from: enough, and quick
MOST_REMEMBERED = 8000  # sounds of which glimpses are kept for the next hearing: 40 MB
CANDIDATES = 4  # training sounds that are compared with the whole of a sound
SILENT = Fingerprint(torch.zeros(0, BANDS), torch.zeros(0))
Item = TypeVar("Item")


class _HasLabel(Protocol):
    @property
    def label(self) -> str: ...


Labelled = TypeVar("Labelled", bound=_HasLabel)


@dataclass(frozen=True)
class Choice:
    """How much is judged and shown.

    Attributes:
        held_out: Held-out sounds at most, drawn by seed.
        training: Training sounds at most among which the nearest are looked for, drawn by seed.
        examples: Held-out sounds to show, at most, spread over the labels.
        generated_examples: Generated sounds to show, at most, spread over the labels.
        slow: Held-out sounds at most that slow metrics are asked about, spread over the labels.
        copied: Generated and held-out sounds at most, of each, of which copied stretches are looked
            for, spread over the labels; 0 looks for none.
        per_label: Generated sounds of each label; None makes as many as there are held-out ones,
            and at least 16.
        longest_s: What comes later than so many seconds in a held-out sound is not judged.
        seed: Seed of everything drawn.
    """

    held_out: int = 300
    training: int = 20_000
    examples: int = 12
    generated_examples: int = 24
    slow: int = 48
    copied: int = 48
    per_label: int | None = None
    longest_s: float = math.inf
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
    """

    material: Material
    choice: Choice
    report: Report = silent
    memory: dict[str, Glimpse] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    prints: list[tuple[int, Printed]] = field(default_factory=list)

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
                heard.add(Entry(made.name, made.name, made.label), glimpse(made.sound))
            except TimbrelError as error:
                self.skipped.append(Skipped(made.name, str(error)))
            else:
                number = len(heard.entries) - 1
                _keep(shown, (number, made), self.choice.generated_examples)
                if self.choice.copied:
                    printed = Printed(made.name, made.label, fingerprint_of(made.sound))
                    _keep(self.prints, (number, printed), self.choice.copied)
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
                yield numbers[entry.id], seen.sketch

        chosen, distances_db = nearest(queries, streamed())
        found = [entries[number] for number in chosen if number >= 0]
        return Neighbours(found, distances_db, searched), learned

    def copied(self, real: Heard, learned: Heard) -> tuple[list[Run], list[Run]]:
        """Looks for the longest stretches that sounds share with training sounds.

        Args:
            real: The held-out sounds.
            learned: The training sounds to look in.

        Returns:
            Of held-out sounds, and of generated ones: a part of each, spread over the labels.
        """
        if not self.choice.copied:
            return [], []
        rows = spread_over_labels(real.labels, self.choice.copied, self.choice.seed)
        held_out = list(self._printed(real.entries[row] for row in rows))
        asked = held_out + [printed for _, printed in self.prints]
        names = {entry.id: entry.name for entry in learned.entries}
        tracker = Tracker("looking for copied stretches", 0, self.report)

        def print_of(id_: str) -> Fingerprint:
            tracker.advance()
            return self._fingerprint(id_)

        queries = [printed.fingerprint for printed in asked]
        found = longest_copied_runs(queries, list(names), print_of, candidates=CANDIDATES)
        runs = [
            Run(printed.name, names[run.source], run.run_ms, run.share, run.distance)
            for printed, run in zip(asked, found, strict=True)
        ]
        return runs[: len(held_out)], runs[len(held_out) :]

    def _printed(self, entries: Iterable[Entry]) -> Iterator[Printed]:
        for entry in entries:
            try:
                heard = fingerprint_of(self.material.read(entry.id))
            except TimbrelError as error:
                self.skipped.append(Skipped(entry.name, str(error)))
            else:
                yield Printed(entry.name, entry.label, heard)

    def _fingerprint(self, id_: str) -> Fingerprint:
        """A training sound's; one that vanished meanwhile is like none."""
        try:
            return fingerprint_of(self.material.read(id_))
        except TimbrelError:
            return SILENT

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
        return trial(
            entry,
            original,
            reconstruction=self.material.reconstruct(original),
            round_trip=self.material.round_trip(original),
            nearest=self.material.read(near.id),
            nearest_entry=near,
            longest_s=self.choice.longest_s,
        )


def fingerprint_of(sound: Sound) -> Fingerprint:
    """Takes the fingerprint of a sound of any number of channels.

    Args:
        sound: Any sound.

    Returns:
        Its fingerprint.
    """
    return fingerprint(sound.samples, sound.sample_rate)


def _keep(shown: list[tuple[int, Labelled]], new: tuple[int, Labelled], most: int) -> None:
    """Adds a sound; where that is one too many, the last one of the commonest label goes."""
    shown.append(new)
    if len(shown) > most:
        (commonest, _), *_ = Counter(one.label for _, one in shown).most_common(1)
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
