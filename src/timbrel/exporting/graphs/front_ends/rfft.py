"""The front end rfft as a graph."""

from typing import Any

import numpy as np

from timbrel.exporting.graphs.fourier import Fourier
from timbrel.exporting.graphs.phases import Rounds
from timbrel.exporting.graphs.writing import Writer
from timbrel.signal.frontends._codes import REFERENCE_FLOOR
from timbrel.signal.frontends.rfft import LARGEST_RAW


class Coefficients:
    """Segments as the values of their Fourier transforms; see `timbrel.signal.frontends.rfft`."""

    side_rows, about_side_rows = 0, ""
    turns_shape: tuple[int, int] | None = None
    rounds = ""

    def __init__(
        self, front_end: Any, *, sample_rate: int, length_samples: int, rounds: Rounds | None
    ) -> None:
        self.front_end, self.length = front_end, length_samples
        self.segment = int(front_end.segment_samples)
        self.count = -(-length_samples // self.segment)
        self.fourier = Fourier(self.segment)

    def hear(self, write: Writer, sound: str, side: str) -> tuple[str, str]:
        """See `GraphedFrontEnd.hear`."""
        missing = self.count * self.segment - self.length
        padded = write("Pad", sound, write.ints(0, 0, 0, missing))
        segments = write.reshaped(padded, 0, self.count, self.segment)
        parts = self.fourier.forward(write, segments)
        both = [self.fourier.ordered(write, part) for part in parts]
        joined = write("Concat", *both, axis=2)  # all real parts, then all imaginary ones
        values = write("Gather", joined, write.constant(self._places()), axis=2)
        largest = write.largest(write("Abs", values), 1, 2)
        if self.front_end.relative:
            reference = write.clipped(largest, REFERENCE_FLOOR)
        else:
            reference = write.clipped(write("Div", largest, write.number(LARGEST_RAW)), 1.0)
        code = write("Transpose", write("Div", values, reference), perm=[0, 2, 1])
        return code, write("Squeeze", reference, write.ints(1, 2))

    def _places(self) -> Any:
        """Where the values of a column stand among all real and then all imaginary parts."""
        bins = self.fourier.bins
        places = [number // 2 + (number % 2) * bins for number in range(self.segment + 1)]
        places[1] = places[self.segment]
        return np.array(places[: self.segment], np.int64)

    def play(self, write: Writer, code: str, reference: str, turns: str) -> str:
        """See `GraphedFrontEnd.play`."""
        values = write("Transpose", code, perm=[0, 2, 1])
        if self.front_end.relative:
            values = write.clipped(values, -1.0, 1.0)
        real, imaginary = (self._part(write, values, odd) for odd in (False, True))
        tables = [self.fourier.tabled(write, part) for part in (real, imaginary)]
        segments = self.fourier.inverse(write, *tables)
        sound = write.cut(write("Flatten", segments, axis=1), 0, self.length, axis=1)
        return write("Mul", sound, write("Unsqueeze", reference, write.ints(1)))

    def _part(self, write: Writer, values: str, odd: bool) -> str:
        """The real or the imaginary parts of all bins, from the values of a column."""
        wanted, last = self._places().tolist(), self.fourier.bins
        index = {place: number for number, place in enumerate(wanted)}
        places = [index.get(number + last * odd, -1) for number in range(last)]
        found = write("Gather", values, write.constant(np.maximum(places, 0)), axis=2)
        known = np.array([place >= 0 for place in places], np.float32)
        return write("Mul", found, write.constant(known))


GRAPH = Coefficients
