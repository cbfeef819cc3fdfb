"""Indices of ids and contents, by which a scan of a large library finds copies without reading it.

Each batch that a scan writes asks which of its ids and contents are there already. Without an index
the database looks through all rows for that: 0.3 s of a million, for each 256 files, so that what
is asked in all grows with the square of the library.
"""

from collections.abc import Sequence
from typing import Any

LOOKED_UP_FROM = 50_000  # rows; below, looking through all takes some milliseconds

_COLUMNS = ("id", "content_hash")


def keep(table: Any, *, least: int = LOOKED_UP_FROM) -> None:
    """Makes the indices where the table has grown enough for them and has none.

    Rows that come later are looked through until the table is compacted, which takes them in.
    A killed process leaves the table as it was.

    Args:
        table: The open table.
        least: From how many rows on there shall be indices.
    """
    if table.count_rows() < least:
        return
    from lancedb.index import BTree

    ensure(table, _COLUMNS, BTree())


def ensure(table: Any, columns: Sequence[str], config: Any) -> None:
    """Makes the index of each column that has none.

    Args:
        table: The open table.
        columns: The columns.
        config: The kind of index, as the database describes it.
    """
    there = {column for one in table.list_indices() for column in one.columns}
    for column in columns:
        if column not in there:
            table.create_index(column, config=config, name=f"{column}_index")
