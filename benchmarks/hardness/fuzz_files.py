"""Fuzzes the reader of sound files: atheris, with damage that knows how sound files are built.

    python benchmarks/hardness/fuzz_files.py --runs 100000 --seed 1 --out DIR [--bad FOLDER]

Each run writes one damaged file, probes it and reads it: whole, or a part of it at another rate.
Only a sound or a `SoundFileError` may come out, within the time and the memory that are set. A
fault in Python is written to DIR with the file and the run goes on. A crash, a hang or too much
memory ends the process of atheris; the file is kept and another process goes on. At the end one
line tells how many runs there were; only runs that ended are counted.
"""

import argparse
import ctypes
import hashlib
import json
import mmap
import os
import random
import resource
import struct
import subprocess
import sys
import time
import traceback
from pathlib import Path

LIMIT_S = 20
ROOM_MB = 512  # beyond what the imports take
_COUNTERS = struct.Struct("<6Q")  # runs, sounds, refusals, faults, slowest in us, peak in KiB


def arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--bad", type=Path, help="a folder of damaged files to begin with")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def corpus(bad: Path | None) -> list[bytes]:
    """The files that are damaged."""
    from material import valid_files

    found = [content for _, content in valid_files()]
    if bad is not None:
        found += [
            path.read_bytes()[:16_384] for path in sorted(bad.iterdir()) if path.suffix != ".csv"
        ]
    return found


class Counters:
    """Numbers that outlive a crash: they lie in a file."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_COUNTERS.size))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _COUNTERS.size)

    def values(self) -> list[int]:
        """All numbers."""
        return list(_COUNTERS.unpack(self._map[:]))

    def add(self, sounds: int, refusals: int, faults: int, spent_us: int) -> None:
        """Counts one run."""
        runs, *rest = self.values()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self._map[:] = _COUNTERS.pack(
            runs + 1,
            rest[0] + sounds,
            rest[1] + refusals,
            rest[2] + faults,
            max(rest[3], spent_us),
            max(rest[4], peak),
        )


def child(options: argparse.Namespace) -> None:  # noqa: C901 - atheris wants closures
    """Fuzzes in this process until atheris has done its runs, or died."""
    import atheris

    with atheris.instrument_imports(include=["timbrel.signal"]):
        from timbrel.errors import SoundFileError
        from timbrel.signal import files
    import scipy.io.wavfile  # noqa: F401 - read late by the reader, so not to be taken for a leak
    from mutations import damaged

    seeds = corpus(options.bad)
    counters = Counters(options.out / "counters")
    place = Path("/dev/shm") / f"timbrel-fuzz-{os.getpid()}"

    c_library = ctypes.CDLL(None)
    os.dup2(2, 1)  # what decoders print goes to the log, and is noticed there

    def talk() -> int:
        c_library.fflush(None)
        return os.fstat(1).st_size

    def heard(path: Path, way: int) -> None:
        info = files.probe(path)
        if way % 4 == 0:
            sound = files.read(path, start_s=way / 5000, duration_s=0.01, mono=way % 8 == 0)
        elif way % 4 == 1 and info.sample_rate >= 4000:
            sound = files.read(path, sample_rate=4000, mono=True)
        else:
            sound = files.read(path)
        if sound.samples.ndim != 2 or not sound.samples.numel() or sound.sample_rate < 1:
            raise AssertionError(f"a sound of shape {tuple(sound.samples.shape)}")

    def one(content: bytes) -> None:
        place.write_bytes(content)
        before = talk()
        start_s, outcome = time.perf_counter(), (1, 0, 0)
        try:
            heard(place, hashlib.blake2b(content, digest_size=1).digest()[0])
        except SoundFileError as error:
            outcome = (0, 1, 0)
            if "\n" in str(error):
                kept(options.out, content, "more than one line: " + str(error))
        except Exception:
            outcome = (0, 0, 1)
            kept(options.out, content, traceback.format_exc())
        if talk() != before:
            outcome = (0, 0, 1)
            kept(options.out, content, "a decoder wrote to the terminal")
        counters.add(*outcome, int((time.perf_counter() - start_s) * 1e6))

    def changed(content: bytes, largest: int, seed: int) -> bytes:
        rng = random.Random(seed)
        if rng.random() < 0.1:
            return atheris.Mutate(content, largest)
        begin = content if content and rng.random() < 0.3 else rng.choice(seeds)
        return damaged(begin, seeds, rng)[:largest]

    runs = max(1, options.runs - counters.values()[0])
    atheris.Setup(
        [
            sys.argv[0],
            f"-runs={runs}",
            f"-seed={options.seed + counters.values()[0]}",
            f"-timeout={LIMIT_S}",
            f"-rss_limit_mb={resident_mb() + ROOM_MB}",
            "-max_len=16384",
            "-len_control=0",
            "-print_final_stats=0",
            "-verbosity=0",
            f"-artifact_prefix={options.out}/",
        ],
        one,
        custom_mutator=changed,
    )
    atheris.Fuzz()


def resident_mb() -> int:
    """Memory that this process uses."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() >> 20


def kept(out: Path, content: bytes, words: str) -> None:
    """Keeps one file of each kind of fault."""
    kind = hashlib.blake2b("".join(words.splitlines()[-4:]).encode(), digest_size=4).hexdigest()
    if not (out / f"fault-{kind}").exists():
        (out / f"fault-{kind}").write_bytes(content)
        (out / f"fault-{kind}.txt").write_text(words)


def main() -> None:
    """Begins processes until all runs are done."""
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.child:
        child(options)
        return
    ended_badly, start_s = 0, time.perf_counter()
    while (done := Counters(options.out / "counters").values()[0]) < options.runs:
        with (options.out / "log.txt").open("ab") as log:
            status = subprocess.run([sys.executable, *sys.argv, "--child"], stderr=log, stdout=log)
        ended_badly += status.returncode != 0
        if Counters(options.out / "counters").values()[0] == done:
            sys.exit(f"no run ended; see {options.out / 'log.txt'}")
    runs, sounds, refusals, faults, slowest, peak = Counters(options.out / "counters").values()
    for left in Path("/dev/shm").glob("timbrel-fuzz-*"):
        left.unlink(missing_ok=True)
    print(
        json.dumps(
            {
                "runs": runs,
                "sounds": sounds,
                "refusals": refusals,
                "faults_in_python": faults,
                "processes_that_ended_badly": ended_badly,
                "slowest_s": slowest / 1e6,
                "peak_mb": peak >> 10,
                "seconds": round(time.perf_counter() - start_s),
            }
        )
    )


if __name__ == "__main__":
    main()
