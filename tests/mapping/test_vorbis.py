"""Ogg Vorbis in memory: other decoders hear the sound, and equal sounds are equal bytes."""

import io

import numpy as np
import pytest
import soundfile

from timbrel.errors import SoundFileError
from timbrel.mapping.vorbis import encode


def tone(seconds: float, rate: int = 44_100) -> np.ndarray:
    return (0.5 * np.sin(np.arange(round(seconds * rate)) * 2 * np.pi * 440 / rate)).astype("f4")


@pytest.mark.parametrize("seconds", [0.001, 0.3, 90.0])
def test_libsndfile_hears_what_was_encoded(seconds: float) -> None:
    samples = tone(seconds)
    back, rate = soundfile.read(io.BytesIO(encode(samples, 44_100)), dtype="float32")
    assert (len(back), rate) == (len(samples), 44_100)
    if len(back) > 1000:
        assert np.square(back - samples).mean() < 1e-3 * np.square(samples).mean()


def test_equal_sounds_are_equal_bytes() -> None:
    assert encode(tone(0.3), 44_100) == encode(tone(0.3), 44_100)


def test_every_page_of_the_stream_has_a_true_checksum() -> None:
    content = bytearray(encode(tone(1.0), 44_100))
    assert content.count(b"OggS") > 2
    found = [place for place in range(len(content)) if content[place : place + 4] == b"OggS"]
    for start, end in zip(found, [*found[1:], len(content)], strict=True):
        page = content[start:end]
        claimed = int.from_bytes(page[22:26], "little")
        page[22:26] = bytes(4)
        assert page[14:18] == bytes(4)
        assert crc_bit_by_bit(bytes(page)) == claimed


def crc_bit_by_bit(data: bytes) -> int:
    """RFC 3533: polynomial 0x04C11DB7, from zero, nothing turned round."""
    crc = 0
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) ^ (0x04C11DB7 if crc >> 31 else 0)) & 0xFFFFFFFF
    return crc


def test_what_is_too_loud_is_turned_down() -> None:
    back, _ = soundfile.read(io.BytesIO(encode(tone(0.3) * 1e20, 44_100)))
    assert 0.9 < np.abs(back).max() < 1.1


@pytest.mark.parametrize(
    ("samples", "rate", "reason"),
    [
        (np.empty(0), 44_100, "shape"),
        (np.zeros((2, 10)), 44_100, "one channel"),
        (np.array([0.0, np.nan]), 44_100, "NaN"),
        (np.zeros(10), 96_000, "8000 to 48000 Hz"),
    ],
)
def test_what_cannot_be_encoded_is_said(samples: np.ndarray, rate: int, reason: str) -> None:
    with pytest.raises(SoundFileError, match=reason):
        encode(samples.astype("f4"), rate)
