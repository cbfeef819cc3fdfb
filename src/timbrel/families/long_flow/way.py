"""The way from noise to data: where a point on it is, and what is told and guessed there."""

from typing import Literal, NamedTuple

import torch
from torch import Tensor

from timbrel.families.long_flow.velocity import Conditions


class Place(NamedTuple):
    """A place on the way from noise to data, [B, 1, 1] each.

    Attributes:
        data: How much of the data is in a point there.
        noise: How much of the noise.
        data_pace: How fast the first grows.
        noise_pace: How fast the second grows.
    """

    data: Tensor
    noise: Tensor
    data_pace: Tensor
    noise_pace: Tensor


class Told(NamedTuple):
    """What the flow is told.

    Attributes:
        conditions: What its network sees.
        mean: What each coordinate is on average, [B, K', L].
        spread: How far it is from that, as a standard deviation, [B, K', L or 1].
    """

    conditions: Conditions
    mean: Tensor
    spread: Tensor


class Guess(NamedTuple):
    """Where the flow guesses points to come from: ``linear + spread * added``.

    Attributes:
        linear: The best linear guess, [B, K', L].
        added: What the network adds to it, [B, K', L].
        spread: The spread of what the linear guess misses, [B, K', L or 1].
    """

    linear: Tensor
    added: Tensor
    spread: Tensor


def place_of(time: Tensor, path: Literal["straight", "arc"]) -> Place:
    """Says where on the way a time is.

    Args:
        time: 0 (noise) to 1 (data), [B].
        path: Straight as in flow matching, or an arc of constant variance as in diffusion.

    Returns:
        The place.

    Source:
        Straight: Lipman et al. 2023, section 4.1. Arc: the variance-preserving cosine schedule of
        Nichol & Dhariwal 2021, as Albergo & Vanden-Eijnden 2023 write it.

    Example:
        >>> float(place_of(torch.tensor([0.25]), "straight").data)
        0.25
    """
    share = time[:, None, None]
    if path == "straight":
        return Place(share, 1 - share, torch.ones_like(share), -torch.ones_like(share))
    angle, pace = share * (torch.pi / 2), torch.pi / 2
    return Place(angle.sin(), angle.cos(), pace * angle.cos(), -pace * angle.sin())
