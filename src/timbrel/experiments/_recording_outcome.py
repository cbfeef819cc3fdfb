"""All that the experiment about one recording measured, put together over recordings."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from timbrel.evaluation.statistics import mean_interval
from timbrel.experiments._contrasts import Contrast, Variable, mean_of, student_interval
from timbrel.experiments._findings import NOTHING, Cell, of
from timbrel.experiments._long_form_arms import Arm
from timbrel.experiments._recording_options import OneRecordingOptions

Rows = Mapping[str, Mapping[str, Sequence[float]]]  # row -> number's key -> one value a draw
LIMITS = {  # what numbers cannot exceed, and so no interval shows
    **dict.fromkeys(("novelty", "copy_ratio", "mixing", "click beyond", "level beyond"), (0, 1)),
    **dict.fromkeys(("click rank", "level rank"), (0, 100)),
    **dict.fromkeys(("unlikeness", "longest_run_s", "mean_run_s"), (0, math.inf)),
}
IN_PER_CENT = ("copy_ratio", "mixing", "click beyond", "level beyond")


@dataclass(frozen=True)
class Outcome:
    """All that was measured.

    Attributes:
        options: How much was done.
        arms: The instruments' recipes.
        takes: Names of the recordings.
        parts: Part to recording to its rows.
        said: Recording to what is said of its pieces.
        trainings: Recipe to the summaries of its trainings.
        failed: Who (an instrument and what of it was asked) and which recording to why it was not
            done.
        seed: Seed of intervals.
    """

    options: OneRecordingOptions
    arms: tuple[Arm, ...]
    takes: tuple[str, ...]
    parts: Mapping[str, Mapping[str, Rows]]
    said: Mapping[str, Sequence[str]]
    trainings: Mapping[str, Sequence[Mapping[str, object]]]
    failed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    seed: int = 0

    def rows(self, part: str) -> list[str]:
        """Names the rows of a part: the instruments first.

        Args:
            part: Such as "holes".

        Returns:
            Names of rows.
        """
        known = dict.fromkeys(row for rows in self.parts.get(part, {}).values() for row in rows)
        first = [arm.title for arm in self.arms if arm.title in known]
        return first + [row for row in known if row not in first]

    def means(self, part: str, row: str, key: str) -> dict[str, float]:
        """Gives one number of a row, recording by recording.

        Args:
            part: Such as "holes".
            row: Its name.
            key: The number.

        Returns:
            Recording to the mean over draws, where it is defined.
        """
        found = {
            take: mean_of(rows[row].get(key, []))
            for take, rows in self.parts.get(part, {}).items()
            if row in rows
        }
        return {take: value for take, value in found.items() if math.isfinite(value)}

    def cell(self, part: str, row: str, key: str) -> Cell:
        """Makes a cell of one number of a row over all recordings.

        Args:
            part: Such as "holes".
            row: Its name.
            key: The number.

        Returns:
            The mean with its interval; empty where it is not defined.
        """
        means = list(self.means(part, row, key).values())
        if not means:
            return NOTHING
        if len(means) > 1:
            return _shown(of(student_interval(means)), key)
        ((_, rows),) = [(t, r) for t, r in self.parts[part].items() if row in r][:1]
        drawn = [value for value in rows[row][key] if math.isfinite(value)]
        return drawn_cell(drawn, key, seed=self.seed)

    def contrast(self, part: str, rows: tuple[str, str], variable: Variable) -> Contrast | None:
        """Says how far one row is from another, recording by recording.

        Args:
            part: Such as "holes".
            rows: The row to compare with, and the one that is compared.
            variable: The number.

        Returns:
            The difference; None where no recording has both.
        """
        one, other = (self.means(part, row, variable.key) for row in rows)
        shared = [take for take in one if take in other]
        if not shared:
            return None
        if len(shared) > 1:
            apart, basis = [other[take] - one[take] for take in shared], "recordings"
        else:
            told = self.parts[part][shared[0]]
            apart = draws_apart(*(told[row][variable.key] for row in rows))
            basis = "draw of one recording" if len(apart) == 1 else "draws of one recording"
        return Contrast(student_interval(apart), f"{len(apart)} {basis}", variable)


def draws_apart(one: Sequence[float], other: Sequence[float]) -> list[float]:
    """Says how far draws of one recording are from others, draw by draw.

    Args:
        one: Some draws, or one for all.
        other: As many draws, or one for all.

    Returns:
        The differences.

    Example:
        >>> draws_apart([1.0], [2.0, 4.0])
        [1.0, 3.0]
    """
    first, second = (np.asarray(values, np.float64) for values in (one, other))
    return [float(value) for value in second - first]


def drawn_cell(values: Sequence[float], key: str, *, seed: int) -> Cell:
    """Makes a cell of draws of one recording.

    Args:
        values: Finite numbers.
        key: Which number they are.
        seed: Seed of the bootstrap.

    Returns:
        Their mean, with an interval where there are two or more; empty where there is none.
    """
    if not values:
        return NOTHING
    if len(values) == 1:
        return _shown(Cell(float(values[0]), count=1), key)
    return _shown(of(mean_interval(values, seed=seed)), key)


def _shown(cell: Cell, key: str) -> Cell:
    """A cell whose interval holds nothing impossible, shares in per cent."""
    low, high = LIMITS.get(key, (-math.inf, math.inf))
    scale = 100 if key in IN_PER_CENT else 1

    def scaled(value: float | None) -> float | None:
        return None if value is None else scale * float(np.clip(value, low, high))

    return Cell(scaled(cell.value), scaled(cell.low), scaled(cell.high), cell.count)
