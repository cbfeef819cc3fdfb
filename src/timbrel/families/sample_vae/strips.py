r"""Our encoder and decoder: principal components of the library, and what they miss.

The best linear code of a set of spectrograms is known without training: their principal
components. Here both directions start from them, so that the first step already sounds; a
convolutional network over time then learns what a linear map cannot give.

    code [F, N] --- basis ---> coordinates [Z] ---> posterior ---> latent [Z]
    latent [Z] --- basis --+--> code [F, N]
               \-- strips of frames, convolutions over time --/

A strip joins `strip_frames` frames of all bins into the channels of one position, so that the
convolutions are few, wide and cheap on a processor.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel.blocks.residual import TimeBlock
from timbrel.families import DataFacts
from timbrel.families.sample_vae.config import SampleVaeOptions

_COARSE_CHANNELS = 128
_NO_SCALE = 1e-3  # of a direction that the library does not have
# natural logarithms of spreads in units of the code: 2.2 dB and 0.3 dB of a range of 80 dB
_START_LOG_SPREAD = -3.6
LOWEST_LOG_SPREAD = -5.5


class Basis(nn.Module):
    """Principal components of a library's codes: a linear map to Z coordinates and back.

    Until `fit` has been called the components are zero, and every code is the mean code.

    Args:
        latent_size: Z, components kept.
        bins: F.
        frames: N.
    """

    components: Tensor
    scales: Tensor
    mean: Tensor

    def __init__(self, latent_size: int, bins: int, frames: int) -> None:
        super().__init__()
        self.shape = (bins, frames)
        cells = bins * frames
        # bfloat16: its rounding, 0.1 dB at most, is far below what the components leave out, and a
        # click on the map has to read all of them
        self.register_buffer("components", torch.zeros(latent_size, cells, dtype=torch.bfloat16))
        self.register_buffer("scales", torch.ones(latent_size))
        self.register_buffer("mean", torch.zeros(cells))

    def coordinates(self, code: Tensor) -> Tensor:
        """Projects codes.

        Args:
            code: Codes, [B, F, N].

        Returns:
            Coordinates of unit variance over the library, [B, Z].
        """
        flat = code.flatten(1) - self.mean
        return (flat.bfloat16() @ self.components.t()).float() / self.scales

    def code(self, coordinates: Tensor) -> Tensor:
        """Goes back.

        Args:
            coordinates: [B, Z].

        Returns:
            Codes, [B, F, N].
        """
        flat = (coordinates * self.scales).bfloat16() @ self.components
        return (flat.float() + self.mean).view(-1, *self.shape)

    def fit(self, codes: Tensor, weights: Tensor) -> None:
        """Finds the components of a library.

        The components of M codes of K cells are found from the M×M matrix of their products,
        which is small; directions that the codes do not have stay zero.

        Args:
            codes: Some hundreds to thousands of codes, [M, F, N], of any float type.
            weights: How much each code counts, [M]; they sum to 1.

        Source:
            Turk & Pentland 1991 (the small-matrix form of principal component analysis).
        """
        flat = codes.flatten(1)
        for cells in _blocks(flat.shape[1]):
            self.mean[cells] = weights @ flat[:, cells].float()
        products = torch.zeros(len(flat), len(flat), dtype=torch.float64)
        roots = weights.sqrt()[:, None]
        for cells in _blocks(flat.shape[1]):
            block = roots * (flat[:, cells].float() - self.mean[cells])
            products += (block @ block.t()).double()
        variances, vectors = torch.linalg.eigh(products)
        # below either floor a direction is rounding noise, and its coordinates would be huge
        real = int((variances > max(float(variances[-1]) * 1e-7, _NO_SCALE**2)).sum())
        kept = min(len(self.scales), real)
        self.scales.fill_(_NO_SCALE)
        self.components.zero_()
        if not kept:
            return
        lengths = variances[-kept:].flip(0).sqrt()
        directions = (vectors[:, -kept:].flip(1) / lengths).float() * roots
        self.scales[:kept] = lengths.float()
        for cells in _blocks(flat.shape[1]):
            block = flat[:, cells].float() - self.mean[cells]
            self.components[:kept, cells] = (directions.t() @ block).bfloat16()


def _blocks(cells: int) -> list[slice]:
    """Blocks of cells, so that no second copy of all codes is ever made."""
    return [slice(start, start + 8192) for start in range(0, cells, 8192)]


class StripsDecoder(nn.Module):
    """What the principal components miss of a sound, and how far off the result may still be.

    The spread is the decoder's own word on how rough the sound is around its smooth mean: wide
    where there is noise, narrow where there is tone or silence. Drawing from it gives a sound its
    grain back.

    Shape:
        latent [B, Z] -> detail [B, F, N], to be added to a code, and log-spread [B, F, N]

    Source:
        A Laplace likelihood with a predicted scale: Kendall & Gal 2017, section 3.
    """

    def __init__(self, options: SampleVaeOptions, facts: DataFacts) -> None:
        super().__init__()
        self.bins, self.frames = facts.bins, facts.frames
        self.strip = options.strip_frames
        # positions at the fine scale, even so that the coarse scale is half of it
        self.positions = 2 * -(-facts.frames // (2 * self.strip))
        width = options.channels
        self.spread = nn.Linear(options.latent_size, _COARSE_CHANNELS * self.positions // 2)
        self.widen = nn.Conv2d(_COARSE_CHANNELS, width, 1)
        self.coarse = nn.Sequential(*(TimeBlock(width) for _ in range(options.blocks)))
        self.up = nn.ConvTranspose2d(width, width, (1, 2), stride=(1, 2))
        self.fine = nn.Sequential(*(TimeBlock(width) for _ in range(options.blocks)))
        self.norm = nn.GroupNorm(1, width)
        self.detail = _zero(nn.Conv2d(width, facts.bins * self.strip, 1))
        self.roughness = _zero(nn.Conv2d(width, facts.bins, 1), start=_START_LOG_SPREAD)

    def forward(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        """See the class, [B, Z] -> ([B, F, N], [B, F, N])."""
        features = self._features(latent)
        cells = self.detail(features).float().view(-1, self.bins, self.strip, self.positions)
        detail = cells.transpose(2, 3).flatten(2)[:, :, : self.frames]
        return detail, self._log_spread(features)

    def _features(self, latent: Tensor) -> Tensor:
        start = self.spread(latent).view(-1, _COARSE_CHANNELS, 1, self.positions // 2)
        wide = self.widen(start.contiguous(memory_format=torch.channels_last))
        fine: Tensor = self.norm(self.fine(self.up(self.coarse(wide))))
        return functional.silu(fine)

    def _log_spread(self, features: Tensor) -> Tensor:
        """One value for each bin and strip, held over the strip's frames."""
        coarse = self.roughness(features).float().squeeze(2).clamp(LOWEST_LOG_SPREAD, 0.0)
        held: Tensor = coarse.repeat_interleave(self.strip, dim=2)
        return held[:, :, : self.frames]


def _zero(layer: nn.Conv2d, *, start: float = 0.0) -> nn.Conv2d:
    """A layer that begins by giving the same value everywhere."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.constant_(layer.bias, start)
    return layer
