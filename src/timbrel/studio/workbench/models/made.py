"""The history: what was made, and packs of it."""

from typing import Any, Literal

from pydantic import Field

from timbrel.studio.workbench.models.common import MOST_IDS, Asked, Id, Name, Point, Told
from timbrel.studio.workbench.models.workspace import Job


class Made(Told):
    """A sound that was made, as it stands in the history.

    Attributes:
        id: Its name in the history.
        sound: ``made:ID``.
        name: What it is called; its file is called so.
        kind: What made it: pick, path, generate, morph, vary ...
        instrument: Who made it.
        seed: Its seed.
        duration_s: Its length.
        sample_rate: Its rate in Hz.
        created_s: When it was made, in s since 1970.
        starred: Whether it is to be kept.
        rejected: Whether it is of no use.
        command: The command that makes it.
        parents: What it was made of, the heaviest first.
        note: What was asked for and could not be, "" mostly.
        settings: The settings it was made with.
        distance: How far it is from the library's nearest sound, in units of hearing: 1 is
            clearly another timbre; None where that was not measured.
    """

    id: str
    sound: str
    name: str
    kind: str
    instrument: str
    seed: int
    duration_s: float
    sample_rate: int
    created_s: float
    starred: bool = False
    rejected: bool = False
    command: str
    parents: list[dict[str, Any]] = Field(default_factory=list)
    note: str = ""
    settings: dict[str, Any] = Field(default_factory=dict)
    distance: float | None = None


class MadeSounds(Told):
    """Some of the history, the newest first, and how many there are in all."""

    total: int
    made: list[Made]


class Picked(Told):
    """A new sound of the map.

    Attributes:
        made: The sound.
        at: Where it lies.
        note: What was asked for and could not be, "" mostly.
    """

    made: Made
    at: Point
    note: str


class MadeNow(Told):
    """What was made at once."""

    made: list[Made]


class MadeChange(Asked):
    """A change to a sound of the history."""

    starred: bool | None = None
    rejected: bool | None = None
    name: str | None = Field(None, min_length=1, max_length=96)


class Ids(Asked):
    """Sounds of the history."""

    ids: list[Id] = Field(min_length=1, max_length=MOST_IDS)


class Renaming(Asked):
    """New names for sounds of the history.

    Attributes:
        ids: The sounds, in the order in which they are numbered.
        pattern: The name; ``{n}`` is the number, ``{label}`` the label of the heaviest parent,
            ``{instrument}`` and ``{seed}`` what they say.
    """

    ids: list[Id] = Field(min_length=1, max_length=10_000)
    pattern: str = Field(min_length=1, max_length=80)


class MadeAgain(Told):
    """What came of making a sound again.

    Attributes:
        made: The new sound; None where a job makes it.
        same: Whether its samples are those of the first, to the last bit.
        job: The job that makes it again, where it was made by one.
    """

    made: Made | None = None
    same: bool | None = None
    job: Job | None = None


class PackWish(Asked):
    """A pack to take away.

    Attributes:
        ids: The sounds of the history that are in it.
        name: What it is called.
        audio: The kind of sound file.
        formats: For which samplers it holds an instrument.
    """

    ids: list[Id] = Field(min_length=1, max_length=1000)
    name: Name
    audio: Literal["wav", "flac"] = "wav"
    formats: list[Literal["sfz", "decentsampler"]] = Field(default_factory=list, max_length=2)


class Pack(Told):
    """A pack, ready to be downloaded."""

    id: str
    name: str
    address: str
    size_bytes: int
    files: list[str]
    command: str
