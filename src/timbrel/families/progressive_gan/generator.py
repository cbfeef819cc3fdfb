"""The generator: from a latent to a waveform of any level."""

import math

import torch
from torch import Tensor, nn

from timbrel.blocks.adversarial import (
    EqualisedConvolution,
    EqualisedLinear,
    doubled,
    leaky,
    pixel_norm,
)
from timbrel.families.progressive_gan.config import ProgressiveGanOptions


class Block(nn.Module):
    """Two convolutions, each followed by pixel norm and a leaky rectifier.

    Shape:
        [B, C, 1, L] -> [B, O, 1, L]

    Source:
        S1, section 7.3.2; norm before rectifier as its code has it.
    """

    def __init__(self, channels: int, outputs: int, options: ProgressiveGanOptions) -> None:
        super().__init__()
        inverted = options.equalised == "divided"
        self.first = EqualisedConvolution(channels, outputs, options.kernel, inverted=inverted)
        self.second = EqualisedConvolution(outputs, outputs, options.kernel, inverted=inverted)

    def forward(self, signal: Tensor, repeat: int = 1) -> Tensor:
        """See the class; each position may be repeated first."""
        return leaky(pixel_norm(self.second(leaky(pixel_norm(self.first(signal, repeat))))))


class Generator(nn.Module):
    """Makes waveforms of latents, at the sampling rate of any level.

    The layers of a level are those of the levels below and two more. Each level also has an output
    of its own, which no other uses but to fade the next one in.

    Args:
        options: The recipe's network table.
        length: Samples of the first level.

    Shape:
        latent [B, Z] -> waveform [B, 1, length * 2^(level - 1)] within -1..1

    Source:
        S1, table A.1 and section 7.3.
    """

    def __init__(self, options: ProgressiveGanOptions, length: int) -> None:
        super().__init__()
        self.shape = (length, options.first_channels)
        self.dense = EqualisedLinear(
            options.latent_size,
            math.prod(self.shape),
            gain=math.sqrt(options.latent_size) if options.equalised == "divided" else 1.0,
        )
        widths = (options.first_channels, *options.channels)
        self.blocks = nn.ModuleList(
            Block(before, after, options)
            for before, after in zip(widths, options.channels, strict=False)
        )
        self.outputs = nn.ModuleList(
            EqualisedConvolution(width, 1, 1, inverted=options.equalised == "divided")
            for width in options.channels
        )

    def forward(self, latent: Tensor, level: int, fade: float = 1.0) -> Tensor:
        """Makes waveforms.

        Args:
            latent: [B, Z].
            level: 1 ... the number of levels.
            fade: Weight of this level beside the one below it, 0 ... 1.

        Returns:
            Waveforms, float32 [B, 1, T of the level].
        """
        start = self.dense(latent).view(-1, 1, *self.shape).permute(0, 3, 1, 2)
        signal = before = self.blocks[0](start)
        for block in self.blocks[1:level]:
            before, signal = signal, block(signal, repeat=2)
        wave = self._output(signal, level)
        if level > 1 and fade < 1:
            wave = torch.lerp(doubled(self._output(before, level - 1)), wave, fade)
        return wave.squeeze(2)

    def _output(self, signal: Tensor, level: int) -> Tensor:
        wave: Tensor = self.outputs[level - 1](signal)
        return torch.tanh(wave.float())
