"""Writing: no clipping unasked, nothing half-written, the same bytes for the same sound."""

import errno
import math
import os
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from timbrel.errors import ExistsError, SoundFileError, UsageError
from timbrel.signal import files
from timbrel.signal.files import Sound


@pytest.fixture
def noise(rng: np.random.Generator) -> Sound:
    values = rng.uniform(-1, 1, (2, 5000)).astype(np.float32)
    return Sound(torch.from_numpy(values), 44100)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".WAV"])
@pytest.mark.parametrize(("encoding", "worst_db"), [("pcm_16", -96.0), ("pcm_24", -140.0)])
def test_whole_numbers_come_back_within_half_a_step(
    tmp_path: Path, noise: Sound, suffix: str, encoding: files.Encoding, worst_db: float
) -> None:
    path = tmp_path / f"noise{suffix}"
    files.write(path, noise, encoding=encoding)
    back = files.read(path)
    assert back.sample_rate == 44100
    assert back.source == str(path)
    error = float((back.samples - noise.samples).square().mean().sqrt())
    assert 20 * math.log10(error) < worst_db
    again = tmp_path / f"again{suffix}"
    files.write(again, back, encoding=encoding)
    assert files.read(again).samples.equal(back.samples)


def test_float_comes_back_to_the_last_bit_even_above_full_scale(tmp_path: Path) -> None:
    samples = torch.tensor([[0.1, -7.5, 3e-9, 1.0]])
    files.write(tmp_path / "loud.wav", Sound(samples, 8000), encoding="float_32")
    assert files.read(tmp_path / "loud.wav").samples.equal(samples)


def test_full_scale_is_no_clipping(tmp_path: Path) -> None:
    files.write(tmp_path / "full.wav", Sound(torch.tensor([[1.0, -1.0, 0.0]]), 8000))
    values, _ = soundfile.read(tmp_path / "full.wav", dtype="int32")
    assert (values >> 8).tolist() == [2**23 - 1, -(2**23), 0]


@pytest.mark.parametrize("encoding", ["pcm_16", "pcm_24"])
def test_clipping_is_an_error_or_asked_for(tmp_path: Path, encoding: files.Encoding) -> None:
    loud = Sound(torch.tensor([[0.5, -2.0]]), 8000)
    with pytest.raises(SoundFileError, match=r"6\.02 dB above full scale"):
        files.write(tmp_path / "loud.wav", loud, encoding=encoding)
    assert not list(tmp_path.iterdir())
    files.write(tmp_path / "loud.wav", loud, encoding=encoding, on_clip="scale")
    assert files.read(tmp_path / "loud.wav").samples.tolist() == [[0.25, -1.0]]


@pytest.mark.parametrize("encoding", ["pcm_24", "float_32"])
def test_the_same_sound_gives_the_same_bytes_at_any_time(
    tmp_path: Path, noise: Sound, monkeypatch: pytest.MonkeyPatch, encoding: files.Encoding
) -> None:
    files.write(tmp_path / "a.wav", noise, encoding=encoding, metadata={"comment": "seed 3"})
    time.sleep(1.1)  # libsndfile's clock counts seconds
    files.write(tmp_path / "b.wav", noise, encoding=encoding, metadata={"comment": "seed 3"})
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_metadata_travels_in_the_file(tmp_path: Path, noise: Sound, suffix: str) -> None:
    names = ("title", "artist", "album", "comment", "software", "copyright", "date", "genre")
    texts = {name: f"{name} – ü" + "x" * (1900 if name != "software" else 80) for name in names}
    files.write(tmp_path / f"a{suffix}", noise, metadata=texts)
    with soundfile.SoundFile(tmp_path / f"a{suffix}") as file:
        found = file.copy_metadata()
    assert set(found) == set(names)
    assert all(found[name].startswith(texts[name]) for name in names)
    assert files.read(tmp_path / f"a{suffix}").samples.shape == (2, 5000)


def test_metadata_that_does_not_fit_is_refused(tmp_path: Path, noise: Sound) -> None:
    with pytest.raises(UsageError, match="did you mean 'comment'"):
        files.write(tmp_path / "a.wav", noise, metadata={"coment": "x"})
    with pytest.raises(UsageError, match="up to 2000 in WAV"):
        files.write(tmp_path / "a.wav", noise, metadata={"comment": "x" * 2001})
    with pytest.raises(UsageError, match="up to 100 in FLAC"):
        files.write(tmp_path / "a.flac", noise, metadata={"software": "x" * 101})
    with pytest.raises(UsageError, match="NUL"):
        files.write(tmp_path / "a.wav", noise, metadata={"comment": "a\0b"})
    files.write(tmp_path / "a.flac", noise, metadata={"comment": "y" * 50_000, "title": "\udcff"})
    with soundfile.SoundFile(tmp_path / "a.flac") as file:
        assert (len(file.comment), file.title) == (50_000, "\\udcff")


def test_nothing_is_overwritten_unasked(tmp_path: Path, noise: Sound) -> None:
    path = tmp_path / "a.wav"
    path.write_text("precious")
    with pytest.raises(ExistsError, match="exists already"):
        files.write(path, noise)
    assert path.read_text() == "precious"
    files.write(path, noise, force=True)
    assert files.probe(path).length_samples == 5000
    (tmp_path / "nowhere.wav").symlink_to(tmp_path / "gone")
    with pytest.raises(ExistsError):
        files.write(tmp_path / "nowhere.wav", noise)


def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, noise: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.wav"
    files.write(path, noise)
    before = path.read_bytes()

    def full(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(SoundFileError, match="No space left on device"):
        files.write(path, noise, force=True)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "samples",
    [
        torch.zeros(1, 0),
        torch.zeros(0, 9),
        torch.zeros(9),
        torch.zeros(9, 1),
        torch.tensor([[math.nan]]),
        torch.tensor([[-math.inf]]),
    ],
)
def test_what_no_file_can_hold_is_refused(tmp_path: Path, samples: torch.Tensor) -> None:
    with pytest.raises(SoundFileError):
        files.write(tmp_path / "a.flac", Sound(samples, 8000), on_clip="scale")
    assert not list(tmp_path.iterdir())


def test_wrong_arguments_are_named(tmp_path: Path, noise: Sound) -> None:
    with pytest.raises(UsageError, match=r"\.wav or \.flac"):
        files.write(tmp_path / "a.mp3", noise)
    with pytest.raises(UsageError, match="FLAC cannot hold float_32"):
        files.write(tmp_path / "a.flac", noise, encoding="float_32")
    with pytest.raises(UsageError, match="did you mean 'pcm_16'"):
        files.write(tmp_path / "a.wav", noise, encoding="pcm16")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="error, scale"):
        files.write(tmp_path / "a.wav", noise, on_clip="wrap")  # type: ignore[arg-type]
    with pytest.raises(SoundFileError, match="655350"):
        files.write(tmp_path / "a.flac", Sound(noise.samples, 700_000))
    with pytest.raises(SoundFileError, match="cannot be written"):
        files.write(tmp_path / ("x" * 300 + ".wav"), noise)
    assert not list(tmp_path.iterdir())


def test_folders_are_made_and_many_channels_fit(tmp_path: Path) -> None:
    sound = Sound(torch.arange(24.0).reshape(12, 2) / 32, 192_000)
    files.write(tmp_path / "new" / "deep" / "a.wav", sound)
    assert files.read(tmp_path / "new" / "deep" / "a.wav").samples.equal(sound.samples)


def _chunks(content: bytes) -> dict[bytes, bytes]:
    found, at = {}, 12
    while at < len(content):
        name, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        found[name] = content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    assert at == len(content), "chunks fill the file"
    return found


@pytest.mark.parametrize("length", [1000, 1001])  # 24-bit mono: an odd number of bytes
def test_a_sampler_is_told_key_and_loop(tmp_path: Path, length: int) -> None:
    path, sound = tmp_path / "note.wav", Sound(torch.linspace(-1, 1, length)[None], 44100)
    files.write(path, sound, metadata={"title": "odd"}, marks=files.Marks(61, (100, 999)))
    content = path.read_bytes()
    assert int.from_bytes(content[4:8], "little") == len(content) - 8
    values = np.frombuffer(_chunks(content)[b"smpl"], "<u4").tolist()
    assert values == [0, 0, 22676, 61, 0, 0, 0, 1, 0, 0, 0, 100, 999, 0, 0]
    assert files.probe(path).length_samples == length
    there, _ = soundfile.read(path, dtype="float32")
    assert np.abs(there - sound.samples[0].numpy()).max() <= 2**-23


def test_marks_that_do_not_fit_are_refused(tmp_path: Path, noise: Sound) -> None:
    for marks in (files.Marks(128), files.Marks(60, (0, 5000)), files.Marks(60, (9, 3))):
        with pytest.raises(UsageError, match="a key from 0 to 127"):
            files.write(tmp_path / "a.wav", noise, marks=marks)
    with pytest.raises(UsageError, match=r"a \.wav name"):
        files.write(tmp_path / "a.flac", noise, marks=files.Marks(60))
    assert list(tmp_path.iterdir()) == []
