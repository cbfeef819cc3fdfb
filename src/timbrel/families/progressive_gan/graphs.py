"""What of `progressive_gan` runs without Python: the generator at the level it reached."""

from torch import Tensor

from timbrel.blocks import generator_graphs
from timbrel.blocks.graph import Parts
from timbrel.families.progressive_gan.network import ProgressiveGan
from timbrel.signal.decimation import interpolated


def parts_of(network: ProgressiveGan, code: tuple[int, int]) -> Parts:
    """Says what is exported.

    Args:
        network: A trained network.
        code: (F, N) of its codes.

    Returns:
        Its parts.
    """
    level, fade = int(network.level), float(network.fade)
    factor = network.factor(level)

    def decoded(network: ProgressiveGan, latent: Tensor) -> Tensor:
        return interpolated(network.generator(latent, level, fade), factor)

    return generator_graphs.parts_of(
        network, code, latent_size=network.options.latent_size, decode=decoded
    )


GRAPHS = parts_of
