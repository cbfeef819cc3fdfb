"""What of `progressive_gan` runs without Python: the generator at the level it reached."""

import torch
from torch import Tensor

from timbrel.blocks import generator_graphs
from timbrel.blocks.adversarial import EqualisedConvolution, leaky
from timbrel.blocks.graph import Parts
from timbrel.blocks.plain_convolution import convolve, pixel_norm
from timbrel.families.progressive_gan.generator import Block, Generator
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
        return interpolated(_wave(network.generator, latent, level, fade), factor)

    return generator_graphs.parts_of(
        network, code, latent_size=network.options.latent_size, decode=decoded
    )


def _wave(made: Generator, latent: Tensor, level: int, fade: float) -> Tensor:
    signal = made.dense(latent).unflatten(1, (1, *made.shape)).permute(0, 3, 1, 2)
    signal = before = _block(made.blocks[0], signal, 1)
    for block in list(made.blocks)[1:level]:
        before, signal = signal, _block(block, signal, 2)
    wave = torch.tanh(_convolved(made.outputs[level - 1], signal))
    if level > 1 and fade < 1:
        lower = torch.tanh(_convolved(made.outputs[level - 2], before))
        wide = lower[..., None].expand(-1, -1, -1, -1, 2).flatten(3)
        wave = wide + fade * (wave - wide)
    return wave.squeeze(2)


def _block(block: torch.nn.Module, signal: Tensor, repeat: int) -> Tensor:
    if not isinstance(block, Block):
        raise TypeError(type(block))
    first = leaky(pixel_norm(_convolved(block.first, signal, repeat)))
    return leaky(pixel_norm(_convolved(block.second, first)))


def _convolved(layer: torch.nn.Module, signal: Tensor, repeat: int = 1) -> Tensor:
    if not isinstance(layer, EqualisedConvolution):
        raise TypeError(type(layer))
    return convolve(signal, layer.weight * layer.scale, layer.bias, repeat=repeat)


GRAPHS = parts_of
