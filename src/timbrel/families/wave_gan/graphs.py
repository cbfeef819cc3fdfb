"""What of `wave_gan` runs without Python: the generator, whole."""

from torch import Tensor
from torch.nn import functional

from timbrel.blocks import generator_graphs
from timbrel.blocks.graph import Parts
from timbrel.blocks.plain_convolution import convolve_transposed
from timbrel.families.wave_gan.layers import START_SAMPLES, STRIDE, Longer
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
        network, code, latent_size=network.latent_size, decode=_decoded
    )


def _decoded(network: WaveGan, latent: Tensor) -> Tensor:
    made = network.generator
    signal = made.project(latent).unflatten(1, (START_SAMPLES, 1, made.first)).permute(0, 3, 2, 1)
    for layer in made.layers:
        if not isinstance(layer, Longer):
            raise TypeError(type(layer))
        signal = convolve_transposed(
            functional.relu(signal), layer.weight, layer.bias, stride=STRIDE
        )
    sound: Tensor = signal[:, :, 0].tanh()
    return sound


GRAPHS = parts_of
