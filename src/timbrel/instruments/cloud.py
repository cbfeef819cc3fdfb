"""The cloud: where the sounds that an instrument learned from lie in its latent space."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from timbrel.errors import InstrumentError
from timbrel.instruments.document import ADVICE, SOUNDS, checked_file

if TYPE_CHECKING:
    from torch import Tensor

SPLITS = ("train", "validation", "test")
COLUMNS = ("id", "name", "label", "split")


@dataclass(frozen=True)
class SoundNote:
    """What an instrument remembers of one sound of the library it was made from.

    Attributes:
        id: The library's id.
        name: What a person calls it, such as its file name; never used as a path.
        label: Its class, or "" where unknown.
        split: "train", "validation" or "test".
    """

    id: str
    name: str
    label: str
    split: str


@dataclass(frozen=True, eq=False)
class Cloud:
    """The training sounds in latent space; nothing of the held-out splits is in it.

    Attributes:
        latents: Their latents, float32 [M, Z].
        ids: Their ids in the library, M of them.
        labels: Their labels, "" where unknown.
        names: What a person calls them.
        references: The linear amplitude that each one's code was relative to, float32 [M].
    """

    latents: "Tensor"
    ids: tuple[str, ...]
    labels: tuple[str, ...]
    names: tuple[str, ...]
    references: "Tensor"

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def plays(self) -> bool:
        """Whether there are latents to draw among; networks that do not hear have none."""
        return self.latents.numel() > 0


def of(sounds: Iterable[SoundNote], latents: "Tensor", references: "Tensor") -> Cloud:
    """Makes the cloud of the training sounds among some sounds.

    Args:
        sounds: All sounds of the library; those of the split "train" become the cloud.
        latents: Latents of the training sounds, in their order, [M, Z].
        references: Their references, [M].

    Returns:
        The cloud.

    Raises:
        InstrumentError: When the numbers of sounds, latents and references differ.
    """
    notes = [note for note in sounds if note.split == "train"]
    if latents.ndim != 2 or tuple(references.shape) != (len(notes),) or len(latents) != len(notes):
        raise InstrumentError(
            f"{len(notes)} training sounds, latents {tuple(latents.shape)} and references "
            f"{tuple(references.shape)} do not fit together",
            f"[{len(notes)}, Z] and [{len(notes)}]",
        )
    return Cloud(
        latents,
        tuple(note.id for note in notes),
        tuple(note.label for note in notes),
        tuple(note.name for note in notes),
        references,
    )


def write_sounds(folder: Path, sounds: Sequence[SoundNote]) -> None:
    """Writes `sounds.csv` into a folder that is being filled.

    Args:
        folder: The folder to write into.
        sounds: All sounds of the library.
    """
    with (folder / SOUNDS).open("w", encoding="utf-8", errors="replace", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        rows.writerows((note.id, note.name, note.label, note.split) for note in sounds)


def read_sounds(folder: Path, labels: Sequence[str]) -> tuple[SoundNote, ...]:
    """Reads and checks `sounds.csv`.

    Args:
        folder: The instrument folder.
        labels: The labels that the instrument knows.

    Returns:
        All sounds, in the file's order.

    Raises:
        InstrumentError: When the file is missing, damaged or names a label unknown.
    """
    path = checked_file(folder, SOUNDS)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, strict=True)
            fits = tuple(next(rows, ())) == COLUMNS
            notes = tuple(_note(row, path) for row in rows) if fits else ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InstrumentError(f"{path} is damaged ({error})", advice=ADVICE) from None
    if not fits:
        raise InstrumentError(f"{path} has other columns", ",".join(COLUMNS), ADVICE)
    _check(notes, frozenset(labels), path)
    return notes


def _note(row: list[str], path: Path) -> SoundNote:
    if len(row) != len(COLUMNS) or row[3] not in SPLITS:
        raise InstrumentError(f"{path} is damaged at {row!r:.80}", ",".join(COLUMNS), ADVICE)
    return SoundNote(*row)


def _check(notes: Sequence[SoundNote], labels: frozenset[str], path: Path) -> None:
    foreign = {note.label for note in notes} - labels - {""}
    if foreign:
        raise InstrumentError(f"{path} names the unknown label {min(foreign)!r}", advice=ADVICE)
    if len({note.id for note in notes}) != len(notes):
        raise InstrumentError(f"{path} names a sound twice", advice=ADVICE)
