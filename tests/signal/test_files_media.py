"""M4A and AAC, with the optional package and without."""

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from timbrel.errors import SoundFileError
from timbrel.signal import files

RATE = 44100
LENGTH = 4 * RATE + 441  # MP4's own clock ticks in milliseconds


def encode(path: Path, container: str) -> None:
    av = pytest.importorskip("av")
    time_s = np.arange(LENGTH) / RATE
    wave = np.stack(
        [0.5 * np.sin(2 * np.pi * 440 * time_s), 0.2 * np.sin(2 * np.pi * 3000 * time_s)]
    )
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream("aac", rate=RATE, layout="stereo")
        stream.bit_rate = 192_000
        for first in range(0, LENGTH, 1024):
            values = np.ascontiguousarray(wave[:, first : first + 1024], dtype=np.float32)
            frame = av.AudioFrame.from_ndarray(values, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE, first, Fraction(1, RATE)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def encode_channels(path: Path, levels: list[float], layout: str) -> None:
    """A tone a channel, of its own level and pitch; PyAV's planar frames end at seven channels."""
    av = pytest.importorskip("av")
    time_s = np.arange(RATE) / RATE
    wave = [level * np.sin(400 * (n + 1) * time_s) for n, level in enumerate(levels)]
    interleaved = np.ascontiguousarray(np.stack(wave).T, dtype=np.float32)
    planar = av.AudioResampler(format="fltp", layout=layout, rate=RATE)
    with av.open(str(path), "w", format="adts") as output:
        stream = output.add_stream("aac", rate=RATE, layout=layout)
        stream.bit_rate = 96_000 * len(levels)
        for first in range(0, RATE, 1024):
            values = interleaved[first : first + 1024].reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(values, format="flt", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = RATE, first, Fraction(1, RATE)
            for part in planar.resample(frame):
                output.mux(stream.encode(part))
        output.mux(stream.encode(None))


def test_eight_channels_come_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "around.aac"
    encode_channels(path, [0.1, 0.2, 0.3, 0.05, 0.5, 0.6, 0.7, 0.8], "7.1")
    samples = files.read(path).samples[:, 4096:-4096].numpy()
    assert samples.shape[0] == 8
    heard = np.sort(np.sqrt(2) * samples.std(axis=1))
    assert np.abs(heard - [0.05, 0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8]).max() < 0.02


def test_channels_that_change_on_the_way_are_refused(tmp_path: Path) -> None:
    encode_channels(tmp_path / "one.aac", [0.5], "mono")
    encode_channels(tmp_path / "two.aac", [0.5, 0.5], "stereo")
    both = tmp_path / "both.aac"
    both.write_bytes((tmp_path / "two.aac").read_bytes() + (tmp_path / "one.aac").read_bytes())
    with pytest.raises(SoundFileError, match=r"\(its 2 channels or their rate change"):
        files.read(both)


def test_m4a_keeps_length_and_place_and_gives_parts(tmp_path: Path) -> None:
    path = tmp_path / "tone.m4a"
    encode(path, "ipod")
    info, sound = files.probe(path), files.read(path)
    assert (info.length_samples, info.channels, info.sample_rate) == (LENGTH, 2, RATE)
    assert (info.format, info.encoding) == ("MP4", "AAC")
    assert sound.samples.shape == (2, LENGTH)
    tone = 0.5 * np.sin(2 * np.pi * 440 / RATE * np.arange(LENGTH))
    error = (sound.samples[0].numpy() - tone)[RATE:-RATE]
    assert 20 * np.log10(np.std(error) / np.std(tone)) < -30
    for first in (0, 1, 5000, 2 * RATE + 7, LENGTH - RATE // 2):
        part = files.read(path, start_s=first / RATE, duration_s=0.1).samples
        expected = sound.samples[:, first : first + 4410]
        assert part.shape == expected.shape
        assert float((part - expected).abs().max()) < 1e-4
    tail = files.read(path, start_s=(LENGTH - 100) / RATE, duration_s=0.1).samples
    assert tail.shape == (2, 100)
    # The tone's sudden end is noise to the codec, which draws noise anew.
    assert float((tail - sound.samples[:, -100:]).abs().max()) < 0.02


def test_bare_aac_is_counted_and_gives_parts(tmp_path: Path) -> None:
    path = tmp_path / "tone.aac"
    encode(path, "adts")
    whole = files.read(path).samples
    assert LENGTH <= whole.shape[-1] <= LENGTH + 4096
    assert files.probe(path).length_samples == whole.shape[-1]
    part = files.read(path, start_s=1.0, duration_s=0.1).samples
    assert part.equal(whole[:, RATE : RATE + 4410])


def test_without_the_package_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(SoundFileError, match=r"pip install 'timbrel\[media\]'"):
        files.probe(tmp_path / "a.m4a")


@pytest.mark.parametrize(
    "content", [b"\0\0\0\x20ftypM4A " + bytes(100), b"\xff\xf1" + bytes(range(200)), b"\xff\xf9"]
)
def test_damaged_media_is_one_clear_line(tmp_path: Path, content: bytes) -> None:
    pytest.importorskip("av")
    (tmp_path / "a.m4a").write_bytes(content)
    with pytest.raises(
        SoundFileError, match=r"a\.m4a' (cannot be decoded|holds no sound|claims a sample rate)"
    ):
        files.read(tmp_path / "a.m4a")


def test_an_aac_file_that_breaks_off_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.aac"
    encode(path, "adts")
    path.write_bytes(path.read_bytes()[:20_001])
    with pytest.raises(SoundFileError, match=r"a\.aac' cannot be decoded"):
        files.read(path)
