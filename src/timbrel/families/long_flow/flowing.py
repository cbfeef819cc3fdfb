"""How the network of `long_flow` guesses and draws what is between noise and music."""

import torch
from torch import Tensor, nn

from timbrel.blocks.flow import moved
from timbrel.families import DataFacts
from timbrel.families.long_flow.beats import Metre, cell_of
from timbrel.families.long_flow.config import LongFlowOptions
from timbrel.families.long_flow.hearing import Hears
from timbrel.families.long_flow.velocity import Velocity, conditions
from timbrel.families.long_flow.way import Guess, Told, place_of

_LEAST_DOUBT = 0.02
_LEAST_SPREAD = 0.05  # of the groove's largest spread, that latents are measured by
_SCALE_POWER = 0.5  # between leaving the coordinates as they are (0) and whitening them (1)
_PLACES = 12  # of a slice's length, at which a drawn piece is held to its groove
_SIGHT = 0.29  # of a slice's length, how far such a place sees, as a standard deviation


class Flows(Hears):
    """The network as far as it draws coordinates; see `LongFlow` in the file network.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes.
    """

    left: Tensor  # spread of each coordinate around its groove, as the flow sees it, [K']
    moves: Tensor  # spread of the grooves' own values, [K']
    velocity: Velocity

    def __init__(self, options: LongFlowOptions, facts: DataFacts) -> None:
        super().__init__(options, facts)
        self.register_buffer("left", torch.ones(self.drawn))
        self.register_buffer("moves", torch.ones(self.drawn))

    def way(self, noise: Tensor, data: Tensor, time: Tensor) -> Tensor:
        """Finds points on the way from noise to data.

        Args:
            noise: [B, K', L].
            data: [B, K', L].
            time: 0 (noise) to 1 (data), [B].

        Returns:
            Points, [B, K', L].
        """
        place = place_of(time, self.options.path)
        return place.data * data + place.noise * noise

    def guess(self, point: Tensor, time: Tensor, told: Told) -> Guess:
        """Guesses where points come from: the best linear guess, and what the network adds.

        Of each coordinate the mean, its groove, and the spread around it are known, and so is the
        best linear guess (Wiener's); the network only learns what that misses, in units of its
        spread.

        Args:
            point: [B, K', L].
            time: 0 (noise) to 1 (data), [B].
            told: What the flow is told.

        Returns:
            The guess.

        Source:
            Karras, Aittala, Aila & Laine 2022, "Elucidating the design space of diffusion-based
            generative models", section 5, with a mean and a spread for each coordinate.
        """
        place, mean, spread = place_of(time, self.options.path), told.mean, told.spread
        variance = (place.data * spread).square() + place.noise.square()
        rest = point - place.data * mean
        added = self.velocity(rest / variance.sqrt(), time, told.conditions)
        linear = mean + place.data * spread.square() / variance * rest
        return Guess(linear, added, spread * place.noise / variance.sqrt())

    def told(self, path: Tensor, metre: Metre, doubt: Tensor) -> Told:
        """Readies what the flow is told.

        Args:
            path: Latents, [B, L or 1, Z].
            metre: The beat of L positions.
            doubt: How much noise the latents hold, [B], 0 to 1.

        Returns:
            All of it.
        """
        # the best linear guess of a latent from a doubted one, and what that misses
        held = (1 - doubt.square()).clamp(min=0).sqrt()[:, None, None]
        groove, lively, _ = self.parts(held * path)
        rest = self.drawn - self.grooves.known
        coarse = self.grooves.told(groove, cell_of(metre.beats))
        coarse = nn.functional.pad(coarse, (0, 0, 0, rest)) / self.scale()
        own = self.lively.told(lively).transpose(1, 2) / self.scale()[: self.grooves.known]
        left = self.left[:, None].expand(len(path), -1, own.shape[2])
        known = torch.cat([own, left[:, self.grooves.known :]], dim=1).square()
        unknown = (self.left.square() + self.moves.square())[:, None]
        spread = torch.lerp(known, unknown.expand_as(known), doubt[:, None, None].square()).sqrt()
        wide = self.doubtful().clamp(min=_LEAST_SPREAD * self.grooves.scales[0])
        latent = (path - self.centre()) / wide
        seen = coarse[:, : self.grooves.known] / self.moves[: self.grooves.known, None]
        return Told(conditions(latent, seen, metre, doubt), coarse, spread)

    def scaled(self, coordinates: Tensor) -> Tensor:
        """Scales the first coordinates [B, K, L] as the flow sees them, [B, K', L]."""
        return coordinates[:, : self.drawn] / self.scale()

    def moved_on(self, start: Tensor, begin: float, path: Tensor, metre: Metre) -> Tensor:
        """Moves points [B, K', L] from a time, 0 to 1, to where the flow leads them, [B, K', L]."""
        doubt = path.new_full((len(path),), _LEAST_DOUBT)
        told = self.told(path, metre, doubt)

        def velocity(point: Tensor, time: Tensor) -> Tensor:
            place, found = place_of(time, self.options.path), self.guess(point, time, told)
            data = found.linear + found.spread * found.added
            noise = (point - place.data * data) / place.noise
            return place.data_pace * data + place.noise_pace * noise

        return moved(velocity, start, begin, self.options.draw_steps)

    def held_to(self, path: Tensor, drawn: Tensor, metre: Metre) -> Tensor:
        """Corrects drawn coordinates [B, K', L] so that their groove is the one asked for."""
        length, cells = drawn.shape[2], cell_of(metre.beats)
        slice_positions = self.slice_frames / self.position_frames
        places = torch.linspace(0, length - 1, max(1, round(_PLACES * length / slice_positions)))
        places = places.to(drawn)
        index = torch.arange(length, device=drawn.device, dtype=drawn.dtype)
        sight = _SIGHT * slice_positions
        weights = torch.exp(-0.5 * ((index - places[:, None]) / sight).square())
        found = self.grooves.of(self.grooves.means(drawn, cells, weights))  # [B, A, G]
        wanted = self.parts(path.expand(-1, length, -1)[:, places.round().long()])[0]
        change = nn.functional.interpolate(
            (wanted - found).transpose(1, 2), length, mode="linear", align_corners=True
        )
        held = drawn.clone()
        held[:, : self.grooves.known] += self.grooves.told(
            change.transpose(1, 2), cells, change=True
        )
        return held

    def scale(self) -> Tensor:
        """What the drawn coordinates are divided by: between natural and whitened, [K', 1]."""
        return _softened(self.strips.scales, self.drawn)


def _softened(scales: Tensor, count: int) -> Tensor:
    kept = scales[:count, None]
    return kept**_SCALE_POWER * scales[0] ** (1 - _SCALE_POWER)
