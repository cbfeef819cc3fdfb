"""The two players at one scale: a generator adds what a lower rate lacks, a critic scores it."""

import torch
from torch import Tensor, nn

from timbrel.families.catch_a_waveform.config import CatchAWaveformOptions
from timbrel.families.catch_a_waveform.layers import Block, NormedConvolution, pre_emphasised


class Generator(nn.Module):
    """Makes a signal of one rate from the signal of the rate below and noise.

    Args:
        options: The recipe's network table.
        channels: Channels of the sound, 1 or 2.
        width: Channels of the convolutions.

    Shape:
        noisy and coarse [B, C, 1, L + 2 * reach] -> [B, C, 1, L]

    Source:
        Greshler, Shaham & Michaeli 2021, "Catch-A-Waveform", section 3.1; the gated unit is van
        den Oord et al. 2016's.
    """

    def __init__(self, options: CatchAWaveformOptions, channels: int, width: int) -> None:
        super().__init__()
        kernel, (*dilations, last) = options.kernel, options.dilations
        self.blocks = _blocks(channels, width, kernel, dilations)
        self.last = NormedConvolution(width, width, kernel, dilation=last)
        self.filter = NormedConvolution(width, width, kernel, same=True)
        self.gate = NormedConvolution(width, width, kernel, same=True)
        self.output = NormedConvolution(width, channels, 1, same=True)
        self.pre_emphasis, self.reach = options.pre_emphasis, options.reach

    def forward(self, noisy: Tensor, coarse: Tensor, beside: tuple[int, int] = (0, 0)) -> Tensor:
        """Makes signals.

        Args:
            noisy: What comes from below, with noise.
            coarse: The same without; what is made is added to it.
            beside: Samples at the beginning and at the end that only lead in and out, and are
                left out of what is made.

        Returns:
            Signals, [B, C, 1, L], shorter by those.
        """
        hidden = self.last(self.blocks(noisy))
        gated = torch.tanh(self.filter(hidden)) * torch.sigmoid(self.gate(hidden))
        made = pre_emphasised(self.output(gated).float(), self.pre_emphasis)
        before, after = beside
        made = made[..., before : made.shape[-1] - after]
        ends = self.reach + before, coarse.shape[-1] - self.reach - after
        return made + coarse[..., slice(*ends)]


class Critic(nn.Module):
    """Scores a signal of one rate at every moment; its score is the mean.

    Args:
        options: The recipe's network table.
        channels: Channels of the sound, 1 or 2.
        width: Channels of the convolutions.

    Shape:
        signal [B, C, 1, L] -> scores [B, L - 2 * reach]
    """

    def __init__(self, options: CatchAWaveformOptions, channels: int, width: int) -> None:
        super().__init__()
        kernel, (*dilations, last) = options.kernel, options.dilations
        self.blocks = _blocks(channels, width, kernel, dilations)
        self.last = NormedConvolution(width, 1, kernel, dilation=last)
        self.pre_emphasis = options.pre_emphasis

    def forward(self, signal: Tensor) -> Tensor:
        """See the class."""
        scores = pre_emphasised(self.last(self.blocks(signal)).float(), self.pre_emphasis)
        return scores[:, 0, 0]


def _blocks(channels: int, width: int, kernel: int, dilations: list[int]) -> nn.Sequential:
    widths = [channels, *[width] * len(dilations)]
    return nn.Sequential(
        *(
            Block(inside, width, kernel, dilation)
            for inside, dilation in zip(widths, dilations, strict=False)
        )
    )
