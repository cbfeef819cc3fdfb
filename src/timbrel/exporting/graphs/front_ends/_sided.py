"""What front ends share as graphs that tell more of each frame below its magnitudes."""

from timbrel.exporting.graphs.front_ends._magnitudes import Magnitudes
from timbrel.exporting.graphs.writing import Writer


class SidedMagnitudes(Magnitudes):
    """Magnitudes, and below them rows that the host tells; they are not heard."""

    side_rows = 3

    def hear(self, write: Writer, sound: str, side: str) -> tuple[str, str]:
        """See `GraphedFrontEnd.hear`."""
        code, reference = self._heard(write, sound)
        loudest = write.largest(code, 1)
        heard = write("Cast", write("Greater", loudest, write.number(0.0)), to=1)
        return write("Concat", code, write("Mul", side, heard), axis=1), reference

    def white(self, write: Writer, sound: str) -> str:
        """See `Magnitudes.white`."""
        rows = write.ints(0, 0, 0, 0, self.side_rows, 0)
        return write("Pad", super().white(write, sound), rows)

    def play(self, write: Writer, code: str, reference: str, turns: str) -> str:
        """See `GraphedFrontEnd.play`."""
        magnitudes = write.cut(code, 0, self.front_end.frames.bins, axis=1)
        return super().play(write, magnitudes, reference, turns)
