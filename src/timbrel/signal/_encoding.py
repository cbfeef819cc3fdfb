"""The writer of sound files, for `files` only: WAV and FLAC, the same bytes for the same sound."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from torch import Tensor

from timbrel.errors import SoundFileError, UsageError, did_you_mean
from timbrel.signal._decoder import shown

Encoding = Literal["pcm_16", "pcm_24", "float_32"]
TAGS = ("title", "artist", "album", "comment", "software", "copyright", "date", "genre")

_BITS = {"pcm_16": 16, "pcm_24": 24}
_SUBTYPES = {"pcm_16": "PCM_16", "pcm_24": "PCM_24", "float_32": "FLOAT"}
_MOST_CHANNELS = {"WAV": 1024, "FLAC": 8}
_HIGHEST_RATE_HZ = {"WAV": 2**31 - 1, "FLAC": 655_350}
# RIFF counts bytes in 32 bits; this leaves room for its header.
_RIFF_BYTES = 2**32 - 2**20
# libsndfile drops or cuts longer texts without a word.
_MOST_BYTES = {"WAV": 2000, "FLAC": 1_000_000}
_MOST_SOFTWARE_BYTES = 100


def container(path: Path, encoding: str) -> str:
    """Names the container that an ending asks for.

    Args:
        path: Where a sound shall be written.
        encoding: How its samples shall be stored.

    Returns:
        "WAV" or "FLAC".

    Raises:
        UsageError: For another ending or encoding, or one that does not fit the other.
    """
    name = path.suffix.lower().removeprefix(".").upper()
    if name not in _MOST_CHANNELS:
        raise UsageError(f"{shown(path)} has no ending that timbrel writes", ".wav or .flac")
    if encoding not in _SUBTYPES:
        raise UsageError(
            f"no encoding {encoding!r}{did_you_mean(str(encoding), _SUBTYPES)}",
            ", ".join(_SUBTYPES),
        )
    if name == "FLAC" and encoding == "float_32":
        raise UsageError("FLAC cannot hold float_32", "pcm_16, pcm_24", "or choose a .wav name")
    return name


def check_sound(path: Path, samples: Tensor, sample_rate: int, container: str) -> None:
    """Refuses what no sound file can hold.

    Args:
        path: Where it shall be written.
        samples: A sound, [C, T].
        sample_rate: Its rate in Hz.
        container: "WAV" or "FLAC".

    Raises:
        SoundFileError: For no samples, NaN or infinite ones, too many channels, or an odd rate.
    """
    if samples.ndim != 2 or not samples.numel() or samples.shape[0] > _MOST_CHANNELS[container]:
        raise SoundFileError(
            f"a sound of shape {list(samples.shape)} cannot be written to {shown(path)}",
            f"1 to {_MOST_CHANNELS[container]} channels with at least one sample",
        )
    if not bool(torch.isfinite(samples).all()):
        raise SoundFileError(f"NaN or infinite samples cannot be written to {shown(path)}")
    if not 1 <= sample_rate <= _HIGHEST_RATE_HZ[container]:
        raise SoundFileError(
            f"a rate of {sample_rate} Hz cannot be written to {shown(path)}",
            f"1 to {_HIGHEST_RATE_HZ[container]} Hz",
        )


def unclipped(path: Path, samples: Tensor, on_clip: str) -> Tensor:
    """Makes sure that whole numbers can hold a sound.

    Args:
        path: Where it shall be written.
        samples: A sound, [C, T].
        on_clip: "error" or "scale".

    Returns:
        The sound itself, or the whole of it turned down to a peak of 1.

    Raises:
        SoundFileError: Where the peak is above full scale and `on_clip` is "error".
        UsageError: For another `on_clip`.
    """
    if on_clip not in ("error", "scale"):
        raise UsageError(f"no on_clip {on_clip!r}", "error, scale")
    peak = float(samples.abs().max())
    if peak <= 1.0:
        return samples
    if on_clip == "error":
        raise SoundFileError(
            f"{shown(path)} would clip: its peak is {20 * np.log10(peak):.2f} dB above full scale",
            "peaks up to 0 dB",
            "turn the sound down or write float_32",
        )
    return samples / peak


def encode(
    samples: Tensor, sample_rate: int, *, container: str, encoding: str, tags: Mapping[str, str]
) -> bytes:
    """Gives the content of a sound file.

    Args:
        samples: A checked sound, [C, T].
        sample_rate: Its rate in Hz.
        container: "WAV" or "FLAC".
        encoding: "pcm_16", "pcm_24" or "float_32".
        tags: Checked texts by name.

    Returns:
        The bytes of the file: the same for the same arguments.

    Raises:
        SoundFileError: Where the encoder refuses.
    """
    values = samples.detach().cpu().float().T.contiguous().numpy()
    # RF64 is WAV with 64-bit sizes.
    huge = container == "WAV" and values.nbytes > _RIFF_BYTES
    buffer = io.BytesIO()
    try:
        with soundfile.SoundFile(
            buffer, "w", sample_rate, values.shape[1], _SUBTYPES[encoding],
            format="RF64" if huge else container,
        ) as file:  # fmt: skip
            for name, text in tags.items():
                setattr(file, name, text)
            file.write(values if encoding == "float_32" else _whole_numbers(values, encoding))
    except (RuntimeError, TypeError, AssertionError) as error:
        raise SoundFileError(f"the sound cannot be encoded ({error})") from None
    return _without_clock(buffer.getvalue())


def _whole_numbers(values: NDArray[np.float32], encoding: str) -> NDArray[np.int32]:
    """Rounds ourselves: libsndfile's own scaling would not give back what was read.

    A file's whole number n is read as n / 2^(bits-1), so +1.0 is one step more than there is: it
    becomes the step below, which no one calls clipping. libsndfile takes the upper bits of 32.
    """
    bits = _BITS[encoding]
    steps = np.rint(values.astype(np.float64) * 2 ** (bits - 1))
    steps = np.minimum(steps, 2 ** (bits - 1) - 1) * 2 ** (32 - bits)
    whole: NDArray[np.int32] = steps.astype(np.int32)
    return whole


def _without_clock(content: bytes) -> bytes:
    """Clears the time of day that libsndfile puts into the PEAK chunk of float WAV."""
    place = content.find(b"PEAK", 12, content.find(b"data", 12))
    if place < 0 or content[:4] not in (b"RIFF", b"RF64"):
        return content
    clock = place + 12  # after name, size and version
    return content[:clock] + bytes(4) + content[clock + 4 :]


def checked_tags(metadata: Mapping[str, str], container: str) -> dict[str, str]:
    """Makes texts fit for a file's own metadata.

    Args:
        metadata: Texts by the names of `TAGS`.
        container: "WAV" or "FLAC".

    Returns:
        The texts that are not empty; what UTF-8 cannot hold (odd file names) is spelt out.

    Raises:
        UsageError: For an unknown name, a NUL, or a text too long for WAV.
    """
    tags = {}
    for name, text in metadata.items():
        if name not in TAGS:
            raise UsageError(f"no metadata {name!r}{did_you_mean(name, TAGS)}", ", ".join(TAGS))
        tags[name] = text.encode("utf-8", "backslashreplace").decode()
        if "\0" in text:
            raise UsageError(f"the metadata {name!r} holds a NUL character", "text")
        size = len(tags[name].encode())
        most = _MOST_SOFTWARE_BYTES if name == "software" else _MOST_BYTES[container]
        if size > most:
            raise UsageError(
                f"the metadata {name!r} has {size} bytes",
                f"up to {most} in {container}",
                "shorten it",
            )
    return {name: text for name, text in tags.items() if text}
