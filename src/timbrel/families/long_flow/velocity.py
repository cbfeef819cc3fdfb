"""The field of velocities: from noise to the detail of music, with dilations in beats."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel.blocks.flow import WAVES, told, waves, zeroed
from timbrel.blocks.known_steps import AlongPositions, Known
from timbrel.families.long_flow.beats import CYCLES, Metre, clock, neighbours

# what the blocks look along, in turn: three positions so far apart, or three moments so many beats
_POSITIONS, _BEATS = (1, 2, 4), (1, 4, 16)


class Conditions(NamedTuple):
    """What the flow is told of the pieces that it draws; `conditions` readies it.

    Attributes:
        latent: Latents, as the network scales them, [B, L or 1, Z].
        seen: The groove and the beat at each position, [B, L, coarse + 17].
        rows: For each distance in beats, the rows of the moments before and after, [B, 2, L].
        doubt: How much noise the latents hold, [B], 0 to 1.
    """

    latent: Tensor
    seen: Tensor
    rows: tuple[Tensor, ...]
    doubt: Tensor


def conditions(latent: Tensor, coarse: Tensor, metre: Metre, doubt: Tensor) -> Conditions:
    """Readies what stays the same however often the flow is asked.

    Args:
        latent: [B, L or 1, Z].
        coarse: The groove at each position, [B, coarse, L].
        metre: The beat of L positions.
        doubt: [B].

    Returns:
        The conditions.
    """
    seen = torch.cat([coarse.transpose(1, 2), clock(metre)], dim=2)
    rows = tuple(flat_rows(metre.beats, apart) for apart in _BEATS)
    return Conditions(latent, seen, rows, doubt)


class AlongBeats(nn.Module):
    """Joins each moment with those some beats before and after; fresh, it changes nothing.

    A dilated convolution whose dilation is musical time: whatever the tempo, it sees the same
    place of the bar before and of the bar after.

    Args:
        channels: C.

    Shape:
        signal [B, L, C], known [B, L or 1, C], rows [B, 2, L] -> [B, L, C]
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.known = Known(channels)
        self.join = nn.Linear(3 * channels, channels)
        self.mix = zeroed(nn.Linear(channels, channels))

    def forward(self, signal: Tensor, known: Tensor, rows: Tensor) -> Tensor:
        """See the class; `rows` are those of `flat_rows`."""
        inner = self.known(signal, known)
        every = torch.cat([inner.flatten(0, 1), inner.new_zeros(1, inner.shape[2])])
        before, after = every[rows[:, 0]], every[rows[:, 1]]
        joined = self.join(torch.cat([before, inner, after], dim=2))
        mixed: Tensor = self.mix(functional.silu(joined))
        return signal + mixed


def flat_rows(beats: Tensor, apart: float) -> Tensor:
    """Finds `neighbours` as rows of all positions of a batch; the last row is "outside".

    Args:
        beats: Beats that have passed, [B, L].
        apart: How many beats apart.

    Returns:
        Rows, [B, 2, L].
    """
    count, length = beats.shape
    found = neighbours(beats, apart)
    first = torch.arange(count, device=beats.device)[:, None, None] * length
    return torch.where(found < length, found + first, count * length)


class Velocity(nn.Module):
    """The field of velocities.

    Args:
        coordinates: K', values drawn at each position.
        coarse: Values of the groove at each position.
        latent_size: Z.
        channels: Width.
        blocks: Depth; they look along positions 1, 2, 4 and beats 1, 4, 16 apart, in turn.

    Shape:
        point [B, K', L], time [B], conditions -> [B, K', L]
    """

    def __init__(
        self, coordinates: int, coarse: int, latent_size: int, *, channels: int, blocks: int
    ) -> None:
        super().__init__()
        self.channels = channels
        self.widen = nn.Linear(coordinates + coarse + 2 * len(CYCLES) + 1, channels)
        self.time = told(2 * WAVES, channels)
        self.doubt = told(2 * WAVES, channels)
        self.latent = told(latent_size, channels)
        self.blocks = nn.ModuleList(_block(number, channels) for number in range(blocks))
        self.out = zeroed(nn.Linear(channels, coordinates))

    def forward(self, point: Tensor, time: Tensor, told: Conditions) -> Tensor:
        """See the class."""
        signal = self.widen(torch.cat([point.transpose(1, 2), told.seen], dim=2))
        of_all = self.time(waves(time)) + self.doubt(waves(told.doubt))
        known = functional.silu(of_all[:, None] + self.latent(told.latent))
        for number, block in enumerate(self.blocks):
            turn = _turn(number)
            signal = block(signal, known) if turn < 0 else block(signal, known, told.rows[turn])
        found: Tensor = self.out(functional.silu(functional.layer_norm(signal, (self.channels,))))
        return found.transpose(1, 2).float()


def _turn(number: int) -> int:
    """Which of the distances in beats a block looks along; below 0 where it is positions."""
    return number % (len(_POSITIONS) + len(_BEATS)) - len(_POSITIONS)


def _block(number: int, channels: int) -> nn.Module:
    turn = _turn(number)
    return AlongPositions(channels, _POSITIONS[turn]) if turn < 0 else AlongBeats(channels)
