"""Reads many files on all machines of a Ray cluster, in order, as `pool` does on one."""

import os
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from timbrel.library.arrivals import Job, batched
from timbrel.library.pool import Outcome, Worker
from timbrel.library.rows import Refusal, arrow_facts, outcome_of
from timbrel.library.streaming import check_seen, streamed

if TYPE_CHECKING:
    import pyarrow as pa

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

    Args:
        jobs: Files, which all machines must see under the same path; taken lazily.

    Yields:
        Each with what is in it, in the order asked for.

    Raises:
        LibraryError: When a machine of the cluster does not see a file that is there, or Ray
            itself cannot go on.
    """
    for job, row in streamed(jobs, _paths, Reader):
        outcome = outcome_of(row)
        missing = isinstance(outcome, Refusal) and outcome.kind == "missing"
        check_seen(job.path, there=not missing)
        yield job, outcome


def _paths(jobs: Sequence[Job]) -> "pa.Table":
    import pyarrow as pa

    return pa.table({"path": pa.array([os.fsencode(job.path) for job in jobs], pa.binary())})
