"""Training on a Ray cluster: the one loop, in as many processes as are asked for.

Ray Train starts the processes and joins them by `torch.distributed`. Where one is lost it starts
all of them again, and they go on from the last checkpoint that timbrel itself kept, in the
training's folder. That folder, the library and the sounds lie where all machines see them.
"""

import math
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from timbrel.errors import TimbrelError, TrainingError
from timbrel.progress import Progress, Report
from timbrel.tasks.cluster import Cluster, check_workers, connected
from timbrel.tasks.learning import Trained
from timbrel.tasks.run_folder import begun_since, stamp
from timbrel.tasks.workspace import Workspace
from timbrel.tasks.worlds import Joined, Work, attempt, backend_for
from timbrel.training.interrupts import gentle
from timbrel.training.world import PATIENCE, Alone, Group, Told, WorkerLost, World

MOST_FAILURES = 5  # how often Ray starts all workers again
AGAIN = "a worker was lost, loss {times} of {most}: all go on from the last checkpoint"
_ASK_EVERY_S = 0.5
_TELL_EVERY_S = 0.2


@dataclass(frozen=True)
class Wanted:
    """How a training is spread.

    Attributes:
        address: The cluster's address.
        workers: Processes that share each batch, 1 or more.
        device: Where each computes: "cpu" or "cuda"; "auto" takes cards where there are enough.
        threads: Processors of each; None divides a machine among its workers.
    """

    address: str
    workers: int
    device: str
    threads: int | None = None


@dataclass
class Line:
    """What lies between the workers and who waits for them; it lives on the cluster.

    Attributes:
        told: Progress that was not fetched yet.
        begun: How often all workers were started.
        ended: What came of it, or what went wrong; None as long as it goes on.
        stop: Whether somebody wishes to stop.
    """

    told: list[Progress] = field(default_factory=list)
    begun: int = 0
    ended: Trained | TimbrelError | None = None
    stop: bool = False

    def begin(self) -> int:
        """Notes that all workers start; says how often they had before."""
        self.begun += 1
        return self.begun - 1

    def tell(self, progress: Progress) -> None:
        """Takes in progress."""
        self.told.append(progress)

    def fetch(self) -> list[Progress]:
        """Gives the progress since the last time."""
        told, self.told = self.told, []
        return told

    def end(self, came: Trained | TimbrelError) -> None:
        """Notes what came of it; what was wrong first is what is told."""
        if self.ended is None:
            self.ended = came

    def result(self) -> Trained | TimbrelError | None:
        """Gives what came of it."""
        return self.ended

    def wish(self) -> None:
        """Notes that somebody wishes to stop."""
        self.stop = True

    def wished(self) -> bool:
        """Says whether somebody does."""
        return self.stop


def train(
    work: Work,
    workspace: Workspace,
    name: str,
    wanted: Wanted,
    *,
    resume: bool,
    force: bool = False,
    report: Report,
) -> Trained:
    """Trains on a cluster; Ctrl-C ends it early and still makes the instrument.

    Args:
        work: The training, with names of files that all machines know.
        workspace: Its workspace, on a disk that all machines share.
        name: The instrument's name.
        wanted: Where, and by how many.
        resume: Whether it goes on from the start, and not only after a loss.
        force: Whether what stands under that name is replaced.
        report: Where progress goes.

    Returns:
        What came of it.

    Raises:
        UsageError: When the cluster has too little, or the work does not fit.
        TrainingError: When it cannot go on; what was kept stays.
    """
    report(Progress("reaching the cluster", 0, 0))
    with connected(wanted.address) as cluster, _scratch(workspace) as scratch:
        wanted = _settled(wanted, cluster)
        backend = backend_for(wanted.device)
        check_workers(cluster, wanted.workers, wanted.device, wanted.threads or 1)
        line = cluster.ray.remote(**_here(cluster.ray))(Line).remote()
        run = workspace.training_folder(name)
        settings = {
            "work": work,
            "line": line,
            "device": wanted.device,
            "resume": resume,
            "force": force,
            "run": run,
            "before": stamp(run),
            "folder": Path.cwd(),
            "threads": _threads(cluster, wanted),
        }
        trainer = _trainer(settings, wanted, backend, scratch)
        came = _followed(cluster.ray, line, trainer, report)
    if isinstance(came, TimbrelError):
        raise came
    return came


def _here(ray: Any) -> dict[str, Any]:
    """Keeps an actor on this machine, which alone is not lost as long as somebody waits here."""
    strategies = import_module("ray.util.scheduling_strategies")
    node = ray.get_runtime_context().get_node_id()
    return {
        "num_cpus": 0,
        "scheduling_strategy": strategies.NodeAffinitySchedulingStrategy(node, soft=False),
    }


def _settled(wanted: Wanted, cluster: Cluster) -> Wanted:
    if wanted.device != "auto":
        return wanted
    enough = cluster.count("GPU") >= wanted.workers
    return replace(wanted, device="cuda" if enough else "cpu")


@contextmanager
def _scratch(workspace: Workspace) -> Iterator[Path]:
    """A folder for what Ray notes down; nothing of it is needed afterwards."""
    import shutil

    folder = workspace.root.resolve() / "cache" / f"ray-{os.getpid()}"
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _threads(cluster: Cluster, wanted: Wanted) -> int:
    """Processors of each worker: as many as every machine has for the workers it gets."""
    if wanted.threads:
        return wanted.threads
    needed = ("CPU", "GPU") if wanted.device == "cuda" else ("CPU",)
    able = [node for node in cluster.nodes if all(node.get(kind, 0) >= 1 for kind in needed)]
    smallest = min(int(node["CPU"]) for node in able)
    threads = max(1, smallest // math.ceil(wanted.workers / len(able)))
    while threads > 1 and cluster.room(threads, wanted.device) < wanted.workers:
        threads -= 1  # machines with more cards than others take more workers
    return threads


def _trainer(settings: dict[str, Any], wanted: Wanted, backend: str, scratch: Path) -> Any:
    ray_train: Any = import_module("ray.train")
    ray_torch: Any = import_module("ray.train.torch")
    cards = int(wanted.device == "cuda")
    return ray_torch.TorchTrainer(
        labour,
        train_loop_config=settings,
        torch_config=ray_torch.TorchConfig(
            backend=backend, timeout_s=int(PATIENCE.total_seconds())
        ),
        scaling_config=ray_train.ScalingConfig(
            num_workers=wanted.workers,
            use_gpu=bool(cards),
            resources_per_worker={"CPU": settings["threads"], "GPU": cards},
            placement_strategy="SPREAD",
        ),
        run_config=ray_train.RunConfig(
            name="training",
            storage_path=str(scratch),
            failure_config=ray_train.FailureConfig(max_failures=MOST_FAILURES),
        ),
    )


def labour(settings: dict[str, Any]) -> None:
    """What each worker does; Ray calls it, again where one of them was lost.

    Args:
        settings: The training, the line to who waits for it, and how it is spread.

    Raises:
        WorkerLost: When another worker was lost; Ray then starts all of them again.
        TimbrelError: When something is wrong and there are others; they return at the next start.
    """
    import torch

    ray: Any = import_module("ray")
    line, device = settings["line"], settings["device"]
    with suppress(OSError):
        os.chdir(settings["folder"])  # what was named from there is found from here
    torch.set_num_threads(settings["threads"])
    alone = import_module("ray.train").get_context().get_world_size() == 1
    world: World = Alone() if alone else Group()
    begun, done, on = world.told(lambda: _begun(ray, settings))
    if done is not None:
        return  # it was made, and a worker was lost only then
    report = _Posted(line)
    if begun and world.first:
        report(Progress("note", 0, 0, None, AGAIN.format(times=begun, most=MOST_FAILURES)))
    if device != "cpu":
        device = str(import_module("ray.train.torch").get_device())
    try:
        trained = attempt(
            settings["work"],
            Joined(world, device),
            on=on,
            resume=settings["resume"],
            force=settings["force"],
            report=report,
            should_stop=_Asked(line),
        )
    except WorkerLost:
        raise
    except Told:
        return  # the first worker says it
    except TimbrelError as error:
        ray.get(line.end.remote(error))
        if world.size > 1:  # others may wait for this worker: Ray ends them, and nothing is tried
            raise
        return
    if world.first:
        ray.get(line.end.remote(trained))


def _begun(ray: Any, settings: dict[str, Any]) -> tuple[int, Trained | TimbrelError | None, bool]:
    """How often all workers began before, what came of it, and whether there is what to go on with.

    A folder that stood there before this training is not its own: it is left to `force`.
    """
    line = settings["line"]
    begun, done = ray.get([line.begin.remote(), line.result.remote()])
    return begun, done, begun > 0 and begun_since(settings["run"], settings["before"])


class _Posted:
    """Sends progress to who waits, as often as anybody can read it."""

    def __init__(self, line: Any) -> None:
        self._line, self._stage, self._sent_s = line, "", -math.inf

    def __call__(self, progress: Progress) -> None:
        now_s = time.monotonic()
        same = progress.stage == self._stage and progress.total
        if same and now_s - self._sent_s < _TELL_EVERY_S:
            return
        self._stage, self._sent_s = progress.stage, now_s
        self._line.tell.remote(progress)


class _Asked:
    """Asks now and then whether somebody wishes to stop."""

    def __init__(self, line: Any) -> None:
        self._ray: Any = import_module("ray")
        self._line, self._asked_s, self._wished = line, -math.inf, False

    def __call__(self) -> bool:
        if not self._wished and time.monotonic() - self._asked_s > _ASK_EVERY_S:
            self._asked_s = time.monotonic()
            self._wished = bool(self._ray.get(self._line.wished.remote()))
        return self._wished


def _followed(ray: Any, line: Any, trainer: Any, report: Report) -> Trained | TimbrelError:
    """Waits for the workers, passing on what they tell and what the user wishes."""
    failures: list[Exception] = []

    def fit() -> None:
        try:
            trainer.fit()
        except Exception as error:  # told below, whatever it is
            failures.append(error)

    fitting = threading.Thread(target=fit, daemon=True)
    with gentle() as wished:
        fitting.start()
        while fitting.is_alive():
            fitting.join(_ASK_EVERY_S)
            for progress in ray.get(line.fetch.remote()):
                report(progress)
            if wished():
                line.wish.remote()
    came: Trained | TimbrelError | None = ray.get(line.result.remote())
    if came is not None:
        return came
    reason = _reason(failures)
    return TrainingError(
        f"the workers of this training were lost more than {MOST_FAILURES} times ({reason[:160]})",
        advice="nothing before the last checkpoint is lost: see that the machines have memory "
        "enough, and go on with --resume",
    )


def _reason(failures: Sequence[Exception]) -> str:
    """The last line of the first failure, or its kind where it has no text."""
    if not failures:
        return "it said nothing"
    return [type(failures[0]).__name__, *str(failures[0]).strip().splitlines()][-1]
