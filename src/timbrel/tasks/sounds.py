"""The library's files of the sounds that an instrument knows, found by id."""

from collections.abc import Sequence
from pathlib import Path

from timbrel.errors import LibraryError
from timbrel.instruments.instrument import Instrument
from timbrel.library import pieces
from timbrel.signal import files
from timbrel.signal.files import Sound
from timbrel.tasks.workspace import Workspace, open_library

_LOOKUP_ROWS = 1024
_MARGIN_S = 0.05  # read beyond the instrument's length, so that a longer sound is faded


class LibrarySounds:
    """Reads sounds of the library for an instrument, each as far as the instrument hears.

    Args:
        workspace: Whose library.
        instrument: The instrument that knows the sounds.
        later: Ids of sounds that came after it.

    Raises:
        LibraryError: When there is no library, or it holds none of the instrument's sounds.
    """

    def __init__(
        self, workspace: Workspace, instrument: Instrument, later: Sequence[str] = ()
    ) -> None:
        self._instrument = instrument
        self.paths = _paths(workspace, [*(note.id for note in instrument.sounds), *later])
        self._names = {note.id: note.name for note in instrument.sounds}
        if not self.paths:
            raise LibraryError(
                f"the library holds none of the sounds that {instrument.name!r} was made from",
                "the library that it was trained on",
                "scan those sounds again",
            )

    def path(self, id_: str) -> Path:
        """Finds the file of a sound.

        Args:
            id_: The sound's id.

        Returns:
            Where it was when it was scanned.

        Raises:
            LibraryError: When the library does not know it any more.
        """
        if id_ not in self.paths:
            name = self._names.get(id_, id_)
            raise LibraryError(f"{name} is not in the library any more", advice="scan it again")
        return self.paths[id_]

    def read(self, id_: str) -> Sound:
        """Reads a sound, or a piece of one.

        Args:
            id_: The sound's id.

        Returns:
            As much of it as the instrument hears, and a little more where it shall be faded.

        Raises:
            LibraryError: When the library does not know it any more.
            SoundFileError: When its file is gone or damaged.
        """
        return heard_part(self._instrument, self.path(id_), id_)


def heard_part(instrument: Instrument, path: Path, id_: str) -> Sound:
    """Reads as much of a library's sound as an instrument hears.

    Args:
        instrument: Who will hear it.
        path: The sound's file.
        id_: The id of the sound, or of a piece of it.

    Returns:
        The sound, and a little more where it shall be faded: a piece is not.

    Raises:
        SoundFileError: When the file is gone or damaged.
    """
    recipe = instrument.recipe
    duration_s = recipe.duration_s + (0.0 if recipe.pieces else _MARGIN_S)
    return files.read(path, start_s=pieces.place(id_)[1], duration_s=duration_s)


def _paths(workspace: Workspace, ids: list[str]) -> dict[str, Path]:
    """The file of each sound, or of the sound that it is a piece of."""
    library, sounds = open_library(workspace), {id_: pieces.place(id_)[0] for id_ in ids}
    wanted = list(dict.fromkeys(sounds.values()))
    paths = {
        row.id: row.path
        for start in range(0, len(wanted), _LOOKUP_ROWS)
        for row in library.get(wanted[start : start + _LOOKUP_ROWS])
    }
    return {id_: paths[sound] for id_, sound in sounds.items() if sound in paths}
