"""The front end pitched as a graph: the pitch is told by the host."""

from timbrel.exporting.graphs.front_ends._sided import SidedMagnitudes


class PitchedMagnitudes(SidedMagnitudes):
    """Magnitudes and pitch; the pitch tracker is no graph."""

    about_side_rows = (
        "the pitch of each frame: the MIDI note rounded down over 128, the semitones above it, and "
        "how clear it is, 0 to 1; all 0 where there is no pitch (the pitch tracker is no graph)"
    )


GRAPH = PitchedMagnitudes
