"""Reading: every kind of file, exact parts, hostile names and headers."""

import math
import os
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from numpy.typing import NDArray

from timbrel.errors import SoundFileError, UsageError
from timbrel.signal import files, levels

RATE = 44100


def melody(seconds: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Tones that change ten times a second over noise in bursts: codecs must work for it."""
    count = int(seconds * 10)
    pitches = np.repeat(rng.uniform(100, 4000, (count, 2)), RATE // 10, axis=0)
    bursts = np.repeat(rng.random((count, 2)), RATE // 10, axis=0)
    tones = 0.3 * np.sin(2 * np.pi * np.cumsum(pitches, axis=0) / RATE)
    return (tones + 0.1 * bursts * rng.standard_normal(tones.shape)).astype(np.float32)


@pytest.fixture(scope="module")
def music() -> NDArray[np.float32]:
    return melody(50.0, np.random.default_rng(3))


def save(path: Path, values: NDArray[np.float32], rate: int, format: str, encoding: str) -> None:
    """In blocks: libvorbis' encoder crashes when it is given much at once."""
    with soundfile.SoundFile(path, "w", rate, 2, encoding, format=format) as file:
        for first in range(0, len(values), 4096):
            file.write(values[first : first + 4096])


KINDS = [
    ("WAV", "PCM_U8", -40), ("WAV", "PCM_16", -90), ("WAV", "PCM_24", -120),
    ("WAV", "PCM_32", -120),
    ("WAV", "FLOAT", -140), ("WAV", "DOUBLE", -140), ("WAV", "ALAW", -35), ("WAV", "ULAW", -35),
    ("WAVEX", "PCM_24", -120), ("RF64", "PCM_16", -90), ("W64", "PCM_16", -90),
    ("AIFF", "PCM_S8", -40), ("AIFF", "PCM_24", -120), ("AIFF", "FLOAT", -140),
    ("CAF", "PCM_16", -90),
    ("AU", "PCM_16", -90), ("FLAC", "PCM_16", -90), ("FLAC", "PCM_24", -120),
]  # fmt: skip


@pytest.mark.parametrize(("format", "encoding", "error_db"), KINDS)
def test_every_lossless_kind_gives_its_samples(
    tmp_path: Path, music: NDArray[np.float32], format: str, encoding: str, error_db: float
) -> None:
    part = music[:5000]
    soundfile.write(tmp_path / "a", part, RATE, format=format, subtype=encoding)
    info, sound = files.probe(tmp_path / "a"), files.read(tmp_path / "a")
    assert (info.length_samples, info.sample_rate, info.channels) == (5000, RATE, 2)
    assert info.encoding == encoding
    assert info.duration_s == pytest.approx(5000 / RATE)
    assert sound.samples.dtype == torch.float32
    assert sound.samples.is_contiguous()
    error = sound.samples.numpy().T - part
    assert 20 * np.log10(np.sqrt(np.mean(error**2)) + 1e-12) < error_db


def test_rifx_is_read(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.array([0.5, -0.25]), 8000, "PCM_16", endian="BIG")
    assert (tmp_path / "a.wav").read_bytes()[:4] == b"RIFX"
    assert files.read(tmp_path / "a.wav").samples.tolist() == [[0.5, -0.25]]


@pytest.mark.parametrize(
    ("format", "encoding"), [("MP3", "MPEG_LAYER_III"), ("OGG", "VORBIS"), ("OGG", "OPUS")]
)
def test_lossy_kinds_keep_length_and_place(tmp_path: Path, format: str, encoding: str) -> None:
    """A 440 Hz tone comes back in phase: no codec delay is left in."""
    rate = 48000
    tone = 0.5 * np.sin(2 * np.pi * 440 / rate * np.arange(2 * rate))
    soundfile.write(tmp_path / "a", tone, rate, format=format, subtype=encoding)
    sound = files.read(tmp_path / "a")
    assert sound.samples.shape == (1, 2 * rate)
    middle = slice(rate // 2, 3 * rate // 2)
    error = sound.samples[0].numpy()[middle] - tone[middle]
    assert 20 * np.log10(np.std(error) / np.std(tone)) < -25


@pytest.mark.parametrize(
    ("format", "encoding", "tolerance"),
    [
        ("WAV", "PCM_24", 0.0), ("FLAC", "PCM_24", 0.0), ("AIFF", "FLOAT", 0.0),
        ("OGG", "VORBIS", 0.0), ("OGG", "OPUS", 0.0), ("MP3", "MPEG_LAYER_III", 1e-6),
    ],
)  # fmt: skip
def test_a_part_is_the_slice_of_the_whole(
    tmp_path: Path, music: NDArray[np.float32], format: str, encoding: str, tolerance: float
) -> None:
    rate = 48000 if encoding == "OPUS" else RATE
    save(tmp_path / "a", music, rate, format, encoding)
    whole = files.read(tmp_path / "a").samples
    length = whole.shape[-1]
    for first in (0, 1, 777, 20_001, 31 * rate, 37 * rate + 5, length - 3000, length - 1):
        part = files.read(tmp_path / "a", start_s=first / rate, duration_s=5000 / rate).samples
        expected = whole[:, first : first + 5000]
        assert part.shape == expected.shape
        assert float((part - expected).abs().max()) <= tolerance, f"from sample {first}"


@pytest.mark.data
def test_parts_of_a_song_whose_codec_seeks_astray(data: Path) -> None:
    """The seek of libsndfile itself lands 448 samples away at each of these places of this file."""
    song = data / "songs" / "hyperrogue_hr3_laboratory.ogg"
    whole = files.read(song, mono=True).samples
    for first in (1_856_926, 3_061_628, 3_066_212, 3_874_812, whole.shape[-1] - 2000):
        part = files.read(song, start_s=first / RATE, duration_s=0.1, mono=True).samples
        assert part.equal(whole[:, first : first + 4410])


def test_a_part_of_a_long_file_decodes_only_that_part(
    tmp_path: Path, music: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = 0
    plain_read = soundfile.SoundFile.read

    def counted(self: soundfile.SoundFile, *args: object, **named: object) -> NDArray[np.float32]:
        nonlocal decoded
        block: NDArray[np.float32] = plain_read(self, *args, **named)
        decoded += len(block)
        return block

    monkeypatch.setattr(soundfile.SoundFile, "read", counted)
    for format, encoding, most_s in [
        ("WAV", "PCM_16", 0.1),
        ("FLAC", "PCM_16", 0.1),
        ("MP3", "MPEG_LAYER_III", 1.0),
        ("OGG", "VORBIS", 25.0),
    ]:
        save(tmp_path / "a", music, RATE, format, encoding)
        decoded = 0
        files.read(tmp_path / "a", start_s=45.0, duration_s=0.1)
        assert decoded <= most_s * RATE, format


@pytest.mark.parametrize("to_hz", [16000, 48000, 22050])
def test_a_resampled_part_is_the_slice_of_the_resampled_whole(
    tmp_path: Path, music: NDArray[np.float32], to_hz: int
) -> None:
    soundfile.write(tmp_path / "a.wav", music[: 5 * RATE], RATE, subtype="FLOAT")
    whole = files.read(tmp_path / "a.wav", sample_rate=to_hz).samples
    assert whole.shape == (2, 5 * to_hz)
    for start_s, duration_s in [(0.0, 1.0), (0.01, 0.5), (1.2345, 1.0), (4.5, 1.0), (3.0, None)]:
        part = files.read(
            tmp_path / "a.wav", start_s=start_s, duration_s=duration_s, sample_rate=to_hz
        ).samples
        first = round(start_s * to_hz)
        end = None if duration_s is None else first + round(duration_s * to_hz)
        expected = whole[:, first:end]
        assert part.shape == expected.shape
        assert float((part - expected).abs().max()) < 1e-5


def test_mono_is_the_mean_of_all_channels(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.array([[0.5, 0.25, 0.0]]), 8000, "FLOAT")
    assert files.read(tmp_path / "a.wav", mono=True).samples.tolist() == [[0.25]]


def test_nan_is_kept_and_seen(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.array([0.0, math.nan, math.inf]), 8000, "FLOAT")
    samples = files.read(tmp_path / "a.wav").samples
    assert torch.isnan(samples[0, 1])
    assert torch.isinf(samples[0, 2])
    assert not levels.is_finite(samples)


def test_a_stream_of_unknown_length_is_counted(tmp_path: Path, music: NDArray[np.float32]) -> None:
    """FLAC from a pipe says 0 samples in its header."""
    soundfile.write(tmp_path / "a.flac", music[:50_000], RATE)
    whole = files.read(tmp_path / "a.flac").samples
    content = bytearray((tmp_path / "a.flac").read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    (tmp_path / "b.flac").write_bytes(content)
    assert files.probe(tmp_path / "b.flac").length_samples == 50_000
    assert files.read(tmp_path / "b.flac").samples.equal(whole)
    part = files.read(tmp_path / "b.flac", start_s=0.5, duration_s=0.25).samples
    assert part.equal(whole[:, 22050 : 22050 + 11025])


def test_a_flac_that_breaks_off_is_an_error(tmp_path: Path, music: NDArray[np.float32]) -> None:
    soundfile.write(tmp_path / "a.flac", music[:50_000], RATE)
    content = (tmp_path / "a.flac").read_bytes()
    (tmp_path / "a.flac").write_bytes(content[: len(content) // 2])
    with pytest.raises(SoundFileError, match=r"a\.flac' cannot be decoded"):
        files.read(tmp_path / "a.flac")


def wav(*, rate: int = 8000, data: bytes = bytes(100), promise: int = 100) -> bytes:
    head = struct.pack("<IHHIIHH", 16, 1, 1, rate, 2 * rate & 0xFFFFFFFF, 2, 16)
    body = b"WAVEfmt " + head + b"data" + struct.pack("<I", promise) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_a_header_that_promises_too_much_gives_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav(promise=2**32 - 1))
    assert files.read(tmp_path / "a.wav").samples.shape == (1, 50)


@pytest.mark.parametrize("rate", [0, 1, 999, 10_000_001, 2**31 - 1, 2**32 - 1])
def test_absurd_rates_are_refused(tmp_path: Path, rate: int) -> None:
    (tmp_path / "a.wav").write_bytes(wav(rate=rate))
    for function in (files.probe, files.read):
        with pytest.raises(SoundFileError, match=r"a\.wav'"):
            function(tmp_path / "a.wav")


NAMES = [
    "ünï-音 😀.wav", "-rf.wav", "two\nlines.wav", "tab\t and ' quote\".wav", "x" * 250 + ".wav",
    " .wav", "no ending", "%s{0}.wav",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_read_and_shown_on_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(wav())
    assert files.read(tmp_path / name).samples.shape == (1, 50)
    (tmp_path / name).write_bytes(b"not a sound")
    with pytest.raises(SoundFileError) as caught:
        files.read(tmp_path / name)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.name != "posix", reason="names of bytes")
def test_a_name_that_is_no_text_is_read(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.wav"))
    path.write_bytes(wav())
    assert files.probe(path).length_samples == 50
    path.write_bytes(b"?")
    with pytest.raises(SoundFileError) as caught:
        files.read(path)
    str(caught.value).encode()


@pytest.mark.skipif(os.name != "posix", reason="pipes, devices and links")
def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "loop.wav").symlink_to(tmp_path / "loop.wav")
    (tmp_path / "empty.wav").touch()
    cases = {
        tmp_path / "pipe.wav": "a device or a pipe",
        Path("/dev/zero"): "a device or a pipe",
        tmp_path: "is a folder",
        tmp_path / "loop.wav": "symbolic links",
        tmp_path / "gone.wav": "No such file",
        tmp_path / "empty.wav": "empty",
        tmp_path / "empty.wav" / "in.wav": "Not a directory",
        tmp_path / ("x" * 300): "File name too long",
        tmp_path / "nul\0.wav": "null",
    }
    for path, reason in cases.items():
        with pytest.raises(SoundFileError, match=reason):
            files.read(path)


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.wav").write_bytes(wav())

    def refuse(*_args: object, **_named: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SoundFileError, match="Permission denied"):
        files.probe(tmp_path / "a.wav")


def test_times_outside_the_sound_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav())
    for start_s in (50 / 8000, 1.0, 1e300):
        with pytest.raises(SoundFileError, match=r"lasts 0\.006 s"):
            files.read(tmp_path / "a.wav", start_s=start_s)
    for wrong in (
        {"start_s": -1.0}, {"start_s": math.nan}, {"duration_s": 0.0}, {"duration_s": math.inf},
        {"sample_rate": 0}, {"sample_rate": -5},
    ):  # fmt: skip
        with pytest.raises(UsageError):
            files.read(tmp_path / "a.wav", **wrong)  # type: ignore[arg-type]
