"""Ogg Vorbis in memory: so small that a library's sounds fit into one page."""

import io
import zlib

import numpy as np

from timbrel.errors import SoundFileError
from timbrel.mapping.layout import FloatArray

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 8_000, 48_000
# libsndfile's encoder keeps what it is handed on the stack: long sounds at once overflow it.
BLOCK_SAMPLES = 4096
REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def encode(samples: FloatArray, sample_rate: int) -> bytes:
    """Encodes a sound of one channel at libvorbis' quality 4, about 80 kbit/s at 44.1 kHz.

    Args:
        samples: [T], finite, T from 1 on; turned down to a peak of 1 where above.
        sample_rate: In Hz, 8000 to 48000.

    Returns:
        An Ogg Vorbis file: the same for the same sound.

    Raises:
        SoundFileError: For no samples, NaN or infinite ones, or another rate.

    Source:
        Xiph.Org Foundation, "Vorbis I specification", 2020.

    Example:
        >>> encode(np.zeros(4410, dtype=np.float32), 44_100)[:4]
        b'OggS'
    """
    import soundfile

    _check(samples, sample_rate)
    level = samples / max(1.0, float(np.abs(samples).max()))
    buffer = io.BytesIO()
    try:
        with soundfile.SoundFile(buffer, "w", sample_rate, 1, "VORBIS", format="OGG") as file:
            for start in range(0, len(level), BLOCK_SAMPLES):
                file.write(level[start : start + BLOCK_SAMPLES])
    except RuntimeError as error:
        raise SoundFileError(f"the sound cannot be encoded ({error})") from None
    return _with_serial_zero(buffer.getvalue())


def _check(samples: FloatArray, sample_rate: int) -> None:
    if samples.ndim != 1 or not samples.size:
        raise SoundFileError(f"a sound of shape {samples.shape}", "one channel with samples")
    if not np.isfinite(samples).all():
        raise SoundFileError("NaN or infinite samples cannot be encoded", "finite samples")
    if not LOWEST_RATE_HZ <= sample_rate <= HIGHEST_RATE_HZ:
        raise SoundFileError(
            f"a rate of {sample_rate} Hz", f"{LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} Hz"
        )


def _with_serial_zero(content: bytes) -> bytes:
    """Gives the stream the serial number 0, where libsndfile takes one from the clock.

    Each page of an Ogg stream holds the number, and a checksum that covers it:

        0 OggS  4 flags  6 position  14 serial  18 page  22 checksum  26 S  27 S sizes  27+S data

    Source:
        Pfeiffer, "The Ogg encapsulation format version 0", RFC 3533, 2003, section 6.
    """
    pages, start = [], 0
    while start < len(content):
        sizes = start + 27 + content[start + 26]
        end = sizes + sum(content[start + 27 : sizes])
        head = content[start : start + 14] + bytes(4) + content[start + 18 : start + 22]
        tail = content[start + 26 : end]
        pages += [head, _checksum(head + bytes(4) + tail), tail]
        start = end
    return b"".join(pages)


def _checksum(page: bytes) -> bytes:
    """Ogg's CRC-32: zlib's with all bits the other way round, from 0 and not inverted."""
    crc = zlib.crc32(page.translate(REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return crc.to_bytes(4, "big").translate(REVERSED)
