"""Two ways along a spectrum: by frequency, and by partial of a fundamental."""

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

SINGLE = 24  # partials that have a place of their own
JOINT = 40  # places beyond, evenly on a logarithmic axis
HIGHEST = 800.0  # partial of the last place
PLACES = SINGLE + JOINT


@dataclass(frozen=True)
class BandAxis:
    """Bands along frequency: evenly spaced in mels, each a triangle.

    Attributes:
        bins: Bins F of the spectrum.
        bands: How many bands P.
        bin_hz: Distance between bins in Hz.
    """

    bins: int
    bands: int
    bin_hz: float

    @cached_property
    def centres(self) -> Tensor:
        """The bins that bands are centred at, [P], from 0 to the last."""
        # not as a tensor, so that a network of shapes alone can be made of it
        top = 2595 * math.log10(1 + (self.bins - 1) * self.bin_hz / 700)
        return _hz(torch.linspace(0, top, self.bands, dtype=torch.float64)) / self.bin_hz

    def painting(self) -> Tensor:
        """The matrix that draws straight lines from band to band, [P, F]."""
        places = torch.arange(self.bins, dtype=torch.float64)
        after = torch.searchsorted(self.centres, places).clamp(1, self.bands - 1)
        left, right = self.centres[after - 1], self.centres[after]
        share = ((places - left) / (right - left)).clamp(0, 1)
        matrix = torch.zeros(self.bands, self.bins, dtype=torch.float64)
        matrix[after - 1, torch.arange(self.bins)] = 1 - share
        matrix[after, torch.arange(self.bins)] += share
        return matrix.float()

    def averaging(self) -> Tensor:
        """The matrix that means the bins of each band, [F, P]."""
        weights = self.painting().T
        return weights / weights.sum(dim=0, keepdim=True).clamp(min=1e-6)


def _hz(mel: Tensor) -> Tensor:
    return 700 * (10 ** (mel / 2595) - 1)


def partials(device: torch.device | str = "cpu") -> Tensor:
    """Lists the partials that have a place: 1, 2 ... 24, then ever wider apart up to 800.

    Args:
        device: Where the list shall live.

    Returns:
        Multiples of the fundamental, [64].
    """
    single = torch.arange(1, SINGLE + 1, device=device, dtype=torch.float32)
    joint = torch.arange(1, JOINT + 1, device=device, dtype=torch.float32) / JOINT
    return torch.cat([single, SINGLE * (HIGHEST / SINGLE) ** joint])


def place_of(partial: Tensor) -> Tensor:
    """Finds the place of partials: that of the nearest up to the 24th, between places beyond.

    Args:
        partial: Multiples of a fundamental, 0 or more, any shape.

    Returns:
        Places, 0 to 63, the same shape.

    Example:
        >>> place_of(torch.tensor([0.2, 1.4, 24.0, 800.0]))
        tensor([ 0.,  0., 23., 63.])
    """
    single = partial.round().clamp(1, SINGLE) - 1
    step = math.log(HIGHEST / SINGLE) / JOINT
    beyond = SINGLE - 1 + (partial.clamp(float(SINGLE), HIGHEST) / SINGLE).log() / step
    return torch.where(partial <= SINGLE, single, beyond)
