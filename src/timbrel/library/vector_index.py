"""The catalogue's own index of the features: made for large libraries, kept valid as they grow.

It parts the sounds by their features into cells of some two thousand, and keeps a byte a feature. A
search looks into the nearest cells only, and compares the likeliest exactly. The database is told
how large cells are meant to be, and not how many: whenever the table is compacted it joins cells
that are much smaller than it believes they should be, and badly (recall fell from 0.99 to 0.75).
Cells are drawn anew when the library has grown to four times what they were drawn for; sounds
added since then are put into the cells that there are whenever the table is compacted, and until
then a search compares them all.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from timbrel.library.lookup_index import ensure

INDEXED_FROM = 100_000  # sounds; below, comparing all of them takes some milliseconds
LEAST = 1000  # sounds, for there must be enough in a cell
CELLS_SEARCHED = 8
REFINED = 16  # times as many sounds as are asked for are compared by their exact features

_PREFIX = "features_of_"
_GROWN = 4
_CELL = 2048  # sounds
_LEAST_CELLS = 4
_SAMPLED = 256  # sounds a cell, from which the cells are drawn
_TURNS = 20
_FEATURES = "features"
_TAGS = ("kind", "label")


@dataclass(frozen=True)
class Indexed:
    """The index of a table.

    Attributes:
        name: What the database calls it.
        drawn_for: How many sounds there were when its cells were drawn.
        within: How many rows it holds.
        without: How many rows it does not hold yet; a search compares them all.
    """

    name: str
    drawn_for: int
    within: int
    without: int


def index_of(table: Any) -> Indexed | None:
    """Tells of the index of a table.

    Args:
        table: The open table.

    Returns:
        What there is to know, or None where there is no index.
    """
    drawn_for = max(map(_drawn_for, _names(table)), default=0)
    name = f"{_PREFIX}{drawn_for}"
    facts = table.index_stats(name) if drawn_for else None
    if facts is None:
        return None
    return Indexed(name, drawn_for, facts.num_indexed_rows, facts.num_unindexed_rows)


def _names(table: Any) -> list[str]:
    """One, or two where a process was killed between making the new one and dropping the old."""
    return [one.name for one in table.list_indices() if one.name.startswith(_PREFIX)]


def _drawn_for(name: str) -> int:
    return int(name.removeprefix(_PREFIX))


def is_due(sounds: int, index: Indexed | None, least: int) -> bool:
    """Decides whether the cells must be drawn, for the first time or anew.

    Args:
        sounds: How many the library has.
        index: The index there is.
        least: From how many sounds on there shall be one.

    Returns:
        Whether they must.

    Example:
        >>> is_due(99_999, None, 100_000), is_due(100_000, None, 100_000)
        (False, True)
        >>> old = Indexed("features_of_100000", 100_000, 300_000, 0)
        >>> is_due(300_000, old, 100_000), is_due(400_000, old, 100_000)
        (False, True)
    """
    if sounds < max(least, LEAST):
        return False
    return index is None or sounds >= _GROWN * index.drawn_for


def build(table: Any, sounds: int) -> None:
    """Draws the cells and puts every sound into one; searches use the old ones meanwhile.

    A killed process leaves the table as it was.

    Args:
        table: The open table.
        sounds: How many sounds it has.
    """
    from lancedb.index import Bitmap, IvfSq

    ensure(table, _TAGS, Bitmap())
    cells = IvfSq(
        target_partition_size=min(_CELL, sounds // _LEAST_CELLS),
        sample_rate=_SAMPLED,
        max_iterations=_TURNS,
    )
    name = f"{_PREFIX}{sounds}"
    table.create_index(_FEATURES, config=cells, replace=True, name=name)
    for old in table.list_indices():
        if old.columns == [_FEATURES] and old.name != name:
            table.drop_index(old.name)


def drop(table: Any) -> None:
    """Removes the index, of a library that has become small.

    Args:
        table: The open table.
    """
    for one in table.list_indices():
        if {*one.columns} <= {_FEATURES, *_TAGS}:
            table.drop_index(one.name)


def near(
    table: Any,
    vector: NDArray[np.float32],
    *,
    count: int,
    where: str,
    cells: int = CELLS_SEARCHED,
    refined: int = REFINED,
) -> Any:
    """Finds the rows whose features are nearest to some, by their exact distances.

    Args:
        table: The open table.
        vector: The features, [D].
        count: How many at most.
        where: An SQL condition on the rows.
        cells: How many cells are searched, at least.
        refined: How many times as many sounds are compared by their exact features.

    Returns:
        A `pyarrow.Table` of whole rows, nearest first.
    """
    cells = max(cells, 2 * count * refined // _CELL)  # so that many are not sought in few
    within = _search(table, vector, where, cells, refined).limit(count).to_arrow()
    if within.num_rows == count:
        return within
    # These cells hold fewer of them. To let a search choose from the start how far it goes would
    # make it look into most cells each time.
    wider = _search(table, vector, where, cells, refined).maximum_nprobes(0)
    return wider.limit(count).to_arrow()


def _search(table: Any, vector: NDArray[np.float32], where: str, cells: int, refined: int) -> Any:
    search = table.search(vector, vector_column_name=_FEATURES).where(where, prefilter=True)
    return search.nprobes(cells).refine_factor(refined)
