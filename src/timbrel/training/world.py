"""The workers of one training: alone, or several processes that share each batch.

Each worker learns from its own part of every batch; gradients are averaged, so that all move by the
same step and hold the same weights. The first worker alone writes, shows and decides. Nothing that
is kept knows how many workers there were.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from timbrel.errors import TimbrelError, TrainingError, UsageError, reason_line
from timbrel.training.seeds import derived

T = TypeVar("T")

PATIENCE = datetime.timedelta(minutes=10)  # for a step of the others, a checkpoint, a preview
LONG_PATIENCE = datetime.timedelta(days=7)  # for the first worker to prepare sounds
_BUCKET_BYTES = 2**26  # of gradients that travel together


class World(Protocol):
    """The workers of a training, as one of them sees them.

    Attributes:
        rank: Its number, from 0.
        size: How many there are.
    """

    rank: int
    size: int

    @property
    def first(self) -> bool:
        """Whether it is the one that writes, shows and decides."""
        ...

    def part(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Gives the rows of a batch [B] that are this worker's."""
        ...

    def dealt(self, items: Iterable[T]) -> Iterator[T]:
        """Gives the items that are this worker's: one in `size`."""
        ...

    def own(self, seed: int) -> int:
        """Gives this worker's seed of what is drawn for its part of a batch."""
        ...

    def average(self, parameters: Sequence[nn.Parameter], *, weight: float) -> None:
        """Averages the gradients of all workers, each counting by its weight."""
        ...

    def average_buffers(self, buffers: Sequence[Tensor], *, weight: float) -> None:
        """Averages what layers count up, each worker counting by its weight."""
        ...

    def mean(self, numbers: Mapping[str, float], *, weight: float) -> dict[str, float]:
        """Averages numbers by name, each worker counting by its weight."""
        ...

    def total(self, numbers: Mapping[str, float]) -> dict[str, float]:
        """Adds up numbers by name; what a worker does not name counts as 0 there."""
        ...

    def told(self, say: Callable[[], T], *, patient: bool = False) -> T:
        """Lets the first worker say something, and gives it to all.

        The others wait as long as for a step, or for as long as it takes where they are patient.
        """
        ...


class Alone:
    """The only worker: nothing is shared, averaged or told.

    Example:
        >>> Alone().told(lambda: "yes"), list(Alone().dealt("abc"))
        ('yes', ['a', 'b', 'c'])
    """

    rank, size, first = 0, 1, True

    def part(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Gives all rows; see `World.part`."""
        return rows

    def dealt(self, items: Iterable[T]) -> Iterator[T]:
        """Gives all items; see `World.dealt`."""
        return iter(items)

    def own(self, seed: int) -> int:
        """Gives the seed as it is; see `World.own`."""
        return seed

    def average(self, parameters: Sequence[nn.Parameter], *, weight: float) -> None:
        """Leaves gradients as they are; see `World.average`."""

    def average_buffers(self, buffers: Sequence[Tensor], *, weight: float) -> None:
        """Leaves buffers as they are; see `World.average_buffers`."""

    def mean(self, numbers: Mapping[str, float], *, weight: float) -> dict[str, float]:
        """Gives the numbers as they are; see `World.mean`."""
        return dict(numbers)

    def total(self, numbers: Mapping[str, float]) -> dict[str, float]:
        """Gives the numbers as they are; see `World.total`."""
        return dict(numbers)

    def told(self, say: Callable[[], T], *, patient: bool = False) -> T:
        """Gives what is said; see `World.told`."""
        return say()


class WorkerLost(TrainingError):
    """Another worker of this training was lost; all of them can begin again and go on."""


class Told(TimbrelError):
    """What went wrong at the first worker, which has said so already.

    Args:
        error: Its error.
    """

    def __init__(self, error: TimbrelError) -> None:
        super().__init__(error.given, error.accepted, error.advice)
        self.exit_code = error.exit_code


class Group:
    """One of several workers, over `torch.distributed`; made once its default group stands.

    Gradients travel by the default group (gloo or NCCL), all else by gloo groups of its own, for it
    is on the processor; by one of them what the first worker may take long to say.
    """

    def __init__(self) -> None:
        from torch import distributed

        self._distributed = distributed
        self.rank, self.size = distributed.get_rank(), distributed.get_world_size()
        self._talk, self._wait = self._gloo(PATIENCE), self._gloo(LONG_PATIENCE)

    def _gloo(self, patience: datetime.timedelta) -> Any:
        return self._safely(lambda: self._distributed.new_group(backend="gloo", timeout=patience))

    @property
    def first(self) -> bool:
        """Whether it is the one that writes, shows and decides."""
        return self.rank == 0

    def part(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Gives one row in `size`, for neighbours are often of like length; see `World.part`."""
        return rows[self.rank :: self.size]

    def dealt(self, items: Iterable[T]) -> Iterator[T]:
        """Gives one item in `size`; see `World.dealt`."""
        return islice(items, self.rank, None, self.size)

    def own(self, seed: int) -> int:
        """Gives the first worker the seed as it is, and others one of their own."""
        return derived(seed, "worker", self.rank) if self.rank else seed

    @torch.no_grad()
    def average(self, parameters: Sequence[nn.Parameter], *, weight: float) -> None:
        """Averages gradients; see `World.average`. One that no worker has stays away.

        Args:
            parameters: Whose gradients, the same ones at all workers.
            weight: How many sounds this worker's gradients come from.
        """
        device = parameters[0].device
        has = [float(p.grad is not None) for p in parameters]
        counts = torch.tensor([weight, *has], dtype=torch.float32, device=device)
        self._add_up(counts)
        whole, *found = counts.tolist()
        wanted = [p for p, count in zip(parameters, found, strict=True) if count]
        for parameter in wanted:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        gradients = [p.grad for p in wanted if p.grad is not None]
        self._average(gradients, weight / whole)

    @torch.no_grad()
    def average_buffers(self, buffers: Sequence[Tensor], *, weight: float) -> None:
        """Averages what layers count up; see `World.average_buffers`.

        Args:
            buffers: Tensors of floats, the same ones at all workers.
            weight: How many sounds this worker's come from.
        """
        if buffers:
            whole = torch.tensor([weight], device=buffers[0].device)
            self._add_up(whole)
            self._average(buffers, weight / whole.item())

    def _average(self, tensors: Sequence[Tensor], share: float) -> None:
        for bucket in buckets(tensors):
            flat = torch.cat([tensor.reshape(-1) for tensor in bucket]).mul_(share)
            self._add_up(flat)
            pieces = torch.split(flat, [tensor.numel() for tensor in bucket])
            for tensor, piece in zip(bucket, pieces, strict=True):
                tensor.copy_(piece.view(tensor.shape))

    def _add_up(self, flat: Tensor) -> None:
        self._safely(lambda: self._distributed.all_reduce(flat))

    def mean(self, numbers: Mapping[str, float], *, weight: float) -> dict[str, float]:
        """Averages numbers; see `World.mean`.

        Args:
            numbers: Numbers by name, the same names at all workers.
            weight: How many sounds this worker's come from.

        Returns:
            The means, the same at all workers.
        """
        sums = torch.tensor([*(weight * x for x in numbers.values()), weight], dtype=torch.float64)
        self._safely(lambda: self._distributed.all_reduce(sums, group=self._talk))
        *values, whole = sums.tolist()
        return {name: value / whole for name, value in zip(numbers, values, strict=True)}

    def total(self, numbers: Mapping[str, float]) -> dict[str, float]:
        """Adds up numbers; see `World.total`.

        Args:
            numbers: Numbers by name.

        Returns:
            The sums, the same at all workers.
        """
        every: list[Any] = [None] * self.size
        self._safely(
            lambda: self._distributed.all_gather_object(every, dict(numbers), group=self._talk)
        )
        totals: dict[str, float] = {}
        for some in every:
            for name, value in some.items():
                totals[name] = totals.get(name, 0.0) + value
        return totals

    def told(self, say: Callable[[], T], *, patient: bool = False) -> T:
        """Lets the first worker say something; see `World.told`.

        Args:
            say: What it does; the other workers wait for its answer.
            patient: Whether they wait however long that takes, and not for `PATIENCE` alone.

        Returns:
            The answer.

        Raises:
            TimbrelError: What `say` raised, at the first worker; `Told` of it at the others.
        """
        group = self._wait if patient else self._talk
        if not self.first:
            answer, error = self._heard(group)
            if error is not None:
                raise Told(error)
            return answer  # type: ignore[no-any-return]
        try:
            said = say()
        except TimbrelError as problem:
            self._say((None, problem), group)
            raise
        self._say((said, None), group)
        return said

    def _heard(self, group: Any) -> tuple[Any, TimbrelError | None]:
        box: list[Any] = [None]
        self._safely(lambda: self._distributed.broadcast_object_list(box, src=0, group=group))
        answer, error = box[0]
        return answer, error

    def _say(self, message: tuple[Any, TimbrelError | None], group: Any) -> None:
        self._safely(lambda: self._distributed.broadcast_object_list([message], src=0, group=group))

    def _safely(self, work: Callable[[], T]) -> T:
        """Says in words that a worker was lost: its connection broke, or it does not answer."""
        try:
            return work()
        except RuntimeError as error:
            raise WorkerLost(
                f"another worker of this training was lost ({reason_line(error)})",
                advice="nothing before the last checkpoint is lost: go on with --resume, with as "
                "many workers as you like",
            ) from None


def buckets(tensors: Sequence[Tensor], most_bytes: int = _BUCKET_BYTES) -> Iterator[list[Tensor]]:
    """Puts tensors of one kind of number together, so that they travel at once.

    Args:
        tensors: Any tensors.
        most_bytes: What goes together at most, unless one tensor is larger.

    Yields:
        Some of them, in their order.

    Example:
        >>> [len(some) for some in buckets([torch.ones(4)] * 5, most_bytes=32)]
        [2, 2, 1]
    """
    bucket: list[Tensor] = []
    size = 0
    for tensor in tensors:
        full = size + tensor.nbytes > most_bytes
        if bucket and (full or tensor.dtype != bucket[0].dtype):
            yield bucket
            bucket, size = [], 0
        bucket.append(tensor)
        size += tensor.nbytes
    if bucket:
        yield bucket


def check_same(world: World, identity: Mapping[str, Any]) -> None:
    """Makes sure that all workers learn the same from the same sounds.

    Args:
        world: The workers.
        identity: What this worker's training depends on.

    Raises:
        TrainingError: When the first worker's depends on something else.

    Example:
        >>> check_same(Alone(), {"seed": 0})
    """
    first = world.told(lambda: dict(identity))
    if first != identity:
        names = [name for name in first if first[name] != identity.get(name)]
        raise TrainingError(
            f"worker {world.rank} and the first one differ in {', '.join(names)}",
            "workers that see the same workspace and the same sounds",
            "put both where all machines find them under the same path",
        )


def check_shared(world: World, batch_size: int, parameters: Sequence[nn.Parameter]) -> None:
    """Makes sure that there is something for every worker.

    Args:
        world: The workers.
        batch_size: Sounds in the smallest batch.
        parameters: What steps change; none where a network is fitted at once.

    Raises:
        UsageError: When there are more workers than sounds, or no steps.

    Example:
        >>> check_shared(Alone(), 1, [])
    """
    if world.size > 1 and not parameters:
        raise UsageError(
            f"{world.size} workers for a network that is fitted at once",
            "one worker",
            "leave the others out: there are no steps that they could share",
        )
    if world.size > batch_size:
        raise UsageError(
            f"{world.size} workers for batches of {batch_size} sounds",
            f"at most {batch_size} workers",
            "take fewer workers, or a larger training.batch_size",
        )
