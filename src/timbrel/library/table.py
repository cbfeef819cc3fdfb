"""The library as a table: some columns of every sound in memory, searched by words and sorted.

One row takes some 150 bytes, so a library of a million sounds fits; features stay on disk.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from timbrel.errors import UnknownNameError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from timbrel.library.catalogue import Catalogue

COLUMNS = (
    "id", "path", "label", "group_name", "duration_s", "sample_rate", "channels", "format",
    "peak_db", "loudness_lufs", "pitch_semitones",
)  # fmt: skip
ORDERS = {
    "name": "name", "folder": "folder", "label": "label", "group": "group_name",
    "duration_s": "duration_s", "pitch_semitones": "pitch_semitones",
    "loudness_lufs": "loudness_lufs", "peak_db": "peak_db", "sample_rate": "sample_rate",
    "format": "format",
}  # fmt: skip


class Table:
    """The sounds of a library at one moment; make it anew when the catalogue's version changes.

    Args:
        catalogue: The library.
    """

    def __init__(self, catalogue: "Catalogue") -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        self.version = catalogue.version
        batches = list(catalogue.batches(COLUMNS, "kind = ''"))
        schema = batches[0].schema if batches else _empty_schema()
        rows = pa.Table.from_batches(batches, schema=schema)
        parts = pc.extract_regex(rows["path"], r"(?s)^(?P<folder>.*?)[/\\\\]?(?P<name>[^/\\\\]*)$")
        for column in ("folder", "name"):
            rows = rows.append_column(column, pc.struct_field(parts, column))
        self._rows = rows

    def __len__(self) -> int:
        """How many sounds there are."""
        return int(self._rows.num_rows)

    def find(self, *, words: str = "", label: str | None = None) -> "NDArray[np.int64]":
        """Finds sounds.

        Args:
            words: All of these must stand in the path, label or group, in any order and case.
            label: Only sounds of this label; "" for those without one.

        Returns:
            The numbers of their rows.

        Raises:
            UnknownNameError: When no sound has the label.
        """
        found = np.ones(len(self), dtype=bool)
        for word in words.split():
            found &= self._holding(word)
        if label is not None:
            labels = self._texts("label")
            if label and label not in self.labels:
                raise UnknownNameError("label", label, [name for name in self.labels if name])
            found &= labels == label
        return np.flatnonzero(found)

    def ordered(
        self, rows: "NDArray[np.int64]", order: str = "name", *, down: bool = False
    ) -> "NDArray[np.int64]":
        """Puts rows in an order; what is unknown comes last, and equal ones by their paths.

        Args:
            rows: Numbers of rows.
            order: A key of `ORDERS`.
            down: Whether the largest comes first.

        Returns:
            The same numbers.

        Raises:
            UnknownNameError: When there is no such column.
        """
        if order not in ORDERS:
            raise UnknownNameError("order", order, ORDERS)
        ranks = self._ranks(ORDERS[order], down)
        return rows[np.argsort(ranks[rows], kind="stable")]

    def records(self, rows: "NDArray[np.int64] | Sequence[int]") -> list[dict[str, Any]]:
        """Gives rows as dictionaries.

        Args:
            rows: Numbers of rows.

        Returns:
            Column name -> value.
        """
        found: list[dict[str, Any]] = self._rows.take(np.asarray(rows, np.int64)).to_pylist()
        return found

    def ids(self, rows: "NDArray[np.int64]") -> list[str]:
        """Gives the ids of rows.

        Args:
            rows: Numbers of rows.

        Returns:
            Their ids.
        """
        found: list[str] = self._rows["id"].take(rows).to_pylist()
        return found

    def row(self, id_: str) -> int | None:
        """Finds the row of a sound.

        Args:
            id_: Its id.

        Returns:
            Its number; None where the library does not know it.
        """
        return self._places.get(id_)

    @cached_property
    def labels(self) -> set[str]:
        """The labels there are, "" among them where a sound has none."""
        return set(self._rows["label"].unique().to_pylist())

    @cached_property
    def _places(self) -> dict[str, int]:
        return {id_: row for row, id_ in enumerate(self._rows["id"].to_pylist())}

    def _texts(self, column: str) -> "NDArray[Any]":
        texts: NDArray[Any] = self._rows[column].to_numpy(zero_copy_only=False)
        return texts

    def _holding(self, word: str) -> "NDArray[np.bool_]":
        import pyarrow as pa
        import pyarrow.compute as pc

        wanted = _folded(pa.scalar(word)).as_py()
        found = np.zeros(len(self), dtype=bool)
        for column in ("path", "label", "group_name"):
            holds = pc.match_substring(_folded(self._rows[column]), wanted)
            found |= holds.to_numpy(zero_copy_only=False).astype(bool)
        return found

    def _ranks(self, column: str, down: bool) -> "NDArray[np.int64]":
        import pyarrow.compute as pc

        way = "descending" if down else "ascending"
        keys = [(column, way), ("path", "ascending")]
        order = pc.sort_indices(self._rows, sort_keys=keys)  # nulls come last
        ranks = np.empty(len(self), dtype=np.int64)
        ranks[order.to_numpy()] = np.arange(len(self))
        return ranks


def _folded(texts: Any) -> Any:
    """Without case, and composed: some systems write an umlaut as two letters."""
    import pyarrow.compute as pc

    return pc.utf8_lower(pc.utf8_normalize(texts, form="NFC"))


def _empty_schema() -> Any:
    from timbrel.library.rows import schema

    whole = schema()
    return whole.empty_table().select(list(COLUMNS)).schema
