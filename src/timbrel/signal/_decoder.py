"""What every decoder of sound files offers, for `files` only.

A decoder says what the header says and gives blocks of samples. Nothing is allocated because a
header promises it: blocks are small, and no promise is believed that the file's size cannot hold.
"""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from timbrel.errors import SoundFileError

Block = NDArray[np.float32]  # [T, C]

READABLE = "WAV, AIFF, FLAC, Ogg Vorbis, Opus, MP3, and M4A/AAC with timbrel[media]"

# libsndfile's words that would lead a user astray.
_MISLEADING = {
    "File does not exist or is not a regular file (possibly a pipe?).": "no MPEG audio in it",
    "Internal psf_fseek() failed.": "its content is not what its header says",
    "Unspecified internal error.": "its header is damaged",
    "System error.": "the system refuses it",
    "": "its content is not what its header says",
}


class Decoder(Protocol):
    """An open sound file."""

    sample_rate: int
    channels: int
    format: str
    encoding: str

    @property
    def length_samples(self) -> int:
        """How many samples each channel has, by the header where that can be believed."""
        ...

    def blocks(self, first: int, count: int | None) -> Iterator[Block]:
        """Gives `count` samples (None: all that follow) from sample `first` on, in blocks."""
        ...

    def close(self) -> None:
        """Lets go of the file."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None: ...


class Closing:
    """Closes itself at the end of a `with`."""

    def close(self) -> None:
        """Lets go of the file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()


def shown(path: Path) -> str:
    """Gives a path as one printable line, whatever its name holds."""
    return repr(str(path))


def undecodable(path: Path, error: Exception) -> SoundFileError:
    text = getattr(error, "error_string", str(error)).strip()
    return SoundFileError(
        f"{shown(path)} cannot be decoded ({_MISLEADING.get(text, text.rstrip('.'))})", READABLE
    )
