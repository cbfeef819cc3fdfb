"""What spectral front ends share as graphs: decibels below the loudest cell, and back."""

import math
from typing import Any

from timbrel.exporting.graphs.frames import Framing
from timbrel.exporting.graphs.phases import Rounds
from timbrel.exporting.graphs.writing import Writer
from timbrel.signal.frontends._codes import REFERENCE_FLOOR


class Magnitudes:
    """Every bin of a spectrogram in dB below its maximum; others squeeze and spread the bins.

    Args:
        front_end: The front end.
        sample_rate: Rate in Hz.
        length_samples: Length T of sounds.
        rounds: How phases are found.
    """

    side_rows = 0
    about_side_rows = ""

    def __init__(
        self, front_end: Any, *, sample_rate: int, length_samples: int, rounds: Rounds
    ) -> None:
        self.front_end, self._rounds = front_end, rounds
        self.framing = Framing(front_end.frames, length_samples)
        self.turns_shape = self.framing.count, front_end.frames.bins
        self.rounds = f"{rounds.iterations} rounds of fast Griffin-Lim from the phases `turns`"

    def squeezed(self, write: Writer, power: str) -> str:
        """Power of bins to power of the code's rows, [B, N, F] -> [B, N, F']."""
        return power

    def spread(self, write: Writer, power: str) -> str:
        """Inverts `squeezed`."""
        return power

    def hear(self, write: Writer, sound: str, side: str) -> tuple[str, str]:
        """See `GraphedFrontEnd.hear`."""
        return self._heard(write, sound)

    def white(self, write: Writer, sound: str) -> str:
        """Encodes noise [B, T] for a grain, [B, F, N]; what is not heard of it is 0."""
        return self._heard(write, sound)[0]

    def _heard(self, write: Writer, sound: str) -> tuple[str, str]:
        power = self.squeezed(write, self.framing.power(write, sound))
        top = write("Sqrt", write.largest(power, 1, 2))
        reference = write.clipped(top, REFERENCE_FLOOR)
        relative = write("Div", write("Div", power, reference), reference)
        range_db = self.front_end.range_db
        seen = write("Log", write.clipped(relative, 10 ** (-range_db / 10)))
        scaled = write("Mul", seen, write.number(10 / math.log(10) / range_db))
        code = write.clipped(write("Add", scaled, write.number(1.0)), 0.0, 1.0)
        flat = write("Squeeze", reference, write.ints(1, 2))
        return write("Transpose", code, perm=[0, 2, 1]), flat

    def play(self, write: Writer, code: str, reference: str, turns: str) -> str:
        """See `GraphedFrontEnd.play`."""
        range_db = self.front_end.range_db
        frames = write("Transpose", write.clipped(code, 0.0, 1.0), perm=[0, 2, 1])
        below = write("Sub", frames, write.number(1.0))
        power = write("Exp", write("Mul", below, write.number(range_db / 10 * math.log(10))))
        heard = write("Greater", frames, write.number(self.front_end.gate_db / range_db))
        power = write("Where", heard, power, write.number(0.0))
        magnitude = write("Sqrt", self.spread(write, power))
        begin = write("Unsqueeze", turns, write.ints(0))
        sound = self.framing.found(
            write,
            magnitude,
            begin,
            iterations=self._rounds.iterations,
            momentum=self._rounds.momentum,
        )
        return write("Mul", sound, write("Unsqueeze", reference, write.ints(1)))
