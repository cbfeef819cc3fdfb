"""What is measured of a spectrum before anything is learned: partials, gaps and bands."""

import torch
from torch import Tensor

from timbrel.families.pitched_autoencoder.axes import SINGLE, partials

VALUES_A_PARTIAL = 2  # its top (or the mean around it), and the gap below it


def levels(magnitude: Tensor, unit_db: float) -> Tensor:
    """Measures how loud each frame is.

    Args:
        magnitude: Magnitudes in dB, 0..1 over `unit_db`, [B, F, N].
        unit_db: Decibels that one unit stands for.

    Returns:
        The energy of each frame in the same units, [B, N]; 0 or less where it is silent.

    Example:
        >>> levels(torch.tensor([[[1.0], [1.0]]]), 80.0).round(decimals=4)
        tensor([[1.0376]])
    """
    power = torch.where(magnitude > 0, torch.pow(10.0, (magnitude - 1) * (unit_db / 10)), 0.0)
    return 1 + 10 / unit_db * power.sum(dim=1).clamp(min=10 ** (-unit_db / 10)).log10()


def measured(magnitude: Tensor, fundamental: Tensor, averaging: Tensor) -> Tensor:
    """Measures partials, the gaps between them, and bands.

    Args:
        magnitude: Magnitudes, 0..1, [B, F, N].
        fundamental: Fundamental frequencies in bins, [B, N].
        averaging: The matrix that means the bins of each band, [F, P].

    Returns:
        Measures, [B, 2 * 64 + P, N].
    """
    frames = magnitude.transpose(1, 2)
    places = partials(magnitude.device)
    tops = fundamental[..., None] * places
    gaps = fundamental[..., None] * (places - 0.5)
    width = torch.cat([places.new_full((SINGLE,), 0.5), places[SINGLE:] - places[SINGLE - 1 : -1]])
    reach = fundamental[..., None] * width
    around = _mean_between(frames, tops - reach, tops + reach)
    top = torch.cat([_at(frames, tops[..., :SINGLE]), around[..., SINGLE:]], dim=-1)
    gap = torch.cat([_at(frames, gaps[..., :SINGLE]), around[..., SINGLE:]], dim=-1)
    return torch.cat([top, gap, frames @ averaging], dim=-1).transpose(1, 2)


def _at(frames: Tensor, places: Tensor) -> Tensor:
    """Reads [B, N, F] between bins, at places [B, N, P]; beyond the last bin it is silent."""
    last = frames.shape[2] - 1
    before = places.clamp(0, last - 1).floor()
    share = (places - before).clamp(0, 1)
    index = before.long()
    read = frames.gather(2, index) * (1 - share) + frames.gather(2, index + 1) * share
    return torch.where(places <= last, read, 0.0)


def _mean_between(frames: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Means [B, N, F] between bins; parts beyond the last bin count as silence."""
    total = torch.nn.functional.pad(frames.cumsum(dim=2), (1, 0))
    summed = _at_sum(total, high) - _at_sum(total, low)
    return summed / (high - low).clamp(min=1e-3)


def _at_sum(total: Tensor, places: Tensor) -> Tensor:
    last = total.shape[2] - 1
    places = (places + 0.5).clamp(0, last)
    before = places.clamp(0, last - 1).floor()
    share = places - before
    index = before.long()
    return total.gather(2, index) * (1 - share) + total.gather(2, index + 1) * share
