"""The network of `catch_a_waveform`: what it makes of its recordings."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from timbrel.blocks.outline import Outline
from timbrel.errors import AbilityError
from timbrel.families import DataFacts
from timbrel.families.catch_a_waveform.config import CatchAWaveformOptions
from timbrel.families.catch_a_waveform.playing import Base, Climb, Noise, Span, stretches
from timbrel.families.catch_a_waveform.pyramid import Pyramid
from timbrel.signal import resampling

_BLOCK = 4096  # samples whose noise one seed gives


class CatchAWaveform(Pyramid):
    """Makes waveforms from noise, a scale at a time, that sound as its recordings do.

    Codes are waveforms, [C, N], relative to the recordings' peak. Where training stopped below the
    last scale, what is made has no frequencies above that scale's.

    Args:
        options: The recipe's network table.
        facts: The recordings: channels, length and rate.

    Source:
        Greshler, Shaham & Michaeli 2021, "Catch-A-Waveform: Learning to generate audio from a
        single short example"; Sanz 2022 (S2).
    """

    @torch.no_grad()
    def improvise(self, outline: Outline, generator: torch.Generator) -> Iterator[Tensor]:
        """Makes a piece, stretch by stretch.

        Args:
            outline: What is wanted.
            generator: Where the noise comes from.

        Yields:
            Codes, [C, N'] each, one after the other.
        """
        halves = torch.randint(2**31, (2,), generator=generator, device=generator.device).tolist()
        seed = halves[0] * 2**31 + halves[1]
        base = self._base(outline)
        if base.scale > self.scale:
            raise AbilityError(
                f"it learned nothing above {self.rates_hz[self.scale] / 2:g} Hz",
                "a sound that is whole up to less than that",
                "train it further: --resume with a larger budget",
            )
        climb = Climb(self, self._noise(outline, seed), self._span(outline), base)
        length = self.length_at(self.scale, outline.frames) if outline.frames else None
        made = (part[0, :, 0] for part in stretches(climb, self.scale, length))
        yield from self._at_full_rate(made)

    def _at_full_rate(self, parts: Iterator[Tensor]) -> Iterator[Tensor]:
        """Raises what a scale below the last made to the full rate."""
        rate, full = self.rates_hz[self.scale], self.rates_hz[-1]
        if rate == full:
            yield from (part.clone() for part in parts)
            return
        yield from resampling.resampled_parts(parts, from_hz=rate, to_hz=full)

    def _base(self, outline: Outline) -> Base:
        """What the climb begins with: the code at a low rate, or nothing."""
        code = outline.code
        if code is None or (outline.amount >= 1 and not outline.known_hz):
            return Base(0, None)
        if outline.known_hz:
            scale = sum(rate <= 2 * outline.known_hz * (1 + 1e-6) for rate in self.rates_hz)
        else:
            scale = max(1, round((1 - outline.amount) * self.scale))
        scale = max(1, scale)
        if scale > self.scale:
            return Base(scale, None)
        return Base(scale, self._lowered(code, scale - 1))

    def _span(self, outline: Outline) -> Span:
        """Where there is sound: a piece that begins and ends freely has more around it."""
        if outline.code is None:
            return Span(None, None)
        end_s = outline.frames / self.rates_hz[-1]
        if outline.amount < 1 or outline.known_hz:
            return Span(0.0, end_s)
        kept = outline.kept
        begins = kept is not None and bool(kept[0] > 0)
        ends = kept is not None and bool(kept[-1] > 0)
        return Span(0.0 if begins else None, end_s if ends else None)

    def _noise(self, outline: Outline, seed: int) -> Noise:
        """Fresh noise, but where the code is kept: there what brings it back."""
        fresh = self._fresh(seed)
        if outline.kept is None:
            return fresh
        kept, (number, before) = outline.kept.float(), self._place_of(outline.first_frame)

        def noise(scale: int, first: int, end: int) -> Tensor:
            drawn = fresh(scale, first, end)
            ratio = self.rates_hz[-1] / self.rates_hz[scale]
            place = (torch.arange(first, end) * ratio).round().long()
            inside = (place >= 0) & (place < len(kept))
            share = kept[place.clamp(0, len(kept) - 1)] * inside
            shift = self.length_at(scale, before) if before else 0
            known = self._known(scale, number, first + shift, end + shift)
            return torch.lerp(drawn, known, share.to(drawn))

        return noise

    def _fresh(self, seed: int) -> Noise:
        channels, device = self.recording.channels, self.noise_sizes.device

        def block(scale: int, number: int) -> Tensor:
            place = np.random.SeedSequence([seed, scale, number % 2**32])
            draws = torch.Generator().manual_seed(int(place.generate_state(1)[0]))
            return torch.randn(channels, _BLOCK, generator=draws)

        def noise(scale: int, first: int, end: int) -> Tensor:
            low, high = first // _BLOCK, -(-end // _BLOCK)
            whole = torch.cat([block(scale, number) for number in range(low, high)], dim=1)
            part = whole[:, first - low * _BLOCK : end - low * _BLOCK].to(device)
            return self.noise_sizes[scale] * part[None, :, None]

        return noise

    def _known(self, scale: int, number: int, first: int, end: int) -> Tensor:
        """The noise that brings a recording back; nothing above the first scale."""
        shape = (1, self.recording.channels, 1, end - first)
        known = torch.zeros(shape, device=self.noise_sizes.device)
        if scale:
            return known
        length = self.length_at(0, self.recording.parts()[number].shape[1])
        low, high = max(0, first), min(end, length)
        if low < high:
            told = self.noise_sizes[0] * self.first_noise(number, length)
            known[..., low - first : high - first] = told[..., low:high]
        return known

    def _place_of(self, frame: int) -> tuple[int, int]:
        """Which recording a frame of all of them belongs to, and the frames of it before that."""
        ends = [0, *(int(end) for end in self.recording.ends if end > 0)]
        number = next((n for n, end in enumerate(ends[1:]) if frame < end), len(ends) - 2)
        return number, frame - ends[number]


def build(options: CatchAWaveformOptions, facts: DataFacts) -> CatchAWaveform:
    """Builds the network that a recipe asks for.

    Args:
        options: The recipe's network table.
        facts: The recordings: channels, length and rate.

    Returns:
        A freshly initialised network.

    Raises:
        RecipeError: When the codes are no waveforms, or the last scale is not the recipe's rate.
    """
    return CatchAWaveform(options, facts)
