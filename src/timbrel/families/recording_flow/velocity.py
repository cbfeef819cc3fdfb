"""The field of velocities at one scale: from noise to what is new there."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel.blocks.flow import WAVES, told, waves, zeroed
from timbrel.blocks.known_steps import AlongPositions

_APART = (1, 2, 4)
KINDS = 2  # of hints: dull, noisy


class Told(NamedTuple):
    """What a network is told, beside the point itself.

    Attributes:
        above: The scale above, made longer, or nothing at the coarsest, [B, K, L].
        known: What is known of the piece, as it is to come out, [B, K', L]; 0 where nothing is.
        mask: Where it is known, 1 there, else 0, [B, 1, L].
        hint: What a dull or noisy copy tells, [B, K', L]; 0 where there is none.
        kind: Which copy there is, one of them 1, both 0 where there is none, [B, KINDS, L].
    """

    above: Tensor
    known: Tensor
    mask: Tensor
    hint: Tensor
    kind: Tensor


class Guess(NamedTuple):
    """Where points come from: ``linear + spread * added``.

    Attributes:
        linear: The best linear guess, [B, K', L].
        added: What the network adds to it, [B, K', L].
        spread: The spread of what the linear guess misses, [B, K', 1].
    """

    linear: Tensor
    added: Tensor
    spread: Tensor


class Velocity(nn.Module):
    """The network of one scale: it guesses where points on the way from noise come from.

    Of each value the spread is known, and so is the best linear guess (Wiener's); the network
    only learns what that misses, in units of its spread.

    Args:
        components: K', values drawn at each position.
        above: K, values told of the scale above; 0 at the coarsest.
        channels: Width.
        blocks: Depth; they look along positions 1, 2, 4 apart, in turn.

    Shape:
        point [B, K', L], time [B], spread [K'], told -> three parts, [B, K', L]

    Source:
        Karras, Aittala, Aila & Laine 2022, "Elucidating the design space of diffusion-based
        generative models", section 5, with a spread for each value.
    """

    def __init__(self, components: int, above: int, *, channels: int, blocks: int) -> None:
        super().__init__()
        self.channels = channels
        self.widen = nn.Linear(3 * components + above + 1 + KINDS, channels)
        self.time = told(2 * WAVES, channels)
        self.blocks = nn.ModuleList(
            AlongPositions(channels, _APART[number % len(_APART)]) for number in range(blocks)
        )
        self.out = zeroed(nn.Linear(channels, components))

    def forward(self, point: Tensor, time: Tensor, spread: Tensor, told: Told) -> Guess:
        """See the class."""
        share, wide = time[:, None, None], spread[:, None]
        variance = (share * wide).square() + (1 - share).square()
        added = self._added(point / variance.sqrt(), time, told)
        linear = share * wide.square() / variance * point
        return Guess(linear, added, wide * (1 - share) / variance.sqrt())

    def velocity(self, point: Tensor, time: Tensor, spread: Tensor, told: Told) -> Tensor:
        """Tells how fast points move towards where they come from, [B, K', L]."""
        found: Guess = self(point, time, spread, told)
        data = found.linear + found.spread * found.added
        return (data - point) / (1 - time[:, None, None])

    def _added(self, point: Tensor, time: Tensor, told: Told) -> Tensor:
        signal = self.widen(torch.cat([point, *told], dim=1).transpose(1, 2))
        known = functional.silu(self.time(waves(time)))[:, None]
        for block in self.blocks:
            signal = block(signal, known)
        found: Tensor = self.out(functional.silu(functional.layer_norm(signal, (self.channels,))))
        return found.transpose(1, 2).float()

    @property
    def reach(self) -> int:
        """Positions that it sees to either side."""
        return sum(_APART[number % len(_APART)] for number in range(len(self.blocks)))
