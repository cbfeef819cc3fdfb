"""Where latents are drawn from where there is no cloud, and the sphere that they lie on.

The prior of a network is normal, or evenly spread between two bounds. Of the latter each value is
seen through the normal quantile: there a way between two draws, or beyond one, passes through
likely values only, and whatever it comes to, the latent stays within the bounds.
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from torch import Tensor

from timbrel.errors import AbilityError
from timbrel.instruments.instrument import Instrument
from timbrel.instruments.offers import Samples
from timbrel.synthesis.renders import SEEDS

_LOOKED_AT = 4096  # values that tell an even prior from a normal one
_EVEN = 0.03  # farthest that their distribution may be from an even one
_INSIDE = 1e-6  # how near to a bound a value is told from it


@dataclass(frozen=True)
class Prior:
    """What the values of a latent are like.

    Attributes:
        bounds: The ends of an even spread; None where values are normal, or lie in a cloud.
    """

    bounds: tuple[float, float] | None = None

    def inward(self, latent: Tensor) -> Tensor:
        """Gives latents as normal values.

        Args:
            latent: Latents, [..., Z].

        Returns:
            Where moves are made, [..., Z].

        Example:
            >>> Prior((-1.0, 1.0)).inward(torch.tensor([0.0, 0.5])).round(decimals=3)
            tensor([0.0000, 0.6740])
        """
        if self.bounds is None:
            return latent
        low, high = self.bounds
        share = ((latent.double() - low) / (high - low)).clamp(_INSIDE, 1 - _INSIDE)
        return torch.from_numpy(ndtri(share.numpy())).to(latent.dtype)

    def outward(self, normal: Tensor) -> Tensor:
        """Gives normal values as latents; the way back of `inward`.

        Args:
            normal: Values, [..., Z].

        Returns:
            Latents, [..., Z], within the bounds.

        Example:
            >>> Prior((-1.0, 1.0)).outward(torch.tensor([0.0, 9.0]))
            tensor([0., 1.])
        """
        if self.bounds is None:
            return normal
        low, high = self.bounds
        share = torch.from_numpy(ndtr(normal.double().numpy()))
        return (low + (high - low) * share).to(normal.dtype)


def prior_of(instrument: Instrument) -> Prior:
    """Finds out what the latents of an instrument are like.

    Args:
        instrument: Any instrument that plays latents.

    Returns:
        Its prior; where it has a cloud, latents are taken as they lie there.
    """
    if instrument.cloud.plays or "sample" not in instrument.offers:
        return Prior()
    values = drawn(instrument, seed=0, number=0)
    count = max(1, _LOOKED_AT // len(values))
    more = [drawn(instrument, seed=0, number=number) for number in range(count)]
    return Prior(even_bounds(torch.cat(more)))


def even_bounds(values: Tensor) -> tuple[float, float] | None:
    """Tells whether values are spread evenly, and between what.

    Args:
        values: Some thousands of values, [M].

    Returns:
        Their bounds, to a hundredth; None where they are spread otherwise.

    Source:
        The distance of Kolmogorov and Smirnov.

    Example:
        >>> even_bounds(torch.linspace(-1, 1, 999)), even_bounds(torch.linspace(-1, 1, 999) ** 3)
        ((-1.0, 1.0), None)
    """
    sorted_, count = np.sort(values.double().numpy()), len(values)
    low, high = round(float(sorted_[0]), 2), round(float(sorted_[-1]), 2)
    if not high > low:
        return None
    expected = (np.arange(count) + 0.5) / count
    distance = np.abs((sorted_ - low) / (high - low) - expected).max()
    return (low, high) if distance < _EVEN else None


def drawn(instrument: Instrument, *, seed: int, number: int) -> Tensor:
    """Draws one latent from a network's own prior.

    Args:
        instrument: Who shall play it.
        seed: A whole number of 0 or more.
        number: Which draw of this seed; it is the same however many are asked for.

    Returns:
        The latent, [Z].

    Raises:
        AbilityError: When the network has no prior.
    """
    network = instrument.network
    if "sample" not in instrument.offers or not isinstance(network, Samples):
        raise AbilityError(f"the network of {instrument.name!r} has no prior to draw from")
    generator = torch.Generator().manual_seed(seed * SEEDS + number)
    with torch.inference_mode():
        latent = network.sample(1, generator)[0]
    return latent.cpu().clone()
