"""What of `principal_components` runs without Python: encoder, decoder and player, whole."""

from timbrel.blocks.slice_graphs import parts_of

GRAPHS = parts_of
