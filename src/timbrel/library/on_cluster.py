"""Reads many files on all machines of a Ray cluster, in order, as `pool` does on one."""

import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from timbrel.errors import LibraryError
from timbrel.library.arrivals import Job, batched
from timbrel.library.pool import Outcome, Worker
from timbrel.library.rows import Refusal, arrow_facts, outcome_of

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")

_TOGETHER = 20_000  # files a pipeline is made for; their paths are all that this process keeps
_BLOCK = 32  # files that one machine reads at a time
_REQUEST = 8


class Reader:
    """Reads files in a process of its own, wherever Ray has put it.

    Example:
        >>> Reader().worker is Reader().worker
        False
    """

    def __init__(self) -> None:
        self.worker = Worker()

    def __call__(self, paths: "pa.Table") -> "pa.Table":
        """Reads some files.

        Args:
            paths: A table with the column ``path``, as bytes.

        Returns:
            A table with what is in each, as `arrow_facts` makes it, in the same order.
        """
        import pyarrow as pa

        named = [Path(os.fsdecode(path)) for path in paths["path"].to_pylist()]
        parts = [self.worker.analyse(some) for some in batched(named, _REQUEST)]
        return pa.concat_tables([arrow_facts(part) for part in parts])


def analyse_all(jobs: Iterable[Job]) -> Generator[tuple[Job, Outcome], None, None]:
    """Reads files on the cluster that Ray is connected to; see `timbrel.library.pool.analyse_all`.

    Blocks of files stream through the cluster, a few at a time, so that neither this process nor
    any other keeps more than a few thousand rows. A reader that is lost is started again elsewhere
    and reads its block once more.

    Args:
        jobs: Files, which all machines must see under the same path; taken lazily.

    Yields:
        Each with what is in it, in the order asked for.

    Raises:
        LibraryError: When a machine of the cluster does not see a file that is there, or Ray
            itself cannot go on.
    """
    for some in batched(jobs, _TOGETHER):
        for job, outcome in zip(some, _outcomes(some), strict=True):
            _check_seen(job, outcome)
            yield job, outcome


def _outcomes(jobs: Sequence[Job]) -> Iterator[Outcome]:
    import pyarrow as pa
    from ray import data

    blocks = [
        pa.table({"path": pa.array([os.fsencode(job.path) for job in some], pa.binary())})
        for some in batched(jobs, _BLOCK)
    ]
    readers = min(len(blocks), processors())
    pipeline: Any = data.from_arrow(blocks).map_batches(
        Reader,
        batch_size=None,
        batch_format="pyarrow",
        compute=data.ActorPoolStrategy(min_size=1, max_size=readers),
        num_cpus=1,
    )
    for table in in_words(pipeline.iter_batches(batch_size=None, batch_format="pyarrow")):
        yield from (outcome_of(record) for record in table.to_pylist())


def in_words(tables: Iterable[T]) -> Iterator[T]:
    """Says in words what goes wrong on the cluster itself, such as a lost machine.

    Args:
        tables: What comes from the cluster, taken lazily.

    Yields:
        The same.

    Raises:
        LibraryError: When Ray raises an error of its own.

    Example:
        >>> list(in_words([1, 2]))
        [1, 2]
    """
    from ray.exceptions import RayError

    try:
        yield from tables
    except RayError as error:
        raise LibraryError(
            f"the cluster could not go on ({_last_line(error)})",
            advice="see that all its machines run, have memory enough and see the workspace and "
            "the sounds under the same path, and give the command again",
        ) from None


def _last_line(error: BaseException) -> str:
    """What an error came from: the last line of what Ray tells, of our own errors where it can."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    ours = [line.partition(": ")[2] for line in lines if line.startswith("timbrel.errors.")]
    return [type(error).__name__, *lines, *ours][-1].rstrip(".")[:200]


def processors() -> int:
    """Counts the processors of the cluster that Ray is connected to.

    Returns:
        1 or more.
    """
    ray: Any = import_module("ray")
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def keep_order() -> None:
    """Readies Ray Data: results come in the order of the files, and nothing is drawn or logged."""
    import logging

    from ray import data

    context = data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # errors are raised: see `in_words`


def _check_seen(job: Job, outcome: Outcome) -> None:
    """A file that only another machine misses is no fault of the file."""
    unseen = isinstance(outcome, Refusal) and outcome.kind == "missing"
    if unseen and job.path.exists():
        raise LibraryError(
            f"a machine of the cluster does not see {job.path}",
            "sounds that all machines find under the same path",
            "put them on a disk that all machines share",
        )
