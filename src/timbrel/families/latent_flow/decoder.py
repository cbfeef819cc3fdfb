"""The decoder: from the detail of a sound to its code, and to how rough the code is."""

from torch import Tensor, nn
from torch.nn import functional

from timbrel.blocks.residual import TimeBlock
from timbrel.families.latent_flow.config import LatentFlowOptions

# natural logarithms of spreads in units of the code: 2.2 dB and 0.3 dB of a range of 80 dB
START_LOG_SPREAD = -3.6
LOWEST_LOG_SPREAD = -5.5


class DetailDecoder(nn.Module):
    """What the principal components miss of a sound, and how far off the result may still be.

    The spread is the decoder's own word on how rough the sound is around its smooth mean: wide
    where there is noise, narrow where there is tone or silence. Drawing from it gives a sound its
    grain back.

    Args:
        options: The recipe's network table.
        bins: F.

    Shape:
        coordinates of unit variance and how much of them is known, [B, K + 1, L]
        -> what to add to the strips [B, L, F * S], and log-spread [B, F, L * S]

    Source:
        A Laplace likelihood with a predicted scale: Kendall & Gal 2017, section 3.
    """

    def __init__(self, options: LatentFlowOptions, bins: int) -> None:
        super().__init__()
        width, self.strip_frames = options.decoder_channels, options.strip_frames
        self.widen = nn.Conv2d(options.components + 1, width, 1)
        self.blocks = nn.Sequential(*(TimeBlock(width) for _ in range(options.decoder_blocks)))
        self.norm = nn.GroupNorm(1, width)
        self.missing = nn.Conv2d(width, bins * options.strip_frames, 1)
        self.roughness = nn.Conv2d(width, bins, 1)
        for layer, start in ((self.missing, 0.0), (self.roughness, START_LOG_SPREAD)):
            nn.init.zeros_(layer.weight)
            nn.init.constant_(layer.bias, start)  # type: ignore[arg-type]

    def forward(self, known: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        features = self.norm(self.blocks(self.widen(known[:, :, None])))
        features = functional.silu(features)
        missing = self.missing(features).squeeze(2).transpose(1, 2).float()
        coarse = self.roughness(features).squeeze(2).float().clamp(LOWEST_LOG_SPREAD, 0.0)
        return missing, coarse.repeat_interleave(self.strip_frames, dim=2)
