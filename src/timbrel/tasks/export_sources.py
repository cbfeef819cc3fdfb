"""Where the notes of an exported morph come from: two sides of the library, read at a key."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from timbrel.errors import LibraryError, UnknownNameError, UsageError
from timbrel.exporting.notes import Note, note_of, semitones_of
from timbrel.instruments.instrument import Instrument
from timbrel.library.catalogue import quoted
from timbrel.signal import files, resampling
from timbrel.signal.files import Sound
from timbrel.signal.pitch import pitch_hz

if TYPE_CHECKING:
    from timbrel.library.catalogue import Catalogue

_MARGIN_S = 0.05
_NEAR_SEMITONES = 1.0  # of the pitch that the library knows, where a measured one is believed


@dataclass(frozen=True)
class Side:
    """One side of a morph.

    Attributes:
        name: The label or group that was named.
        notes: Its pitched sounds.
    """

    name: str
    notes: list[Note]


def two_sides(catalogue: "Catalogue", text: str) -> tuple[Side, Side]:
    """Finds the two sides that a person named.

    Args:
        catalogue: The library.
        text: Two labels or groups with a comma between; commas within names do no harm.

    Returns:
        The sides.

    Raises:
        UsageError: When the text does not name two.
        UnknownNameError: When the library has no pitched sounds of such a label or group.
        LibraryError: When it has no pitched sounds at all.
    """
    known = names(catalogue)
    parts = text.split(",")
    cuts = [
        (",".join(parts[:n]).strip(), ",".join(parts[n:]).strip()) for n in range(1, len(parts))
    ]
    if not cuts:
        raise UsageError(f"--morph {text}", "two labels or groups with a comma between: A,B")
    cut = next((one for one in cuts if set(one) <= set(known)), cuts[0])
    first, second = (_side(catalogue, name, known) for name in cut)
    return first, second


def names(catalogue: "Catalogue") -> list[str]:
    """Lists the labels and groups that sounds of the library have.

    Args:
        catalogue: The library.

    Returns:
        Their names, each once, in alphabetical order.
    """
    found = {
        name
        for batch in catalogue.batches(["label", "group_name"], "kind = ''")
        for column in ("label", "group_name")
        for name in batch.column(column).to_pylist()
    }
    return sorted(found - {""})


def _side(catalogue: "Catalogue", name: str, known: list[str]) -> Side:
    if name not in known:
        advice = "see `timbrel library`"
        raise UnknownNameError("label or group", name, known, advice)
    these = quoted([name])
    rows = catalogue.rows(where=f"label IN {these} OR group_name IN {these}")
    notes = [note for note in map(note_of, rows) if note is not None]
    if not notes:
        raise LibraryError(
            f"no sound of {name!r} has a pitch",
            "sounds whose pitch the data set names, or that repeat clearly",
            "choose another label or group",
        )
    return Side(name, notes)


def read_at(instrument: Instrument, note: Note, key: int) -> Sound:
    """Reads a note as if it had been played at another key, as samplers transpose: by its speed.

    Args:
        instrument: Who will hear it, and how much of it.
        note: The note.
        key: The MIDI note number that it shall have.

    Returns:
        The sound. Its measured pitch counts where it is near the one that the library knows.

    Raises:
        SoundFileError: When it cannot be read.
    """
    most_s = 2 * (instrument.recipe.duration_s + _MARGIN_S)  # up by an octave at most
    sound = files.read(note.path, duration_s=most_s)
    ratio = 2 ** ((key - _semitones(sound, note)) / 12)
    from_hz = round(sound.sample_rate * ratio)
    samples = resampling.resample(sound.samples, from_hz=from_hz, to_hz=sound.sample_rate)
    return Sound(samples, sound.sample_rate, sound.source)


def _semitones(sound: Sound, note: Note) -> float:
    hz = pitch_hz(sound.samples, sound.sample_rate)
    heard = semitones_of(hz) if hz == hz else note.semitones  # NaN is not itself
    return heard if abs(heard - note.semitones) <= _NEAR_SEMITONES else note.semitones
