r"""The Fourier transform of real segments as products of matrices, in real arithmetic alone.

Runtimes outside of Python often know no complex numbers and no fast transform, but all of them
multiply matrices, and quickly. A segment of ``n = a * b`` samples is taken as a table of a rows
and b columns; its transform is one product along each, with a turn of each cell between::

    segment [a, b] -- product along rows --> [a, b] -- turns --> -- along columns --> [a, b / 2 + 1]

which is ``n * (a + b)`` products where the whole matrix would take ``n * n / 2``. What stands in
row i and column j of the result belongs to bin ``i + a * j``.
"""

import math
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from timbrel.exporting.graphs.writing import Writer

Pair = tuple[str, str]


class Fourier:
    """The transform of one length.

    Args:
        length: Samples n of a segment.

    Source:
        Cooley & Tukey 1965; in two steps as Bailey 1990, "FFTs in external or hierarchical
        memory".

    Example:
        >>> fourier = Fourier(1024)
        >>> fourier.high, fourier.wide, fourier.bins
        (32, 32, 513)
    """

    def __init__(self, length: int) -> None:
        self.length, self.bins = length, length // 2 + 1
        self.high = max(a for a in range(1, math.isqrt(length) + 1) if length % a == 0)
        self.wide = length // self.high
        self.half = self.wide // 2 + 1

    def forward(self, write: Writer, segments: str) -> Pair:
        """Transforms segments.

        Args:
            write: The graph.
            segments: [B, N, n].

        Returns:
            Real and imaginary parts as tables, [B, N, a, b // 2 + 1].
        """
        table = write.reshaped(segments, 0, 0, self.high, self.wide)
        both = write("MatMul", write.constant(self._along_rows), table)
        real, imaginary = self._parted(write, both, self.high, axis=2)
        turned = self._turned(write, (real, imaginary), backwards=False)
        joined = write("Concat", *turned, axis=3)
        both = write("MatMul", joined, write.constant(self._along_columns))
        return self._parted(write, both, self.half, axis=3)

    def inverse(self, write: Writer, real: str, imaginary: str) -> str:
        """Turns tables of spectra [B, N, a, b // 2 + 1] back into segments [B, N, n]."""
        joined = write("Concat", real, imaginary, axis=3)
        counted = write("Mul", joined, write.constant(self._counted))
        both = write("MatMul", counted, write.constant(self._columns_back))
        parts = self._parted(write, both, self.wide, axis=3)
        turned = self._turned(write, parts, backwards=True)
        stacked = write("Concat", *turned, axis=2)
        table = write("MatMul", write.constant(self._rows_back), stacked)
        return write.reshaped(table, 0, 0, self.length)

    def ordered(self, write: Writer, table: str) -> str:
        """Puts a table's values in the order of bins, [B, N, a, b'] -> [B, N, n // 2 + 1]."""
        bins = np.arange(self.bins)
        place = bins % self.high * self.half + bins // self.high
        flat = write.reshaped(table, 0, 0, self.high * self.half)
        return write("Gather", flat, write.constant(place.astype(np.int64)), axis=2)

    def tabled(self, write: Writer, values: str) -> str:
        """Puts values of bins into tables, [B, N, n // 2 + 1] -> [B, N, a, b']."""
        cell = np.minimum(self._cells, self.bins - 1).ravel().astype(np.int64)
        flat = write("Gather", values, write.constant(cell), axis=2)
        return write.reshaped(flat, 0, 0, self.high, self.half)

    def _parted(self, write: Writer, both: str, first: int, axis: int) -> Pair:
        return write.cut(both, 0, first, axis), write.cut(both, first, 2 * first, axis)

    def _turned(self, write: Writer, pair: Pair, *, backwards: bool) -> Pair:
        """Turns each cell by its place, or back."""
        real, imaginary = pair
        turns = _turn(np.outer(np.arange(self.high), np.arange(self.wide)), self.length)
        cosine, sine = write.constant(_f32(turns.real)), write.constant(_f32(turns.imag))
        first, second = ("Add", "Sub") if backwards else ("Sub", "Add")
        straight = write("Mul", real, cosine), write("Mul", imaginary, sine)
        crossed = write("Mul", imaginary, cosine), write("Mul", real, sine)
        return write(first, *straight), write(second, *crossed)

    @property
    def _cells(self) -> NDArray[np.int64]:
        return np.arange(self.high)[:, None] + self.high * np.arange(self.half)

    @cached_property
    def _along_rows(self) -> NDArray[np.float32]:
        rows = _turn(np.outer(np.arange(self.high), np.arange(self.high)), self.high)
        return _f32(np.concatenate([rows.real, rows.imag]))

    @cached_property
    def _rows_back(self) -> NDArray[np.float32]:
        rows = _turn(-np.outer(np.arange(self.high), np.arange(self.high)), self.high)
        return _f32(np.concatenate([rows.real, -rows.imag], axis=1))

    @cached_property
    def _along_columns(self) -> NDArray[np.float32]:
        return _as_real(_turn(np.outer(np.arange(self.wide), np.arange(self.half)), self.wide))

    @cached_property
    def _columns_back(self) -> NDArray[np.float32]:
        return _as_real(_turn(-np.outer(np.arange(self.half), np.arange(self.wide)), self.wide))

    @cached_property
    def _counted(self) -> NDArray[np.float32]:
        """How often each cell counts in the inverse: twice, for the negative frequency too."""
        twice = 2 * self._cells
        share = np.where((twice == 0) | (twice == self.length), 1.0, 2.0) / self.length
        share = np.where(twice > self.length, 0.0, share)
        return _f32(np.concatenate([share, share], axis=1))


def _turn(steps: NDArray[Any], of: int) -> NDArray[np.complex128]:
    """Turns of -2 pi / of a step."""
    return np.exp(-2j * np.pi * (steps % of) / of)


def _as_real(matrix: NDArray[np.complex128]) -> NDArray[np.float32]:
    """A complex matrix [P, Q] as a real one [2 P, 2 Q], for real and imaginary parts in a row."""
    above = np.concatenate([matrix.real, matrix.imag], axis=1)
    return _f32(np.concatenate([above, np.concatenate([-matrix.imag, matrix.real], axis=1)]))


def _f32(values: NDArray[Any]) -> NDArray[np.float32]:
    return values.astype(np.float32)
