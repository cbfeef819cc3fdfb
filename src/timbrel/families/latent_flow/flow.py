"""The flow: from noise to the detail of a sound, along a field of velocities that is learned.

Noise and detail are joined by straight lines, ``x_t = (1 - t) * noise + t * detail``; the network
learns how fast, on average, a point on such lines moves, and a new detail is drawn by moving a
point of noise along.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel.blocks.flow import WAVES, told, waves, zeroed

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
        self.known = zeroed(nn.Linear(channels, 2 * channels))
        self.along = nn.Conv2d(
            channels, channels, (1, 3), padding=(0, dilation), dilation=(1, dilation)
        )
        self.mix = zeroed(nn.Conv2d(channels, channels, 1))

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
        self.time = told(2 * WAVES, channels)
        self.doubt = told(2 * WAVES, channels)
        self.plan = told(latent_size, channels)
        self.blocks = nn.ModuleList(
            FlowBlock(channels, _DILATIONS[number % len(_DILATIONS)]) for number in range(blocks)
        )
        self.norm = nn.GroupNorm(1, channels)
        self.out = zeroed(nn.Conv2d(channels, coordinates, 1))

    def forward(
        self, point: Tensor, time: Tensor, plan: Tensor, coarse: Tensor, doubt: Tensor
    ) -> Tensor:
        """See the class."""
        clock = _clock(point).expand(point.shape[0], -1, -1)
        signal = torch.cat([point, coarse, clock], dim=1)[:, :, None]
        signal = self.widen(signal.contiguous(memory_format=torch.channels_last))
        known = self.time(waves(time)) + self.doubt(waves(doubt)) + self.plan(plan)
        known = functional.silu(known)
        for block in self.blocks:
            signal = block(signal, known)
        velocity: Tensor = self.out(functional.silu(self.norm(signal)))
        return velocity.squeeze(2).float()


def _clock(point: Tensor) -> Tensor:
    """How long ago the sound began, as values that fade at three rates, [1, 3, L]."""
    position = torch.arange(point.shape[2], device=point.device)
    scales = torch.tensor(_POSITION_SCALES, device=point.device)
    return torch.exp(-position / scales[:, None])[None].to(point.dtype)
