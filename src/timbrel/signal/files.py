"""Sound files: the only place that opens them. Probe, read, write."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from timbrel import atomic
from timbrel.errors import ExistsError, SoundFileError, UsageError
from timbrel.signal import _encoding, _sampler
from timbrel.signal._decoder import Block, Decoder, shown
from timbrel.signal._encoding import Encoding
from timbrel.signal._opening import open_decoder
from timbrel.signal._sampler import Marks as Marks
from timbrel.signal.resampling import FILTER_SAMPLES, check_rate, resample


@dataclass(frozen=True)
class Sound:
    """Audio in memory.

    Attributes:
        samples: float32 [C, T], full scale at 1.
        sample_rate: Samples a second of each channel, in Hz.
        source: The path it was read from, "" for one that was made.
    """

    samples: Tensor
    sample_rate: int
    source: str = ""

    @property
    def duration_s(self) -> float:
        """Its length in seconds."""
        return self.samples.shape[-1] / self.sample_rate


@dataclass(frozen=True)
class SoundInfo:
    """What a sound file says about itself.

    Attributes:
        path: Where it is.
        length_samples: Samples of each channel. In a damaged MP3 reading may give fewer.
        sample_rate: In Hz.
        channels: How many.
        format: The container, such as "WAV", "FLAC", "OGG", "MP3", "MP4".
        encoding: How samples are stored, such as "PCM_24", "FLOAT", "VORBIS".
    """

    path: Path
    length_samples: int
    sample_rate: int
    channels: int
    format: str
    encoding: str

    @property
    def duration_s(self) -> float:
        """Its length in seconds."""
        return self.length_samples / self.sample_rate


def probe(path: Path) -> SoundInfo:
    """Reads what a sound file says about itself, without its samples.

    A stream whose header does not tell its length, or tells an impossible one, is decoded once
    to count.

    Args:
        path: A sound file; its content decides about the format, not its name.

    Returns:
        What the file says; 0 samples where it is a sound file without sound.

    Raises:
        SoundFileError: Where there is no such file, or no sound can be found in it.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "tone.wav"
        >>> write(path, Sound(torch.zeros(1, 4410), 44100))
        >>> info = probe(path)
        >>> info.duration_s, info.encoding
        (0.1, 'PCM_24')
    """
    with open_decoder(path) as decoder:
        return SoundInfo(
            path,
            decoder.length_samples,
            decoder.sample_rate,
            decoder.channels,
            decoder.format,
            decoder.encoding,
        )


def read(
    path: Path,
    *,
    start_s: float = 0.0,
    duration_s: float | None = None,
    sample_rate: int | None = None,
    mono: bool = False,
) -> Sound:
    """Reads a sound file, or a part of it without decoding the rest.

    A part holds the samples that the same stretch of the whole holds: to the last bit in WAV,
    AIFF, FLAC, Vorbis and Opus, within 1e-6 in MP3 and 1e-4 in AAC (but for the
    noise that AAC draws anew), whose decoders remember what they heard before. Resampling sees
    what stands around a part, so the same holds for it within
    -100 dB. NaN and infinite samples are given as they are; `levels.is_finite` tells.

    Args:
        path: A sound file; its content decides about the format, not its name.
        start_s: Where to begin, in seconds, 0 or more.
        duration_s: How much to read, in seconds, above 0; None reads to the end. Less comes back
            where the file ends earlier.
        sample_rate: The wanted rate in Hz, from 1 up; None keeps the file's.
        mono: Whether all channels are mixed to one, by their mean.

    Returns:
        The sound, at least one sample long, its source the path.

    Raises:
        SoundFileError: Where the file cannot be read, is damaged, or holds no sound there.
        UsageError: Where a number is out of its range.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "tone.wav"
        >>> write(path, Sound(torch.zeros(2, 44100), 44100))
        >>> read(path, start_s=0.5, sample_rate=16000, mono=True).samples.shape
        torch.Size([1, 8000])
    """
    _check_span(start_s, duration_s, sample_rate)
    with open_decoder(path) as decoder:
        to_hz = sample_rate or decoder.sample_rate
        first = round(start_s * to_hz)
        count = None if duration_s is None else max(1, round(duration_s * to_hz))
        if to_hz == decoder.sample_rate:
            samples = _samples(decoder, first, count, mono=mono)
        else:
            samples = _resampled(decoder, to_hz, first, count, mono=mono)
        if not samples.shape[-1]:
            raise _nothing(path, decoder, start_s)
    return Sound(samples, to_hz, str(path))


def _check_span(start_s: float, duration_s: float | None, sample_rate: int | None) -> None:
    if not (math.isfinite(start_s) and start_s >= 0):
        raise UsageError(f"start_s is {start_s}", "seconds, 0 or more")
    if duration_s is not None and not (math.isfinite(duration_s) and duration_s > 0):
        raise UsageError(f"duration_s is {duration_s}", "seconds above 0")
    if sample_rate is not None:
        check_rate(sample_rate)


def _nothing(path: Path, decoder: Decoder, start_s: float) -> SoundFileError:
    length_s = decoder.length_samples / decoder.sample_rate
    if start_s > 0 and length_s > 0:
        return SoundFileError(
            f"{shown(path)} lasts {length_s:.3f} s and holds no sound from {start_s:g} s on",
            f"a start before {length_s:.3f} s",
        )
    return SoundFileError(f"{shown(path)} holds no sound (0 samples)")


def _samples(decoder: Decoder, first: int, count: int | None, *, mono: bool) -> Tensor:
    """Decodes count samples from the first on, [C, T]; only what is truly there is allocated."""
    blocks: list[Block] = []
    with np.errstate(invalid="ignore", over="ignore"):  # infinities of both signs in one moment
        for block in decoder.blocks(first, count):
            blocks.append(block.mean(axis=1, keepdims=True) if mono else block)
    channels = 1 if mono else decoder.channels
    samples = np.empty((channels, sum(len(block) for block in blocks)), np.float32)
    end = samples.shape[1]
    while blocks:  # from the back, letting go of each, so that memory is not needed twice
        block = blocks.pop()
        samples[:, end - len(block) : end] = block.T
        end -= len(block)
    return torch.from_numpy(samples)


def _resampled(
    decoder: Decoder, to_hz: int, first: int, count: int | None, *, mono: bool
) -> Tensor:
    """Decodes a part with what stands around it, resamples all, and cuts the part out.

    The wider part starts where samples of both rates fall on the same moment:

        file     |  .  .  |  .  .  |  .  .  |      every from/gcd samples
        wanted   |   .    |   .    |   .    |      every to/gcd samples
    """
    from_hz = decoder.sample_rate
    divisor = math.gcd(from_hz, to_hz)
    margin = math.ceil(FILTER_SAMPLES * from_hz / min(from_hz, to_hz))
    meetings = max(0, first * from_hz // to_hz - margin) // (from_hz // divisor)
    start, before = meetings * (from_hz // divisor), first - meetings * (to_hz // divisor)
    end = None if count is None else math.ceil((first + count) * from_hz / to_hz) + margin
    samples = _samples(decoder, start, None if end is None else end - start, mono=mono)
    if not samples.shape[-1]:
        return samples
    out = resample(samples, from_hz=from_hz, to_hz=to_hz)[:, before:]
    return out if count is None else out[:, :count].clone()


def as_bytes(
    sound: Sound,
    *,
    suffix: str = ".flac",
    encoding: Encoding = "pcm_16",
    on_clip: Literal["error", "scale"] = "error",
) -> bytes:
    """Gives the content of a sound file, for a page or a wire.

    Args:
        sound: What to encode, with finite samples.
        suffix: ".wav" or ".flac".
        encoding: How samples are stored; FLAC takes no float_32.
        on_clip: As in `write`.

    Returns:
        What `write` would put into a file without metadata.

    Raises:
        SoundFileError: Where the sound would clip or cannot be encoded.
        UsageError: For a suffix or encoding that does not fit.

    Example:
        >>> as_bytes(Sound(torch.zeros(1, 4410), 44100))[:4]
        b'fLaC'
    """
    path = Path(f"sound{suffix}")
    kind = _encoding.container(path, encoding)
    _encoding.check_sound(path, sound.samples, sound.sample_rate, kind)
    samples = sound.samples
    if encoding != "float_32":
        samples = _encoding.unclipped(path, samples, on_clip)
    return _encoding.encode(samples, sound.sample_rate, container=kind, encoding=encoding, tags={})


def write(
    path: Path,
    sound: Sound,
    *,
    encoding: Encoding = "pcm_24",
    metadata: Mapping[str, str] | None = None,
    on_clip: Literal["error", "scale"] = "error",
    marks: Marks | None = None,
    force: bool = False,
) -> None:
    """Writes a sound as WAV or FLAC, whole or not at all, and never clips it unasked.

    The same sound gives the same bytes. Whole numbers read from a file of the same encoding are
    written back as they were; there is no dither.

    Args:
        path: Where to; its ending, .wav or .flac, chooses the format. Missing folders are made.
        sound: What to write, with finite samples.
        encoding: How samples are stored; FLAC takes no float_32.
        metadata: Texts for the file's own metadata, by the names title, artist, album, comment,
            software, copyright, date, genre; up to 2000 bytes each in WAV, software up to 100.
        on_clip: What happens where the peak is above full scale and the encoding is not float_32:
            an error, or the whole sound is turned down to a peak of 0 dB.
        marks: What a sampler wants to know of it, for WAV only.
        force: Whether a file of that name is replaced.

    Raises:
        ExistsError: Where the file exists and `force` is false.
        SoundFileError: Where the sound would clip or cannot be written.
        UsageError: For an ending, encoding or metadata that does not fit.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "tone.flac"
        >>> write(path, Sound(torch.full((1, 100), 0.5), 44100), metadata={"comment": "seed 1"})
        >>> read(path).samples[0, :2]
        tensor([0.5000, 0.5000])
    """
    kind = _encoding.container(path, encoding)
    tags = _encoding.checked_tags(metadata or {}, kind)
    _encoding.check_sound(path, sound.samples, sound.sample_rate, kind)
    samples = sound.samples
    if encoding != "float_32":
        samples = _encoding.unclipped(path, samples, on_clip)
    if os.path.lexists(path) and not force:
        raise ExistsError(f"{shown(path)} exists already", advice="choose another name or force it")
    content = _encoding.encode(
        samples, sound.sample_rate, container=kind, encoding=encoding, tags=tags
    )
    if marks is not None:
        content = _sampler.marked(content, marks, sound.sample_rate, samples.shape[1])
    try:
        with atomic.new_file(path) as part:
            part.write_bytes(content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SoundFileError(
            f"{shown(path)} cannot be written ({reason})", advice="nothing was left behind"
        ) from None
