"""The flow: from noise to the detail of a sound, along a field of velocities that is learned.

Noise and detail are joined by straight lines, ``x_t = (1 - t) * noise + t * detail``; the network
learns how fast, on average, a point on such lines moves, and a new detail is drawn by moving a
point of noise along.
"""

import math
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

Layer = TypeVar("Layer", nn.Linear, nn.Conv2d)

_WAVES = 32  # sines and cosines that a number in 0..1 is told by
_DILATIONS = (1, 2, 4, 8)
_POSITION_SCALES = (2.0, 8.0, 32.0)  # strips after which a fading clock has fallen to 1/e


class FlowBlock(nn.Module):
    """Normalise, shift by what is known of the sound, convolve along time, add to the input.

    A fresh block passes its input on unchanged.

    Args:
        channels: Channels of input and output.
        dilation: Positions between the three that the convolution sees.

    Shape:
        [B, C, 1, L], known [B, C] -> [B, C, 1, L]

    Source:
        Peebles & Xie 2023, section 3.2 (adaLN-zero), over dilated convolutions.
    """

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, channels, affine=False)
        self.known = _zero(nn.Linear(channels, 2 * channels))
        self.along = nn.Conv2d(
            channels, channels, (1, 3), padding=(0, dilation), dilation=(1, dilation)
        )
        self.mix = _zero(nn.Conv2d(channels, channels, 1))

    def forward(self, signal: Tensor, known: Tensor) -> Tensor:
        """Adds what the block has learned to its input, [B, C, 1, L]."""
        gain, shift = self.known(known)[:, :, None, None].chunk(2, dim=1)
        inner = self.along(functional.silu(self.norm(signal) * (1 + gain) + shift))
        mixed: Tensor = self.mix(functional.silu(inner))
        return signal + mixed


class Velocity(nn.Module):
    """The field of velocities.

    Args:
        coordinates: K', values drawn at each position.
        coarse: Values of the coarse sound at each position, told by the plan.
        latent_size: Z, of the plan.
        channels: Width.
        blocks: Depth; dilations go round 1, 2, 4, 8.

    Shape:
        point [B, K', L], time [B], plan [B, Z], coarse [B, coarse, L], doubt [B] -> [B, K', L]
    """

    def __init__(
        self, coordinates: int, coarse: int, latent_size: int, *, channels: int, blocks: int
    ) -> None:
        super().__init__()
        into = coordinates + coarse + len(_POSITION_SCALES)
        self.widen = nn.Conv2d(into, channels, 1)
        self.time = _told(2 * _WAVES, channels)
        self.doubt = _told(2 * _WAVES, channels)
        self.plan = _told(latent_size, channels)
        self.blocks = nn.ModuleList(
            FlowBlock(channels, _DILATIONS[number % len(_DILATIONS)]) for number in range(blocks)
        )
        self.norm = nn.GroupNorm(1, channels)
        self.out = _zero(nn.Conv2d(channels, coordinates, 1))

    def forward(
        self, point: Tensor, time: Tensor, plan: Tensor, coarse: Tensor, doubt: Tensor
    ) -> Tensor:
        """See the class."""
        clock = _clock(point).expand(len(point), -1, -1)
        signal = torch.cat([point, coarse, clock], dim=1)[:, :, None]
        signal = self.widen(signal.contiguous(memory_format=torch.channels_last))
        known = self.time(waves(time)) + self.doubt(waves(doubt)) + self.plan(plan)
        known = functional.silu(known)
        for block in self.blocks:
            signal = block(signal, known)
        velocity: Tensor = self.out(functional.silu(self.norm(signal)))
        return velocity.squeeze(2).float()


def moved(
    velocity: nn.Module, start: Tensor, begin: float, conditions: tuple[Tensor, ...], steps: int
) -> Tensor:
    """Moves points along the field, from a time to 1, in even steps.

    Args:
        velocity: A `Velocity`.
        start: The points at `begin`, [B, K', L].
        begin: The time, 0 (noise) to 1 (detail).
        conditions: Plan [B, Z], coarse [B, coarse, L] and doubt [B].
        steps: Steps of Euler's method from 0 to 1; fewer where it begins later.

    Returns:
        The points at 1, [B, K', L].

    Source:
        Lipman, Chen, Ben-Hamu, Nickel & Le 2023, "Flow matching for generative modeling".
    """
    plan, coarse, doubt = conditions
    count = max(1, math.ceil(steps * (1 - begin)))
    pace, point = (1 - begin) / count, start
    for number in range(count):
        time = start.new_full((len(start),), begin + number * pace)
        point = point + pace * velocity(point, time, plan, coarse, doubt)
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
    steps = torch.arange(_WAVES, device=number.device) / (_WAVES - 1)
    angles = number.float()[:, None] * torch.exp(steps * math.log(1000.0))
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def _clock(point: Tensor) -> Tensor:
    """How long ago the sound began, as values that fade at three rates, [1, 3, L]."""
    position = torch.arange(point.shape[2], device=point.device)
    scales = torch.tensor(_POSITION_SCALES, device=point.device)
    return torch.exp(-position / scales[:, None])[None].to(point.dtype)


def _told(size: int, channels: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(size, channels), nn.SiLU(), nn.Linear(channels, channels))


def _zero(layer: Layer) -> Layer:
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
