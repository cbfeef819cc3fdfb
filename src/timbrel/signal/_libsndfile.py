"""The decoder of nearly every format: libsndfile, and what it needs to be exact and safe."""

import io
import math
import os
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import soundfile

from timbrel.signal._decoder import Block, Closing, Decoder, undecodable
from timbrel.signal._quiet import quiet

# Samples decoded at a time, over all channels.
_BLOCK_VALUES = 1 << 18
# No codec gives more samples of one channel for a byte: MP3's smallest frame has 24 bytes for
# 1152 samples, FLAC's 10 for 65535, Vorbis' packets 2 for 4096.
_SAMPLES_A_BYTE, _MP3_SAMPLES_A_BYTE = 8192, 64
# An MP3 frame borrows bits from frames before it, so decoding starts this much earlier.
_MP3_RUN_UP_SAMPLES = 32_768
# See `LibsndfileDecoder._settled_start`.
_OGG_RUN_UPS_S = (4, 5, 6)
_OGG_SEEK_AFTER_S = 30


def open_common(path: Path, size_bytes: int) -> Decoder:
    """Opens what libsndfile reads, and WAV with wider integers than it knows.

    Args:
        path: A regular file.
        size_bytes: Its size, against which its header's promises are held.

    Returns:
        The decoder, to be closed.

    Raises:
        SoundFileError: Where no sound can be found in the file.
    """
    try:
        return LibsndfileDecoder(path, size_bytes)
    except soundfile.LibsndfileError as error:
        if "unimplemented format" in error.error_string:
            wide = _wide_pcm(path)
            if wide is not None:
                return wide
        raise undecodable(path, error) from None
    except (RuntimeError, TypeError, ValueError) as error:
        raise undecodable(path, error) from None


class _Stream(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read straight on.

    After each read soundfile seeks to where it stands already. That makes MP3 and Opus decoders
    forget what they had heard, and it fails at the end of a FLAC of unknown length.
    """

    def seekable(self) -> bool:
        return False


class LibsndfileDecoder(Closing):
    """What libsndfile reads: nearly everything."""

    def __init__(self, path: Path, size_bytes: int) -> None:
        self._path = path
        self._file = self._open()
        self.sample_rate: int = self._file.samplerate
        self.channels: int = self._file.channels
        self.format: str = self._file.format
        self.encoding: str = self._file.subtype
        ratio = _MP3_SAMPLES_A_BYTE if self.format == "MP3" else _SAMPLES_A_BYTE
        self._promise: int | None = self._file.frames
        if self._file.frames > ratio * size_bytes:
            self._promise = None
        self._counted: int | None = None

    def _open(self) -> _Stream:
        with quiet():
            return _Stream(os.fsencode(self._path) if os.name == "posix" else str(self._path))

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()

    @property
    def length_samples(self) -> int:
        """What the header promises; counted by decoding where that is unknown or absurd."""
        if self._promise is not None:
            return self._promise
        if self._counted is None:
            self._counted = sum(len(block) for block in self.blocks(0, None))
            self._reopen()
        return self._counted

    def _reopen(self) -> None:
        self._file.close()
        self._file = self._open()

    def blocks(self, first: int, count: int | None) -> Iterator[Block]:
        """Gives `count` samples (None: all that follow) from sample `first` on, in blocks."""
        left = self._left(first, count)
        if left == 0:
            return
        try:
            start = self._start(first)
            if start:
                self._seek(start)
            yield from self._straight_on(first - start, left)
        except (RuntimeError, MemoryError) as error:
            raise undecodable(self._path, error) from None

    def _left(self, first: int, count: int | None) -> int | None:
        """Reading past a known end is an error for some decoders."""
        if self._promise is None:
            return count
        left = max(0, self._promise - first)
        return left if count is None else min(count, left)

    def _straight_on(self, drop: int, left: int | None) -> Iterator[Block]:
        size = max(1, _BLOCK_VALUES // self.channels)
        while left is None or left > 0:
            wanted = size if left is None else min(size, drop + left)
            block = self._read(wanted)
            if not len(block):
                return
            kept = block[drop:]
            drop -= len(block) - len(kept)
            if len(kept):
                yield kept
            left = None if left is None else left - len(kept)

    def _read(self, count: int) -> Block:
        with self._hush():
            block: Block = self._file.read(count, "float32", always_2d=True)
        return block

    def _seek(self, place: int) -> None:
        with self._hush():
            self._file.seek(place)

    def _hush(self) -> AbstractContextManager[None]:
        """Only the MP3 decoder talks about what it decodes."""
        return quiet() if self.encoding.startswith("MPEG") else nullcontext()

    def _start(self, first: int) -> int:
        """Says where decoding has to start so that sample `first` comes out as in a full read."""
        if self._promise is None:  # there may be no such place to seek to
            return 0
        if self.format == "MP3":
            return max(0, first - _MP3_RUN_UP_SAMPLES)
        return self._settled_start(first) if self.format == "OGG" else first

    def _settled_start(self, first: int) -> int:
        """Finds a start from which an Ogg decoder hears the same as from the beginning.

        libsndfile's seek can land one Vorbis block (10 ms) away from the right place, and an Opus
        decoder needs seconds to settle. Landings at three distances that agree to the last bit
        have settled; otherwise decoding starts at the beginning, which costs 1 ms for 0.2 to 1 s.
        """
        if first < _OGG_SEEK_AFTER_S * self.sample_rate:
            return 0
        starts = [first - seconds * self.sample_rate for seconds in _OGG_RUN_UPS_S]
        heard = [self._landing(start, first) for start in starts]
        self._reopen()
        agree = all(np.array_equal(heard[0], other) for other in heard[1:])
        return starts[-1] if agree and len(heard[0]) else 0

    def _landing(self, start: int, first: int) -> Block:
        self._reopen()
        self._seek(start)
        parts = list(self._straight_on(first - start, self._left(first, 4096)))
        return np.concatenate(parts) if parts else np.zeros((0, self.channels), np.float32)


class _MemoryDecoder(Closing):
    """Samples that had to be read at once."""

    def __init__(self, samples: Block, sample_rate: int, encoding: str) -> None:
        self._samples = samples
        self.length_samples, self.channels = samples.shape
        self.sample_rate, self.format, self.encoding = sample_rate, "WAV", encoding

    def blocks(self, first: int, count: int | None) -> Iterator[Block]:
        """Gives `count` samples (None: all that follow) from sample `first` on, in blocks."""
        yield self._samples[first : None if count is None else first + count]


def _wide_pcm(path: Path) -> _MemoryDecoder | None:
    """Reads WAV with integers of 33 to 64 bits, which libsndfile does not know; else None."""
    from scipy.io import wavfile

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)
            # From memory, so that no more is allocated than the file holds.
            rate, samples = wavfile.read(io.BytesIO(path.read_bytes()))
    except Exception:  # scipy gives up on damage in more ways than can be listed
        return None
    if samples.dtype.kind != "i" or samples.dtype.itemsize != 8 or not samples.size:
        return None
    scaled = np.multiply(samples, math.ldexp(1.0, -63), dtype=np.float64).astype(np.float32)
    return _MemoryDecoder(scaled.reshape(len(scaled), -1), int(rate), "PCM_64")
