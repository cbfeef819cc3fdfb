"""What each sound costs: scan and training by one, two and a cluster of two, on this machine.

    python benchmarks/cluster.py ../shared/data/drums [--files 0] [--steps 60] [--recipe NAME]

Scans at two sizes, so that what a scan takes at its start (processes, Ray) and what it takes for
each sound are told apart; the slope is what grows with a library. The cluster is a real one of Ray
with a processor a node, all on this machine: it shows what the way through Ray costs, not what more
machines bring. Trainings have equal batches in all; each starts fresh, and steps a second are those
of the second half. Times are wall clock, so say whether the machine was shared.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from timbrel.signal.suffixes import SUFFIXES
from timbrel.training import history

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
os.environ.setdefault("RAY_worker_niceness", "0")  # not behind whatever else runs


def some_of(source: Path, count: int, folder: Path) -> Path:
    """A folder with links to so many sounds, spread over the source."""
    paths = sorted(p for p in source.rglob("*") if p.suffix.lower() in SUFFIXES)
    kept = paths[:: max(1, len(paths) // count)][:count] if count else paths
    for path in kept:
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, target) if _links(path, folder) else shutil.copyfile(path, target)
    return folder


def _links(path: Path, folder: Path) -> bool:
    return path.stat().st_dev == folder.parent.stat().st_dev


@contextmanager
def nodes(count: int) -> Iterator[str]:
    """A cluster of so many nodes with a processor each."""
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "object_store_memory": 200 * 2**20}
    cluster = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
    for _ in range(count - 1):
        cluster.add_node(**node)
    cluster.wait_for_nodes()
    yield cluster.address
    cluster.shutdown()


def timed(*arguments: object) -> tuple[float, float]:
    """Seconds that a command took, and the most memory of its own process in MB."""
    command = ["/usr/bin/env", sys.executable, "-c", _MEASURED, *map(str, arguments)]
    began_s = time.perf_counter()
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began_s
    if ended.returncode not in (0, 3):
        raise SystemExit(ended.stderr)
    return seconds, float(ended.stderr.rsplit("peak ", 1)[1])


_MEASURED = """
import resource, sys
from timbrel.cli.main import run
status = run(sys.argv[1:])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print("peak", round(peak), file=sys.stderr)
sys.exit(status)
"""


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def scans(root: Path, sources: dict[int, Path]) -> None:
    """Prints what scans take, and the slope."""
    print("| scan by | sounds | s | peak MB | ms a sound, from the slope | bytes a row |")
    print("|---|---|---|---|---|---|")
    for way in ("1 process", "2 processes", "1 node", "2 nodes"):
        number, kind = int(way[0]), way[2:]
        if kind.startswith("process"):
            scanned(root, sources, way, ("--threads", number))
        else:
            with nodes(number) as address:
                scanned(root, sources, way, ("--cluster", address))


def scanned(root: Path, sources: dict[int, Path], way: str, options: tuple[object, ...]) -> None:
    """Prints what scans of each size take in one way."""
    times: dict[int, float] = {}
    for count, source in sources.items():
        workspace = root / f"{way}-{count}".replace(" ", "-")
        command = ("--workspace", workspace, "--quiet", "--json", "scan", source, *options)
        times[count], peak = timed(*command)
        slope = _slope(times)
        row = size_of(workspace / "library") / count
        print(f"| {way} | {count} | {times[count]:.1f} | {peak:.0f} | {slope} | {row:.0f} |")
        sys.stdout.flush()


def _slope(times: dict[int, float]) -> str:
    if len(times) < 2:
        return ""
    (few, short_s), (many, long_s) = list(times.items())[:2]
    return f"{1000 * (long_s - short_s) / (many - few):.2f}"


def trainings(workspace: Path, recipe: str, steps: int) -> None:
    """Prints what steps take by one process and by two, the batches being equal."""
    print("\n| training by | steps/s | loss at the end |\n|---|---|---|")
    options = ["train", recipe, "--steps", str(steps), "--quiet", "--device", "cpu"]
    for one in ("training.previews=0", f"training.validate_every_steps={max(1, steps // 2)}"):
        options += ["--set", one]
    start = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node"]
    for workers in (1, 2):
        command = [*start, str(workers), "-m", "timbrel", "--workspace", str(workspace), *options]
        name = f"by{workers}"
        subprocess.run([*command, "--name", name, "--force"], check=True, capture_output=True)
        rows = history.read(workspace / "instruments" / name / "history.csv")
        last, before = rows[-1], rows[-2]
        rate = (last["step"] - before["step"]) / (last["seconds"] - before["seconds"])
        print(f"| {workers} | {rate:.2f} | {last['validation_loss']:.6g} |")
    cache = size_of(workspace / "cache")
    print(f"\nprepared sounds take {cache / 1e6:.1f} MB")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("--files", type=int, default=0, help="0: all")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--recipe", default="one-shot-tiny")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        whole = some_of(given.source, given.files, root / "all")
        count = sum(path.is_file() for path in whole.rglob("*"))
        part = some_of(whole, count // 4, root / "part")
        few = sum(path.is_file() for path in part.rglob("*"))
        scans(root, {few: part, count: whole})
        trainings(root / f"2-processes-{count}", given.recipe, given.steps)


if __name__ == "__main__":
    main()
