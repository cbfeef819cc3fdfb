"""Each main job beside its floor on this machine, and beside the plain way to do it.

    python benchmarks/floors.py [--rounds 3] [--threads 2]
        [--only starts scan training phase map search commands]

The floor is what no program here can go under: the work's floating-point operations at the rate of
the fastest product or convolution, or its bytes at the bandwidth of memory or disk, whichever takes
longer. Operations of a training step are counted by torch while it runs; bytes are those that must
move at least once (weights, gradients and moments of a step; files of a scan). Of a command the
floor is the start of Python itself, or the import of torch where it plays a network. Peaks and
bandwidths are measured first, in the same run.

The plain way is what one writes first with the usual libraries: a float32 loop with
`torch.optim.Adam`, librosa, UMAP's inverse, the import alone. Rounds take turns between ours and
plain, so that a busy machine is busy for both; medians. Ratios of one run can be compared, times of
two runs only roughly.
"""

import argparse
import copy
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import soundfile
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

RATE = 44_100
MOST_IN_A_BATCH = 8  # a step of 64 sounds takes half a minute on two cores
RECIPES = (
    "one-shot",
    "sample-vae-laptop",
    "morph",
    "long-form",
)  # sounds; recordings: catch_a_waveform.py


@dataclass(frozen=True)
class Machine:
    """What this machine can do.

    Attributes:
        product: Operations a second of a product of matrices in float32.
        convolution: Of a convolution.
        memory: Bytes a second, read and written.
        disk: Bytes a second, read past the cache.
        start_s: Seconds from the start of Python to its end.
    """

    product: float
    convolution: float
    memory: float
    disk: float
    start_s: float

    def floor_s(self, operations: float = 0, moved: float = 0, read: float = 0) -> float:
        """The least time of some work."""
        peak = max(self.product, self.convolution)
        return max(operations / peak, moved / self.memory, read / self.disk)


@dataclass(frozen=True)
class Job:
    """One main job: ours, the plain way where there is one, and what it must do at least."""

    name: str
    ours: Callable[[], object]
    plain: Callable[[], object] | None
    floor_s: float
    bound: str


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start_s = time.perf_counter()
    work()
    return time.perf_counter() - start_s


def best(work: Callable[[], object], rounds: int = 9) -> float:
    """The shortest of some rounds: a peak is what the machine can do when it is let."""
    work()
    return min(seconds(work) for _ in range(rounds))


def python(code: str) -> None:
    """Runs code in a new Python."""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def command(*arguments: str) -> None:
    """Runs a timbrel command."""
    subprocess.run([sys.executable, "-m", "timbrel", *arguments], check=True, capture_output=True)


def machine(folder: Path) -> Machine:
    """Measures this machine."""
    square = torch.randn(1536, 1536)
    product_s = best(lambda: square @ square)
    signal, kernel = torch.randn(4, 256, 1024), torch.randn(256, 256, 25)
    convolution_s = best(lambda: torch.nn.functional.conv1d(signal, kernel))
    convolved = 2 * 4 * 256 * 256 * 25 * (1024 - 24)
    block, copied = np.ones(2**26, np.float32), np.empty(2**26, np.float32)
    memory_s = best(lambda: np.copyto(copied, block), 5)
    file = folder / "block"
    block.tofile(file)
    disk_s = min(seconds(lambda: past_cache(file)) for _ in range(3))
    return Machine(
        2 * 1536**3 / product_s,
        convolved / convolution_s,
        2 * block.nbytes / memory_s,
        block.nbytes / disk_s,
        min(seconds(lambda: python("pass")) for _ in range(5)),
    )


def past_cache(file: Path) -> None:
    """Reads a file from the disk itself."""
    with file.open("rb", buffering=0) as stream:
        if hasattr(os, "posix_fadvise"):
            os.fsync(stream.fileno())
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while stream.read(2**22):
            pass


def operations(work: Callable[[], object]) -> float:
    """The floating-point operations of products and convolutions, counted while it runs."""
    with FlopCounterMode(display=False) as counter:
        work()
    return float(counter.get_total_flops())


def made_sounds(folder: Path, count: int) -> list[Path]:
    """Decaying noises of a second as 16-bit files."""
    rng = np.random.default_rng(0)
    folder.mkdir()
    paths = [folder / f"{n:04d}.wav" for n in range(count)]
    for path in paths:
        decay = np.exp(-rng.uniform(2, 20) * np.linspace(0, 1, RATE))
        soundfile.write(path, 0.5 * decay * rng.uniform(-1, 1, RATE), RATE)
    return paths


def starts(at: Machine, workspace: Path) -> Iterator[Job]:
    """What comes before any work: imports."""
    plain_library = (
        f"import lancedb; t = lancedb.connect({str(workspace / 'library')!r}).open_table('sounds');"
        "t.count_rows(\"kind = ''\")"
    )
    step = "import torch; p = torch.nn.Parameter(torch.ones(4)); p.grad = torch.ones(4); "
    ours = (
        "import torch; from timbrel.training.learner import Learner;"
        "from timbrel.recipes import find; options = find('sample-vae-tiny').training;"
        "losses = lambda net, code, label, **_: {'loss': net(code).mean()};"
        "objective = type('Objective', (), {'losses': staticmethod(losses)})();"
        "learner = Learner(torch.nn.Linear(4, 4), objective, options, seed=0,"
        "    device=torch.device('cpu'));"
        "learner.step(torch.ones(2, 4), torch.zeros(2), step=0, rate=0.1)"
    )
    plain = step + "torch.optim.Adam([p], fused=True).step()"
    torch_s = median(seconds(lambda: python("import torch")) for _ in range(3))
    reader = "import librosa; y, sr = librosa.load(path, sr=None); librosa.feature.mfcc(y=y, sr=sr)"
    heard = next((workspace.parent / "sounds").iterdir())
    path = f"from pathlib import Path; path = Path({str(heard)!r});"
    names = ["--workspace", str(workspace)]
    first = at.start_s, "start of Python"
    yield Job("timbrel --help", lambda: command("--help"), lambda: python("import typer"), *first)
    yield Job(
        "timbrel library", lambda: command(*names, "library"), lambda: python(plain_library), *first
    )
    yield Job(
        "a reading process until it reads",
        lambda: python(f"{path} from timbrel.library.analysis import analyse; analyse(path)"),
        lambda: python(f"{path} {reader}"),
        *first,
    )
    yield Job(
        "the first step of an optimiser", lambda: python(ours), lambda: python(plain), torch_s,
        "import of torch",
    )  # fmt: skip
    yield Job(
        "timbrel studio, until it answers",
        lambda: studio_answers(workspace),
        lambda: python("import fastapi, uvicorn"),
        *first,
    )


def scanning(at: Machine, folder: Path) -> Iterator[Job]:
    """A second scan is nothing, so each goes into a new library."""
    from scan import librosa_loop

    paths = sorted((folder / "sounds").iterdir())
    size = sum(path.stat().st_size for path in paths)

    def ours() -> None:
        with tempfile.TemporaryDirectory() as workspace:
            command("--workspace", workspace, "--quiet", "scan", str(folder / "sounds"))

    # four transforms of 2048 a hop of 512, by 5 n log2 n, of a second each
    frames = len(paths) * RATE / 512
    floor_s = at.floor_s(frames * 5 * 2048 * 11, 2 * 4 * RATE * len(paths), size)
    yield Job(
        "scan, 300 files of 1 s, from start to end",
        ours,
        lambda: librosa_loop(paths),
        floor_s,
        "transforms",
    )


def weights_moved(network: nn.Module) -> float:
    """Bytes that a step of Adam must move: weight and two moments both ways, the gradient once."""
    return sum(7 * p.numel() * p.element_size() for p in network.parameters() if p.requires_grad)


def training(at: Machine, name: str) -> Job:
    """One step of a recipe on made codes, against the loop that one writes first."""
    from timbrel import plugins, recipes
    from timbrel.families import DataFacts
    from timbrel.training.learner import Learner

    recipe = recipes.find(name)
    family = plugins.load("families", recipe.family)
    front_end: Any = recipe.front_end
    bins, frames = front_end.code_shape(recipe.length_samples)
    torch.manual_seed(0)
    labels = ("a", "b")
    codes = torch.rand(4, bins, frames)
    numbers = torch.arange(4) % 2
    network = family.build(recipe.network, DataFacts(bins, frames, labels))
    with suppress(AttributeError):
        family.start(network, codes, numbers)
    objective = family.objective(recipe.network)
    size = min(MOST_IN_A_BATCH, recipe.training.batch_size)
    cut = int(getattr(network, "slice_frames", 0)) or frames
    batch, label = torch.rand(size, bins, cut), torch.arange(size) % 2
    other = copy.deepcopy(network)
    optimiser = torch.optim.Adam(other.parameters(), lr=1e-4)
    generator = torch.Generator().manual_seed(0)

    def plain() -> None:
        optimiser.zero_grad()
        objective.losses(other, batch, label, step=0, generator=generator)["loss"].backward()
        optimiser.step()

    counted = operations(plain)
    learner = Learner(network, objective, recipe.training, seed=0, device=torch.device("cpu"))
    turn = iter(range(10**6))

    def ours() -> None:
        learner.step(batch, label, step=next(turn), rate=1e-4)

    floor_s = at.floor_s(counted, weights_moved(network))
    title = f"training step, {name} ({size} of {bins} x {cut}, {counted / 1e9:.1f} GFLOP)"
    return Job(
        title,
        ours,
        plain,
        floor_s,
        "operations" if counted / at.convolution >= floor_s * 0.99 else "memory",
    )


def trainings(at: Machine) -> Iterator[Job]:
    """The main families, one after the other: each holds its memory only while it is measured."""
    for name in RECIPES:
        yield training(at, name)


def phases(at: Machine) -> Iterator[Job]:
    """From magnitudes to a waveform: two seconds, 1024/256."""
    import librosa

    from timbrel import plugins
    from timbrel.signal.stft import FrameSpec, magnitude

    spec, rounds = FrameSpec(1024, 256), 32
    sound = torch.randn(1, 2 * RATE, generator=torch.Generator().manual_seed(0))
    known = magnitude(sound, spec)
    plain = known[0].numpy()
    frames = known.shape[-1]
    transform = 2.5 * 1024 * 10  # operations of a real one
    options = {"length_samples": 2 * RATE, "seed": 0}
    fast = plugins.load("signal.phase", "fast_griffin_lim")(iterations=rounds)
    yield Job(
        "phase: 32 rounds of fast Griffin-Lim, 2 s",
        lambda: fast.waveform(known, spec, **options),
        lambda: librosa.griffinlim(plain, n_iter=rounds, hop_length=256, n_fft=1024),
        at.floor_s(2 * rounds * frames * transform),
        "operations",
    )
    heap = plugins.load("signal.phase", "heap_integration")()
    moved = known.numel() * (4 + 8 + 8)  # the magnitudes, two gradients, the phase and its use
    yield Job(
        "phase: heap integration, 2 s",
        lambda: heap.waveform(known, spec, **options),
        None,
        at.floor_s(frames * transform, moved),
        "operations",
    )


def mapping(at: Machine) -> Iterator[Job]:
    """The layout of a map and the way back from a point of it."""
    from umap import UMAP

    from timbrel.mapping.inverse import latent_at
    from timbrel.mapping.layout import SoundMap, normalise
    from timbrel.mapping.projections import umap

    rng = np.random.default_rng(0)
    heaps = rng.standard_normal((30, 64))
    latents = (heaps[rng.integers(30, size=2000)] + 0.3 * rng.standard_normal((2000, 64))).astype(
        np.float32
    )
    neighbours = 2 * len(latents) ** 2 * latents.shape[1]
    options = umap.UmapOptions(neighbours=15, min_distance=0.1)
    yield Job(
        "map: UMAP of 2,000 sounds",
        lambda: umap.fit(latents, 0, options),
        lambda: UMAP(n_neighbors=15, n_jobs=1, random_state=0).fit_transform(latents),
        at.floor_s(neighbours),
        "operations of the distances",
    )
    model = UMAP(n_neighbors=15, n_jobs=1, random_state=0).fit(latents)
    texts = ("",) * len(latents)
    there = normalise(model.embedding_)
    drawn = SoundMap(there, latents, texts, texts, texts, "umap", 0, "benchmark", len(latents))
    yield Job(
        "pick: from a point to a latent",
        lambda: latent_at(drawn, there[:1] + 0.01),
        lambda: model.inverse_transform(model.embedding_[:1] + 0.01),
        at.floor_s(moved=there.nbytes),
        "memory",
    )


def searching(at: Machine) -> Iterator[Job]:
    """Ten of 50,000 sounds, all compared."""
    from search import fill, vectors
    from timbrel.library.catalogue import open_catalogue
    from timbrel.library.rows import Facts
    from timbrel.library.similarity import Index

    features = vectors(50_000, np.random.default_rng(0))
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), features, np.random.default_rng(0))
        index = Index(open_catalogue(Path(folder)))
        wanted = Facts("", 1.0, RATE, 1, "WAV", -1.0, -20.0, features[0] + np.float32(0.01))
        yield Job(
            "search: ten of 50,000, in memory",
            lambda: index.nearest(wanted, top=10),
            lambda: np.argsort(np.linalg.norm(features - wanted.features, axis=1))[:10],
            at.floor_s(moved=features.nbytes),
            "memory",
        )


def played(at: Machine, workspace: Path) -> Iterator[Job]:
    """Commands that play an instrument, from their start to their end."""
    sounds = sorted((workspace.parent / "sounds").iterdir())[:8]
    names = ["--workspace", str(workspace), "--quiet"]
    turn = iter(range(10**6))
    torch_s = min(seconds(lambda: python("import torch")) for _ in range(3))

    def out() -> str:
        return str(workspace.parent / f"out {next(turn)}")

    commands: dict[str, Callable[[], list[str]]] = {
        "generate, 16 sounds": lambda: ["generate", "bench", "--count", "16", "--out", out()],
        "reconstruct, 8 sounds": lambda: [
            "reconstruct", "bench", *map(str, sounds), "--out", out(),
        ],
        "map, by principal components": lambda: [
            "map", "bench", "--projection", "pca", "--out", f"{out()}.json",
        ],
        "search, from a file": lambda: ["search", str(sounds[0])],
        "evaluate (a report)": lambda: ["evaluate", "bench", "--out", out()],
    }  # fmt: skip
    for name, arguments in commands.items():
        floor = (
            (at.start_s, "start of Python") if "search" in name else (torch_s, "import of torch")
        )

        def run(given: Callable[[], list[str]] = arguments) -> None:
            command(*names, *given())

        yield Job(f"timbrel {name}", run, None, *floor)


def studio_answers(workspace: Path) -> None:
    """Starts the studio, waits for its first answer, and ends it."""
    import socket
    import urllib.error
    import urllib.request

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["--workspace", str(workspace), "studio", "--port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", "timbrel", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(2400):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/").close()
                return
            except urllib.error.HTTPError:
                return  # it answers, and asks for its token
            except OSError:
                pass
            if process.poll() is not None:
                raise SystemExit("the studio did not start")
            time.sleep(0.05)
    finally:
        process.terminate()
        process.wait()


def workspace_of(folder: Path) -> Path:
    """A workspace with a library and a small instrument, whose sounds lie beside it."""
    made_sounds(folder / "sounds", 300)
    workspace = folder / "workspace"
    names = ["--workspace", str(workspace), "--quiet"]
    command(*names, "scan", str(folder / "sounds"))
    command(*names, "train", "sample-vae-tiny", "--name", "bench", "--steps", "20")
    return workspace


def jobs(at: Machine, folder: Path) -> Iterator[tuple[str, Callable[[], Iterator[Job]]]]:
    """The groups of jobs by name; each makes what it needs when it is its turn."""
    workspace: list[Path] = []

    def there() -> Path:
        if not workspace:
            workspace.append(workspace_of(folder))
        return workspace[0]

    yield "starts", lambda: starts(at, there())
    yield "scan", lambda: scanning(at, there().parent)
    yield "training", lambda: trainings(at)
    yield "phase", lambda: phases(at)
    yield "map", lambda: mapping(at)
    yield "search", lambda: searching(at)
    yield "commands", lambda: played(at, there())


def timed(job: Job, rounds: int) -> tuple[float, float | None, float | None]:
    """Medians of ours and of the plain way, and of the ratio of each pair, in turns; warm."""
    if seconds(job.ours) < 1:
        job.ours()
    if job.plain:
        job.plain()
    ours, plain = [], []
    for _ in range(rounds):
        ours.append(seconds(job.ours))
        if job.plain:
            plain.append(seconds(job.plain))
    if not plain:
        return median(ours), None, None
    return median(ours), median(plain), median(a / b for a, b in zip(plain, ours, strict=True))


def line(job: Job, rounds: int) -> None:
    """Measures a job and prints its line of the table."""
    own, plain, ratio = timed(job, rounds)
    floor = f"{1000 * job.floor_s:.2f} | {own / job.floor_s:.1f}"
    beside = "| |" if plain is None else f"{1000 * plain:.1f} | {ratio:.2f} |"
    print(f"| {job.name} | {1000 * own:.1f} | {floor} | {job.bound} | {beside}", flush=True)


def main() -> None:
    """Measures the machine, then each job, and prints the tables."""
    groups = ("starts", "scan", "training", "phase", "map", "search", "commands")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=groups, default=groups)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    wanted = parser.parse_args()
    torch.set_num_threads(wanted.threads)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        at = machine(folder)
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
        print(f"{wanted.threads} threads; load of the machine at the start {load:.1f}")
        print(f"product {at.product / 1e9:.0f}, convolution {at.convolution / 1e9:.0f} GFLOP/s;")
        print(f"memory {at.memory / 1e9:.1f}, disk {at.disk / 1e9:.2f} GB/s;")
        print(f"start of Python {1000 * at.start_s:.0f} ms\n")
        print("| job | ours, ms | floor, ms | ours / floor | set by | plain, ms | plain / ours |")
        print("|---|---|---|---|---|---|---|")
        for name, made in jobs(at, folder):
            if name in wanted.only:
                for job in made():
                    line(job, wanted.rounds)


if __name__ == "__main__":
    main()
