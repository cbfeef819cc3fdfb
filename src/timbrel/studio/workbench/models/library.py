"""The library: its table, labels, searches, and what is brought to it."""

from typing import Literal

from pydantic import Field

from timbrel.studio.workbench.models.common import (
    MOST_IDS,
    Asked,
    Id,
    Label,
    Reference,
    Told,
    Weight,
)


class LibrarySound(Told):
    """A sound of the library, as a row of the table."""

    sound: str
    name: str
    folder: str
    label: str
    group: str
    duration_s: float
    sample_rate: int
    channels: int
    format: str
    peak_db: float
    loudness_lufs: float | None
    pitch_semitones: float | None
    pitch: str


Order = Literal[
    "name", "label", "duration_s", "pitch_semitones", "loudness_lufs", "peak_db", "sample_rate",
    "group", "format", "folder",
]  # fmt: skip


class LibrarySounds(Told):
    """Some rows of the table, and how many there are in all."""

    total: int
    start: int
    sounds: list[LibrarySound]
    command: str


class Refused(Told):
    """A file that could not be used, and why."""

    name: str
    reason: str
    kind: str = ""


class RefusedFiles(Told):
    """Files that the library does not hold, and why."""

    total: int
    files: list[Refused]


class Labelling(Asked):
    """New labels for sounds of the library: for those listed, or for all that a search finds."""

    sounds: list[Reference] = Field(default_factory=list, max_length=MOST_IDS)
    words: str = Field("", max_length=200)
    label_is: Label | None = None
    every: bool = False
    label: Label


class Labelled(Told):
    """How many sounds got another label.

    Attributes:
        changed: How many.
        command: What does the same in a terminal; one line for each label.
        undo: By what name it can be taken back, "" where it cannot.
    """

    changed: int
    command: str
    undo: str = ""


class Undoing(Asked):
    """A wish to take labels back."""

    undo: Id


Aspect = Literal["all", "timbre", "pitch", "length", "loudness"]


class Likeness(Asked):
    """A search for sounds that sound like one."""

    sound: Reference
    top: int = Field(24, ge=1, le=500)
    by: dict[Aspect, Weight] = Field(default={"all": 1.0}, min_length=1)
    label: Label | None = None


class Match(Told):
    """A sound that sounds like the one asked for."""

    sound: LibrarySound
    distance: float
    aspects: dict[str, float]


class Matches(Told):
    """What a search found, the nearest first; by an index, which may miss one, if approximate."""

    matches: list[Match]
    approximate: bool
    command: str


class Uploaded(Told):
    """A file that was taken in."""

    sound: str
    name: str
    duration_s: float
    sample_rate: int
    channels: int


class Uploads(Told):
    """What became of the files that were sent."""

    upload: str
    files: list[Uploaded]
    refused: list[Refused]


class Peaks(Told):
    """A sound's outline: the largest magnitude in each of some stretches, 0 to 1."""

    duration_s: float
    sample_rate: int
    channels: int
    peaks: list[float]


class Neighbour(Told):
    """A sound of the library near a new one.

    Attributes:
        sound: The library's sound.
        distance: How far it sounds from the new one, in units of hearing.
        copy_: Whether the new one is so near that it may be taken for a copy.
    """

    sound: LibrarySound
    distance: float
    copied: bool


class Neighbours(Told):
    """The library's sounds nearest to one, and whether it is a copy of one of them."""

    neighbours: list[Neighbour]
    copied: bool
    text: str
