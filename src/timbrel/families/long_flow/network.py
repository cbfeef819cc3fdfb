"""The network of `long_flow`: how it plays, draws and blends."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from timbrel.blocks.detail_decoder import DetailDecoder
from timbrel.blocks.sequences import mixed
from timbrel.errors import RecipeError
from timbrel.families import DataFacts
from timbrel.families.long_flow.beats import SIDE_ROWS, Metre, rows_of
from timbrel.families.long_flow.config import LongFlowOptions
from timbrel.families.long_flow.flowing import Flows
from timbrel.families.long_flow.velocity import Velocity

_SHARPEN = 0.6  # of a blend half-way that is drawn anew
_TINY = 1e-6


class Prediction(NamedTuple):
    """What the decoder makes of a detail.

    Attributes:
        level: Magnitudes, not clipped, [B, F, L * S].
        log_spread: The natural logarithm of each cell's mean absolute deviation, [B, F, L * S].
    """

    level: Tensor
    log_spread: Tensor


class LongFlow(Flows):
    """Hears music as a groove and a detail, and draws a detail of any length for any groove.

    A *latent* [B, Z] is a groove (what sounds, on average, in each sixteenth of a bar) with its
    tempo and the clarity of its beat. A *detail* [B, K + 3, L] is a sequence of K coordinates, of
    how much of them is known (1 where they come from a sound, 0 where only the first
    `drawn_components` were drawn), of the beats that have passed and of the beat's clarity.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes; N is that of the longest piece that is heard.

    Shape:
        encode: code [B, F + 3, N'] -> latent [B, Z]
        decode: latent [B, Z] -> code [B, F + 3, N] within 0..1

    Source:
        Flow matching: Lipman et al. 2023; a coarse stage with noise on the condition: Ho et al.
        2022, "Cascaded diffusion models"; that the beat is given and not learned is ours.
    """

    memory_format = torch.channels_last

    def __init__(self, options: LongFlowOptions, facts: DataFacts) -> None:
        super().__init__(options, facts)
        self.decoder = DetailDecoder(
            options.components,
            self.bins,
            strip_frames=options.strip_frames,
            channels=options.decoder_channels,
            blocks=options.decoder_blocks,
        )
        self.velocity = Velocity(
            self.drawn,
            options.groove_components,
            options.latent_size,
            channels=options.channels,
            blocks=options.blocks,
        )

    def decode(self, latent: Tensor) -> Tensor:
        """Plays latents [B, Z] with one likely detail, always the same, [B, F + 3, N]."""
        generator = torch.Generator(latent.device).manual_seed(0)
        return self.play(self.draw(latent, generator))[0]

    def play(self, detail: Tensor) -> tuple[Tensor, Tensor]:
        """Tells the code of details, and its roughness.

        Args:
            detail: [B, K + 3, L].

        Returns:
            Codes within 0..1 [B, F + 3, N], silent after the detail's end, and the mean absolute
            deviation of each cell [B, F + 3, N] in units of the code.
        """
        code, spread = self.lasting(detail)
        return _fitted(code, self.frames), _fitted(spread, self.frames)

    def lasting(self, detail: Tensor) -> tuple[Tensor, Tensor]:
        """Does what `play` does, for details of any length, [B, F + 3, L * S] each."""
        found = self.predicted(detail[:, :-2])
        level = found.level.clamp(0, 1)
        rows = rows_of(Metre(detail[:, -2], detail[:, -1].clamp(0, 1)), self.position_frames)
        heard = level.amax(dim=1, keepdim=True) > 0
        spread = torch.cat([found.log_spread.exp(), torch.zeros_like(rows)], dim=1)
        return torch.cat([level, rows * heard], dim=1), spread

    def predicted(self, known: Tensor) -> Prediction:
        """Tells the magnitudes of coordinates, and of how many are known, [B, K + 1, L]."""
        coordinates = known[:, :-1]
        scaled = torch.cat([coordinates / self.strips.scales[:, None], known[:, -1:]], dim=1)
        missing, log_spread = self.decoder(scaled)
        return Prediction(self.strips.code(coordinates) + self.strips.joined(missing), log_spread)

    # --- drawing -------------------------------------------------------------------------------

    def draw(self, latent: Tensor, generator: torch.Generator) -> Tensor:
        """Draws a likely detail of each latent [B, Z], as long as the longest piece heard."""
        return self.compose(latent[:, None], self.positions, generator)

    def compose(self, path: Tensor, positions: int, generator: torch.Generator) -> Tensor:
        """Draws a likely detail along a path of latents: one piece, without seams.

        Args:
            path: The latent of each position, [B, L, Z], or one of all, [B, 1, Z].
            positions: L, any number.
            generator: Where the randomness comes from.

        Returns:
            Details, [B, K + 3, L]; the first position begins a group of beats.
        """
        shape = (len(path), self.drawn, positions)
        noise = torch.randn(shape, generator=generator, device=path.device)
        paces = self.paces.pace(path).expand(-1, positions)
        clarity = self.paces.clarity(path).expand(-1, positions)
        metre = Metre(paces.cumsum(dim=1) - paces, clarity)
        calm = self.options.temperature * noise
        drawn = self.moved_on(calm, 0.0, path, metre) * self.scale()
        return self._completed(self.held_to(path, drawn, metre), metre)

    def blend(self, details: Tensor, weights: Tensor, generator: torch.Generator) -> Tensor:
        """Finds a detail between sounds: their mixture, made sharp again by the flow.

        Args:
            details: Details of S sounds, [S, B, K + 3, L].
            weights: How much of each is in each position, [S, L].
            generator: Where the randomness comes from.

        Returns:
            The detail, [B, K + 3, L]; the more of a single sound a position holds, the nearer it
            is to the mixture itself.

        Source:
            Meng et al. 2022, "SDEdit": noise is added to a mixture and taken away again.
        """
        mixture = mixed(details, weights)
        metre = Metre(mixture[:, -2].cummax(dim=1).values, mixture[:, -1].clamp(0, 1))
        coordinates = mixture[:, :-3]
        path = self.latent_of(coordinates, metre)[:, None]
        distance = _from_a_sound(weights)
        farthest = float(distance.max())
        keep, known = 1 - _SHARPEN * farthest, coordinates[:, : self.drawn]
        noise = torch.randn(known.shape, generator=generator, device=known.device)
        begin = self.way(noise, known / self.scale(), noise.new_full((len(noise),), keep))
        drawn = self.held_to(path, self.moved_on(begin, keep, path, metre) * self.scale(), metre)
        sharp = torch.lerp(known, drawn, distance / max(farthest, _TINY))
        rest = coordinates[:, self.drawn :] * (1 - distance)
        tail = mixture[:, -3:] * torch.stack([1 - distance, *distance.new_ones(2, len(distance))])
        return torch.cat([sharp, rest, tail], dim=1)

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Draws latents [count, Z] from a normal distribution with the library's spread."""
        device = self.grooves.mean.device
        shape = (count, self.latent_size)
        normal = torch.randn(shape, generator=generator, device=generator.device).to(device)
        return self.centre() + normal * self.latent_spreads()

    def _completed(self, drawn: Tensor, metre: Metre) -> Tensor:
        """Adds the coordinates that are not drawn, as zeros, and that little is known."""
        count = self.options.components - drawn.shape[1]
        rest = drawn.new_zeros(len(drawn), count, drawn.shape[2])
        known = drawn.new_zeros(len(drawn))
        return self.with_known(torch.cat([drawn, rest], dim=1), known, metre)


def _fitted(part: Tensor, frames: int) -> Tensor:
    return pad(part[:, :, :frames], (0, max(0, frames - part.shape[2])))


def _from_a_sound(weights: Tensor) -> Tensor:
    """How far mixtures [S, L] are from the nearest sound, [L]: 0 at one, 1 half-way between two."""
    return (2 * (1 - weights.square().sum(dim=0))).abs().clamp(max=1)


def build(options: LongFlowOptions, facts: DataFacts) -> LongFlow:
    """Builds the network that a recipe asks for.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes.

    Returns:
        A freshly initialised network.

    Raises:
        RecipeError: When the codes are no spectrograms with a beat.
    """
    if facts.bins < SIDE_ROWS + 2 or facts.frames < 2:
        raise RecipeError(
            f"a code of {facts.bins} bins and {facts.frames} frames",
            "the front end metered, and a longer sound",
        )
    return LongFlow(options, facts)
