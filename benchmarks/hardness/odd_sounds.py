"""Takes the oddest sounds and names through the real command line, with time and peak memory.

    python benchmarks/hardness/odd_sounds.py --out DIR [--huge]

Every command must end with 0, 1, 2 or 3 and without a traceback. With --huge also a WAV of 4 GB
(sparse) and a recording of ten hours. Prints a table: what, command, status, s, peak MB.
"""

import argparse
import os
import resource
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import workplace

NAMES = ("two\nlines", "\u202efdp.exe", "مرحبا", "naïve e\u0301", "🥁", "-rf", " ", "a'b\"c`$(id)")


def odd(folder: Path) -> None:
    """Writes small sounds at the edges of what there is, under odd names."""
    folder.mkdir(parents=True)
    tone = 0.4 * np.sin(np.arange(8000) * 0.2)
    shapes = {
        "one sample": (np.array([0.5]), 44_100, "PCM_16"),
        "384 kHz": (tone, 384_000, "PCM_24"),
        "32 channels": (np.tile(tone[:, None], (1, 32)), 48_000, "PCM_16"),
        "8 bits": (tone, 8000, "PCM_U8"),
        "nothing but DC": (np.full(8000, 0.5), 16_000, "FLOAT"),
        "silence": (np.zeros(8000), 16_000, "PCM_16"),
        "NaN": (np.where(np.arange(8000) == 99, np.nan, tone), 16_000, "FLOAT"),
        "infinite": (np.where(np.arange(8000) == 99, np.inf, tone), 16_000, "FLOAT"),
        "1e30": (tone * 1e30, 16_000, "FLOAT"),
        "denormal": (tone * 1e-40, 16_000, "DOUBLE"),
    }
    for name, (values, rate, encoding) in shapes.items():
        soundfile.write(folder / f"{name}.wav", values, rate, subtype=encoding)
    for number, name in enumerate(NAMES):
        soundfile.write(
            folder / f"{name}.wav", 0.4 * np.sin(np.arange(8000) * 0.1 * (number + 1)), 16_000
        )
    content = (folder / "8 bits.wav").read_bytes()[:-1] + b"\x7f"
    with open(os.fsencode(folder) + b"/no text \xff\xfe.wav", "wb") as file:
        file.write(content)
    (folder / "a folder.wav").mkdir()
    (folder / "nowhere.wav").symlink_to(folder / "there is none")
    (folder / "round.wav").symlink_to(folder / "round.wav")
    os.mkfifo(folder / "a pipe.wav")


def huge_wav(folder: Path) -> Path:
    """A WAV of 4 GB less a little, all silence but its first second; it takes no disk."""
    folder.mkdir(parents=True)
    size = 2**32 - 4096
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 44_100, 88_200, 2, 16)
    head = b"RIFF" + struct.pack("<I", size + 28) + b"WAVE" + form
    with (folder / "huge.wav").open("wb") as file:
        file.write(head + b"data" + struct.pack("<I", size - 8))
        file.write((np.sin(np.arange(44_100) * 0.1) * 9000).astype("<i2").tobytes())
        file.truncate(size)
    return folder


def ten_hours(folder: Path) -> Path:
    """A FLAC of ten hours: a minute of noise, then silence."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(1)
    with soundfile.SoundFile(folder / "ten hours.flac", "w", 8000, 1, "PCM_16") as file:
        file.write(0.1 * rng.standard_normal(60 * 8000))
        for _ in range(599):
            file.write(np.zeros(60 * 8000, np.float32))
    return folder


def measured(what: str, limit_s: float, *arguments: object) -> dict[str, Any]:
    """Runs a command and says how it ended, how long it took, and the most memory."""

    def run() -> list[Any]:
        start_s = time.monotonic()
        command = [sys.executable, "-m", "timbrel", "--quiet", *map(str, arguments)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=limit_s, check=False)
            status, said = str(done.returncode), done.stderr.decode(errors="replace")
        except subprocess.TimeoutExpired:
            status, said = f"over {limit_s:g} s", ""
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
        return [status, round(time.monotonic() - start_s, 1), peak, said]

    status, seconds, peak, said = workplace.apart(run)
    fine = status in ("0", "1", "2", "3") and "Traceback" not in said and "unforeseen" not in said
    print(f"--- {what}: {arguments[2:]} {status}\n{said[-1500:]}", file=sys.stderr, flush=True)
    verb = str(arguments[2])
    return {"what": what, "command": verb, "status": status, "s": seconds, "peak MB": peak,
            "fault": "" if fine else "yes"}  # fmt: skip


def rows(out: Path, *, huge: bool) -> Iterator[dict[str, Any]]:
    """Runs all commands."""
    odd(out / "odd")
    at = ("--workspace", out / "ws")
    yield measured("odd sounds and names", 300, *at, "scan", out / "odd")
    yield measured("odd sounds and names", 300, *at, "library")
    yield measured("odd sounds and names", 300, *at, "search", "--duplicates")
    for name in ("one sample", "NaN", "1e30", "32 channels", "384 kHz", "nothing but DC"):
        yield measured(name, 300, *at, "search", out / "odd" / f"{name}.wav")
    for name in ("one sample", "NaN", "silence"):
        pair = (out / "odd" / f"{name}.wav", out / "odd" / "8 bits.wav")
        yield measured(name, 300, *at, "compare", *pair)
    shutil.move(out / "odd", out / "unplugged")
    yield measured("a drive that is unplugged", 300, *at, "scan", out / "odd")
    yield measured("a drive that is unplugged", 300, *at, "library")
    shutil.move(out / "unplugged", out / "odd")
    yield measured("and plugged in again", 300, *at, "scan", out / "odd")
    for path in (out / "odd").glob("*.wav"):  # a clock that ran ahead, and one that ran behind
        if path.is_file() and not path.is_symlink():
            os.utime(path, (4e9, 4e9) if "8" in path.name else (0, 0))
    yield measured("files of 2096 and of 1970", 300, *at, "scan", out / "odd")
    if huge:
        yield measured("a WAV of 4 GB", 1200, *at, "scan", huge_wav(out / "huge"))
        shutil.rmtree(out / "huge")
        yield measured("ten hours", 1200, *at, "scan", ten_hours(out / "long"))
        song = out / "long" / "ten hours.flac"
        yield measured("ten hours", 600, *at, "search", song)


def main() -> None:
    """Runs all and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--huge", action="store_true")
    options = parser.parse_args()
    out = options.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    print(workplace.table(list(rows(out, huge=options.huge))))


if __name__ == "__main__":
    main()
