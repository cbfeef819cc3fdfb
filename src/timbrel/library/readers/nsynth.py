"""NSynth and data sets laid out like it: `examples.json` beside a folder `audio`."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from timbrel.errors import LibraryError
from timbrel.library.readers import Found, Reader

_SUFFIXES = (".wav", ".flac")
_PIECE_CHARACTERS = 1 << 16
_LONGEST_ENTRY_CHARACTERS = 1 << 20
_SPACE = re.compile(r"[\s,]*")


def find(source: Path) -> Iterator[Found]:
    """Yields the notes that `examples.json` names, in its order, without reading it whole.

    Args:
        source: The folder with `examples.json` and `audio`, or `examples.json` itself.

    Yields:
        Each note: label is the instrument family, group the instrument, pitch its MIDI number. A
        note without a file is yielded as if its WAV were there.

    Raises:
        LibraryError: When there is no `examples.json` or it is damaged or foreign.
    """
    table = source / "examples.json" if source.is_dir() else source
    try:
        with table.open(encoding="utf-8") as file:
            for name, entry in _entries(file, table):
                yield _found(table, name, entry)
    except (OSError, UnicodeDecodeError) as error:
        raise LibraryError(
            f"{table} cannot be read ({error})",
            "a folder with examples.json and audio, as NSynth has",
        ) from None


def _found(table: Path, name: str, entry: Any) -> Found:
    """Checks one entry: the table may come from a stranger."""
    if not isinstance(entry, dict):
        raise _foreign(table, f"the entry {name[:80]!r} is no object")
    if not name or name.startswith(".") or set(name) & set("/\\:\0"):
        raise _foreign(table, f"the name {name[:80]!r} is none of a note")
    return Found(
        _sound_path(table.parent / "audio", name),
        label=_text(table, name, entry, "instrument_family_str"),
        group=_text(table, name, entry, "instrument_str"),
        pitch_semitones=_pitch(table, name, entry),
    )


def _sound_path(folder: Path, name: str) -> Path:
    paths = [folder / f"{name}{suffix}" for suffix in _SUFFIXES]
    return next((path for path in paths if path.is_file()), paths[0])


def _text(table: Path, name: str, entry: dict[str, Any], key: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str) or len(value) > 200:
        raise _foreign(table, f"{key} of {name[:80]!r} is no short text")
    return value


def _pitch(table: Path, name: str, entry: dict[str, Any]) -> float | None:
    value = entry.get("pitch")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 127:
        raise _foreign(table, f"pitch of {name[:80]!r} is {str(value)[:80]}")
    return float(value)


def _foreign(table: Path, fault: str) -> LibraryError:
    return LibraryError(f"{table} is not as NSynth has it: {fault}", "NSynth's examples.json")


def _entries(file: IO[str], table: Path) -> Iterator[tuple[str, Any]]:
    """Yields the pairs of one JSON object as they come, holding one at a time in memory."""
    text = _Text(file, table)
    text.expect("{")
    while not text.comes("}"):
        name = text.value()
        if not isinstance(name, str):
            raise _foreign(table, "a name is no text")
        text.expect(":")
        yield name, text.value()


class _Text:
    """JSON text of which only the part being read is in memory."""

    def __init__(self, file: IO[str], table: Path) -> None:
        self._file, self._table = file, table
        self._text, self._at = "", 0
        self._decoder = json.JSONDecoder()

    def comes(self, sign: str) -> bool:
        """Whether the next sign, blanks and commas apart, is this one."""
        self._skip()
        return self._text.startswith(sign, self._at)

    def expect(self, sign: str) -> None:
        if not self.comes(sign):
            raise _foreign(self._table, f"{sign!r} is missing near {self._near()!r}")
        self._at += len(sign)

    def value(self) -> Any:
        """The next value, reading on for as long as it is not complete."""
        self._skip()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except (ValueError, RecursionError):
                self._more()
                continue
            # a number may go on beyond what was read; all else ends with a sign of its own
            if end == len(self._text) and self._read():
                continue
            self._at = end
            return value

    def _skip(self) -> None:
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text) or not self._read():
                return

    def _more(self) -> None:
        if len(self._text) - self._at > _LONGEST_ENTRY_CHARACTERS or not self._read():
            raise _foreign(self._table, f"it is damaged near {self._near()!r}") from None

    def _read(self) -> bool:
        piece = self._file.read(_PIECE_CHARACTERS)
        self._text, self._at = self._text[self._at :] + piece, 0
        return bool(piece)

    def _near(self) -> str:
        return self._text[self._at : self._at + 40]


READER = Reader(
    title="NSynth (examples.json and audio)",
    licence="CC BY 4.0 (NSynth itself); see the data set",
    citation="Engel et al., Neural Audio Synthesis of Musical Notes with WaveNet, ICML 2017",
    find=find,
)
