"""Training as one of several workers, which a launcher such as `torchrun` or a cluster started."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from timbrel.errors import TrainingError, UsageError, reason_line
from timbrel.progress import Report, silent
from timbrel.tasks.learning import Trained
from timbrel.tasks.run_folder import begun_since, stamp
from timbrel.training.loop import never
from timbrel.training.world import PATIENCE, Alone, Group, World

_STOOD_BEFORE = "timbrel/stood before"
_NAMES = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


class Work(Protocol):
    """A training with all its arguments but those that each worker has of its own."""

    def __call__(
        self,
        *,
        resume: bool,
        force: bool,
        device: str,
        report: Report,
        should_stop: Callable[[], bool],
        world: World,
    ) -> Trained:
        """Trains; see `timbrel.tasks.train.train`."""
        ...


@dataclass(frozen=True)
class Joined:
    """This process among the workers.

    Attributes:
        world: The workers, as it sees them.
        device: Where its arithmetic happens: each worker of a machine has a card of its own.
        again: Whether the launcher started all of them again, because one was lost.
        launcher: The store that the launcher keeps from one start to the next; None where it
            keeps none, and at all workers but the first.
    """

    world: World
    device: str
    again: bool = False
    launcher: Any = None


def train(
    work: Work,
    run: Path,
    environment: Mapping[str, str],
    device: str,
    *,
    resume: bool,
    force: bool = False,
    report: Report,
) -> Trained | None:
    """Trains together with the workers that the environment tells of, or alone.

    Args:
        work: The training.
        run: Its folder.
        environment: The environment of this process; see `joined`.
        device: "cpu", "cuda" or "mps".
        resume: Whether it goes on from the start, and not only after a loss.
        force: Whether what stands under that name is replaced.
        report: Where progress goes, that of the first worker.

    Returns:
        What came of it at the first worker, None at the others: it alone tells.

    Raises:
        UsageError: When several workers cannot compute there, or the work does not fit.
        TrainingError: When the others are not found, or it cannot go on; what was kept stays.
        Told: When something is wrong that the first worker tells.
    """
    with joined(environment, device) as here:
        on = goes_on(here, run)
        trained = attempt(work, here, on=on, resume=resume, force=force, report=report)
        return trained if here.world.first else None


def attempt(
    work: Work,
    here: Joined,
    *,
    on: bool,
    resume: bool,
    force: bool,
    report: Report,
    should_stop: Callable[[], bool] = never,
) -> Trained:
    """Does the part of one worker, from the beginning or from where the training stands.

    Args:
        work: The training.
        here: The worker.
        on: Whether all workers begin again, and there is something to go on with.
        resume: Whether the training was to go on from the start.
        force: Whether it was to replace what stands under its name; its own it never replaces.
        report: Where progress goes, that of the first worker.
        should_stop: Asked between steps.

    Returns:
        What came of it.

    Raises:
        TimbrelError: What the training raises.
    """
    return work(
        resume=resume or on,
        force=force and not on,
        device=here.device,
        report=report if here.world.first else silent,
        should_stop=should_stop,
        world=here.world,
    )


@contextmanager
def joined(environment: Mapping[str, str], device: str) -> Iterator[Joined]:
    """Joins the workers that the environment tells of.

    Args:
        environment: The environment of this process; a launcher sets ``RANK``, ``WORLD_SIZE``,
            ``MASTER_ADDR``, ``MASTER_PORT`` and ``LOCAL_RANK``.
        device: "cpu", "cuda" or "mps".

    Yields:
        This process among them; the only worker where no launcher was at work.

    Raises:
        UsageError: When several workers cannot compute there.
        TrainingError: When the others are not found.

    Example:
        >>> with joined({}, "cpu") as here:
        ...     here.world.size, here.device
        (1, 'cpu')
    """
    given = [environment.get(name, "") for name in _NAMES]
    if not all(given) or given[1] == "1":
        yield Joined(Alone(), device)
        return
    from torch import distributed

    backend = backend_for(device)
    try:
        distributed.init_process_group(backend, timeout=PATIENCE)
    except (RuntimeError, ValueError) as error:
        raise TrainingError(
            f"cannot join the other workers ({reason_line(error)})",
            advice="check that all of them were started and find each other's network address",
        ) from None
    place = f"cuda:{environment.get('LOCAL_RANK', '0')}" if backend == "nccl" else device
    try:
        again = environment.get("TORCHELASTIC_RESTART_COUNT", "0") != "0"
        world = Group()
        yield Joined(world, place, again, _launcher(environment) if world.first else None)
    finally:
        with suppress(RuntimeError):
            distributed.destroy_process_group()


def _launcher(environment: Mapping[str, str]) -> Any:
    """The store of torchrun itself, which outlives the workers that it starts."""
    if environment.get("TORCHELASTIC_USE_AGENT_STORE") != "True":
        return None
    with suppress(RuntimeError):
        store: Any = import_module("torch.distributed").TCPStore
        return store(environment["MASTER_ADDR"], int(environment["MASTER_PORT"]))
    return None


def goes_on(here: Joined, run: Path) -> bool:
    """Says whether a training that a launcher began again has something to go on with.

    A folder that stood there before the launcher's first start is not its own.

    Args:
        here: This process among the workers.
        run: The training's folder.

    Returns:
        Whether to resume, the same at all workers.

    Example:
        >>> goes_on(Joined(Alone(), "cpu"), Path("nowhere"))
        False
    """
    return here.world.told(lambda: _own(here, run))


def _own(here: Joined, run: Path) -> bool:
    if here.launcher is None:
        return False
    if not here.again:
        here.launcher.set(_STOOD_BEFORE, json.dumps(stamp(run)))
        return False
    if not here.launcher.check([_STOOD_BEFORE]):
        return False  # the first start was lost before it could begin a folder
    return begun_since(run, json.loads(here.launcher.get(_STOOD_BEFORE)))


def backend_for(device: str) -> str:
    """Says by which way gradients travel.

    Args:
        device: Where the arithmetic happens.

    Returns:
        A backend of `torch.distributed`.

    Raises:
        UsageError: When there is none.

    Example:
        >>> backend_for("cpu"), backend_for("cuda")
        ('gloo', 'nccl')
    """
    backends = {"cpu": "gloo", "cuda": "nccl"}
    if device not in backends:
        raise UsageError(f"several workers on {device}", " or ".join(backends))
    return backends[device]
