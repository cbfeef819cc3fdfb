"""Every damaged or odd file gives sound or one clear line, in the memory of its true content."""

import csv
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from timbrel.signal import files

ROOM_BYTES = 64 << 20

# Reads all files in one process of its own: a crash is seen, a hang is ended, and the address space
# may grow by no more than ROOM_BYTES over what the imports took.
READER = """
import json, resource, sys
from pathlib import Path
import scipy.io.wavfile, timbrel.signal.files as files
from timbrel.errors import SoundFileError

pages = int(Path("/proc/self/statm").read_text().split()[0])
limit = pages * resource.getpagesize() + int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

def read(path):
    try:
        files.probe(path)
    except SoundFileError:
        pass
    try:
        sound = files.read(path)
    except SoundFileError as error:
        return {"error": str(error)}
    channels, length = sound.samples.shape
    return {"channels": channels, "length": length, "rate": sound.sample_rate}

for path in sys.argv[2:]:
    print(json.dumps([Path(path).name, read(Path(path))]), flush=True)
"""


@cache
def outcomes(folder: Path) -> dict[str, dict[str, Any]]:
    paths = [str(path) for path in sorted(folder.iterdir()) if path.name != "manifest.csv"]
    done = subprocess.run(
        [sys.executable, "-c", READER, str(ROOM_BYTES), *paths],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"after {done.stdout[-200:]}: {done.stderr[-2000:]}"
    return dict(json.loads(line) for line in done.stdout.splitlines())


def manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.data
@pytest.mark.skipif(sys.platform != "linux", reason="limits the address space")
def test_every_bad_file_gives_sound_or_one_clear_line(data: Path) -> None:
    rows, found = manifest(data / "bad"), outcomes(data / "bad")
    assert len(rows) == 61
    assert set(found) == {row["file"] for row in rows}
    for row in rows:
        outcome = found[row["file"]]
        if "error" in outcome:
            assert row["file"] in outcome["error"]
            assert "\n" not in outcome["error"]
            assert outcome["error"].endswith(".")
        else:
            assert outcome["length"] > 0


@pytest.mark.data
@pytest.mark.skipif(sys.platform != "linux", reason="limits the address space")
def test_what_soundfile_decodes_comes_out_whole(data: Path) -> None:
    """The manifest says what plain soundfile makes of each; an empty sound is an error here."""
    found, compared = outcomes(data / "bad"), 0
    for row in manifest(data / "bad"):
        facts = re.match(r"decodes: (\d+) frames, (\d+) ch, (\d+) Hz", row["soundfile_result"])
        if facts is None or facts[1] == "0":
            continue
        length, channels, rate = map(int, facts.groups())
        assert found[row["file"]] == {"channels": channels, "length": length, "rate": rate}
        compared += 1
    assert compared == 37


@pytest.mark.data
@pytest.mark.parametrize(
    "name",
    [
        "scipy__test-8000Hz-le-3ch-5S-24bit.wav",
        "scipy__test-8000Hz-le-3ch-5S-36bit.wav",
        "scipy__test-8000Hz-le-3ch-5S-64bit.wav",
    ],
)
def test_wide_integers_hold_the_same_sound_as_24_bits(data: Path, name: str) -> None:
    """The three files were made from one sound."""
    expected = files.read(data / "bad" / "scipy__test-8000Hz-le-3ch-5S-24bit.wav").samples
    sound = files.read(data / "bad" / name)
    assert float((sound.samples - expected).abs().max()) < 2**-21
    part = files.read(data / "bad" / name, start_s=1 / 8000, duration_s=3 / 8000)
    assert part.samples.equal(sound.samples[:, 1:4])
    assert files.probe(data / "bad" / name).length_samples == 5
