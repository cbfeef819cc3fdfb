"""S3's encoder and decoder: a log-mel spectrogram taken as a picture of one channel."""

import math

from torch import Tensor, nn
from torch.nn import functional

# channels, and window of the max pooling, of the four encoder layers (S3 figure 7.3, SampleVAE)
CHANNELS = (32, 64, 32, 32)
POOLS = ((4, 4), (2, 2), (2, 4), (2, 2))


def picture_sizes(bins: int, frames: int) -> list[tuple[int, int]]:
    """Follows the picture through the encoder's poolings.

    Args:
        bins: F, height of the code.
        frames: N, length of the code.

    Returns:
        The size before the first layer and after each.

    Example:
        >>> picture_sizes(128, 250)
        [(128, 250), (63, 124), (31, 62), (15, 30), (7, 15)]
    """
    sizes = [(bins, frames)]
    for pool_bins, pool_frames in POOLS:
        bins, frames = (bins - pool_bins) // 2 + 1, (frames - pool_frames) // 2 + 1
        sizes.append((bins, frames))
    return sizes


class PictureEncoder(nn.Module):
    """Four 3×3 convolutions without bias, each followed by max pooling and ELU, then flat.

    Shape:
        code [B, F, N] -> hidden [B, H]

    Source:
        S3 section 7.3; SampleVAE's encoder.
    """

    def __init__(self, bins: int, frames: int) -> None:
        super().__init__()
        inputs = (1, *CHANNELS[:-1])
        self.layers = nn.ModuleList(
            nn.Conv2d(i, o, 3, padding=1, bias=False) for i, o in zip(inputs, CHANNELS, strict=True)
        )
        self.hidden_size = CHANNELS[-1] * math.prod(picture_sizes(bins, frames)[-1])

    def forward(self, code: Tensor) -> Tensor:
        """Codes [B, F, N] -> hidden vectors [B, H]."""
        picture = code.unsqueeze(1)
        for layer, pool in zip(self.layers, POOLS, strict=True):
            picture = functional.elu(functional.max_pool2d(layer(picture), pool, stride=2))
        return picture.flatten(1)


class PictureDecoder(nn.Module):
    """Dense, then four times bilinear resizing and a 3×3 transposed convolution.

    Shape:
        latent [B, Z] -> logits of the code [B, F, N]; their sigmoid is the code.

    Source:
        S3 section 7.3; SampleVAE's decoder.
    """

    def __init__(self, latent_size: int, bins: int, frames: int, dropout: float) -> None:
        super().__init__()
        *self.sizes, (self.bins, self.frames) = picture_sizes(bins, frames)
        self.dense = nn.Linear(latent_size, CHANNELS[-1] * self.bins * self.frames)
        self.dropout = nn.Dropout(dropout)
        outputs = (*CHANNELS[:-1], 1)
        inputs = (CHANNELS[-1], *CHANNELS[:-1])
        self.layers = nn.ModuleList(
            nn.ConvTranspose2d(i, o, 3, padding=1, bias=False)
            for i, o in zip(inputs, outputs, strict=True)
        )

    def forward(self, latent: Tensor) -> Tensor:
        """Latents [B, Z] -> logits [B, F, N]."""
        picture = self.dropout(functional.elu(self.dense(latent)))
        picture = picture.view(-1, CHANNELS[-1], self.bins, self.frames)
        last = len(self.layers) - 1
        for step, (layer, size) in enumerate(zip(self.layers, reversed(self.sizes), strict=True)):
            resized = functional.interpolate(picture, size, mode="bilinear", align_corners=False)
            picture = layer(resized) if step == last else functional.elu(layer(resized))
        logits: Tensor = picture.flatten(1, 2)
        return logits
