"""Scanning against a plain loop with librosa that does the same work, in one run.

    python benchmarks/scan.py ../shared/data/drums [--rounds 3] [--files 0]

Both read every file once at its own rate and keep content hash, duration, peak, loudness, mel bands
of three parts, spectral centroid, spread, roll-off, flatness, pitchiness and length. timbrel starts
its reading processes and writes its library within its time; both have imported what they need.
The rounds take turns, so that a busy machine is busy for both. Memory is that of the scanning
process and of the largest reading process.
"""

import argparse
import hashlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np


def librosa_loop(paths: Sequence[Path]) -> float:
    """The plain loop; seconds it took."""
    import librosa
    import pyloudnorm

    warnings.filterwarnings("ignore", message="n_fft=2048 is too large")
    start_s = time.perf_counter()
    for path in paths:
        sound, rate = librosa.load(path, sr=None, mono=True)
        hashlib.blake2b(sound.tobytes(), digest_size=16).hexdigest()
        librosa.get_duration(y=sound, sr=rate)
        20 * np.log10(np.abs(sound).max())
        padded = np.pad(sound, (0, max(0, int(0.4 * rate) + 1 - len(sound))))
        pyloudnorm.Meter(rate).integrated_loudness(padded.astype(np.float64))
        magnitude = np.abs(librosa.stft(sound, n_fft=2048, hop_length=512, pad_mode="constant"))
        mel = librosa.feature.melspectrogram(S=magnitude**2, sr=rate, n_mels=40)
        librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=13)
        librosa.feature.spectral_centroid(S=magnitude, sr=rate)
        librosa.feature.spectral_bandwidth(S=magnitude, sr=rate)
        librosa.feature.spectral_rolloff(S=magnitude, sr=rate)
        librosa.feature.spectral_flatness(S=magnitude)
        librosa.autocorrelate(sound[: int(0.2 * rate)], max_size=int(rate / 40))
    return time.perf_counter() - start_s


SCAN = """
import resource, sys, time
from pathlib import Path
from timbrel.library.catalogue import open_catalogue
from timbrel.library.scan import scan
catalogue = open_catalogue(Path(sys.argv[2]), create=True)
start_s = time.perf_counter()
summary = scan(Path(sys.argv[1]), catalogue)
took_s = time.perf_counter() - start_s
self_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
child_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(took_s, summary.added, self_kb / 1024, child_kb / 1024)
"""


def timbrel_scan(source: Path) -> tuple[float, int, float, float]:
    """A scan into a new library in a new process: seconds, sounds, MB of parent and child."""
    with tempfile.TemporaryDirectory() as library:
        command = [sys.executable, "-c", SCAN, str(source), library]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(out[0]), int(out[1]), float(out[2]), float(out[3])


def linked(source: Path, count: int, copies: Path) -> list[Path]:
    """Evenly chosen files of a source, linked into a folder of their own."""
    files = sorted(path for path in source.rglob("*") if path.suffix in (".wav", ".flac", ".ogg"))
    chosen = files if count == 0 else files[:: max(1, len(files) // count)][:count]
    for number, path in enumerate(chosen):
        (copies / path.parent.name).mkdir(exist_ok=True)
        (copies / path.parent.name / f"{number:06d}_{path.name}").symlink_to(path.resolve())
    return chosen


def main() -> None:
    """Runs the rounds and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    data = Path(os.environ.get("TIMBREL_DATA", "../shared/data"))
    parser.add_argument("source", type=Path, nargs="?", default=data / "drums")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--files", type=int, default=0, help="0 takes all")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = linked(options.source, options.files, Path(folder))
        librosa_loop(paths[:20])
        rounds = []
        for _ in range(options.rounds):
            peer_s = librosa_loop(paths)
            took_s, added, parent_mb, child_mb = timbrel_scan(Path(folder))
            assert added > 0.9 * len(paths)
            rounds.append((len(paths) / peer_s, len(paths) / took_s, peer_s / took_s))
            print(f"librosa {rounds[-1][0]:.0f} files/s, timbrel {rounds[-1][1]:.0f} files/s")
    peer, own, ratio = (statistics.median(column) for column in zip(*rounds, strict=True))
    print("| files | librosa, files/s | timbrel, files/s | ratio | parent MB | child MB |")
    print("|---|---|---|---|---|---|")
    speeds = f"{peer:.0f} | {own:.0f} | {ratio:.2f}"
    print(f"| {len(paths)} | {speeds} | {parent_mb:.0f} | {child_mb:.0f} |")
    own_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"the librosa loop: {own_mb:.0f} MB")


if __name__ == "__main__":
    main()
