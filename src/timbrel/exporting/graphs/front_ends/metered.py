"""The front end metered as a graph: the beat is told by the host."""

from timbrel.exporting.graphs.front_ends._sided import SidedMagnitudes


class MeteredMagnitudes(SidedMagnitudes):
    """Magnitudes and beat; the beat tracker is no graph."""

    about_side_rows = (
        "the beat of each frame: its place in a group of sixteen rounded down over 16, how far "
        "that beat has passed, and how clear the beat is, 0 to 1 (the beat tracker is no graph)"
    )


GRAPH = MeteredMagnitudes
