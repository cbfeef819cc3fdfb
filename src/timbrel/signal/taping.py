"""Sounds without an end, written as they come: to a file, or to a player that listens."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
from torch import Tensor

from timbrel import atomic
from timbrel.errors import ExistsError, SoundFileError
from timbrel.signal import _encoding
from timbrel.signal._decoder import shown

_WIDTH = 3  # bytes of a sample
_SHORT_BYTES = 2**31
_ENDLESS = 2**32 - 1  # a length that tells players to go on until there is no more


class Tape(Protocol):
    """Takes stretches of a sound, one after the other."""

    def write(self, samples: Tensor) -> None:
        """Writes a stretch.

        Args:
            samples: [C, T]; what is beyond full scale is clipped.
        """


class _File:
    def __init__(
        self, path: Path, part: Path, sample_rate: int, channels: int, *, short: bool
    ) -> None:
        import soundfile

        kind = _encoding.container(path, "pcm_24")
        self.path = path
        # RF64 is WAV with 64-bit sizes
        kind = "RF64" if kind == "WAV" and not short else kind
        try:
            self.file = soundfile.SoundFile(
                part, "w", sample_rate, channels, subtype="PCM_24", format=kind
            )
        except soundfile.LibsndfileError as error:
            raise SoundFileError(f"{shown(path)} cannot be written ({error})") from None

    def write(self, samples: Tensor) -> None:
        try:
            self.file.write(samples.clamp(-1, 1).t().contiguous().numpy())
        except RuntimeError as error:
            raise SoundFileError(
                f"{shown(self.path)} cannot be written ({error})", advice="free some space"
            ) from None


@contextmanager
def tape(
    path: Path,
    *,
    sample_rate: int,
    channels: int,
    most_samples: int | None = None,
    force: bool = False,
) -> Iterator[Tape]:
    """Opens a sound file that is written stretch by stretch, and is whole when it is closed.

    Args:
        path: Where to; its ending, .wav or .flac, chooses the format.
        sample_rate: Rate in Hz.
        channels: How many.
        most_samples: How long it gets at most, where that is known; a WAV that may grow beyond 4 GB
            is written as RF64, which not every player opens.
        force: Whether a file of that name is replaced.

    Yields:
        What takes the stretches; 24 bits are kept. A WAV may grow beyond 4 GB.

    Raises:
        ExistsError: When the file exists and `force` is false.
        SoundFileError: When it cannot be written.
        UsageError: For another ending.

    Example:
        >>> import tempfile, torch
        >>> path = Path(tempfile.mkdtemp()) / "long.flac"
        >>> with tape(path, sample_rate=8000, channels=1) as one:
        ...     one.write(torch.zeros(1, 100))
        ...     one.write(torch.zeros(1, 50))
        >>> from timbrel.signal import files
        >>> files.probe(path).duration_s
        0.01875
    """
    _encoding.container(path, "pcm_24")
    if path.exists() and not force:
        raise ExistsError(f"{shown(path)} exists already", advice="choose another name or --force")
    try:
        with atomic.new_file(path) as part:
            short = most_samples is not None and most_samples * channels * _WIDTH < _SHORT_BYTES
            one = _File(path, part, sample_rate, channels, short=short)
            try:
                yield one
            finally:
                one.file.close()
    except OSError as error:
        raise SoundFileError(
            f"{shown(path)} cannot be written ({error.strerror or error})",
            advice="nothing was left behind",
        ) from None


class Pipe:
    """Writes a WAV without an end to a pipe, for a player at its other side.

    Args:
        out: Where to.
        sample_rate: Rate in Hz.
        channels: How many.

    Example:
        >>> import io, torch
        >>> out = io.BytesIO()
        >>> Pipe(out, sample_rate=8000, channels=1).write(torch.tensor([[0.5, -1.0]]))
        >>> len(out.getvalue()), out.getvalue()[:4]
        (48, b'RIFF')
    """

    def __init__(self, out: BinaryIO, *, sample_rate: int, channels: int) -> None:
        self.out = out
        width = 2 * channels
        form = struct.pack("<HHIIHH", 1, channels, sample_rate, sample_rate * width, width, 16)
        riff = struct.pack("<4sI4s4sI", b"RIFF", _ENDLESS, b"WAVE", b"fmt ", len(form))
        out.write(riff + form + struct.pack("<4sI", b"data", _ENDLESS))

    def write(self, samples: Tensor) -> None:
        """Writes a stretch of 16 bits, [C, T]."""
        whole = (samples.clamp(-1, 1).t() * 32767).round().contiguous().numpy()
        self.out.write(whole.astype(np.dtype("<i2")).tobytes())
        self.out.flush()
