"""The painter: from bands, partials and a pitch to the magnitudes of every bin."""

import math

import torch
from torch import Tensor, nn

from timbrel.families.pitched_autoencoder.axes import BandAxis, place_of

# Power of a Gaussian window's transform, by bins from its middle: it ends at a hundredth.
LOBE_DB = 20 / math.log(10) * math.pi * -math.pi / (4 * math.log(0.01))
_FARTHEST_BINS = 6.0
_WAYS = 5  # what else the painter sees of a bin


class Painter(nn.Module):
    """Paints spectra: a lobe at each partial, noise between them, and what both miss.

    Args:
        bins: Bins F.
        bin_hz: Distance between bins in Hz.
        bands: Bands P along frequency.
        features: Learned values of each band and partial.
        channels: Channels of the painter of what lobes and noise miss.
        unit_db: Decibels that one unit of a code stands for.

    Shape:
        bands [M, 2 + features, P], partials [M, 1 + features, 64], fundamental in bins [M]
        -> magnitudes relative to the frame's level [M, F]

    Source:
        Serra & Smith 1990, spectral modelling synthesis, in magnitudes; the rest is ours.
    """

    painting: Tensor
    places: Tensor

    def __init__(
        self,
        bins: int,
        bin_hz: float,
        *,
        bands: int,
        features: int,
        channels: int,
        unit_db: float,
    ) -> None:
        super().__init__()
        self.unit_db = unit_db
        painting = BandAxis(bins, bands, bin_hz).painting()
        self.register_buffer("painting", painting, persistent=False)
        places = torch.arange(bins, dtype=torch.float32)
        self.register_buffer("places", places, persistent=False)
        seen = 3 + _WAYS + 2 * features
        last = nn.Conv2d(channels, 1, (1, 3), padding=(0, 1))
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)  # type: ignore[arg-type]
        self.correction = nn.Sequential(
            nn.Conv2d(seen, channels, 1),
            nn.SiLU(),
            nn.Conv2d(channels, channels, (1, 3), padding=(0, 1)),
            nn.SiLU(),
            last,
        )

    def forward(self, bands: Tensor, partials: Tensor, fundamental: Tensor) -> Tensor:
        """Paints; see the class."""
        with torch.autocast(bands.device.type, enabled=False):
            flat = bands.float() @ self.painting
            partial = self.places / fundamental[:, None]
            peaks = _at_places(partials.float(), place_of(partial))
            tonal, noise = self._tonal(peaks[:, 0], flat[:, 1], partial, fundamental), flat[:, 0]
            both = self._summed(tonal, noise)
            ways = _ways(partial)
            seen = torch.cat(
                [torch.stack([tonal, noise, both, *ways], dim=1), flat[:, 2:], peaks[:, 1:]], dim=1
            )
        layout = torch.channels_last
        missed: Tensor = self.correction(seen[:, :, None].contiguous(memory_format=layout))
        return torch.add(both, missed[:, 0, 0].float())

    def _tonal(self, peak: Tensor, width: Tensor, partial: Tensor, fundamental: Tensor) -> Tensor:
        off_bins = (partial - partial.round().clamp(min=1)) * fundamental[:, None]
        off_bins = off_bins.clamp(-_FARTHEST_BINS, _FARTHEST_BINS)
        sharp = torch.sigmoid(width + 3)  # 1 is the window's own lobe; vibrato makes it wider
        return peak - off_bins.square() * sharp * (LOBE_DB / self.unit_db)

    def _summed(self, tonal: Tensor, noise: Tensor) -> Tensor:
        scale = 10 / math.log(10) / self.unit_db
        return torch.logaddexp(tonal / scale, noise / scale) * scale


def _ways(partial: Tensor) -> list[Tensor]:
    """Where a bin lies between partials, so that what is missed can be painted there."""
    turn = math.tau * partial
    height = (partial + 1).log() / 4
    return [turn.cos(), turn.sin(), (turn / 2).cos(), (turn / 2).sin(), height]


def _at_places(values: Tensor, places: Tensor) -> Tensor:
    """Reads [M, C, P] between places [M, F], as [M, C, F]."""
    before = places.floor().clamp(0, values.shape[2] - 2)
    share = (places - before)[:, None]
    index = before.long()[:, None].expand(-1, values.shape[1], -1)
    return values.gather(2, index) * (1 - share) + values.gather(2, index + 1) * share
