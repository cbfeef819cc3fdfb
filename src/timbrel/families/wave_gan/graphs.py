"""What of `wave_gan` runs without Python: the generator, whole."""

from timbrel.blocks import generator_graphs
from timbrel.blocks.graph import Parts
from timbrel.families.wave_gan.network import WaveGan


def parts_of(network: WaveGan, code: tuple[int, int]) -> Parts:
    """Says what is exported.

    Args:
        network: A trained network.
        code: (F, N) of its codes.

    Returns:
        Its parts.
    """
    return generator_graphs.parts_of(
        network, code, latent_size=network.latent_size, decode=WaveGan.decode
    )


GRAPHS = parts_of
