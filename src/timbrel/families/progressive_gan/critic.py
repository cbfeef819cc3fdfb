"""The critic: from a waveform of any level to one number, higher where it seems more real."""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from timbrel.blocks.adversarial import (
    EqualisedConvolution,
    EqualisedLinear,
    halved,
    leaky,
    with_deviation,
)
from timbrel.families.progressive_gan.config import ProgressiveGanOptions


class Block(nn.Module):
    """Two convolutions, each followed by a leaky rectifier.

    Shape:
        [B, C, 1, L] -> [B, O, 1, L]
    """

    def __init__(
        self, channels: int, middle: int, outputs: int, options: ProgressiveGanOptions
    ) -> None:
        super().__init__()
        inverted = options.equalised == "divided"
        self.first = EqualisedConvolution(channels, middle, options.kernel, inverted=inverted)
        self.second = EqualisedConvolution(middle, outputs, options.kernel, inverted=inverted)

    def forward(self, signal: Tensor) -> Tensor:
        """See the class."""
        return leaky(self.second(leaky(self.first(signal))))


class Critic(nn.Module):
    """Scores waveforms at the sampling rate of any level: the generator's mirror image.

    Args:
        options: The recipe's network table.
        length: Samples of the first level.

    Shape:
        waveform [B, 1, length * 2^(level - 1)] -> scores [B]

    Source:
        S1, table A.2 and section 7.3.
    """

    def __init__(self, options: ProgressiveGanOptions, length: int) -> None:
        super().__init__()
        widths, inverted = options.channels, options.equalised == "divided"
        self.inputs = nn.ModuleList(
            EqualisedConvolution(1, width, 1, inverted=inverted) for width in widths
        )
        lowest = Block(widths[0] + 1, widths[0], widths[0], options)
        higher = (Block(w, w, lower, options) for lower, w in pairwise(widths))
        self.blocks = nn.ModuleList([lowest, *higher])
        self.dense = (_plain if inverted else EqualisedLinear)(length * widths[0], 1)

    def forward(self, wave: Tensor, level: int, fade: float = 1.0, groups: int = 1) -> Tensor:
        """Scores waveforms.

        Args:
            wave: Waveforms of the level, [B, 1, T].
            level: 1 ... the number of levels.
            fade: Weight of this level beside the one below it, 0 ... 1.
            groups: Parts of the batch that know nothing of each other.

        Returns:
            Scores, float32 [B]; higher where a sound seems more real.
        """
        wave = wave.unsqueeze(2)
        signal = self._input(wave, level)
        for number in range(level, 1, -1):
            signal = halved(self.blocks[number - 1](signal))
            if number == level and fade < 1:
                signal = torch.lerp(self._input(halved(wave), level - 1), signal, fade)
        return self._score(self.blocks[0](with_deviation(signal, groups)))

    def _input(self, wave: Tensor, level: int) -> Tensor:
        return leaky(self.inputs[level - 1](wave))

    def _score(self, signal: Tensor) -> Tensor:
        # a score is a sum of very many values: half precision would round it to steps
        with torch.autocast(signal.device.type, enabled=False):
            score: Tensor = self.dense(signal.permute(0, 3, 2, 1).flatten(1).float())
        return score.squeeze(1)


def _plain(inputs: int, outputs: int) -> nn.Linear:
    """S1's own last layer, as its library makes full layers."""
    layer = nn.Linear(inputs, outputs)
    bound = math.sqrt(6 / (inputs + outputs))
    nn.init.uniform_(layer.weight, -bound, bound)
    nn.init.zeros_(layer.bias)
    return layer
