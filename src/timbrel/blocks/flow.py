"""Flows: from noise to data along a field of velocities that is learned.

Noise and data are joined by straight lines, ``x_t = (1 - t) * noise + t * data``; a network learns
how fast, on average, a point on such lines moves, and new data are drawn by moving a point of
noise along. Here are the pieces that such networks share.
"""

import math
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn

Layer = TypeVar("Layer", nn.Linear, nn.Conv2d)

WAVES = 32  # sines and cosines that a number in 0..1 is told by


def moved(
    velocity: Callable[[Tensor, Tensor], Tensor], start: Tensor, begin: float, steps: int
) -> Tensor:
    """Moves points along the field, from a time to 1, in even steps.

    Args:
        velocity: (points [B, K, L], time [B]) -> velocities [B, K, L].
        start: The points at `begin`, [B, K, L].
        begin: The time, 0 (noise) to 1 (data).
        steps: Steps of Euler's method from 0 to 1; fewer where it begins later.

    Returns:
        The points at 1, [B, K, L].

    Source:
        Lipman, Chen, Ben-Hamu, Nickel & Le 2023, "Flow matching for generative modeling".
    """
    count = max(1, math.ceil(steps * (1 - begin)))
    pace, point = (1 - begin) / count, start
    for number in range(count):
        time = start.new_full((len(start),), begin + number * pace)
        point = point + pace * velocity(point, time)
    return point


def waves(number: Tensor) -> Tensor:
    """Tells numbers within 0..1 by sines and cosines of growing frequency.

    Args:
        number: [B].

    Returns:
        [B, 64].

    Source:
        Vaswani et al. 2017, section 3.5.

    Example:
        >>> waves(torch.zeros(2)).shape
        torch.Size([2, 64])
    """
    steps = torch.arange(WAVES, device=number.device) / (WAVES - 1)
    angles = number.float()[:, None] * torch.exp(steps * math.log(1000.0))
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def told(size: int, channels: int) -> nn.Sequential:
    """Makes the small network that tells convolutions of one vector.

    Args:
        size: Length of the vector.
        channels: Channels of the convolutions.

    Returns:
        [B, size] -> [B, channels].

    Example:
        >>> told(4, 8)(torch.zeros(2, 4)).shape
        torch.Size([2, 8])
    """
    return nn.Sequential(nn.Linear(size, channels), nn.SiLU(), nn.Linear(channels, channels))


def zeroed(layer: Layer) -> Layer:
    """Sets a layer to zero, so that a fresh residual block passes its input on unchanged.

    Args:
        layer: The layer, which is changed.

    Returns:
        The same layer.

    Source:
        Goyal et al. 2017, section 5.1.

    Example:
        >>> float(zeroed(nn.Linear(2, 1))(torch.ones(2)).detach())
        0.0
    """
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
