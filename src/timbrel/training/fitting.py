"""Batches that fit into memory: what a step would take is measured before it is taken."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from timbrel.errors import TrainingError

_MEMINFO = Path("/proc/meminfo")
# Limits of control groups, version 2 and 1: folder, file of the limit, file of what is taken.
_LIMITS = (
    (Path("/sys/fs/cgroup"), "memory.max", "memory.current"),
    (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes", "memory.usage_in_bytes"),
)
# What a step takes for each byte that its graphs keep, measured at several levels and sizes:
# gradients on their way back, and scratch memory of convolutions.
_BESIDE = 1.6
_SHARE = 0.9  # of the free memory that may be taken

FreeBytes = Callable[[torch.device], int | None]


def free_bytes(device: torch.device) -> int | None:
    """Says how much memory may still be taken.

    Args:
        device: Where the arithmetic happens.

    Returns:
        Bytes, of the card or of the machine, within the limit set to this process; None where
        nobody tells.

    Example:
        >>> free = free_bytes(torch.device("cpu"))
        >>> free is None or free > 0
        True
    """
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        idle = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(free + idle)
    told = [_machine_bytes(), *(_limit_bytes(*names) for names in _LIMITS)]
    return min((count for count in told if count is not None), default=None)


def _machine_bytes() -> int | None:
    with suppress(OSError, ValueError, IndexError):
        return int(_MEMINFO.read_text().partition("MemAvailable:")[2].split()[0]) * 1024
    return None


def _limit_bytes(folder: Path, limit: str, taken: str) -> int | None:
    """What a control group leaves; files that it only remembers do not count as taken."""
    with suppress(OSError, ValueError, IndexError):
        files = (folder / "memory.stat").read_text().partition("inactive_file ")[2].split()[0]
        used = int((folder / taken).read_text()) - int(files)
        return max(0, int((folder / limit).read_text()) - used)
    return None


def kept_bytes(work: Callable[[], object], network: nn.Module) -> int:
    """Measures the memory that the graphs of some work keep, weights not counted.

    Args:
        work: What builds the graphs; it is called once.
        network: Whose weights are not counted.

    Returns:
        Bytes.

    Example:
        >>> layer, sound = nn.Linear(10, 10), torch.ones(4, 10, requires_grad=True)
        >>> kept_bytes(lambda: layer(sound).tanh().sum(), layer)
        320
    """
    known = {tensor.untyped_storage().data_ptr() for tensor in network.state_dict().values()}
    kept: dict[int, Tensor] = {}

    def note(tensor: Tensor) -> Tensor:
        place = tensor.untyped_storage().data_ptr()
        if place not in known:
            kept[place] = tensor.detach()  # held, so that nothing else takes its place
        return tensor.detach()  # a graph that keeps its own outputs would never be freed

    with torch.enable_grad(), saved_tensors_hooks(note, lambda tensor: tensor):
        work()
    return sum(tensor.untyped_storage().nbytes() for tensor in kept.values())


def beside_bytes(sound_bytes: int, batch_size: int) -> int:
    """Estimates what a step takes beside weights and their moments.

    Args:
        sound_bytes: What the graphs of a step keep for each sound.
        batch_size: Sounds.

    Returns:
        Bytes.
    """
    return int(_BESIDE * sound_bytes * batch_size)


@dataclass(frozen=True)
class Fit:
    """The batch that fits.

    Attributes:
        batch_size: Sounds a step.
        needed_bytes: What a step on them takes, by estimate.
        told: What to tell of it.
    """

    batch_size: int
    needed_bytes: int
    told: str


def fitted(
    planned: int, *, sound_bytes: int, fixed_bytes: int, free: int | None, where: str
) -> Fit:
    """Halves a batch until a step on it fits into memory.

    Args:
        planned: Sounds a step, as planned.
        sound_bytes: What the graphs of a step keep for each sound.
        fixed_bytes: What a step takes whatever its batch.
        free: Memory that may be taken, or None where nobody knows: then everything fits.
        where: What is about to begin, such as "level 3 of 9".

    Returns:
        The batch that fits.

    Raises:
        TrainingError: When not even one sound fits.

    Example:
        >>> fit = fitted(16, sound_bytes=10**9, fixed_bytes=0, free=8 * 10**9, where="level 2 of 3")
        >>> fit.batch_size, fit.told
        (4, 'level 2 of 3: a step on 16 sounds needs about 25.6 GB and 8 GB are free, so it learns \
from 4 at a time (6.4 GB)')
    """

    def needed(size: int) -> int:
        return fixed_bytes + beside_bytes(sound_bytes, size)

    size = planned
    while size > 1 and not has_room(needed(size), free):
        size //= 2
    check_room(needed(size), free, where)
    if size == planned:
        told = f"{where}: a step on {_counted(size)} takes about {_said(needed(size))}"
        return Fit(size, needed(size), told)
    told = (
        f"{where}: a step on {planned} sounds needs about {_said(needed(planned))} and "
        f"{_said(free or 0)} are free, so it learns from {size} at a time ({_said(needed(size))})"
    )
    return Fit(size, needed(size), told)


def has_room(needed_bytes: float, free: int | None) -> bool:
    """Says whether so much memory may be taken.

    Args:
        needed_bytes: How much.
        free: Memory that may be taken, or None where nobody knows: then everything fits.

    Returns:
        Whether it may.

    Example:
        >>> has_room(8e9, 10**10), has_room(9.5e9, 10**10), has_room(1e12, None)
        (True, False, True)
    """
    return free is None or needed_bytes <= _SHARE * free


def check_room(needed_bytes: float, free: int | None, where: str) -> None:
    """Stops before memory runs out.

    Args:
        needed_bytes: What a step on one sound takes.
        free: Memory that may be taken, or None where nobody knows: then everything fits.
        where: What is about to begin, such as "level 3 of 9".

    Raises:
        TrainingError: When it does not fit.
    """
    if not has_room(needed_bytes, free):
        raise TrainingError(
            f"{where}: a step on one sound needs about {_said(int(needed_bytes))} "
            f"and {_said(free or 0)} of memory are free",
            "a machine with more memory, a shorter recording, or a narrower network",
            "what was learned so far is kept: close other programs and go on with --resume",
        )


def _counted(sounds: int) -> str:
    return "one sound" if sounds == 1 else f"{sounds} sounds"


def _said(count: int) -> str:
    return f"{count / 1e9:.3g} GB" if count >= 1e8 else f"{count / 1e6:.3g} MB"


def short_of_memory(error: BaseException) -> bool:
    """Says whether an error of torch means that memory ran out.

    Args:
        error: The error.

    Returns:
        Whether it does.

    Example:
        >>> short_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory"))
        True
        >>> short_of_memory(RuntimeError("shapes do not match"))
        False
    """
    told = str(error).lower()
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "allocate memory" in told
