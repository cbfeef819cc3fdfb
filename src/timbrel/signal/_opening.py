"""Chooses the decoder of a sound file by what is in the file, for `files` only."""

import stat
from pathlib import Path

from timbrel.errors import SoundFileError
from timbrel.signal._decoder import READABLE, Decoder, shown
from timbrel.signal._libsndfile import open_common
from timbrel.signal._media import MediaDecoder

# A MIDI sample dump: its decoder in libsndfile prints to standard output, which is the user's.
_TALKING = b"\xf0\x7e"
LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 1_000, 10_000_000


def open_decoder(path: Path) -> Decoder:
    """Opens a sound file by what is in it, not by its name.

    Args:
        path: A regular file, or a link to one.

    Returns:
        The decoder, to be closed.

    Raises:
        SoundFileError: Where there is no such file, or none that holds sound.
    """
    start, size_bytes = _look(path)
    if start.startswith(_TALKING):
        raise SoundFileError(f"{shown(path)} is a MIDI sample dump", READABLE)
    if start[4:8] == b"ftyp" or (start[:1] == b"\xff" and start[1] & 0xF6 == 0xF0):
        decoder: Decoder = MediaDecoder(path, "mp4" if start[4:8] == b"ftyp" else "aac")
    else:
        decoder = open_common(path, size_bytes)
    if not LOWEST_RATE_HZ <= decoder.sample_rate <= HIGHEST_RATE_HZ:
        decoder.close()
        raise SoundFileError(
            f"{shown(path)} claims a sample rate of {decoder.sample_rate} Hz",
            f"{LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} Hz",
        )
    return decoder


def _look(path: Path) -> tuple[bytes, int]:
    """Reads the first bytes, and says plainly why a file cannot be opened at all."""
    try:
        # Asked before opening: opening a named pipe would wait for its other end.
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            kind = "a folder" if stat.S_ISDIR(facts.st_mode) else "a device or a pipe"
            raise SoundFileError(f"{shown(path)} is {kind}", "a sound file")
        with path.open("rb") as file:
            start = file.read(64)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SoundFileError(f"{shown(path)} cannot be opened ({reason})") from None
    if not facts.st_size:
        raise SoundFileError(f"{shown(path)} is empty (0 bytes)", READABLE)
    return start.ljust(64, b"\0"), facts.st_size
