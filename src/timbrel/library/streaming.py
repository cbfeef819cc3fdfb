"""Streams work of any length through all machines of a Ray cluster, in order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from timbrel.errors import LibraryError
from timbrel.library.arrivals import batched

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")

_TOGETHER = 20_000  # items a pipeline is made for; they are all that this process keeps
_BLOCK = 32  # items that one machine works at a time


def streamed(
    items: Iterable[T],
    table_of: Callable[[Sequence[T]], "pa.Table"],
    worker: type,
    given: Sequence[object] = (),
) -> Iterator[tuple[T, dict[str, Any]]]:
    """Has work done on the cluster that Ray is connected to.

    Blocks of items stream through the cluster, a few at a time, so that neither this process nor
    any other keeps more than a few thousand rows. A worker that is lost is started again elsewhere
    and does its block once more.

    Args:
        items: What to work on; taken lazily.
        table_of: Makes the table that a worker gets of some items.
        worker: A class whose objects take such a table and give one with a row for each of its
            rows, in their order. Ray makes one object a processor.
        given: What its objects are made with.

    Yields:
        Each item with its row, in the order asked for.

    Raises:
        LibraryError: When Ray itself cannot go on.
    """
    _keep_order()
    for some in batched(items, _TOGETHER):
        blocks = [table_of(part) for part in batched(some, _BLOCK)]
        yield from zip(some, _rows(blocks, worker, given), strict=True)


def _rows(
    blocks: "Sequence[pa.Table]", worker: type, given: Sequence[object]
) -> Iterator[dict[str, Any]]:
    from ray import data

    pipeline: Any = data.from_arrow(list(blocks)).map_batches(
        worker,
        fn_constructor_args=tuple(given),
        batch_size=None,
        batch_format="pyarrow",
        compute=data.ActorPoolStrategy(min_size=1, max_size=min(len(blocks), _processors())),
        num_cpus=1,
    )
    for table in in_words(pipeline.iter_batches(batch_size=None, batch_format="pyarrow")):
        yield from table.to_pylist()


def _keep_order() -> None:
    """Readies Ray Data: results come in the order of the items, and nothing is drawn or logged."""
    import logging

    from ray import data

    context = data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # errors are raised: see `in_words`


def _processors() -> int:
    """Counts the processors of the cluster, 1 or more."""
    ray: Any = import_module("ray")
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


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


def check_seen(path: Path, *, there: bool) -> None:
    """Makes sure that a file which only another machine misses is not taken for a missing one.

    Args:
        path: The file.
        there: Whether the machine that was to read it sees it.

    Raises:
        LibraryError: When that machine does not see it and this one does.

    Example:
        >>> check_seen(Path("nowhere.wav"), there=False)
    """
    if not there and path.exists():
        raise LibraryError(
            f"a machine of the cluster does not see {path}",
            "sounds that all machines find under the same path",
            "put them on a disk that all machines share",
        )
