"""Searching 100,000 sounds: timbrel's index against numpy, scikit-learn and the database itself.

    python benchmarks/search.py [--sounds 100000] [--queries 200]

The library is synthetic: vectors drawn around a few hundred centres, as sounds of a class lie.
Every query asks for ten sounds, by another vector each time; the rows are fetched from the library
within timbrel's time. `cold` opens the library and makes the index in a process that has imported
what it needs; `command` is `timbrel search FILE`, from its start to its end, imports and all.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

BATCH_ROWS = 5000
TOP = 10


def vectors(count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Features of made sounds, [M, D]."""
    from timbrel.library.features import FEATURE_NAMES

    centres = rng.standard_normal((300, len(FEATURE_NAMES)))
    spread = 0.3 * rng.standard_normal((count, len(FEATURE_NAMES)))
    return (centres[rng.integers(300, size=count)] + spread).astype(np.float32)


def fill(folder: Path, features: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Makes a library whose files are not there."""
    from timbrel.library.arrivals import Job, record_of
    from timbrel.library.catalogue import open_catalogue
    from timbrel.library.readers import Found
    from timbrel.library.rows import Facts

    catalogue = open_catalogue(folder, create=True)
    for start in range(0, len(features), BATCH_ROWS):
        records = []
        for n, vector in enumerate(features[start : start + BATCH_ROWS], start):
            length_s, lufs = float(rng.uniform(0.1, 4)), float(rng.uniform(-40, -8))
            facts = Facts(f"{n:032x}", length_s, 44_100, 1, "WAV", -1.0, lufs, vector)
            job = Job(Found(Path(f"/pack/{n % 100}/{n:06d}.wav"), f"label {n % 12}"), 1, 1)
            records.append(record_of(job, facts))
        catalogue.put(records)
    catalogue.compact()


def times_ms(query: Callable[[int], object], count: int) -> NDArray[np.float64]:
    """What each query took, by the clock and of the processor, [2, queries], warmed up."""
    for n in range(3):
        query(n)
    took = []
    for n in range(count):
        start_s, start_cpu_s = time.perf_counter(), time.process_time()
        query(n)
        took.append((time.perf_counter() - start_s, time.process_time() - start_cpu_s))
    return 1000 * np.array(took).T


def searches(folder: Path, features: NDArray[np.float32]) -> dict[str, Callable[[int], object]]:
    """Each way to search, by name."""
    from sklearn.neighbors import NearestNeighbors

    from timbrel.library.catalogue import open_catalogue
    from timbrel.library.rows import Facts
    from timbrel.library.similarity import Index

    catalogue = open_catalogue(folder)
    index = Index(catalogue)
    brute = NearestNeighbors(n_neighbors=TOP, algorithm="brute").fit(features)
    tree = NearestNeighbors(n_neighbors=TOP, algorithm="ball_tree").fit(features)
    squares = np.square(features).sum(axis=1)
    asked = features + np.float32(0.01)
    three = {"timbre": 1.0, "pitch": 0.5, "loudness": 0.5}

    def own(n: int, **options: object) -> object:
        wanted = Facts("", 1.0, 44_100, 1, "WAV", -1.0, -20.0, asked[n])
        return index.nearest(wanted, top=TOP, **options)  # type: ignore[arg-type]

    def plain(n: int) -> object:
        distances = squares - 2 * features @ asked[n]
        return np.argsort(distances)[:TOP]

    def database(n: int) -> object:
        query = catalogue._table.search(asked[n].tolist(), vector_column_name="features")
        return query.limit(TOP).to_list()

    return {
        "timbrel, all": own,
        "timbrel, timbre + pitch + loudness": lambda n: own(n, by=three),
        "timbrel, all, one label of twelve": lambda n: own(n, label="label 3"),
        "numpy, a plain scan and sort, no rows": plain,
        "scikit-learn, brute, no rows": lambda n: brute.kneighbors(asked[n : n + 1]),
        "scikit-learn, ball tree, no rows": lambda n: tree.kneighbors(asked[n : n + 1]),
        "the database's own vector search": database,
    }


def command_s(workspace: Path, sound: Path) -> float:
    """One search from the command line."""
    start_s = time.perf_counter()
    command = [sys.executable, "-m", "timbrel", "--workspace", str(workspace), "search", str(sound)]
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start_s


def cold_ms(folder: Path) -> float:
    """Opening the library and making the index."""
    from timbrel.library.catalogue import open_catalogue
    from timbrel.library.similarity import Index

    start_s = time.perf_counter()
    Index(open_catalogue(folder))
    return 1000 * (time.perf_counter() - start_s)


def main() -> None:
    """Fills, searches and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sounds", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    features = vectors(options.sounds, rng)
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "library"
        fill(library, features, rng)
        soundfile.write(f"{folder}/a.wav", 0.1 * rng.standard_normal(22_050), 44_100)
        print("| search | median ms | p95 ms | median of the processor, ms |")
        print("|---|---|---|---|")
        for name, query in searches(library, features).items():
            took = times_ms(query, min(options.queries, options.sounds - 3))
            median, busy = np.median(took, axis=1)
            print(f"| {name} | {median:.1f} | {np.percentile(took[0], 95):.1f} | {busy:.1f} |")
        colds = [cold_ms(library) for _ in range(3)]
        print(f"cold: {np.median(colds):.0f} ms")
        commands = [command_s(Path(folder), Path(folder) / "a.wav") for _ in range(3)]
        print(f"command: {np.median(commands):.2f} s")


if __name__ == "__main__":
    main()
