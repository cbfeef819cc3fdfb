"""Near-copies planted among real drums: how many `search --duplicates` finds and invents.

    python benchmarks/duplicates.py ../shared/data/drums [--copies 200] [--seed 0]

Copies of randomly chosen sounds are made in ten ways and scanned together with the originals.
Recall is the share of the copies that stand in one group with their original. Precision is the
share of true pairs among all pairs within the groups that were found. A pair is true when both
come from one original by planting, or when the library itself holds the recording twice: the
better aligned of the two explains all of the other but -20 dB (see `same_recording`, which
knows nothing of how the duplicates were found).
"""

import argparse
import itertools
import os
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

Samples = NDArray[np.float32]
SHORTEST_S = 0.3
FINE = 8
RATES_HZ = (22_050, 32_000, 48_000)
CODECS = {"mp3": ("MP3", "MPEG_LAYER_III"), "ogg": ("OGG", "VORBIS"), "opus": ("OGG", "OPUS")}


class Copy:
    """A copy in the making: samples, rate, and the kind of file it will be."""

    def __init__(self, samples: Samples, rate: int, rng: np.random.Generator) -> None:
        self.samples, self.rate, self.rng, self.suffix = samples, rate, rng, "wav"

    def encode(self, suffix: str) -> None:
        """Will be written by a lossy codec; Opus knows 48 kHz only."""
        if suffix == "opus":
            self.samples, self.rate = soxr.resample(self.samples, self.rate, 48_000), 48_000
        self.suffix = suffix

    def trim_start(self) -> None:
        """Cuts 5 to 60 ms, the attack, away."""
        self.samples = self.samples[round(self.rng.uniform(0.005, 0.06) * self.rate) :]

    def trim_end(self) -> None:
        """Cuts a tenth to four tenths away, but leaves 0.3 s."""
        length = round(len(self.samples) * self.rng.uniform(0.6, 0.9))
        self.samples = self.samples[: max(length, round(SHORTEST_S * self.rate))]

    def gain(self) -> None:
        """Changes the level by up to 6 dB; what goes over full scale is scaled back."""
        louder = self.samples * 10 ** (self.rng.choice([-6, -3, 3, 6]) / 20)
        self.samples = louder / max(1.0, np.abs(louder).max())

    def resample(self) -> None:
        """Goes to another usual rate."""
        rate = int(self.rng.choice(RATES_HZ))
        self.samples, self.rate = soxr.resample(self.samples, self.rate, rate), rate

    def write(self, path: Path) -> Path:
        """Writes the file, with the codec's usual quality."""
        path = path.with_suffix(f".{self.suffix}")
        path.parent.mkdir(parents=True, exist_ok=True)
        container, codec = CODECS.get(self.suffix, ("WAV", "PCM_16"))
        soundfile.write(path, self.samples, self.rate, format=container, subtype=codec)
        return path


def _trimmed(copy: Copy) -> None:
    copy.trim_start()
    copy.trim_end()


def _combined(copy: Copy) -> None:
    copy.gain()
    copy.trim_end()
    copy.encode(str(copy.rng.choice(list(CODECS))))


def _everything(copy: Copy) -> None:
    copy.trim_start()
    copy.trim_end()
    copy.gain()
    copy.resample()
    copy.encode("ogg" if copy.rng.random() < 0.5 else "mp3")


KINDS: dict[str, Callable[[Copy], None]] = {
    "mp3": lambda copy: copy.encode("mp3"),
    "ogg": lambda copy: copy.encode("ogg"),
    "opus": lambda copy: copy.encode("opus"),
    "start trimmed": Copy.trim_start,
    "end trimmed": Copy.trim_end,
    "both trimmed": _trimmed,
    "gain": Copy.gain,
    "resampled": Copy.resample,
    "gain, end, codec": _combined,
    "all of it": _everything,
}


def plant(source: Path, folder: Path, count: int, seed: int) -> dict[Path, tuple[Path, str]]:
    """Makes copies of randomly chosen sounds of 0.4 s and more.

    Args:
        source: Where the originals are.
        folder: Where the copies go.
        count: How many; the kinds take turns.
        seed: Another seed chooses and changes differently.

    Returns:
        Copy -> original and kind.
    """
    rng = np.random.default_rng(seed)
    long = [p for p in sorted(source.rglob("*.flac")) if soundfile.info(p).duration >= 0.4]
    planted = {}
    for number, place in enumerate(rng.choice(len(long), count, replace=False)):
        kind = list(KINDS)[number % len(KINDS)]
        samples, rate = soundfile.read(long[place], dtype="float32")
        copy = Copy(samples, rate, rng)
        KINDS[kind](copy)
        planted[copy.write(folder / f"{number:04d}")] = (long[place], kind)
    return planted


def same_recording(one: Path, other: Path) -> bool:
    """Whether one waveform, shifted and at one gain, is all of the other but -20 dB."""
    (a, rate), (b, other_rate) = (soundfile.read(path, dtype="float64") for path in (one, other))
    finer = [soxr.resample(x, r, FINE * rate) for x, r in ((a, rate), (b, other_rate))]
    a, b = finer  # shifts of an eighth of a sample, for a copy that was resampled lies between
    n_fft = 1 << (len(a) + len(b)).bit_length()
    products = np.fft.irfft(np.fft.rfft(a, n_fft) * np.conj(np.fft.rfft(b, n_fft)), n_fft)
    at = int(np.abs(products).argmax())
    return _correlation(a, b, at if at < len(a) else at - n_fft) > np.sqrt(1 - 0.1**2)


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64], shift: int) -> float:
    a, b = a[max(0, shift) :], b[max(0, -shift) :]
    length = min(len(a), len(b))
    a, b = a[:length], b[:length]
    return abs(float(a @ b)) / (float(np.sqrt((a @ a) * (b @ b))) + 1e-20)


def found_groups(folders: list[Path]) -> tuple[list[list[Path]], float, float, int]:
    """Scans and searches; groups of paths, seconds for the scan and the search, and sounds."""
    from timbrel.library.catalogue import open_catalogue
    from timbrel.library.duplicates import duplicates
    from timbrel.library.scan import scan

    with tempfile.TemporaryDirectory() as library:
        catalogue = open_catalogue(Path(library), create=True)
        start_s = time.perf_counter()
        for folder in folders:
            scan(folder, catalogue)
        scanned_s = time.perf_counter()
        groups, skipped = duplicates(catalogue)
        assert not skipped
        took_s = time.perf_counter() - scanned_s
        rows = [[row.path for row in group.rows] for group in groups]
        return rows, scanned_s - start_s, took_s, catalogue.count()


def judged(
    groups: list[list[Path]], planted: dict[Path, tuple[Path, str]]
) -> tuple[set[Path], Counter[str], list[tuple[Path, Path]]]:
    """The copies that were found, the kinds of all pairs, and the pairs that are false."""
    found, kinds, false = set(), Counter(), []
    for group in groups:
        for one, other in itertools.combinations(group, 2):
            roots = [planted[path][0] if path in planted else path for path in (one, other)]
            if roots[0] == roots[1]:
                found.update({one, other} & set(planted))
                kinds["planted"] += 1
            elif same_recording(*roots):
                kinds["the library's own"] += 1
            else:
                kinds["false"] += 1
                false.append((one, other))
    return found, kinds, false


def main() -> None:
    """Plants, searches and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    data = Path(os.environ.get("TIMBREL_DATA", "../shared/data"))
    parser.add_argument("source", type=Path, nargs="?", default=data / "drums")
    parser.add_argument("--copies", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--list", action="store_true", help="name what was missed and invented")
    options = parser.parse_args()
    source = options.source.resolve()
    with tempfile.TemporaryDirectory() as folder:
        planted = plant(source, Path(folder).resolve(), options.copies, options.seed)
        groups, scan_s, search_s, count = found_groups([source, Path(folder).resolve()])
        found, kinds, false = judged(groups, planted)
    by_kind = defaultdict(list)
    for copy, (_, kind) in planted.items():
        by_kind[kind].append(copy in found)
    print("| kind | planted | found | recall |")
    print("|---|---|---|---|")
    for kind, hits in [
        *by_kind.items(),
        ("all", [hit for all_ in by_kind.values() for hit in all_]),
    ]:
        print(f"| {kind} | {len(hits)} | {sum(hits)} | {sum(hits) / len(hits):.3f} |")
    total = kinds.total()
    pairs = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
    print(f"{len(groups)} groups, {total} pairs: {pairs}")
    print(f"precision {1 - kinds['false'] / total:.3f}")
    print(f"{count} sounds: scan {scan_s:.1f} s, search {search_s:.1f} s")
    if options.list:
        for copy in sorted(set(planted) - found):
            print("missed", planted[copy][1], planted[copy][0].name, copy.name)
        for one, other in false:
            print("false", one.relative_to(one.parents[1]), other.relative_to(other.parents[1]))


if __name__ == "__main__":
    main()
