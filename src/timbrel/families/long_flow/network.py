"""The network of `long_flow`: groove, detail, the flow between them, and the decoder."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from timbrel.blocks.detail_decoder import DetailDecoder
from timbrel.blocks.flow import moved
from timbrel.blocks.label_weights import label_weights
from timbrel.blocks.sequences import mixed
from timbrel.blocks.strips import StripBasis, audible, last_audible
from timbrel.errors import RecipeError
from timbrel.families import DataFacts
from timbrel.families.long_flow.beats import SIDE_ROWS, Metre, cell_of, metre_of, rows_of
from timbrel.families.long_flow.config import LongFlowOptions
from timbrel.families.long_flow.groove import GrooveBasis, Liveliness
from timbrel.families.long_flow.pace import VALUES, PaceScale
from timbrel.families.long_flow.velocity import Conditions, Velocity, conditions

_SHARPEN = 0.6  # of a blend half-way that is drawn anew
_LEAST_DOUBT = 0.02
_TINY = 1e-6
_NOISE_FLOOR = 0.02  # of the groove's largest spread: noise in directions that hardly vary
_LEAST_SPREAD = 0.05  # of the groove's largest spread, that latents are measured by
_LEAST_LEFT = 1e-2  # as the flow sees it, of a coordinate that never changes
_SCALE_POWER = 0.5  # between leaving the coordinates as they are (0) and whitening them (1)
_PLACES = 12  # of a slice's length, at which a drawn piece is held to its groove
_SIGHT = 0.29  # of a slice's length, how far such a place sees, as a standard deviation


class Prediction(NamedTuple):
    """What the decoder makes of a detail.

    Attributes:
        level: Magnitudes, not clipped, [B, F, L * S].
        log_spread: The natural logarithm of each cell's mean absolute deviation, [B, F, L * S].
    """

    level: Tensor
    log_spread: Tensor


class Place(NamedTuple):
    """A place on the way from noise to data, [B, 1, 1] each.

    Attributes:
        data: How much of the data is in a point there.
        noise: How much of the noise.
        data_pace: How fast the first grows.
        noise_pace: How fast the second grows.
    """

    data: Tensor
    noise: Tensor
    data_pace: Tensor
    noise_pace: Tensor


class Told(NamedTuple):
    """What the flow is told.

    Attributes:
        conditions: What its network sees.
        mean: What each coordinate is on average, [B, K', L].
        spread: How far it is from that, as a standard deviation, [B, K', L or 1].
    """

    conditions: Conditions
    mean: Tensor
    spread: Tensor


class Guess(NamedTuple):
    """Where the flow guesses points to come from: ``linear + spread * added``.

    Attributes:
        linear: The best linear guess, [B, K', L].
        added: What the network adds to it, [B, K', L].
        spread: The spread of what the linear guess misses, [B, K', L or 1].
    """

    linear: Tensor
    added: Tensor
    spread: Tensor


class LongFlow(nn.Module):
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

    left: Tensor  # spread of each coordinate around its groove, as the flow sees it, [K']
    moves: Tensor  # spread of the grooves' own values, [K']

    any_length = True
    memory_format = torch.channels_last

    def __init__(self, options: LongFlowOptions, facts: DataFacts) -> None:
        super().__init__()
        self.options, self.frames = options, facts.frames
        self.slice_frames = min(options.slice_frames, facts.frames)
        self.position_frames = options.strip_frames
        self.positions = -(-facts.frames // options.strip_frames)
        self.latent_size, self.drawn = options.latent_size, options.drawn_components
        bins = facts.bins - SIDE_ROWS
        self.strips = StripBasis(options.components, bins, options.strip_frames)
        self.groove_size = options.latent_size - options.liveliness_size - VALUES
        self.grooves = GrooveBasis(self.groove_size, options.groove_components)
        self.lively = Liveliness(options.liveliness_size, options.groove_components)
        self.paces = PaceScale()
        self.register_buffer("left", torch.ones(self.drawn))
        self.register_buffer("moves", torch.ones(self.drawn))
        self.decoder = DetailDecoder(
            options.components,
            bins,
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

    # --- hearing -------------------------------------------------------------------------------

    def encode(self, code: Tensor) -> Tensor:
        """Finds the latents of codes [B, F + 3, N'] of any length, [B, Z]."""
        heard = code[:, :, : max(1, last_audible(code))].float()
        return self.latent_of(
            self.coordinates(heard, self.drawn), metre_of(heard, self.position_frames)
        )

    def coordinates(self, code: Tensor, first: int | None = None) -> Tensor:
        """Finds the coordinates of codes [B, F + 3, N'], or the first of them, [B, K, L]."""
        return self.strips.coordinates(code[:, :-SIDE_ROWS].float(), first)

    def latent_of(self, coordinates: Tensor, metre: Metre) -> Tensor:
        """Finds the latents of coordinates [B, K', L] and their beat, [B, Z]."""
        every, cells = coordinates.new_ones(1, coordinates.shape[2]), cell_of(metre.beats)
        groove = self.grooves.of(self.grooves.means(coordinates, cells, every))
        logs = self.lively.logs(coordinates, self.grooves.told(groove, cells))
        return torch.cat([groove[:, 0], self.lively.of(logs), self.paces.values(metre)], dim=1)

    def detail(self, code: Tensor) -> Tensor:
        """Finds the details of codes.

        Args:
            code: Codes, [B, F + 3, N'], of any length.

        Returns:
            Details, [B, K + 3, L], as long as the longest sound; all of them is known.
        """
        heard = code[:, :, : max(1, last_audible(code))]
        coordinates = self.coordinates(heard)
        metre = metre_of(heard, self.position_frames)
        return _detail(coordinates, coordinates.new_ones(len(code)), metre)

    def pace(self, latent: Tensor) -> Tensor:
        """Tells how fast the beat of latents [B, Z] is, in beats a position, [B]."""
        return self.paces.pace(latent)

    def at_pace(self, latent: Tensor, pace: float) -> Tensor:
        """Gives latents [B, Z] another pace in beats a position, and a beat that is clear."""
        return self.paces.with_pace(latent, pace)

    # --- playing -------------------------------------------------------------------------------

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
        return tuple(_fitted(part, self.frames) for part in self.lasting(detail))  # type: ignore[return-value]

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
        drawn = self._moved(noise, 0.0, path, metre) * self._scale()
        return self._completed(self._held_to(path, drawn, metre), metre)

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
        begin = self.way(noise, known / self._scale(), noise.new_full((len(noise),), keep))
        drawn = self._held_to(path, self._moved(begin, keep, path, metre) * self._scale(), metre)
        sharp = torch.lerp(known, drawn, distance / max(farthest, _TINY))
        rest = coordinates[:, self.drawn :] * (1 - distance)
        tail = mixture[:, -3:] * torch.stack([1 - distance, *distance.new_ones(2, len(distance))])
        return torch.cat([sharp, rest, tail], dim=1)

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Draws latents [count, Z] from a normal distribution with the library's spread."""
        device = self.grooves.mean.device
        shape = (count, self.latent_size)
        normal = torch.randn(shape, generator=generator, device=generator.device).to(device)
        return self.centre() + normal * self._latent_spreads()

    # --- the flow ------------------------------------------------------------------------------

    def way(self, noise: Tensor, data: Tensor, time: Tensor) -> Tensor:
        """Finds points on the way from noise to data.

        Args:
            noise: [B, K', L].
            data: [B, K', L].
            time: 0 (noise) to 1 (data), [B].

        Returns:
            Points, [B, K', L].

        Source:
            Straight: Lipman et al. 2023, section 4.1. Arc: the variance-preserving cosine schedule
            of Nichol & Dhariwal 2021, as Albergo & Vanden-Eijnden 2023 write it.
        """
        place = self._place(time)
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
        place, mean, spread = self._place(time), told.mean, told.spread
        variance = (place.data * spread).square() + place.noise.square()
        rest = point - place.data * mean
        added = self.velocity(rest / variance.sqrt(), time, told.conditions)
        linear = mean + place.data * spread.square() / variance * rest
        return Guess(linear, added, spread * place.noise / variance.sqrt())

    def _place(self, time: Tensor) -> "Place":
        share = time[:, None, None]
        if self.options.path == "straight":
            return Place(share, 1 - share, torch.ones_like(share), -torch.ones_like(share))
        angle = share * (torch.pi / 2)
        pace = torch.pi / 2
        return Place(angle.sin(), angle.cos(), pace * angle.cos(), -pace * angle.sin())

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
        groove, lively, _ = self._parts(held * path)
        rest = self.drawn - self.grooves.known
        coarse = self.grooves.told(groove, cell_of(metre.beats))
        coarse = nn.functional.pad(coarse, (0, 0, 0, rest)) / self._scale()
        own = self.lively.told(lively).transpose(1, 2) / self._scale()[: self.grooves.known]
        left = self.left[:, None].expand(len(path), -1, own.shape[2])
        known = torch.cat([own, left[:, self.grooves.known :]], dim=1).square()
        unknown = (self.left.square() + self.moves.square())[:, None]
        spread = torch.lerp(known, unknown.expand_as(known), doubt[:, None, None].square()).sqrt()
        wide = self.doubtful().clamp(min=_LEAST_SPREAD * self.grooves.scales[0])
        latent = (path - self.centre()) / wide
        seen = coarse[:, : self.grooves.known] / self.moves[: self.grooves.known, None]
        return Told(conditions(latent, seen, metre, doubt), coarse, spread)

    def centre(self) -> Tensor:
        """The mean of the library's latents, [Z]."""
        return torch.cat([self.paces.mean.new_zeros(self.latent_size - VALUES), self.paces.mean])

    def _latent_spreads(self) -> Tensor:
        return torch.cat([self.grooves.scales, self.lively.scales, self.paces.spread])

    def _parts(self, latent: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Groove, liveliness and pace of latents [..., Z]."""
        size = self.groove_size
        return latent[..., :size], latent[..., size:-VALUES], latent[..., -VALUES:]

    def doubtful(self) -> Tensor:
        """Spread of the noise that latents are doubted by, [Z]; no direction is ever sure."""
        scales = self._latent_spreads()
        return torch.maximum(scales, _NOISE_FLOOR * scales[0])

    def scaled(self, coordinates: Tensor) -> Tensor:
        """Scales the first coordinates [B, K, L] as the flow sees them, [B, K', L]."""
        return coordinates[:, : self.drawn] / self._scale()

    def _moved(self, start: Tensor, begin: float, path: Tensor, metre: Metre) -> Tensor:
        doubt = path.new_full((len(path),), _LEAST_DOUBT)
        told = self.told(path, metre, doubt)

        def velocity(point: Tensor, time: Tensor) -> Tensor:
            place, found = self._place(time), self.guess(point, time, told)
            data = found.linear + found.spread * found.added
            noise = (point - place.data * data) / place.noise
            return place.data_pace * data + place.noise_pace * noise

        return moved(velocity, start, begin, self.options.draw_steps)

    def _held_to(self, path: Tensor, drawn: Tensor, metre: Metre) -> Tensor:
        """Corrects drawn coordinates [B, K', L] so that their groove is the one asked for."""
        length, cells = drawn.shape[2], cell_of(metre.beats)
        slice_positions = self.slice_frames / self.position_frames
        places = torch.linspace(0, length - 1, max(1, round(_PLACES * length / slice_positions)))
        places = places.to(drawn)
        index = torch.arange(length, device=drawn.device, dtype=drawn.dtype)
        sight = _SIGHT * slice_positions
        weights = torch.exp(-0.5 * ((index - places[:, None]) / sight).square())
        found = self.grooves.of(self.grooves.means(drawn, cells, weights))  # [B, A, G]
        wanted = self._parts(path.expand(-1, length, -1)[:, places.round().long()])[0]
        change = nn.functional.interpolate(
            (wanted - found).transpose(1, 2), length, mode="linear", align_corners=True
        )
        held = drawn.clone()
        held[:, : self.grooves.known] += self.grooves.told(
            change.transpose(1, 2), cells, change=True
        )
        return held

    def _completed(self, drawn: Tensor, metre: Metre) -> Tensor:
        """Adds the coordinates that are not drawn, as zeros, and that little is known."""
        count = self.options.components - drawn.shape[1]
        rest = drawn.new_zeros(len(drawn), count, drawn.shape[2])
        return _detail(torch.cat([drawn, rest], dim=1), drawn.new_zeros(len(drawn)), metre)

    def _scale(self) -> Tensor:
        """What the drawn coordinates are divided by: between natural and whitened, [K', 1]."""
        return _softened(self.strips.scales, self.drawn)

    @torch.no_grad()
    def measure(self, looks: Sequence["_Look"], weights: Tensor) -> None:
        """Finds how far coordinates are from their grooves, once components are known.

        Args:
            looks: What was seen of some pieces.
            weights: How much each counts, [M]; they sum to 1.
        """
        left, moves = torch.zeros_like(self.left), torch.zeros_like(self.moves)
        for look, weight in zip(looks, weights, strict=True):
            latent = self.latent_of(look.coordinates, look.metre)[:, None]
            mean = self.told(latent, look.metre, weights.new_zeros(1)).mean
            left += weight * (look.coordinates / self._scale() - mean)[0].square().mean(1)
            moves += weight * mean[0].square().mean(1)
        self.left.copy_(left.sqrt().clamp(min=_LEAST_LEFT))
        self.moves.copy_(moves.sqrt().clamp(min=_LEAST_LEFT))


def _detail(coordinates: Tensor, known: Tensor, metre: Metre) -> Tensor:
    held = known[:, None, None].expand(-1, 1, coordinates.shape[2])
    return torch.cat([coordinates, held, metre.beats[:, None], metre.clarity[:, None]], dim=1)


def _fitted(part: Tensor, frames: int) -> Tensor:
    return nn.functional.pad(part[:, :, :frames], (0, max(0, frames - part.shape[2])))


def _softened(scales: Tensor, count: int) -> Tensor:
    kept = scales[:count, None]
    return kept**_SCALE_POWER * scales[0] ** (1 - _SCALE_POWER)


def _from_a_sound(weights: Tensor) -> Tensor:
    """How far mixtures [S, L] are from the nearest sound, [L]: 0 at one, 1 half-way between two."""
    return (2 * (1 - weights.square().sum(dim=0))).abs().clamp(max=1)


def start(network: nn.Module, codes: Tensor, labels: Tensor) -> None:
    """Gives a fresh network what can be known of the library without training: its components.

    Args:
        network: What `build` made.
        codes: Some hundreds to thousands of the library's codes, [M, F + 3, N'].
        labels: Their label numbers, [M], -1 where unknown.
    """
    if not isinstance(network, LongFlow):
        return
    weights = label_weights(labels)
    network.strips.fit(codes[:, :-SIDE_ROWS], weights)
    looks = [_Look(network, code) for code in codes]
    network.grooves.fit(torch.cat([look.means for look in looks]), weights)
    network.lively.fit(torch.cat([look.moves(network) for look in looks]), weights)
    network.lively.compare(float(network.grooves.scales[0]))
    values = torch.cat([network.paces.values(look.metre) for look in looks])
    network.paces.fit(values, weights, float(network.grooves.scales[0]))
    network.measure(looks, weights)


class _Look:
    """What is seen of one piece before training."""

    def __init__(self, network: LongFlow, code: Tensor) -> None:
        heard = audible(code.float())[None]
        self.coordinates = network.coordinates(heard, network.drawn)
        self.metre = metre_of(heard, network.position_frames)
        every = self.coordinates.new_ones(1, self.coordinates.shape[2])
        self.means = network.grooves.means(self.coordinates, cell_of(self.metre.beats), every)[:, 0]

    def moves(self, network: LongFlow) -> Tensor:
        """How far the piece is from its groove, as logarithms, [1, K']."""
        groove = network.grooves.of(self.means)[:, None]
        told = network.grooves.told(groove, cell_of(self.metre.beats))
        return network.lively.logs(self.coordinates, told)


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
