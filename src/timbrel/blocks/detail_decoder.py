"""The decoder: from the detail of a sound to its code, and to how rough the code is."""

from torch import Tensor, nn
from torch.nn import functional

from timbrel.blocks.residual import TimeBlock

# natural logarithms of spreads in units of the code: 2.2 dB and 0.3 dB of a range of 80 dB
START_LOG_SPREAD = -3.6
LOWEST_LOG_SPREAD = -5.5


class DetailDecoder(nn.Module):
    """What the principal components miss of a sound, and how far off the result may still be.

    The spread is the decoder's own word on how rough the sound is around its smooth mean: wide
    where there is noise, narrow where there is tone or silence. Drawing from it gives a sound its
    grain back.

    Args:
        components: K, coordinates of a strip.
        bins: F.
        strip_frames: S, frames that one strip joins.
        channels: Channels of the convolutions.
        blocks: Residual blocks.

    Shape:
        coordinates of unit variance and how much of them is known, [B, K + 1, L]
        -> what to add to the strips [B, L, F * S], and log-spread [B, F, L * S]

    Source:
        A Laplace likelihood with a predicted scale: Kendall & Gal 2017, section 3.
    """

    def __init__(
        self, components: int, bins: int, *, strip_frames: int, channels: int, blocks: int
    ) -> None:
        super().__init__()
        self.strip_frames = strip_frames
        self.widen = nn.Conv2d(components + 1, channels, 1)
        self.blocks = nn.Sequential(*(TimeBlock(channels) for _ in range(blocks)))
        self.norm = nn.GroupNorm(1, channels)
        self.missing = nn.Conv2d(channels, bins * strip_frames, 1)
        self.roughness = nn.Conv2d(channels, bins, 1)
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
