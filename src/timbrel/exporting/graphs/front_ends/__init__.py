"""Front ends as graphs, one file each, named as the front end is: what can be exported of it.

Each file declares ``GRAPH``: a class made with a front end, the sample rate and the length of
sounds, that offers what `GraphedFrontEnd` says. A front end without a file here cannot be exported.
"""

from typing import Protocol

from timbrel.exporting.graphs.writing import Writer


class GraphedFrontEnd(Protocol):
    """A front end that can be written as a graph.

    Attributes:
        side_rows: Rows of a code that a host must tell, because their finder is no graph.
        about_side_rows: What these are.
        turns_shape: (N, F) of the phases that `play` begins with, or None where it needs none.
        rounds: What `play` does to find phases, for people; empty where it finds none.
    """

    side_rows: int
    about_side_rows: str
    turns_shape: tuple[int, int] | None
    rounds: str

    def hear(self, write: Writer, sound: str, side: str) -> tuple[str, str]:
        """Encodes sounds: (sounds [B, T], side rows [B, S, N]) -> code [B, F, N], reference [B]."""

    def play(self, write: Writer, code: str, reference: str, turns: str) -> str:
        """Turns codes [B, F, N], references [B] and phases in turns [N, F] into sounds [B, T]."""
