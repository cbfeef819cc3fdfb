"""Critics: networks that tell real spectrograms from made ones, for adversarial training."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

SCALES = (1, 2, 4)


class Judgement(NamedTuple):
    """The two losses of one batch.

    Attributes:
        fooling: What the maker of the fakes minimises; the critic's weights get no gradient.
        telling_apart: What the critic minimises; the fakes get no gradient.
    """

    fooling: Tensor
    telling_apart: Tensor


class SpectrogramCritic(nn.Module):
    """Judges patches of spectrograms at several resolutions, each with a network of its own.

    Args:
        channels: Channels of the first layer.

    Shape:
        spectrogram [B, F, N] -> scores, one map a resolution

    Source:
        Patches: Isola et al. 2017, section 3.2.2; several resolutions: Wang et al. 2018; hinge:
        Lim & Ye 2017.

    Example:
        >>> critic = SpectrogramCritic(4)
        >>> judged = critic.losses(real=torch.rand(2, 33, 16), fake=torch.rand(2, 33, 16))
        >>> judged.fooling.shape
        torch.Size([])
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.judges = nn.ModuleList(_judge(channels) for _ in SCALES)

    def forward(self, spectrogram: Tensor) -> list[Tensor]:
        """Gives scores of patches at each resolution; above 0 it takes them for real."""
        picture = spectrogram.unsqueeze(1)
        return [
            judge(functional.avg_pool2d(picture, scale, ceil_mode=True))
            for scale, judge in zip(SCALES, self.judges, strict=True)
        ]

    def losses(self, *, real: Tensor, fake: Tensor) -> Judgement:
        """Judges a batch.

        Args:
            real: Real spectrograms, [B, F, N].
            fake: Made ones, [B, F, N].

        Returns:
            Both sides' losses.
        """
        apart = [
            functional.relu(1 - true).mean() + functional.relu(1 + made).mean()
            for true, made in zip(self(real), self(fake.detach()), strict=True)
        ]
        frozen = {name: weight.detach() for name, weight in self.named_parameters()}
        scores: list[Tensor] = functional_call(self, frozen, (fake,))
        fooling = torch.stack([-score.mean() for score in scores]).mean()
        return Judgement(fooling, torch.stack(apart).mean())


def _judge(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, channels, 3, padding=1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(2 * channels, 4 * channels, 3, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(4 * channels, 1, 3, padding=1),
    )
