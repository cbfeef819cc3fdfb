"""The front end waveform as a graph."""

import math
from typing import Any

from timbrel.exporting.graphs.phases import Rounds
from timbrel.exporting.graphs.writing import Writer
from timbrel.signal.frontends._codes import REFERENCE_FLOOR


class Samples:
    """Samples scaled to -1..1, companded where wished."""

    side_rows, about_side_rows = 0, ""
    turns_shape: tuple[int, int] | None = None
    rounds = ""

    def __init__(
        self, front_end: Any, *, sample_rate: int, length_samples: int, rounds: Rounds | None
    ) -> None:
        self.front_end = front_end

    def hear(self, write: Writer, sound: str, side: str) -> tuple[str, str]:
        """See `GraphedFrontEnd.hear`."""
        if self.front_end.scaling == "peak":
            top = write.largest(write("Abs", sound), 1)
            reference = write.clipped(top, REFERENCE_FLOOR)
            scaled = write("Div", sound, reference)
        else:
            high = write.largest(sound, 1)
            low = write("Neg", write.largest(write("Neg", sound), 1))
            half = write.number(0.5)
            width = write("Mul", write("Sub", high, low), half)
            reference = write.clipped(width, REFERENCE_FLOOR)
            middle = write("Mul", write("Add", high, low), half)
            centred = write("Div", write("Sub", sound, middle), reference)
            scaled = write.clipped(centred, -1.0, 1.0)
        code = self._companded(write, scaled) if self.front_end.mu else scaled
        flat = write("Squeeze", reference, write.ints(1))
        return write("Unsqueeze", code, write.ints(1)), flat

    def _companded(self, write: Writer, scaled: str) -> str:
        mu = self.front_end.mu
        clipped = write.clipped(scaled, -1.0, 1.0)
        size = write("Mul", write("Abs", clipped), write.number(mu))
        logs = write("Log", write("Add", size, write.number(1.0)))
        return write(
            "Mul", write("Sign", clipped), write("Div", logs, write.number(math.log1p(mu)))
        )

    def play(self, write: Writer, code: str, reference: str, turns: str) -> str:
        """See `GraphedFrontEnd.play`."""
        sound = write.clipped(write("Squeeze", code, write.ints(1)), -1.0, 1.0)
        if self.front_end.mu:
            mu = self.front_end.mu
            size = write("Mul", write("Abs", sound), write.number(math.log1p(mu)))
            grown = write("Sub", write("Exp", size), write.number(1.0))
            sound = write("Mul", write("Sign", sound), write("Div", grown, write.number(mu)))
        if self.front_end.scaling == "min_max":
            middle = write("ReduceMean", sound, write.ints(1), keepdims=1)
            sound = write("Sub", sound, middle)
        return write("Mul", sound, write("Unsqueeze", reference, write.ints(1)))


GRAPH = Samples
