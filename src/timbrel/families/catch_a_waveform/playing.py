"""How `catch_a_waveform` plays: stretch by stretch, so that long pieces take little memory.

Each scale keeps the end of what it made. To make more, it takes more from the scale below, which
takes more from the one below that::

    scale 2   |=============>            made so far
    scale 1   |=================>        as much more as scale 2 sees ahead
    scale 0   |=========================>

What lies before the beginning of a new piece is made as well, and thrown away: no sound begins in
silence that it would learn to begin with. Only where a piece begins as the recording does is there
silence before it, as there was in training.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from timbrel.families.catch_a_waveform.pyramid import Pyramid
from timbrel.signal.interpolation import places, taken

STRETCH_S = 4.0  # that is made at once
_BESIDE = 3  # samples to either side that interpolation looks at
_LEAD = 1  # sample before that the pre-emphasis looks at
_FAR = 2**62

# scale, first sample, the one after the last -> noise [1, C, 1, L]
Noise = Callable[[int, int, int], Tensor]


class Span(NamedTuple):
    """Where there is sound at all, in seconds; None where it never begins, or never ends."""

    begin_s: float | None
    end_s: float | None


class Base(NamedTuple):
    """What a climb begins with.

    Attributes:
        scale: The first scale that is made.
        signal: What comes from below it, at the rate of the scale below, [1, C, 1, L]; None for
            silence.
    """

    scale: int
    signal: Tensor | None


class Climb:
    """A piece in the making.

    Args:
        pyramid: Who plays.
        noise: The noise of each scale.
        span: Where there is sound.
        base: What it begins with.
    """

    def __init__(self, pyramid: Pyramid, noise: Noise, span: Span, base: Base) -> None:
        self.pyramid, self.noise, self.span, self.base = pyramid, noise, span, base
        self._made: dict[int, Tensor] = {}  # the end of what each scale made
        self._first: dict[int, int] = {}  # number of its first sample

    def stretch(self, scale: int, first: int, end: int) -> Tensor:
        """Makes samples of a scale; they are asked for from left to right.

        Args:
            scale: The scale.
            first: Number of the first sample; what lies before it is forgotten.
            end: Number of the one after the last.

        Returns:
            The signal, [1, C, 1, end - first].
        """
        if scale not in self._made:
            self._made[scale] = self._nothing(0)
            self._first[scale] = first
        made = self._made[scale]
        reached = self._first[scale] + made.shape[-1]
        if reached < end:
            made = torch.cat([made, self._more(scale, reached, end)], dim=3)
        kept = made[..., first - self._first[scale] :]
        self._made[scale], self._first[scale] = kept, first
        return kept[..., : end - first]

    def _more(self, scale: int, first: int, end: int) -> Tensor:
        low, high = self._bounds(scale)
        begin, over = (min(max(place, low), high) for place in (first, end))
        if begin >= over:
            return self._nothing(end - first)
        # where a piece begins in silence, nothing leads in; the gates look a little further
        gates = self.pyramid.options.kernel // 2
        beside = (_LEAD + gates) * (begin > low), gates * (over < high)
        made = self._heard(scale, begin, over, beside)
        return torch.nn.functional.pad(made, (begin - first, end - over))

    def _heard(self, scale: int, first: int, end: int, beside: tuple[int, int]) -> Tensor:
        reach = self.pyramid.options.reach
        wide = first - beside[0] - reach, end + beside[1] + reach
        coarse = self._silenced(scale, self._coarse(scale, *wide), *wide)
        noise = self._silenced(scale, self.noise(scale, *wide), *wide)
        parts = (
            part.contiguous(memory_format=torch.channels_last) for part in (coarse + noise, coarse)
        )
        made: Tensor = self.pyramid.generator[scale](*parts, beside)
        return made

    def _coarse(self, scale: int, first: int, end: int) -> Tensor:
        if scale == self.base.scale and self.base.signal is None:
            return self._nothing(end - first)
        rates = self.pyramid.rates_hz
        place = places(first, end, rates[scale] / rates[scale - 1])
        bounds = self._bounds(scale - 1)  # beyond them interpolation sees a mirror
        low = max(math.floor(place[0]) - _BESIDE, bounds[0])
        high = max(low + 1, min(math.floor(place[-1]) + 1 + _BESIDE, bounds[1]))
        if scale == self.base.scale:
            below = self._given(low, high)
        else:
            below = self.stretch(scale - 1, low, high)
        return taken(below, place.to(below.device) - low)

    def _bounds(self, scale: int) -> tuple[int, int]:
        """The first sample of a scale that is heard, and the one after the last."""
        rate = self.pyramid.rates_hz[scale]
        begin_s, end_s = self.span
        low = -_FAR if begin_s is None else round(begin_s * rate)
        return low, _FAR if end_s is None else max(low + 1, round(end_s * rate))

    def _given(self, first: int, end: int) -> Tensor:
        """Samples of what the climb begins with; there is silence around it."""
        assert self.base.signal is not None  # noqa: S101 - asked for only where there is one
        signal = self.base.signal
        inside = signal[..., max(0, first) : max(0, end)]
        before = min(max(0, -first), end - first)
        after = end - first - before - inside.shape[-1]
        return torch.nn.functional.pad(inside, (before, after))

    def _silenced(self, scale: int, signal: Tensor, first: int, end: int) -> Tensor:
        """Takes away what lies where there is no sound."""
        low, high = self._bounds(scale)
        if low <= first and end <= high:
            return signal
        signal = signal.clone()
        signal[..., : max(0, low - first)] = 0
        signal[..., max(0, high - first) :] = 0
        return signal

    def _nothing(self, length: int) -> Tensor:
        shape = (1, self.pyramid.recording.channels, 1, length)
        return torch.zeros(shape, device=self.pyramid.noise_sizes.device)


def stretches(climb: Climb, scale: int, length: int | None) -> Iterator[Tensor]:
    """Makes a piece stretch by stretch.

    Args:
        climb: The piece in the making.
        scale: The scale at which it is wanted.
        length: Samples of that scale; None for a piece without an end.

    Yields:
        Signals, [1, C, 1, L] each.
    """
    size, first = max(1, round(STRETCH_S * climb.pyramid.rates_hz[scale])), 0
    while length is None or first < length:
        end = first + size if length is None else min(first + size, length)
        yield climb.stretch(scale, first, end)
        first = end
