"""Reads one sound file once, in pieces, and says what is in it or why it cannot be used."""

import hashlib
import math
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from timbrel.errors import SoundFileError
from timbrel.library.features import features_of
from timbrel.library.loudness import LoudnessMeter
from timbrel.library.rows import Facts, Refusal
from timbrel.signal import files

SILENCE_DB = -80.0
_PIECE_S = 30  # a longer sound is read in pieces
_PIECE_SAMPLES = 8_000_000  # of all channels together, where 30 s would be more


def analyse(path: Path) -> Facts | Refusal:
    """Reads a sound file once and keeps what the library wants to know.

    Memory stays the same however long the sound is: it is read in pieces of half a minute. The
    features of a sound of several pieces are those of the piece a third of the way in.

    Args:
        path: The file.

    Returns:
        What is in it, or why it cannot be used. Never raises for what a file holds.
    """
    try:
        status = _text(path).stat()
        if not stat.S_ISREG(status.st_mode):
            return Refusal("unreadable", "it is no file, or a folder that cannot be opened")
        if status.st_size == 0:
            return Refusal("empty", "the file has no content")
        info = files.probe(path)
        if info.length_samples == 0:
            return Refusal("empty", "the file holds no samples")
        return _Listener(info).hear()
    except SoundFileError as error:
        return Refusal("unreadable", _sentence(error, path))
    except FileNotFoundError:
        return Refusal("missing", "it is named by its data set and not there")
    except UnicodeEncodeError:
        return Refusal("bad_name", "its name is no Unicode text; rename the file")
    except MemoryError:
        return Refusal("unreadable", "it needs more memory than there is")
    except OSError as error:
        return Refusal("unreadable", error.strerror or str(error))


def _text(path: Path) -> Path:
    """The path itself; raises UnicodeEncodeError where its name is none that a table can hold."""
    str(path).encode()
    return path


def _sentence(error: SoundFileError, path: Path) -> str:
    """The error without the path, which stands beside the reason wherever it is shown."""
    text = str(error).replace(repr(str(path)), "it").replace(str(path), "it")
    return text.removesuffix(".")


@dataclass
class _Listener:
    """Adds up, piece by piece, what `Facts` needs."""

    info: files.SoundInfo
    hash: hashlib.blake2b = field(default_factory=lambda: hashlib.blake2b(digest_size=16))
    samples: int = 0
    peak: float = 0.0
    features: NDArray[np.float32] | None = None

    def hear(self) -> Facts | Refusal:
        rate, channels = self.info.sample_rate, self.info.channels
        self.hash.update(f"{rate} {channels} ".encode())
        meter = LoudnessMeter(rate, channels)
        pieces = _pieces(self.info)
        for number, piece in enumerate(pieces):
            if not np.isfinite(piece).all():
                return Refusal("not_finite", _first_fault(piece, self.samples, rate))
            self._add(piece)
            meter.push(piece)
            if number <= _piece_count(self.info) // 3:
                self.features = features_of(_mono(piece), rate)
        return self._facts(meter.lufs())

    def _add(self, piece: NDArray[np.float32]) -> None:
        self.hash.update(np.ascontiguousarray(piece.T).data)
        self.peak = max(self.peak, float(np.abs(piece).max()))
        self.samples += piece.shape[1]

    def _facts(self, loudness_lufs: float) -> Facts | Refusal:
        peak_db = 20 * math.log10(self.peak) if self.peak else -math.inf
        if self.features is None:
            return Refusal("empty", "the file holds no samples")
        if peak_db <= SILENCE_DB:
            return Refusal("silent", f"its peak is {peak_db:.0f} dB, the limit {SILENCE_DB:.0f} dB")
        return Facts(
            content_hash=self.hash.hexdigest(),
            duration_s=self.samples / self.info.sample_rate,
            sample_rate=self.info.sample_rate,
            channels=self.info.channels,
            format=self.info.format,
            peak_db=peak_db,
            loudness_lufs=loudness_lufs,
            features=self.features,
        )


def _piece_s(info: files.SoundInfo) -> int:
    return max(1, min(_PIECE_S, _PIECE_SAMPLES // (info.sample_rate * info.channels)))


def _piece_count(info: files.SoundInfo) -> int:
    return max(1, math.ceil(info.duration_s / _piece_s(info)))


def _pieces(info: files.SoundInfo) -> Iterator[NDArray[np.float32]]:
    """Yields a sound piece by piece, float32 [C, T]; whole seconds, so that no sample is lost."""
    length_s = _piece_s(info)
    if _piece_count(info) == 1:
        yield files.read(info.path).samples.numpy()
        return
    for number in range(_piece_count(info)):
        piece = files.read(info.path, start_s=number * length_s, duration_s=length_s)
        yield piece.samples.numpy()


def _mono(piece: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mix of all channels; where they cancel each other, the first alone."""
    if len(piece) == 1:
        return np.asarray(piece[0])
    mix = piece.mean(axis=0)
    cancelled = np.square(mix).mean() < 1e-4 * np.square(piece).mean()
    return np.asarray(piece[0] if cancelled else mix)


def _first_fault(piece: NDArray[np.float32], before: int, sample_rate: int) -> str:
    faults = ~np.isfinite(piece).all(axis=0)
    at_s = (before + int(faults.argmax())) / sample_rate
    return f"{int(faults.sum())} samples are NaN or infinite, the first at {at_s:.3f} s"
