"""Small valid sound files of every kind that a decoder here knows, to be damaged afterwards."""

import io
from collections.abc import Iterator

import numpy as np
import soundfile
from numpy.typing import NDArray

# What each container is written in: 8, 16, 24 and 32 bits, floats, and what is packed closer.
_ENCODINGS = (
    *("PCM_U8", "PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"),
    *("ULAW", "ALAW", "IMA_ADPCM", "MS_ADPCM", "GSM610", "G721_32", "NMS_ADPCM_16"),
    *("ALAC_16", "ALAC_24", "DWVW_16", "DPCM_8", "DPCM_16", "VOX_ADPCM"),
    *("VORBIS", "OPUS", "MPEG_LAYER_III"),
)
_NO_CONTAINERS = ("RAW", "SD2")  # headerless; in two files


def tone(length: int, channels: int, sample_rate: int) -> NDArray[np.float64]:
    """Gives a tone with some noise, [T, C]."""
    times = np.arange(length)[:, None] / sample_rate
    noise = np.random.default_rng(length).normal(0, 0.02, (length, channels))
    return 0.4 * np.sin(2 * np.pi * 330 * times * np.arange(1, channels + 1)) + noise


def valid_files() -> Iterator[tuple[str, bytes]]:
    """Gives a name and the bytes of each: all containers and encodings, one and two channels."""
    for container in soundfile.available_formats():
        if container in _NO_CONTAINERS:
            continue
        for encoding in _ENCODINGS:
            for channels in (1, 2):
                content = _written(container, encoding, channels)
                if content is not None:
                    yield f"{container}-{encoding}-{channels}".lower(), content
    yield from _odd_shapes()
    yield from _aac()


def _odd_shapes() -> Iterator[tuple[str, bytes]]:
    for container, encoding in (("WAV", "PCM_16"), ("AIFF", "PCM_16"), ("FLAC", "PCM_16")):
        for length, channels, rate in ((1, 1, 44100), (64, 8, 192_000), (40, 1, 8000)):
            content = _written(container, encoding, channels, length, rate)
            if content is not None:
                yield f"{container}-{length}x{channels}-{rate}".lower(), content
    many = _written("WAV", "PCM_16", 32, 8, 384_000)
    if many is not None:
        yield "wav-32-channels", many


def _written(
    container: str, encoding: str, channels: int, length: int = 400, sample_rate: int = 16000
) -> bytes | None:
    if not soundfile.check_format(container, encoding):
        return None
    buffer = io.BytesIO()
    try:
        soundfile.write(
            buffer,
            tone(length, channels, sample_rate),
            sample_rate,
            format=container,
            subtype=encoding,
        )
    except (RuntimeError, TypeError):  # some hold one channel only, or one rate
        return None
    return buffer.getvalue()


def _aac() -> Iterator[tuple[str, bytes]]:
    try:
        import av
    except ImportError:
        return
    for container in ("mp4", "adts"):
        buffer = io.BytesIO()
        with av.open(buffer, "w", format=container) as out:
            stream = out.add_stream("aac", rate=16000)
            samples = tone(3000, 1, 16000).T.astype(np.float32)
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
            frame.sample_rate = 16000
            for packet in (*stream.encode(frame), *stream.encode(None)):
                out.mux(packet)
        yield f"aac-{container}", buffer.getvalue()
