"""Joining the other workers of a training that a launcher such as `torchrun` started."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from timbrel.errors import TrainingError, UsageError, reason_line
from timbrel.tasks.run_folder import stamp
from timbrel.training.world import PATIENCE, Alone, Group, World

_STOOD_BEFORE = "timbrel/stood before"
_NAMES = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


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
    now = str(stamp(run))
    if not here.again:
        here.launcher.set(_STOOD_BEFORE, now)
        return False
    if not here.launcher.check([_STOOD_BEFORE]):
        return False  # the first start was lost before it could begin a folder
    return now not in (str(None), here.launcher.get(_STOOD_BEFORE).decode())


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
