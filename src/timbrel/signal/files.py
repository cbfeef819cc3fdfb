"""Sound files: the only place that opens them. Probe, read, write, resample."""

import math
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import soxr
import torch
from torch import Tensor

from timbrel import atomic
from timbrel.errors import ExistsError, SoundFileError, UsageError
from timbrel.signal import _encoding, _sampler
from timbrel.signal._decoder import Block, Decoder, shown
from timbrel.signal._encoding import Encoding
from timbrel.signal._opening import open_decoder
from timbrel.signal._sampler import Marks as Marks

# soxr's filter at its best quality is shorter than this on either side, at the lower rate.
_FILTER_SAMPLES = 1024


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
        _check_rate(sample_rate)


def _check_rate(sample_rate: int) -> None:
    if sample_rate < 1:
        raise UsageError(f"a sample rate of {sample_rate} Hz", "1 Hz or more")


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
    margin = math.ceil(_FILTER_SAMPLES * from_hz / min(from_hz, to_hz))
    meetings = max(0, first * from_hz // to_hz - margin) // (from_hz // divisor)
    start, before = meetings * (from_hz // divisor), first - meetings * (to_hz // divisor)
    end = None if count is None else math.ceil((first + count) * from_hz / to_hz) + margin
    samples = _samples(decoder, start, None if end is None else end - start, mono=mono)
    if not samples.shape[-1]:
        return samples
    out = resample(samples, from_hz=from_hz, to_hz=to_hz)[:, before:]
    return out if count is None else out[:, :count].clone()


def resample(samples: Tensor, *, from_hz: int, to_hz: int) -> Tensor:
    """Changes the sample rate, anti-aliased, in the best quality there is.

    What is above half the lower rate is gone (by more than 100 dB), what is below 0.91 of it
    stays within 0.01 dB, and nothing moves in time.

    Args:
        samples: Sounds, [..., T].
        from_hz: Their rate in Hz, above 0.
        to_hz: The wanted rate in Hz, above 0.

    Returns:
        The sounds, [..., T'], T' = T * to_hz / from_hz rounded (at least 1 where T is); float32
        on the CPU is the kind it works in, other kinds are given back as they came.

    Raises:
        UsageError: For a rate below 1 Hz.

    Source:
        R. Sykes, the SoX Resampler library (soxr), quality VHQ.

    Example:
        >>> resample(torch.zeros(2, 44100), from_hz=44100, to_hz=16000).shape
        torch.Size([2, 16000])
    """
    _check_rate(from_hz)
    _check_rate(to_hz)
    length = samples.shape[-1]
    if from_hz == to_hz or not samples.numel():
        return samples
    wanted = max(1, (2 * length * to_hz + from_hz) // (2 * from_hz))
    # Silence behind, so that soxr never gives fewer than wanted.
    behind = 2 * math.ceil(from_hz / to_hz) + 16
    rows = samples.detach().cpu().float().reshape(-1, length)
    out = torch.empty(len(rows), wanted)
    for row, target in zip(rows, out, strict=True):
        padded = np.pad(row.numpy(), (0, behind))
        target.copy_(torch.from_numpy(soxr.resample(padded, from_hz, to_hz, "VHQ")[:wanted]))
    return out.reshape(*samples.shape[:-1], wanted).to(samples)


def resampled_parts(parts: Iterable[Tensor], *, from_hz: int, to_hz: int) -> Iterator[Tensor]:
    """Changes the rate of a sound that comes in parts, as `resample` does of the whole.

    Args:
        parts: What comes one after the other, [C, T] each; they may never end.
        from_hz: Their rate in Hz, above 0.
        to_hz: The wanted rate in Hz, above 0.

    Yields:
        The sound at that rate, [C, T'] each, a little later than its parts come; in all as long as
        `resample` makes the whole.

    Raises:
        UsageError: For a rate below 1 Hz.

    Source:
        As `resample`.

    Example:
        >>> whole = torch.randn(1, 3000, generator=torch.Generator().manual_seed(0))
        >>> made = torch.cat(list(resampled_parts(whole.split(1000, 1), from_hz=8, to_hz=12)), 1)
        >>> torch.allclose(made, resample(whole, from_hz=8, to_hz=12), atol=1e-5)
        True
    """
    _check_rate(from_hz)
    _check_rate(to_hz)
    stream: soxr.ResampleStream | None = None
    given = told = 0
    last: Tensor | None = None
    for part in parts:
        if stream is None:
            stream = soxr.ResampleStream(from_hz, to_hz, len(part), dtype="float32", quality="VHQ")
        given, last = given + part.shape[1], part
        found = _more(stream, part, last=False)
        told += found.shape[1]
        if found.shape[1]:
            yield found
    if stream is None or last is None:
        return
    wanted = max(1, (2 * given * to_hz + from_hz) // (2 * from_hz))
    behind = last.new_zeros(len(last), 2 * math.ceil(from_hz / to_hz) + 16)
    yield _more(stream, behind, last=True)[:, : wanted - told]


def _more(stream: soxr.ResampleStream, part: Tensor, *, last: bool) -> Tensor:
    rows = part.detach().cpu().float().t().contiguous().numpy()
    found = stream.resample_chunk(rows, last=last).reshape(-1, len(part))
    return torch.from_numpy(found).t().to(part)


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
