"""M4A and AAC, for `files` only, through the optional package `av` (FFmpeg inside)."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from timbrel.errors import SoundFileError
from timbrel.signal._decoder import Block, Closing, shown

# AAC frames overlap and borrow from their neighbours, so decoding starts a little earlier.
_RUN_UP_S = 0.5


class MediaDecoder(Closing):
    """An AAC stream in an MP4 container or on its own.

    Args:
        path: The file.
        container: FFmpeg's name of the only container that is tried, "mp4" or "aac"; so a file
            cannot make FFmpeg open a playlist or an address.
    """

    def __init__(self, path: Path, container: str) -> None:
        try:
            import av
        except ImportError:
            raise SoundFileError(
                f"{shown(path)} is M4A/AAC, which needs the package av",
                advice="pip install 'timbrel[media]'",
            ) from None
        self._path, self._errors, self._seekable = (
            path,
            (av.FFmpegError, OSError),
            container == "mp4",
        )
        self._handle = path.open("rb")
        try:
            self._container = av.open(self._handle, format=container, metadata_errors="replace")
            self._stream: Any = self._container.streams.audio[0]
        except (*self._errors, LookupError) as error:
            self._handle.close()
            raise self._undecodable(error) from None
        codec = self._stream.codec_context
        if codec is None:  # a codec that FFmpeg does not know
            self._handle.close()
            raise self._undecodable(LookupError())
        self.sample_rate, self.channels = int(codec.sample_rate), int(codec.channels)
        self.format, self.encoding = ("MP4" if self._seekable else "ADTS"), codec.name.upper()
        self._av = av
        self._counted: int | None = None

    def _undecodable(self, error: Exception) -> SoundFileError:
        reason = getattr(error, "strerror", None) or "no sound in it"
        return SoundFileError(f"{shown(self._path)} cannot be decoded ({reason})")

    def close(self) -> None:
        """Lets go of the file."""
        self._container.close()
        self._handle.close()

    @property
    def length_samples(self) -> int:
        """What the container promises; a bare AAC stream is counted by decoding."""
        if self._seekable and self._stream.duration:
            return int(self._stream.duration * self._stream.time_base * self.sample_rate + 0.5)
        if self._counted is None:
            self._counted = sum(len(block) for block in self.blocks(0, None))
        return self._counted

    def blocks(self, first: int, count: int | None) -> Iterator[Block]:
        """Gives `count` samples (None: all that follow) from sample `first` on, in blocks."""
        end = self._end(first, count)
        if first >= end:
            return
        try:
            for place, block in self._decoded(first):
                if place >= end:
                    return
                kept = block[max(0, first - place) : max(0, end - place)]
                if len(kept):
                    yield kept
        except self._errors as error:
            raise self._undecodable(error) from None

    def _end(self, first: int, count: int | None) -> int:
        """The last frame is filled up with silence; the container knows where sound ends."""
        end = sys.maxsize if count is None else first + count
        return min(end, self.length_samples) if self._seekable and self._stream.duration else end

    def _decoded(self, first: int) -> Iterator[tuple[int, Block]]:
        """Gives blocks with the place of their first sample."""
        start_s = max(0.0, first / self.sample_rate - _RUN_UP_S) if self._seekable else 0.0
        self._container.seek(int(start_s / self._stream.time_base), stream=self._stream)
        # Interleaved: of planes, PyAV counts more than there are from eight channels on, and reads
        # what lies behind them.
        resampler = self._av.AudioResampler(format="flt")
        expected = 0
        for frame in self._container.decode(self._stream):
            place = self._place(frame, expected)
            for part in self._interleaved(resampler, frame):
                block = np.array(part.to_ndarray(), dtype=np.float32).reshape(-1, self.channels)
                yield place, block
                place += len(block)
            expected = place

    def _interleaved(self, resampler: Any, frame: Any) -> Any:
        if frame.layout.nb_channels == self.channels:
            with suppress(ValueError):  # a frame unlike the first one
                return resampler.resample(frame)
        reason = f"its {self.channels} channels or their rate change on the way"
        raise SoundFileError(f"{shown(self._path)} cannot be decoded ({reason})")

    def _place(self, frame: Any, expected: int) -> int:
        if not self._seekable or frame.pts is None:
            return expected
        return int(frame.pts * frame.time_base * self.sample_rate + 0.5)
