"""The plan of a training: recipe, seed, budget and sounds; once made, it holds until the end.

It lies in the training's folder, so that a resumed training learns from the same sounds in the
same splits, whatever was added to the library meanwhile:

    plan.json    recipe, seed, budget, the library's fingerprint
    sounds.csv   id, name, label, split of each sound or piece, in the order of the library
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from timbrel import atomic, recipes
from timbrel.errors import LibraryError, TrainingError
from timbrel.instruments import cloud
from timbrel.instruments.cloud import SoundNote
from timbrel.library import pieces
from timbrel.library.catalogue import Catalogue
from timbrel.library.rows import SoundRow
from timbrel.recipes import Recipe
from timbrel.tasks import plan_sounds
from timbrel.tasks.recorded import Recordings
from timbrel.training.budget import Budget
from timbrel.training.data import Entry

FORMAT = 1
_FILE = "plan.json"
_LOOKUP_ROWS = 512


@dataclass(frozen=True)
class Plan:
    """What a training shall do.

    Attributes:
        recipe: The resolved recipe.
        seed: Seed of the split, of the network and of training.
        budget: What it may spend in all, from its first start.
        sounds: All sounds of the library as it was at the start, or the pieces of them, with
            their splits.
        library_fingerprint: The state of the library at the start.
        origin: The instrument with whose weights it begins; empty where it begins with none.
    """

    recipe: Recipe
    seed: int
    budget: Budget
    sounds: tuple[SoundNote, ...]
    library_fingerprint: str
    origin: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels in the order of their numbers."""
        return tuple(sorted({note.label for note in self.sounds if note.label}))

    def with_budget(self, budget: Budget) -> "Plan":
        """Changes the budget, unless the new one says nothing.

        Args:
            budget: The new budget.

        Returns:
            The plan.
        """
        says_nothing = budget.minutes is None and budget.steps is None
        return self if says_nothing else replace(self, budget=budget)

    def keeping(self, ids: Collection[str]) -> "Plan":
        """Leaves out the sounds that could not be prepared; the test split is not prepared.

        Args:
            ids: The sounds of the training and validation splits that stay.

        Returns:
            The plan.
        """
        kept = tuple(note for note in self.sounds if note.split == "test" or note.id in ids)
        return replace(self, sounds=kept)

    def numbers(self) -> dict[str, int]:
        """The number of each sound's label by the sound's id, -1 where unknown."""
        numbers = {label: number for number, label in enumerate(self.labels)}
        return {note.id: numbers.get(note.label, -1) for note in self.sounds}


def make(
    catalogue: Catalogue, recipe: Recipe, *, seed: int, budget: Budget, keep_groups: bool
) -> Plan:
    """Plans a training on all sounds of a library.

    Args:
        catalogue: The library.
        recipe: The recipe.
        seed: Seed of the split and of all that follows.
        budget: Minutes or steps.
        keep_groups: Whether kits or instruments stay together in the split.

    Returns:
        The plan.

    Raises:
        TrainingError: When there are too few sounds.
    """
    sounds = plan_sounds.listed(catalogue, recipe, seed=seed, keep_groups=keep_groups)
    return Plan(recipe, seed, budget, sounds, catalogue.fingerprint())


def of_recordings(
    recordings: Recordings, recipe: Recipe, *, seed: int, budget: Budget, origin: str = ""
) -> Plan:
    """Plans a training on one recording or a few.

    Args:
        recordings: The recordings.
        recipe: The recipe as it suits them.
        seed: Seed of all that follows.
        budget: Minutes or steps.
        origin: The instrument with whose weights it begins; empty where it begins with none.

    Returns:
        The plan; there is no split, for all of a recording is learned from.
    """
    notes = recordings.notes
    fingerprint = "-".join(note.id for note in notes)
    return Plan(recipe, seed, budget, notes, fingerprint, origin)


def entries(plan: Plan, catalogue: Catalogue, part: str) -> list[Entry]:
    """Finds the files of one split.

    Args:
        plan: The plan.
        catalogue: The library.
        part: "train", "validation" or "test".

    Returns:
        The sounds, in the order of the plan.

    Raises:
        LibraryError: When the library does not know some of them any more.
    """
    numbers = plan.numbers()
    notes = [note for note in plan.sounds if note.split == part]
    return [
        Entry(note.id, row.path, numbers[note.id], row.content_hash, pieces.place(note.id)[1])
        for note, row in _with_rows(notes, catalogue)
    ]


def _with_rows(
    notes: Sequence[SoundNote], catalogue: Catalogue
) -> Iterator[tuple[SoundNote, SoundRow]]:
    missing: list[str] = []
    for start in range(0, len(notes), _LOOKUP_ROWS):
        some = notes[start : start + _LOOKUP_ROWS]
        sounds = {note.id: pieces.place(note.id)[0] for note in some}
        rows = {row.id: row for row in catalogue.get(list(dict.fromkeys(sounds.values())))}
        missing += [note.name for note in some if sounds[note.id] not in rows]
        yield from ((n, rows[sounds[n.id]]) for n in some if sounds[n.id] in rows)
    if missing:
        raise LibraryError(
            f"{len(missing)} of {len(notes)} sounds that this training began with are not in the "
            f"library any more, {missing[0]!r} among them",
            "the same sounds when resuming",
            "put them back and scan again, or train anew with --force",
        )


def write(plan: Plan, folder: Path) -> None:
    """Writes a plan into the folder of its training.

    Args:
        plan: The plan.
        folder: The training's folder; it must exist.
    """
    cloud.write_sounds(folder, plan.sounds)
    write_settings(plan, folder)


def write_settings(plan: Plan, folder: Path) -> None:
    """Writes all of a plan but its sounds, which never change, whole or not at all.

    Args:
        plan: The plan.
        folder: The training's folder.
    """
    table = {
        "format": FORMAT,
        "recipe": recipes.as_table(plan.recipe),
        "seed": plan.seed,
        "minutes": plan.budget.minutes,
        "steps": plan.budget.steps,
        "labels": plan.labels,
        "library_fingerprint": plan.library_fingerprint,
        "origin": plan.origin,
    }
    atomic.write_text(folder / _FILE, json.dumps(table, ensure_ascii=False, indent=1) + "\n")


def read(folder: Path) -> Plan:
    """Reads the plan of a training that was interrupted.

    Args:
        folder: The training's folder.

    Returns:
        The plan.

    Raises:
        TrainingError: When it is missing or damaged.
    """
    try:
        table: dict[str, Any] = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return Plan(
            recipe=recipes.parse(table["recipe"]),
            seed=int(table["seed"]),
            budget=Budget(minutes=table["minutes"], steps=table["steps"]),
            sounds=cloud.read_sounds(folder, table["labels"]),
            library_fingerprint=str(table["library_fingerprint"]),
            origin=str(table["origin"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(
            f"the plan in {folder} cannot be read ({type(error).__name__})",
            "a training that timbrel began",
            "train anew with --force",
        ) from None
