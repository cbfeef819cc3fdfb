"""Tapes: stretches come back as one sound, whole or not at all; pipes hold a WAV without an end."""

import io
import struct
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from timbrel.errors import ExistsError, SoundFileError, UsageError
from timbrel.signal import files
from timbrel.signal.taping import Pipe, tape

RATE = 8000
STEP_24 = 2.0**-23
STEP_16 = 2.0**-15


def sound(channels: int = 1, length: int = 5000) -> torch.Tensor:
    return 2 * torch.rand(channels, length, generator=torch.Generator().manual_seed(5)) - 1


def taped(path: Path, samples: torch.Tensor, *lengths: int, force: bool = False) -> Path:
    with tape(path, sample_rate=RATE, channels=len(samples), force=force) as one:
        for part in samples.split(lengths or (samples.shape[1],), dim=1):  # type: ignore[no-untyped-call]
            one.write(part)
    return path


# --- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["wav", "flac", "WAV"])
@pytest.mark.parametrize("channels", [1, 2])
def test_stretches_come_back_as_one_sound_of_24_bits(
    tmp_path: Path, ending: str, channels: int
) -> None:
    whole = sound(channels)
    path = taped(tmp_path / f"long.{ending}", whole, 1, 2999, 2000)
    back = files.read(path)
    assert back.sample_rate == RATE
    torch.testing.assert_close(back.samples, whole, atol=2 * STEP_24, rtol=0)
    assert files.probe(path).encoding == "PCM_24"


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_however_it_is_cut_the_bytes_are_the_same(tmp_path: Path, ending: str) -> None:
    whole = sound(2)
    one = taped(tmp_path / f"one.{ending}", whole)
    several = taped(tmp_path / f"several.{ending}", whole, 4096, 4, 900)
    assert one.read_bytes() == several.read_bytes()


def test_what_is_beyond_full_scale_is_clipped_and_does_not_turn_over(tmp_path: Path) -> None:
    loud = torch.tensor([[1.5, -1.5, 0.25, 1.0, -1.0]])
    back = files.read(taped(tmp_path / "loud.wav", loud)).samples
    torch.testing.assert_close(back, loud.clamp(-1, 1), atol=2 * STEP_24, rtol=0)


def test_a_reader_sees_the_whole_file_or_none(tmp_path: Path) -> None:
    path = tmp_path / "folder that is made" / "long.wav"
    with tape(path, sample_rate=RATE, channels=1) as one:
        one.write(sound())
        assert not path.exists()
    assert [each.name for each in path.parent.iterdir()] == ["long.wav"]


@pytest.mark.parametrize("force", [False, True])
def test_what_breaks_off_leaves_all_as_it_was(tmp_path: Path, force: bool) -> None:
    before = taped(tmp_path / "long.wav", sound()).read_bytes() if force else None

    def breaks_off() -> None:
        with tape(tmp_path / "long.wav", sample_rate=RATE, channels=1, force=force) as one:
            one.write(sound(length=100))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks_off()
    left = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    assert left == ({"long.wav": before} if force else {})


def test_a_file_that_stands_there_is_kept_unless_forced(tmp_path: Path) -> None:
    path = taped(tmp_path / "long.wav", sound())
    before = path.read_bytes()
    with pytest.raises(ExistsError, match="--force"):
        taped(path, sound(length=10))
    assert path.read_bytes() == before
    taped(path, sound(length=10), force=True)
    assert files.probe(path).length_samples == 10


@pytest.mark.parametrize("name", ["long.mp3", "long", "long.wav.part"])
def test_other_endings_are_refused_before_anything_is_made(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"\.wav or \.flac"):
        taped(tmp_path / "new" / name, sound())
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(SoundFileError, match="cannot be written"):
        taped(tmp_path / "file" / "long.wav", sound())


@pytest.fixture
def files_of_20_kb() -> Iterator[None]:
    """The system takes no more than that for a file, as if the disk were full."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_a_full_disk_is_told_and_leaves_nothing(
    tmp_path: Path, files_of_20_kb: None, ending: str
) -> None:
    with pytest.raises(SoundFileError, match="cannot be written"):
        taped(tmp_path / f"long.{ending}", sound(length=60_000), *[20_000] * 3)
    assert not list(tmp_path.iterdir())


# --- pipes --------------------------------------------------------------------------------------


class Flushes(io.BytesIO):
    """Remembers how much had come each time it was flushed."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def flush(self) -> None:
        self.sizes.append(self.tell())
        super().flush()


@pytest.mark.parametrize("channels", [1, 2])
def test_another_reader_of_wav_hears_what_went_into_a_pipe(channels: int) -> None:
    out, whole = io.BytesIO(), sound(channels)
    pipe = Pipe(out, sample_rate=22_050, channels=channels)
    for part in whole.split([100, 4900], dim=1):  # type: ignore[no-untyped-call]
        pipe.write(part)
    out.seek(0)
    with wave.open(out) as reader:
        told = (reader.getnchannels(), reader.getframerate(), reader.getsampwidth())
        assert told == (channels, 22_050, 2)
        assert reader.getnframes() > 2**31 / channels / 2  # it goes on until there is no more
        heard = np.frombuffer(reader.readframes(5000), "<i2").reshape(5000, channels).T
    np.testing.assert_allclose(heard / 2**15, whole.numpy(), atol=1.5 * STEP_16)


@pytest.mark.parametrize("channels", [1, 2])
def test_the_header_of_a_pipe_says_how_many_bytes_a_second_come(channels: int) -> None:
    out = io.BytesIO()
    Pipe(out, sample_rate=RATE, channels=channels).write(sound(channels, RATE))
    rate, second, frame, bits = struct.unpack("<IIHH", out.getvalue()[24:36])
    assert (rate, bits) == (RATE, 16)
    assert frame * RATE == second == len(out.getvalue()) - 44


def test_a_pipe_clips_and_does_not_turn_over() -> None:
    out = io.BytesIO()
    Pipe(out, sample_rate=RATE, channels=1).write(torch.tensor([[1.5, -1.5, 0.0]]))
    assert struct.unpack("<3h", out.getvalue()[-6:]) == (32767, -32767, 0)


def test_a_player_gets_each_stretch_when_it_is_made() -> None:
    out = Flushes()
    pipe = Pipe(out, sample_rate=RATE, channels=2)
    header = out.tell()
    for _ in range(3):
        pipe.write(sound(2, 100))
    assert out.sizes == [header + 400 * count for count in (1, 2, 3)]


def test_a_wav_whose_length_is_known_is_a_plain_one(tmp_path: Path) -> None:
    for most, kind in ((100, "WAV"), (None, "RF64"), (2**31, "RF64")):
        path = tmp_path / f"{kind}-{most}.wav"
        with tape(path, sample_rate=RATE, channels=1, most_samples=most) as one:
            one.write(torch.zeros(1, 100))
        assert soundfile.info(path).format == kind


def test_where_no_file_can_be_it_says_so() -> None:
    with (
        pytest.raises(SoundFileError, match="cannot be written"),
        tape(Path("/proc/long.wav"), sample_rate=RATE, channels=1),
    ):
        pass
