"""What of `dense_autoencoder` runs without Python: encoder, decoder and player, whole."""

from timbrel.blocks.column_graphs import parts_of

GRAPHS = parts_of
