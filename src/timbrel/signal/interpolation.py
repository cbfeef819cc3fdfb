"""Values between samples, by cubic interpolation: higher sampling rates at any ratio."""

import torch
from torch import Tensor

from timbrel.errors import UsageError

_NEIGHBOURS = torch.arange(-1, 3)


def stretched(sound: Tensor, ratio: float, length_samples: int) -> Tensor:
    """Raises a sampling rate: each sample of the output lies between four of the input.

    The first samples of both lie at the same moment, as those of `resampling.resample` do.

    Args:
        sound: Waveforms, [..., T], T at least 1.
        ratio: The new rate over the old one, at least 1.
        length_samples: Length of the output.

    Returns:
        Waveforms, [..., length_samples].

    Raises:
        UsageError: When the ratio is below 1: a lower rate needs a filter.

    Source:
        See `taken`.

    Example:
        >>> stretched(torch.tensor([0.0, 1.0, 2.0, 3.0]), 2, 8)[2:5]
        tensor([1.0000, 1.5000, 2.0000])
    """
    if ratio < 1:
        raise UsageError(f"a ratio of rates of {ratio:g}", "1 or more")
    return taken(sound, places(0, length_samples, ratio).to(sound.device))


def places(first: int, end: int, ratio: float) -> Tensor:
    """Tells where samples of a higher rate lie among those of a lower one.

    Args:
        first: Number of the first sample.
        end: Number of the one after the last.
        ratio: The higher rate over the lower one.

    Returns:
        Places, float64 [end - first].

    Example:
        >>> places(0, 3, 2)
        tensor([0.0000, 0.5000, 1.0000], dtype=torch.float64)
    """
    return torch.arange(first, end, dtype=torch.float64) / ratio


def taken(sound: Tensor, place: Tensor) -> Tensor:
    """Tells the values of a signal between its samples; beyond its ends as in a mirror.

    Args:
        sound: Waveforms, [..., T], T at least 1.
        place: Places in samples, float64 [P].

    Returns:
        Values, [..., P].

    Source:
        Keys 1981, "Cubic convolution interpolation for digital image processing", a = -1/2.

    Example:
        >>> squares = torch.tensor([0.0, 1.0, 4.0, 9.0, 16.0])
        >>> taken(squares, torch.tensor([2.5], dtype=torch.float64))
        tensor([6.2500])
    """
    count = sound.shape[-1]
    before = place.floor()
    index = (before[:, None] + _NEIGHBOURS.to(place.device)).long()
    weight = _keys(place[:, None] - index).to(sound.dtype)
    mirrored = index % (2 * count)
    inside = torch.where(mirrored < count, mirrored, 2 * count - 1 - mirrored)
    found = sound.new_zeros(*sound.shape[:-1], len(place))
    for number in range(4):  # one after the other: four times the output would be a lot of memory
        found.addcmul_(sound[..., inside[:, number]], weight[:, number])
    return found


def _keys(distance: Tensor) -> Tensor:
    near = distance.abs()
    inner = 1.5 * near**3 - 2.5 * near**2 + 1
    outer = -0.5 * near**3 + 2.5 * near**2 - 4 * near + 2
    return torch.where(near <= 1, inner, torch.where(near < 2, outer, 0.0))
