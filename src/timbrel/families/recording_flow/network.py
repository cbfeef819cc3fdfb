"""The network of `recording_flow`: how it draws pieces, scale by scale, stretch by stretch."""

from collections.abc import Iterator
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel.blocks.flow import moved
from timbrel.blocks.outline import Outline
from timbrel.blocks.recording import Recording
from timbrel.errors import RecipeError, TrainingError
from timbrel.families import DataFacts
from timbrel.families.recording_flow.config import RecordingFlowOptions
from timbrel.families.recording_flow.copies import DULL, NOISY, dulled
from timbrel.families.recording_flow.scales import Scales
from timbrel.families.recording_flow.velocity import KINDS, Told, Velocity
from timbrel.signal import stereo

CONTEXT, STRETCH, MARGIN = 16, 32, 2  # positions of the coarsest scale: seen, made, made again
_DRAWS_OF_CLEAN = 4


class Given(NamedTuple):
    """What is given of a piece, at the rate of frames.

    Attributes:
        components: What it follows, [K, N].
        kept: Where it comes out as it is, 1 there, else 0, [N].
        anew: How much of each scale is drawn anew where it is not kept, 0 to 1, the coarsest first.
        hint: Components of a dull or noisy copy, [K, N]; None where there is none.
        kind: Which kind of copy.
    """

    components: Tensor
    kept: Tensor
    anew: tuple[float, ...]
    hint: Tensor | None = None
    kind: int = 0


class RecordingFlow(nn.Module):
    """Draws magnitudes that sound as its recordings do, from coarse to fine.

    Codes are magnitudes in dB as 0..1, [F, N]; of two channels the rows of `signal.stereo` come
    below them.

    Args:
        options: The recipe's network table.
        facts: The recordings: rows, frames, channels, length.

    Source:
        Flow matching: Lipman et al. 2023. A pyramid that learns one signal: Shaham, Dekel &
        Michaeli 2019, "SinGAN"; Kulikov et al. 2023, "SinDDM". That scales are of time, of the
        recording's own principal components, and that gaps, dull and noisy copies are learned
        beside them, is ours.
    """

    memory_format = torch.channels_last

    def __init__(self, options: RecordingFlowOptions, facts: DataFacts) -> None:
        super().__init__()
        sides = stereo.ROWS if facts.channels == 2 else 0
        if facts.bins < sides + 2 or facts.frames < 2 or not facts.length_samples:
            raise RecipeError(
                f"a code of {facts.bins} rows and {facts.frames} frames",
                "the front end log_magnitude, and a recording",
            )
        self.options, self.bins = options, facts.bins - sides
        self.hop_samples = max(1, round(facts.length_samples / facts.frames))
        self.sample_rate = facts.sample_rate
        self.recording = Recording(facts.channels, facts.length_samples)
        self.scales = Scales(options, facts.bins)
        widths = (0, *options.components[:-1])
        self.velocities = nn.ModuleList(
            Velocity(count, above, channels=channels, blocks=blocks)
            for count, above, channels, blocks in zip(
                options.components, widths, options.channels, options.blocks, strict=True
            )
        )

    @property
    def span(self) -> int:
        """Frames of a position of the coarsest scale."""
        return self.options.frames_a_position[0]

    def known_frames(self) -> Tensor:
        """Tells which frames of the recordings see no hole, 1 there, else 0, [N]."""
        missing = 1 - self.recording.known()
        # a window lies across two hops to either side; the rows of two channels look further
        reach = (2 if self.recording.channels == 1 else 8) * self.hop_samples
        near = functional.max_pool1d(missing[None, None], 2 * reach + 1, 1, reach)[0, 0]
        return 1 - near[:: self.hop_samples]

    @torch.no_grad()
    def inherit(self, other: object, code: Tensor) -> None:
        """Begins with what another network learned; see `Improvises.inherit`.

        Args:
            other: A network of the same recipe.
            code: The code of this one's own recordings, [F, N].

        Raises:
            TrainingError: When the two are not of the same sizes.
        """
        alike = (
            isinstance(other, RecordingFlow)
            and _sizes(other.options) == _sizes(self.options)
            and other.scales.basis.shape == self.scales.basis.shape
        )
        if not alike or not isinstance(other, RecordingFlow):
            raise TrainingError(
                "an instrument whose network has other sizes, or hears other channels",
                "one of the same network table and the same number of channels",
            )
        self.velocities.load_state_dict(other.velocities.state_dict())
        self.scales.turn_to(other.scales, code, self.known_frames().to(code.device))

    # --- pieces --------------------------------------------------------------------------------

    @torch.no_grad()
    def improvise(self, outline: Outline, generator: torch.Generator) -> Iterator[Tensor]:
        """Makes a piece, stretch by stretch.

        Args:
            outline: What is wanted.
            generator: Where the randomness comes from.

        Yields:
            Codes, [F, N'] each, one after the other.
        """
        if outline.code is None:
            yield from self._anew(outline.frames, generator)
            return
        code = outline.code.to(self.scales.mean.device)
        made = self._following(self._given(outline, code), generator)[:, : outline.frames]
        found = self.scales.code(made).clamp(0, 1)
        if outline.kept is not None:
            found = torch.where(outline.kept.to(found.device) > 0, code, found)
        yield found

    def _anew(self, frames: int, generator: torch.Generator) -> Iterator[Tensor]:
        """A new piece: each stretch goes on from the one before."""
        context, stretch, margin = (self.span * count for count in (CONTEXT, STRETCH, MARGIN))
        most = self.options.components[-1]
        before = self.scales.mean.new_zeros(most, 0)
        made = 0
        while not frames or made < frames:
            seen = before[:, -context:]
            known, more = seen.shape[1], stretch + margin
            given = Given(
                functional.pad(seen, (0, more)),
                functional.pad(seen.new_ones(known), (0, more)),
                (1.0,) * len(self.velocities),
            )
            drawn = self._drawn(given, generator)[:, known : known + stretch]
            before = torch.cat([seen, drawn], dim=1)
            yield self.scales.code(drawn).clamp(0, 1)
            made += stretch

    def _given(self, outline: Outline, code: Tensor) -> Given:
        components = self.scales.of(code)
        kept = torch.zeros(code.shape[1]) if outline.kept is None else outline.kept
        kept = kept.to(components)
        if outline.known_hz:
            dull = dulled(code, self._bin(outline.known_hz), bins=self.bins)
            every = (1.0,) * len(self.velocities)
            return Given(components, kept, every, self.scales.of(dull), DULL)
        if outline.foreign:
            components = self._likened(components)
        return Given(components, kept, self._shares(outline))

    def _shares(self, outline: Outline) -> tuple[float, ...]:
        """How much of each scale is drawn anew: of a small amount only the fine ones."""
        count = len(self.velocities)
        if outline.foreign:  # its details are never taken
            return (outline.amount, *(1.0,) * (count - 1))
        return tuple(
            min(max(count * outline.amount - (count - 1 - scale), 0.0), 1.0)
            for scale in range(count)
        )

    def _likened(self, components: Tensor) -> Tensor:
        """Gives the components of another sound the means and spreads of the recordings' own."""
        first = self.options.components[0]
        soft = self.scales.sizes[0, :first]
        own = soft.square() / soft.max()  # not softened
        other = components[:first]
        spread = other.std(1, correction=0, keepdim=True).clamp(min=1e-4)
        scaled = (other - other.mean(1, keepdim=True)) / spread
        out = torch.zeros_like(components)
        out[:first] = scaled * own[:, None] + self.scales.first[:, None]
        return out

    def _bin(self, hz: float) -> int:
        top = self.sample_rate / 2
        return max(1, min(self.bins, int(hz / top * (self.bins - 1)) + 1))

    def _following(self, given: Given, generator: torch.Generator) -> Tensor:
        """Draws what is given a length for, which is first made to fit all scales."""
        count = given.components.shape[1]
        missing = -count % self.span

        def fitted(part: Tensor) -> Tensor:
            if not missing:
                return part
            return torch.cat([part, part[..., -1:].expand(*part.shape[:-1], missing)], dim=-1)

        hint = None if given.hint is None else fitted(given.hint)
        whole = given._replace(
            components=fitted(given.components), kept=fitted(given.kept), hint=hint
        )
        return self._drawn(whole, generator)[:, :count]

    def _drawn(self, given: Given, generator: torch.Generator) -> Tensor:
        """Draws all scales, the coarsest first; [K, N]."""
        above: Tensor | None = None
        for scale in range(len(self.velocities)):
            whole = self.scales.at(given.components, scale)
            mask = (self.scales.at(given.kept.expand(1, -1), scale) >= 1).to(whole)
            wide = None if above is None else self.scales.longer(above, scale)
            # beside what is drawn, not what was there: that would tell of what is to be filled
            new = whole if wide is None else whole - wide
            told = self._told(scale, above, wide, new, mask, given)
            point = self._point(scale, new, told, given.anew[scale], generator)
            drawn = self.scales.unscaled(point, scale)
            above = drawn if wide is None else wide + drawn
        assert above is not None  # noqa: S101 - there is at least one scale
        return above

    def _told(
        self,
        scale: int,
        above: Tensor | None,
        wide: Tensor | None,
        new: Tensor,
        mask: Tensor,
        given: Given,
    ) -> Told:
        known = self.scales.scaled(new, scale) * mask
        seen = new.new_zeros(0, new.shape[1])
        if above is not None and wide is not None:
            seen = self.scales.told(wide[: above.shape[0]], scale)
        hint, kind = torch.zeros_like(new), new.new_zeros(KINDS, new.shape[1])
        if given.hint is not None:
            hint = self.hinted(given.hint, scale)
            kind[given.kind] = 1
        return Told(*(part[None] for part in (seen, known, mask, hint, kind)))

    def hinted(self, components: Tensor, scale: int) -> Tensor:
        """Scales what a copy tells at a scale, [..., K, N] -> [..., K', L]."""
        return self.scales.at(components, scale) / self.scales.spreads[scale]

    def _point(
        self, scale: int, new: Tensor, told: Told, anew: float, generator: torch.Generator
    ) -> Tensor:
        """Moves noise, or what is given with some noise on it, to where the flow leads."""
        network = cast(Velocity, self.velocities[scale])
        data = self.scales.scaled(new, scale)[None]
        noise = torch.randn(data.shape, generator=generator, device=generator.device)
        noise = noise.to(data) * self.options.temperature
        if anew <= 0:
            return data[0]
        start = torch.lerp(noise, data, 1 - anew)
        spread = self.scales.spread(scale)

        def velocity(point: Tensor, time: Tensor) -> Tensor:
            return network.velocity(point, time, spread, told)

        found = moved(velocity, start, 1 - anew, self.options.draw_steps)
        return torch.where(told.mask > 0, data, found)[0]

    # --- noise ---------------------------------------------------------------------------------

    @torch.no_grad()
    def cleaned(self, code: Tensor) -> Tensor:
        """Takes the noise out of a code: what the flow expects behind it, a few draws' mean.

        Args:
            code: A noisy sound's code, [F, N].

        Returns:
            The code without it, [F, N].
        """
        code = code.to(self.scales.mean.device)
        hint = self.scales.of(code)
        given = Given(
            torch.zeros_like(hint), hint.new_zeros(hint.shape[1]),
            (1.0,) * len(self.velocities), hint, NOISY,
        )  # fmt: skip
        draws = torch.Generator(self.scales.mean.device).manual_seed(0)
        found = [self._following(given, draws) for _ in range(_DRAWS_OF_CLEAN)]
        return self.scales.code(torch.stack(found).mean(0)).clamp(0, 1)


def _sizes(options: RecordingFlowOptions) -> tuple[tuple[int, ...], ...]:
    return (options.frames_a_position, options.components, options.channels, options.blocks)


def build(options: RecordingFlowOptions, facts: DataFacts) -> RecordingFlow:
    """Builds the network that a recipe asks for.

    Args:
        options: The recipe's network table.
        facts: The recordings.

    Returns:
        A freshly initialised network.

    Raises:
        RecipeError: When the codes are no magnitudes of a recording.
    """
    return RecordingFlow(options, facts)


def start(network: nn.Module, codes: Tensor, labels: Tensor) -> None:
    """Gives a fresh network its recordings' components.

    Args:
        network: What `build` made.
        codes: The code of all recordings, one after the other, [1, F, N].
        labels: Not used.
    """
    if isinstance(network, RecordingFlow):
        network.scales.fit(codes[0], network.known_frames().to(codes.device))
