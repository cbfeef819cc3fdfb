"""Files that the fuzzer found, and sounds at the edges of what there is."""

import io
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from timbrel.errors import SoundFileError
from timbrel.signal import files


def aac(*, title: str = "", length: int = 4000) -> bytes:
    """An M4A file of a tone."""
    av = pytest.importorskip("av", reason="NO AAC: the package av is not installed")
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as out:
        out.metadata["title"] = title
        stream = out.add_stream("aac", rate=16_000)
        tone = 0.4 * np.sin(np.arange(length, dtype=np.float32)[None] * 0.1)
        frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
        frame.sample_rate = 16_000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            out.mux(packet)
    return buffer.getvalue()


def test_a_title_that_is_no_utf_8_does_not_hide_the_sound(tmp_path: Path) -> None:
    content = aac(title="Gro?e Trommel")
    assert content.count(b"Gro?e") == 1
    (tmp_path / "a.m4a").write_bytes(content.replace(b"Gro?e", b"Gro\xdfe"))
    assert files.read(tmp_path / "a.m4a").samples.shape[1] > 3000


def test_a_codec_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    content = aac().replace(b"mp4a", b"zzzz").replace(b"\x40\x15", b"\xee\x15")  # its two names
    (tmp_path / "a.m4a").write_bytes(content)
    with pytest.raises(SoundFileError, match="cannot be decoded"):
        files.read(tmp_path / "a.m4a")


def test_a_midi_sample_dump_is_refused_before_its_decoder_prints(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(100), 16_000, format="SDS", subtype="PCM_16")
    path = tmp_path / "a.wav"
    path.write_bytes(buffer.getvalue()[:40] + b"\xff" * 200)
    code = (
        "import sys\nfrom pathlib import Path\nfrom timbrel.signal import files\n"
        "try: files.read(Path(sys.argv[1]))\nexcept files.SoundFileError: pass\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
    with pytest.raises(SoundFileError, match="MIDI sample dump"):
        files.probe(path)


def wide(*, format_bytes: int = 16, data: bytes = bytes(80), chunk: bytes = b"data") -> bytes:
    """A WAV file with integers of 64 bits, or with as much of its format as is wanted."""
    form = b"\x01\0\x01\0" + (8000).to_bytes(4, "little") + (64_000).to_bytes(4, "little")
    form = (form + b"\x08\0\x40\0")[:format_bytes]
    body = b"WAVEfmt " + (16).to_bytes(4, "little") + form
    body += chunk + len(data).to_bytes(4, "little") + data
    return b"RIFF" + len(body).to_bytes(4, "little") + body


@pytest.mark.parametrize(
    "content",
    [
        wide()[:33],  # cut off in its format
        wide(data=b""),
        wide(chunk=b"what"),  # no data at all
        wide(format_bytes=10),
        wide().replace(b"\x01\0\x01\0", b"\xfe\xff\x01\0"),  # an extension that is not there
    ],
)
def test_damaged_wide_integers_are_refused(tmp_path: Path, content: bytes) -> None:
    assert wide() != content
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(SoundFileError):
        files.read(tmp_path / "a.wav")


def test_infinities_of_both_signs_mix_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.array([[math.inf, -math.inf], [1, 0]]), 8000, subtype="FLOAT")
    mixed = files.read(path, mono=True).samples  # a warning would fail here
    assert mixed.isnan().tolist() == [[True, False]]
    assert mixed[0, 1] == 0.5


@pytest.mark.parametrize(
    ("length", "channels", "rate", "encoding"),
    [
        (1, 1, 44_100, "PCM_16"),
        (1, 2, 8000, "PCM_U8"),
        (100, 32, 48_000, "PCM_24"),
        (1000, 1, 384_000, "PCM_16"),
        (1000, 1, 44_100, "PCM_U8"),
    ],
)
def test_sounds_at_the_edge_are_read_whole(
    tmp_path: Path, length: int, channels: int, rate: int, encoding: str
) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.full((length, channels), 0.25), rate, subtype=encoding)
    sound = files.read(path)
    assert sound.samples.shape == (channels, length)
    assert sound.sample_rate == rate
    assert float((sound.samples - 0.25).abs().max()) < 2**-7
    assert files.read(path, sample_rate=16_000, mono=True).samples.shape[0] == 1
