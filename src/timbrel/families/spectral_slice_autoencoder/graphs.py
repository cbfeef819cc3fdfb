"""What of `spectral_slice_autoencoder` runs without Python: encoder, decoder and player, whole."""

from timbrel.blocks.slice_graphs import parts_of

GRAPHS = parts_of
