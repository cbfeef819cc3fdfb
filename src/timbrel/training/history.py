"""The history of a training: a row per validation, as CSV and, where installed, TensorBoard."""

import csv
import io
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from timbrel import atomic

Row = dict[str, Any]

LEADING = (
    "step",
    "seconds",
    "epoch",
    "event",
    "learning_rate",
    "steps_per_s",
    "train_loss",
    "validation_loss",
)


class History:
    """Rows of a training, kept in memory and appended to ``history.csv``.

    Args:
        folder: The training's folder.
        keep_rows: How many rows of an earlier run are kept; those after the last checkpoint were
            lost with the steps they tell of.
        on_disk: Whether they are written down; only the first of several workers does so.
    """

    def __init__(self, folder: Path, *, keep_rows: int = 0, on_disk: bool = True) -> None:
        self.rows: list[Row] = []
        self._board, self._on_disk = None, on_disk
        if on_disk:
            self._open(folder, keep_rows)

    def _open(self, folder: Path, keep_rows: int) -> None:
        self.path = folder / "history.csv"
        self.rows = read(self.path)[:keep_rows] if keep_rows else []
        self._columns: list[str] = list(self.rows[0]) if self.rows else []
        self._board = _board(folder / "tensorboard", self.rows[-1]["step"] if self.rows else None)
        folder.mkdir(parents=True, exist_ok=True)
        if self.rows:
            self._rewrite()
        else:
            self.path.unlink(missing_ok=True)

    def add(self, row: Mapping[str, Any]) -> None:
        """Adds a row and writes it down.

        Args:
            row: Values by column. ``step`` must be there; the leading columns come first.
        """
        complete: Row = {name: row.get(name, "") for name in LEADING} | dict(row)
        self.rows.append(complete)
        if self._on_disk:
            self._write(complete)

    def _write(self, complete: Row) -> None:
        if set(complete) <= set(self._columns):
            with self.path.open("a", encoding="utf-8", newline="") as file:
                file.write(_as_csv([complete], self._columns))
        else:
            self._columns += [name for name in complete if name not in self._columns]
            self._rewrite()
        self._show(complete)

    def _rewrite(self) -> None:
        atomic.write_text(
            self.path, ",".join(self._columns) + "\n" + _as_csv(self.rows, self._columns)
        )

    def _show(self, row: Row) -> None:
        if self._board is None:
            return
        for name, value in row.items():
            if isinstance(value, float):
                self._board.add_scalar(name, value, row["step"])

    def close(self) -> None:
        """Closes what is open."""
        if self._board is not None:
            self._board.close()


def _as_csv(rows: Iterable[Row], columns: list[str]) -> str:
    text = io.StringIO()
    csv.DictWriter(text, columns, restval="", lineterminator="\n").writerows(rows)
    return text.getvalue()


def read(path: Path) -> list[Row]:
    """Reads a history file; a last line that was cut off is left out.

    Args:
        path: A ``history.csv``.

    Returns:
        Rows with numbers where the file has numbers; empty where there is no file.
    """
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8", errors="replace")
    whole = text[: text.rfind("\n") + 1]
    rows = [{k: _value(v) for k, v in row.items()} for row in csv.DictReader(io.StringIO(whole))]
    return [row for row in rows if isinstance(row.get("step"), int)]


def _value(text: str | None) -> Any:
    for kind in (int, float):
        with suppress(ValueError, TypeError):
            return kind(text or "")
    return text or ""


def _board(folder: Path, last_step: int | None) -> Any:
    """Opens TensorBoard's writer where the package is installed (the extra `train`)."""
    if find_spec("tensorboard") is None:
        return None
    from torch.utils.tensorboard import SummaryWriter

    purge_step = None if last_step is None else last_step + 1
    return SummaryWriter(str(folder), purge_step=purge_step)
