"""Laying out and drawing large libraries: seconds, faithfulness, memory, size of the page.

    python benchmarks/map.py                        # 10,000 and 100,000 sounds
    python benchmarks/map.py --sounds 10000 --values 64

The latents are drawn: 200 classes of different size, each with a few directions of its own, in a
space of --values numbers. Faithfulness is trustworthiness with 15 neighbours (Venna and Kaski,
2001), of 5,000 sounds drawn at random, beside what UMAP over all sounds at once gives at 10,000.
The first UMAP of a process compiles itself; that is timed apart.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.manifold import trustworthiness

from timbrel.mapping import areas
from timbrel.mapping.layout import SoundMap, extended, lay_out
from timbrel.mapping.page import write_page
from timbrel.mapping.projections import _large, umap

CLASSES = 200
JUDGED = 5_000
NEIGHBOURS = 15


def main() -> None:
    """Measures and prints one table."""
    parser = argparse.ArgumentParser(description="Times the layout of large libraries.")
    parser.add_argument("--sounds", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--values", type=int, default=64, help="numbers a latent")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    seconds, _ = _timed(lambda: umap.fit(rng.normal(size=(200, 8)).astype(np.float32)))
    print(f"UMAP compiles itself: {seconds[0]:.1f} s ({seconds[1]:.1f} s of processor)\n")
    print(f"{'':<44} {'s':>8} {'cpu s':>8}  result")
    for count in arguments.sounds:
        _measure(_latents(rng, count, arguments.values), arguments.seed)


def _latents(rng: np.random.Generator, count: int, size: int) -> np.ndarray:
    which = rng.choice(CLASSES, count, p=rng.dirichlet(np.full(CLASSES, 2.0)))
    centres = rng.normal(0, 2, (CLASSES, size))
    directions = rng.normal(0, 0.6, (CLASSES, 4, size))
    latents = rng.normal(0, 0.3, (count, size)) + centres[which]
    along = rng.normal(size=(count, 4))
    for number in range(4):
        latents += along[:, number : number + 1] * directions[which, number]
    return latents.astype(np.float32)


def _measure(latents: np.ndarray, seed: int) -> None:
    count = len(latents)
    seconds, made = _timed(lambda: _map_of(latents, seed))
    _row(f"{count:,} sounds laid out", seconds, _trust(latents, made.positions))
    if count < _large.LARGE:
        _large.LARGE = count // 2  # the way of large libraries, beside the whole
        seconds, rough = _timed(lambda: _map_of(latents, seed))
        _row("  by landmarks", seconds, _trust(latents, rough.positions))
        _large.LARGE = 15_000
    texts = [str(number) for number in range(1000)]
    seconds, _ = _timed(
        lambda: extended(made, latents[:1000] + 0.01, ids=texts, labels=texts, names=texts)
    )
    _row("  1,000 more placed on it", seconds, "")
    seconds, own = _timed(lambda: areas.find(made.positions))
    _row("  areas found", seconds, f"{own.max() + 1} areas")
    with tempfile.TemporaryDirectory() as folder:
        seconds, page = _timed(
            lambda: write_page(made, Path(folder) / "map.html", audio=lambda _id: None)
        )
    _row("  page written, without sounds", seconds, f"{page.size_bytes / 1e6:.1f} MB")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"  most memory so far {peak:.1f} GB\n", flush=True)


def _map_of(latents: np.ndarray, seed: int) -> SoundMap:
    texts = [f"sound {number}.wav" for number in range(len(latents))]
    return lay_out(
        latents, projection="umap", seed=seed, ids=texts, labels=[""] * len(texts), names=texts,
        instrument="benchmark",
    )  # fmt: skip


def _trust(latents: np.ndarray, positions: np.ndarray) -> str:
    some = np.random.default_rng(1).permutation(len(latents))[:JUDGED]
    value = trustworthiness(latents[some], positions[some], n_neighbors=NEIGHBOURS)
    return f"trustworthiness {value:.3f}"


def _timed(work: Callable[[], Any]) -> tuple[tuple[float, float], Any]:
    start, busy = time.perf_counter(), time.process_time()
    made = work()
    return (time.perf_counter() - start, time.process_time() - busy), made


def _row(what: str, seconds: tuple[float, float], result: str) -> None:
    print(f"{what:<44} {seconds[0]:8.1f} {seconds[1]:8.1f}  {result}", flush=True)


if __name__ == "__main__":
    main()
