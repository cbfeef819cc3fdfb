"""Phase methods and front ends on real notes and drums, joined: how well, and how fast.

    TIMBREL_DATA=... python benchmarks/phase.py [--set notes|drums] [--every 1] [--threads 1]

Each sound goes through each route by itself; then all are joined and judged as one: the objective
difference grade, log-spectral distance (1024/256), spectral convergence of the route's own
short-time magnitudes where it has them, and processor seconds for a second of sound, after one
sound to warm up. ``--every 7`` takes each seventh sound.
"""

import argparse
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import soundfile
import torch
from torch import Tensor

from timbrel import plugins
from timbrel.signal.stft import FrameSpec, magnitude

ROOT = Path(__file__).resolve().parents[1]
RATES = {"notes": 16_000, "drums": 44_100}
DRUMS = 150
WIDE = {"range_db": 120.0}


def phase(name: str, **options: Any) -> Any:
    """Makes a phase method."""
    return plugins.load("signal.phase", name)(**options)


def front_end(name: str, **options: Any) -> Any:
    """Makes a front end."""
    return plugins.load("signal.frontends", name)(**options)


FAST, HEAP, HEAP_8 = (
    phase("fast_griffin_lim"),
    phase("heap_integration"),
    phase("heap_integration", iterations=8),
)
# frames and phase method, or front end and phase method
ROUTES: list[tuple[Any, Any]] = [
    (FrameSpec(512, 128), phase("zero")),
    (FrameSpec(512, 128), phase("griffin_lim")),
    (FrameSpec(512, 128), FAST),
    (FrameSpec(512, 128), HEAP),
    (FrameSpec(1024, 256), HEAP),
    (FrameSpec(1024, 128), HEAP),
    (FrameSpec(1024, 128), HEAP_8),
    (FrameSpec(1024, 128, "gaussian"), HEAP),
    (FrameSpec(1024, 128, "gaussian"), HEAP_8),
    (front_end("log_magnitude", hop_samples=128, window="gaussian"), HEAP_8),
    (front_end("log_magnitude", hop_samples=128, window="gaussian", **WIDE), HEAP_8),
    (front_end("log_mel", n_fft=512, hop_samples=128), FAST),
    (front_end("log_mel", n_fft=512, hop_samples=32, window="gaussian", **WIDE), HEAP_8),
    (front_end("log_mel", n_fft=256, hop_samples=16, window="gaussian", **WIDE), HEAP_8),
    (front_end("cqt"), FAST),
    (front_end("cqt"), HEAP_8),
    (front_end("cqt", **WIDE), HEAP_8),
]


def sounds_of(what: str, folder: Path, every: int) -> list[Tensor]:
    """Reads the sounds, each [T]."""
    if what == "notes":
        notes = json.loads((folder / "nsynth_gm" / "examples.json").read_text())
        names = sorted(name for name, note in notes.items() if note["pitch"] == 60)
        paths = [folder / "nsynth_gm" / "audio" / f"{name}.flac" for name in names]
    else:
        found = sorted((folder / "drums").glob("*/*.flac"))
        paths = found[:: max(1, len(found) // DRUMS)][:DRUMS]
    return [torch.from_numpy(soundfile.read(path, dtype="float32")[0]) for path in paths[::every]]


def through(sound: Tensor, by: Any, method: Any, rate: int) -> Tensor:
    """Takes one sound [T] through a route, and back to [T]."""
    given, length = sound[None], len(sound)
    if isinstance(by, FrameSpec):
        back = method.waveform(magnitude(given, by), by, length_samples=length, seed=0)
    else:
        code, reference = by.encode(given, sample_rate=rate)
        back = by.decode(
            code, reference, sample_rate=rate, length_samples=length, phase=method, seed=0
        )
    return back[0]  # type: ignore[no-any-return]


def convergence_db(back: Tensor, wanted: Tensor, by: Any) -> float:
    """Spectral convergence in dB; not a number where a route has no frames."""
    frames = by if isinstance(by, FrameSpec) else getattr(by, "frames", None)
    if frames is None:
        return float("nan")
    target = magnitude(wanted[None], frames)
    wrong = (magnitude(back[None], frames) - target).norm() / target.norm()
    return 20 * float(wrong.log10())


def row(sounds: list[Tensor], by: Any, method: Any, rate: int) -> Iterator[float]:
    """Gives grade, distance, convergence and time of one route."""
    through(sounds[0], by, method, rate)
    begin = time.process_time()
    back = torch.cat([through(sound, by, method, rate) for sound in sounds])
    spent = time.process_time() - begin
    wanted = torch.cat(sounds)
    for name in ("odg", "log_spectral_distance"):
        yield plugins.load("evaluation.metrics", name).compute(wanted, back, rate)
    yield convergence_db(back, wanted, by)
    yield spent / (len(wanted) / rate)


def titled(by: Any) -> str:
    """Names a route's encoding."""
    if isinstance(by, FrameSpec):
        return f"STFT {by.n_fft}/{by.hop_samples} {by.window}"
    size = f" {by.n_fft}" if hasattr(by, "n_fft") else f" {by.bins} bins"
    window = f" {by.window}" if hasattr(by, "window") else ""
    return f"{by.name}{size}/{by.hop_samples}{window}, {by.range_db:g} dB"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=sorted(RATES), default="notes")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    folder = Path(os.environ.get("TIMBREL_DATA", ROOT.parent / "shared" / "data"))
    rate = RATES[given.set]
    sounds = sounds_of(given.set, folder, given.every)
    print(f"{len(sounds)} {given.set}, {sum(map(len, sounds)) / rate:.0f} s at {rate} Hz, joined")
    print("| route | phase method | ODG | LSD dB | convergence dB | s for a second |")
    print("|---|---|---|---|---|---|")
    for by, method in ROUTES:
        grade, distance, convergence, spent = row(sounds, by, method, rate)
        rounds = f" {method.iterations}" if getattr(method, "iterations", 0) else ""
        print(
            f"| {titled(by)} | {method.name}{rounds} | {grade:.2f} | {distance:.2f} "
            f"| {convergence:.1f} | {spent:.4f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
