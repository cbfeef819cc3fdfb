"""The index of a large library: recall, time, building, disk and memory at a million sounds.

    python benchmarks/search_index.py [--sounds 1000000] [--queries 100] [--like LIBRARY]
        [--least-recall 0.95] [--in FOLDER]

The library is made block by block and never held in memory. Its rows are of the true size, and
their features lie as those of real sounds do: each is a point on the way from one real sound to
one of its eight nearest, and half as far off that way as real neighbours are apart. The real sounds
are those of the library in the folder LIBRARY (of a workspace, its folder `library`); without one,
those that timbrel makes itself (the reader `demo`).

Queries are made like the rows and are none of them. The ten nearest by all 48 features, from one
pass over the whole table with numpy, are the truth; recall is the share of them that is found.
`search` is what `timbrel search` does without reading the file: rows fetched, distances exact.
The last line says PASS where recall is as wanted with the settings that timbrel uses; else the
command ends with 1.
"""

import argparse
import math
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK_ROWS = 20_000
TOP = 10
LABELS = 12
NEIGHBOURS = 8


class Likeness:
    """Makes features that lie like those of a library."""

    def __init__(self, known: NDArray[np.float32]) -> None:
        squares = np.square(known).sum(axis=1)
        apart = squares[:, None] + squares - 2 * known @ known.T
        np.fill_diagonal(apart, np.inf)
        self.known = known
        self.near = np.argsort(apart, axis=1)[:, :NEIGHBOURS]
        nearest = np.sqrt(np.maximum(apart[np.arange(len(known)), self.near[:, 0]], 0))
        self.off = (0.5 * nearest / math.sqrt(known.shape[1])).astype(np.float32)

    def draw(self, count: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Features, [count, D]."""
        one = rng.integers(len(self.known), size=count)
        other = self.near[one, rng.integers(self.near.shape[1], size=count)]
        way = rng.random((count, 1), dtype=np.float32)
        noise = rng.standard_normal((count, self.known.shape[1]), dtype=np.float32)
        between = (1 - way) * self.known[one] + way * self.known[other]
        return np.asarray(between + self.off[one, None] * noise, dtype=np.float32)


def features_of(library: Path) -> NDArray[np.float32]:
    """The features of all sounds of a library, [M, D]."""
    from timbrel.library.catalogue import open_catalogue
    from timbrel.library.features import FEATURE_NAMES

    batches = open_catalogue(library).batches(["features"], "kind = ''")
    flat = [batch.column("features").flatten().to_numpy() for batch in batches]
    return np.concatenate(flat).reshape(-1, len(FEATURE_NAMES))


def made_library(folder: Path) -> Path:
    """A library of the sounds that timbrel makes."""
    from timbrel.library.catalogue import open_catalogue
    from timbrel.library.demo_sounds.folder import fill
    from timbrel.library.scan import scan

    for _ in fill(folder / "demo"):
        pass
    scan(folder / "demo", open_catalogue(folder / "seeds", create=True), reader="demo")
    return folder / "seeds"


def block(features: NDArray[np.float32], first: int) -> Any:
    """Rows of files that are not there, as an Arrow table."""
    import pyarrow as pa

    from timbrel.library.rows import schema

    numbers = range(first, first + len(features))
    texts = {
        "id": [f"{n:016x}" for n in numbers],
        "path": [f"/pack/{n % 1000}/{n:07d}.wav" for n in numbers],
        "content_hash": [f"{n * 0x9E3779B97F4A7C15 % 2**128:032x}" for n in numbers],
        "label": [f"label {n % LABELS}" for n in numbers],
        "format": ["WAV"] * len(features),
    }
    flat = pa.array(features.ravel())
    columns = []
    for column in schema():
        if column.name == "features":
            columns.append(pa.FixedSizeListArray.from_arrays(flat, features.shape[1]))
        elif pa.types.is_string(column.type):
            columns.append(pa.array(texts.get(column.name, [""] * len(features))))
        else:
            columns.append(pa.array(np.ones(len(features))).cast(column.type))
    return pa.table(columns, schema=schema())


def blocks(sounds: int, likeness: Likeness) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """The same features each time, block by block, with the number of the first."""
    for first in range(0, sounds, BLOCK_ROWS):
        rng = np.random.default_rng((1, first))
        yield first, likeness.draw(min(BLOCK_ROWS, sounds - first), rng)


def truth(
    sounds: int, likeness: Likeness, asked: NDArray[np.float32]
) -> list[tuple[set[str], set[str]]]:
    """The ids of the nearest to each, of all and of label 3, in one pass over all the blocks."""
    best: list[list[tuple[NDArray[np.float64], NDArray[np.int64]]]] = [[], []]
    for first, features in blocks(sounds, likeness):
        numbers = np.arange(first, first + len(features))
        for which, allowed in enumerate((numbers >= 0, numbers % LABELS == 3)):
            some = features[allowed]
            squares = np.square(some).sum(axis=1) - 2 * asked @ some.T
            near = np.argpartition(squares, TOP, axis=1)[:, : TOP + 6]
            exact = np.square(some[near].astype(np.float64) - asked[:, None]).sum(axis=2)
            best[which].append((exact, numbers[allowed][near]))
    found = []
    for kept in best:
        distances, numbers = (np.concatenate(part, axis=1) for part in zip(*kept, strict=True))
        order = np.argsort(distances, axis=1)[:, :TOP]
        found.append([{f"{n:016x}" for n in row} for row in np.take_along_axis(numbers, order, 1)])
    return list(zip(*found, strict=True))


def times_ms(
    query: Callable[[int], set[str]], count: int
) -> tuple[NDArray[np.float64], list[set[str]]]:
    """What each query took, by the clock and of the processor, [2, queries], and what it found."""
    for n in range(min(5, count)):
        query(n)
    took, found = [], []
    for n in range(count):
        start_s, start_cpu_s = time.perf_counter(), time.process_time()
        found.append(query(n))
        took.append((time.perf_counter() - start_s, time.process_time() - start_cpu_s))
    return 1000 * np.array(took).T, found


def row(
    name: str, took: NDArray[np.float64], found: Sequence[set[str]], true: Sequence[set[str]]
) -> float:
    """Prints a line of the table, and gives the recall."""
    hits = [len(some & wanted) / TOP for some, wanted in zip(found, true, strict=True)]
    (median, busy), late = np.median(took, axis=1), np.percentile(took[0], 95)
    print(f"| {name} | {np.mean(hits):.3f} | {median:.1f} | {late:.1f} | {busy:.1f} |", flush=True)
    return float(np.mean(hits))


def size_mb(folder: Path) -> float:
    """What lies in a folder, in MB."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def peak_mb() -> float:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def measured(
    folder: Path, asked: NDArray[np.float32], true: Sequence[tuple[set[str], set[str]]]
) -> float:
    """Prints the table; gives the recall with timbrel's own settings."""
    from timbrel.library import approximate, vector_index
    from timbrel.library.catalogue import open_catalogue
    from timbrel.library.rows import Facts
    from timbrel.library.similarity import Index

    catalogue = open_catalogue(folder)
    wanted = [Facts("", 1.0, 44_100, 1, "WAV", -1.0, -20.0, vector) for vector in asked]
    of_all, of_label = zip(*true, strict=True)
    print("| search | recall@10 | median ms | p95 ms | median of the processor, ms |")
    print("|---|---|---|---|---|")
    for cells in (4, 8, 16, 32, 64):
        for refined in (1, 4, 8, 16):

            def some(n: int, cells: int = cells, refined: int = refined) -> set[str]:
                rows = vector_index.near(
                    catalogue._table, asked[n], count=TOP, where="kind = ''",
                    cells=cells, refined=refined,
                )  # fmt: skip
                return set(rows["id"].to_pylist())

            took, found = times_ms(some, len(asked))
            row(f"{cells} cells (nprobes), refine {refined}", took, found, of_all)

    def search(n: int, **options: Any) -> set[str]:
        return {one.row.id for one in approximate.nearest(catalogue, wanted[n], top=TOP, **options)}

    recall = row("**search**, timbrel's settings", *times_ms(search, len(asked)), of_all)
    labelled = times_ms(lambda n: search(n, label="label 3"), len(asked))
    row(f"search, one label of {LABELS}", *labelled, of_label)
    few = min(20, len(asked))
    start_s = time.perf_counter()
    index = Index(catalogue)
    took_s = time.perf_counter() - start_s
    exact = times_ms(lambda n: {m.row.id for m in index.nearest(wanted[n], top=TOP)}, few)
    row("all compared, in memory (--exact)", *exact, of_all[:few])
    print(f"reading all into memory for --exact: {took_s:.1f} s, peak {peak_mb():.0f} MB by then")
    return recall


def main() -> None:
    """Makes the library and its index, measures both and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sounds", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--like", type=Path, help="the folder of a library")
    parser.add_argument("--least-recall", type=float, default=0.95)
    parser.add_argument("--in", dest="place", type=Path, help="where the library is made")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=options.place))
    try:
        recall = run(folder, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    passed = recall >= options.least_recall
    print(f"{'PASS' if passed else 'FAIL'}: recall {recall:.3f} of {options.least_recall} wanted")
    sys.exit(not passed)


def looked_up(catalogue: Any, sounds: int) -> None:
    """Prints what a batch of a scan asks of the library: is any of its 256 contents there?"""
    rng = np.random.default_rng(3)

    def ask(_n: int) -> set[str]:
        new = [rng.bytes(16).hex() for _ in range(256)]
        return set(catalogue.sounds_with(new))

    took = {}
    for way in ("looked through", "by its index"):
        took[way] = np.median(times_ms(ask, 9)[0][0])
        catalogue.compact(looked_up_from=min(sounds, 1000))
    told = ", ".join(f"{ms:.0f} ms {way}" for way, ms in took.items())
    print(f"are 256 contents in it: {told}")


def run(folder: Path, options: argparse.Namespace) -> float:
    """All of it, in a folder."""
    from timbrel.library.catalogue import open_catalogue

    known = features_of(options.like or made_library(folder))
    likeness = Likeness(known)
    print(f"{options.sounds:,} sounds that lie like {len(known):,} real ones")
    library = folder / "library"
    catalogue, start_s = open_catalogue(library, create=True), time.perf_counter()
    for first, features in blocks(options.sounds, likeness):
        catalogue._table.add(block(features, first))
    catalogue.compact(looked_up_from=2 * options.sounds)
    rows_mb, rows_s = size_mb(library), time.perf_counter() - start_s
    print(f"rows: {rows_s:.0f} s, {rows_mb:.0f} MB on disk, peak {peak_mb():.0f} MB in memory")
    start_s, busy_s = time.perf_counter(), time.process_time()
    catalogue.index_features(least=min(options.sounds, 1000))
    took_s, busy_s = time.perf_counter() - start_s, time.process_time() - busy_s
    print(
        f"index: {took_s:.0f} s ({busy_s:.0f} s of the processor), "
        f"{size_mb(library / 'sounds.lance' / '_indices'):.0f} MB on disk, "
        f"peak {peak_mb():.0f} MB in memory"
    )
    looked_up(catalogue, options.sounds)
    asked = likeness.draw(options.queries, np.random.default_rng(2))
    return measured(library, asked, truth(options.sounds, likeness, asked))


if __name__ == "__main__":
    main()
