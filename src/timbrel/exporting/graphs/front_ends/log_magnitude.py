"""The front end log_magnitude as a graph."""

from timbrel.exporting.graphs.front_ends._magnitudes import Magnitudes

GRAPH = Magnitudes
