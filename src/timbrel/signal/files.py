"""Sound files: the only place that opens them. Probe, read, write, resample."""

import io
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
import soxr
import torch
from numpy.typing import NDArray
from torch import Tensor

from timbrel import atomic
from timbrel.errors import ExistsError, SoundFileError, UsageError

Encoding = Literal["pcm_16", "pcm_24", "float_32"]

SUFFIXES = frozenset(
    ".wav .wave .bwf .rf64 .w64 .aif .aiff .aifc .flac .ogg .oga .opus .mp3 .au .snd .caf "
    ".m4a .aac .mp4".split()
)


@dataclass(frozen=True)
class Sound:
    """Audio in memory.

    Attributes:
        samples: float32 [C, T], full scale at 1.
        sample_rate: Samples a second, in Hz.
        source: Where it came from, "" for a made one.
    """

    samples: Tensor
    sample_rate: int
    source: str = ""


@dataclass(frozen=True)
class SoundInfo:
    """What a file's header says."""

    path: Path
    length_samples: int
    sample_rate: int
    channels: int
    format: str
    encoding: str

    @property
    def duration_s(self) -> float:
        """Seconds of sound."""
        return self.length_samples / self.sample_rate


def _open(path: Path) -> soundfile.SoundFile:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise SoundFileError(f"{str(path)!r} is not a file")
        return soundfile.SoundFile(os.fsencode(path))
    except (OSError, RuntimeError, ValueError, TypeError) as error:
        raise SoundFileError(f"{str(path)!r} cannot be read: {error}") from None


def probe(path: Path) -> SoundInfo:
    """Reads what the header says."""
    with _open(path) as file:
        return SoundInfo(
            path, file.frames, file.samplerate, file.channels, file.format, file.subtype
        )


def read(
    path: Path,
    *,
    start_s: float = 0.0,
    duration_s: float | None = None,
    sample_rate: int | None = None,
    mono: bool = False,
) -> Sound:
    """Reads a sound file or a part of it."""
    with _open(path) as file:
        rate = file.samplerate
        file.seek(min(round(start_s * rate), file.frames))
        left = -1 if duration_s is None else round(duration_s * rate)
        blocks: list[NDArray[np.float32]] = []
        while left:
            block = file.read(65536 if left < 0 else min(left, 65536), "float32", always_2d=True)
            if not len(block):
                break
            blocks.append(block.mean(axis=1, keepdims=True) if mono else block)
            left -= len(block) if left > 0 else 0
    if not blocks:
        raise SoundFileError(f"{str(path)!r} holds no sound")
    samples = torch.from_numpy(np.ascontiguousarray(np.concatenate(blocks).T))
    if sample_rate is not None:
        samples, rate = resample(samples, from_hz=rate, to_hz=sample_rate), sample_rate
    return Sound(samples, rate, str(path))


def resample(samples: Tensor, *, from_hz: int, to_hz: int) -> Tensor:
    """Changes the sample rate, anti-aliased, of the best quality (soxr VHQ)."""
    if from_hz == to_hz:
        return samples
    rows = samples.detach().cpu().float().reshape(-1, samples.shape[-1]).T.contiguous().numpy()
    out = torch.from_numpy(np.ascontiguousarray(soxr.resample(rows, from_hz, to_hz, "VHQ").T))
    length = round(samples.shape[-1] * to_hz / from_hz)
    out = torch.nn.functional.pad(out[:, :length], (0, max(0, length - out.shape[-1])))
    return out.reshape(*samples.shape[:-1], length).to(samples)


def write(
    path: Path,
    sound: Sound,
    *,
    encoding: Encoding = "pcm_24",
    metadata: Mapping[str, str] | None = None,
    on_clip: Literal["error", "scale"] = "error",
    force: bool = False,
) -> None:
    """Writes .wav or .flac, whole or not at all."""
    if path.exists() and not force:
        raise ExistsError(f"{path} exists already", advice="choose another name or add --force")
    samples, peak = sound.samples, float(sound.samples.abs().max())
    if encoding != "float_32" and peak > 1:
        if on_clip == "error":
            raise SoundFileError("would clip")
        samples = samples / peak
    subtype = {"pcm_16": "PCM_16", "pcm_24": "PCM_24", "float_32": "FLOAT"}[encoding]
    suffix = path.suffix.lower()
    if suffix not in (".wav", ".flac"):
        raise UsageError(f"ending {suffix!r}", ".wav, .flac")
    buffer = io.BytesIO()
    with soundfile.SoundFile(
        buffer, "w", sound.sample_rate, samples.shape[0], subtype, format=suffix[1:].upper()
    ) as file:
        for key, value in (metadata or {}).items():
            setattr(file, key, value)
        file.write(samples.T.numpy())
    with atomic.new_file(path) as part:
        part.write_bytes(buffer.getvalue())
