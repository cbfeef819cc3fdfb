"""A reader knows where a kind of data set keeps its sounds and what it says of them. One file each.

Each file declares ``READER``, a `Reader`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Found:
    """A sound file and what its data set says of it, before the file itself is opened.

    Attributes:
        path: Where the file is, absolute.
        label: Its class, or "" where unknown.
        group: What must stay together in a split (kit, instrument), or "" where unknown.
        pitch_semitones: MIDI note number, or None where unknown.
    """

    path: Path
    label: str = ""
    group: str = ""
    pitch_semitones: float | None = None


@dataclass(frozen=True)
class Reader:
    """The declaration of a reader.

    Attributes:
        title: What it is called in lists.
        licence: Under what licence the sounds stand, or where to look.
        citation: The work to cite, or "".
        find: source folder (or file) -> its sounds, in a stable order, lazily.
        makes_sounds: Whether it makes the sounds itself, so that the source may be a new folder.
    """

    title: str
    licence: str
    citation: str
    find: Callable[[Path], Iterator[Found]]
    makes_sounds: bool = False
