"""The network of `latent_flow`: plan, detail, the flow between them, and the decoder."""

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
from timbrel.families.latent_flow.config import LatentFlowOptions
from timbrel.families.latent_flow.flow import Velocity
from timbrel.families.latent_flow.plan import PlanBasis

SILENT_CODE = 0.1  # of a code's range: what the plan tells to stay below is taken for silence
_SHARPEN = 0.6  # of a blend half-way that is drawn anew
_LEAST_DOUBT = 0.02
_TINY = 1e-6
_NOISE_FLOOR = 0.02  # of the plan's largest spread: noise in directions that hardly vary
_PRIOR_POSITIONS = 128  # of a sound drawn without a plan
_SCALE_POWER = 0.5  # between leaving the coordinates as they are (0) and whitening them (1)


class Prediction(NamedTuple):
    """What the decoder makes of a detail.

    Attributes:
        code: Codes, not clipped, [B, F, L * S].
        log_spread: The natural logarithm of each cell's mean absolute deviation, [B, F, L * S].
    """

    code: Tensor
    log_spread: Tensor


class LatentFlow(nn.Module):
    """Hears a sound as a plan and a detail, and draws a detail for any plan.

    A *plan* [B, Z] is what stands for a sound: on maps, between neighbours, in morphs. A *detail*
    [B, K + 1, L] is a sequence of K coordinates, and last of how much of them is known: 1 where
    they come from a sound, 0 where only the first `drawn_components` were drawn.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes; N is that of the longest sound.

    Shape:
        encode: code [B, F, N'] -> plan [B, Z]
        decode: plan [B, Z] -> code [B, F, N] within 0..1

    Source:
        Two stages as in Ho et al. 2022, "Cascaded diffusion models", with its noise on the
        condition; between them flow matching (Lipman et al. 2023).
    """

    any_length = True
    memory_format = torch.channels_last

    def __init__(self, options: LatentFlowOptions, facts: DataFacts) -> None:
        super().__init__()
        self.options, self.frames = options, facts.frames
        self.positions = -(-facts.frames // options.strip_frames)
        self.latent_size, self.drawn = options.latent_size, options.drawn_components
        self.strips = StripBasis(options.components, facts.bins, options.strip_frames)
        self.plans = PlanBasis(options.latent_size, options.plan_components, self.positions)
        self.decoder = DetailDecoder(
            options.components,
            facts.bins,
            strip_frames=options.strip_frames,
            channels=options.decoder_channels,
            blocks=options.decoder_blocks,
        )
        self.velocity = Velocity(
            self.drawn,
            options.plan_components,
            options.latent_size,
            channels=options.channels,
            blocks=options.blocks,
        )

    # --- hearing -------------------------------------------------------------------------------

    def encode(self, code: Tensor) -> Tensor:
        """Finds the plans of codes [B, F, N'] of any length, [B, Z]."""
        return self.plan_of(self.strips.coordinates(code.float()))

    def plan_of(self, coordinates: Tensor) -> Tensor:
        """Finds the plans of coordinates [B, K', L], [B, Z]."""
        return self.plans.of(self.plans.means(coordinates, self.strips.silence))

    def detail(self, code: Tensor) -> Tensor:
        """Finds the details of codes.

        Args:
            code: Codes, [B, F, N'], of any length.

        Returns:
            Details, [B, K + 1, L], as long as the longest sound; all of them is known.
        """
        heard = max(1, last_audible(code))
        coordinates = self.strips.coordinates(code[:, :, :heard].float())
        return _with_known(coordinates, coordinates.new_ones(len(code)))

    # --- playing -------------------------------------------------------------------------------

    def decode(self, latent: Tensor) -> Tensor:
        """Plays plans [B, Z] with one likely detail, always the same, [B, F, N]."""
        generator = torch.Generator(latent.device).manual_seed(0)
        return self.play(self.draw(latent, generator))[0]

    def play(self, detail: Tensor) -> tuple[Tensor, Tensor]:
        """Tells the code of details, and its roughness.

        Args:
            detail: [B, K + 1, L].

        Returns:
            Codes within 0..1 [B, F, N], silent after the detail's end, and the mean absolute
            deviation of each cell [B, F, N] in units of the code.
        """
        found = self.predicted(detail)
        shape = (len(detail), self.strips.bins, self.frames)
        code, spread = detail.new_zeros(shape), detail.new_zeros(shape)
        heard = min(self.frames, found.code.shape[2])
        code[:, :, :heard] = found.code[:, :, :heard].clamp(0, 1)
        spread[:, :, :heard] = found.log_spread[:, :, :heard].exp()
        return code, spread

    def predicted(self, detail: Tensor) -> Prediction:
        """Tells the code of details [B, K + 1, L] as training sees it."""
        coordinates, known = detail[:, :-1], detail[:, -1:]
        scaled = torch.cat([coordinates / self.strips.scales[:, None], known], dim=1)
        missing, log_spread = self.decoder(scaled)
        return Prediction(self.strips.code(coordinates) + self.strips.joined(missing), log_spread)

    # --- drawing -------------------------------------------------------------------------------

    def draw(self, latent: Tensor, generator: torch.Generator) -> Tensor:
        """Draws a likely detail of each plan.

        Args:
            latent: Plans, [B, Z].
            generator: Where the randomness comes from.

        Returns:
            Details, [B, K + 1, L]; L is what the longest of the plans asks for.
        """
        positions = self.length_of(latent)
        shape = (len(latent), self.drawn, positions)
        noise = torch.randn(shape, generator=generator, device=latent.device)
        drawn = self._moved(noise, 0.0, latent)
        return self._completed(self._held_to(latent, drawn), latent.new_zeros(len(latent)))

    def blend(self, details: Tensor, weights: Tensor, generator: torch.Generator) -> Tensor:
        """Finds a detail between sounds: their mixture, made sharp again by the flow.

        Args:
            details: Details of S sounds, [S, B, K + 1, L].
            weights: How much of each is in each position, [S, L].
            generator: Where the randomness comes from.

        Returns:
            The detail, [B, K + 1, L]; the more of a single sound a position holds, the nearer it
            is to the mixture itself.

        Source:
            Meng et al. 2022, "SDEdit": noise is added to a mixture and taken away again.
        """
        mixture = mixed(details, weights)
        plan = self.plan_of(mixture[:, :-1])
        distance = _from_a_sound(weights)
        farthest = float(distance.max())
        keep = 1 - _SHARPEN * farthest
        known = mixture[:, : self.drawn]
        noise = torch.randn(known.shape, generator=generator, device=known.device)
        begin = torch.lerp(noise, known / self._scale(), keep)
        drawn = self._held_to(plan, self._moved(begin, keep, plan))
        sharp = torch.lerp(known, drawn, distance / max(farthest, _TINY))
        return torch.cat([sharp, mixture[:, self.drawn :] * (1 - distance)], dim=1)

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Draws plans [count, Z] from what the flow has learned without a plan."""
        device = self.plans.mean.device
        shape = (count, self.drawn, min(self.positions, _PRIOR_POSITIONS))
        noise = torch.randn(shape, generator=generator, device=generator.device).to(device)
        plan = torch.randn(count, self.latent_size, generator=generator, device=generator.device)
        drawn = self._moved(noise, 0.0, plan.to(device) * self.doubtful(), doubt=1.0)
        return self.plan_of(drawn * self._scale())

    def length_of(self, latent: Tensor) -> int:
        """Says how many positions plans [B, Z] ask for: up to where they tell of silence."""
        code = self.strips.code(self.plans.coarse(latent, self.positions))
        loud = (code.amax((0, 1)) > SILENT_CODE).nonzero()
        frames = int(loud[-1]) + 1 if len(loud) else 1
        return -(-frames // self.options.strip_frames)

    def conditions(self, plan: Tensor, positions: int, doubt: Tensor) -> tuple[Tensor, ...]:
        """Readies what the flow is told: plan, coarse coordinates and doubt.

        Args:
            plan: Plans, [B, Z].
            positions: L.
            doubt: How much noise the plans hold, [B], 0 to 1.

        Returns:
            [B, Z], [B, coarse, L] and [B].
        """
        coarse = self.plans.coarse(plan, positions) / self._coarse_scale()
        return plan / self.plans.scales[0], coarse, doubt

    def doubtful(self) -> Tensor:
        """Spread of the noise that plans are doubted by, [Z]; no direction is ever sure."""
        scales = self.plans.scales
        return torch.maximum(scales, _NOISE_FLOOR * scales[0])

    def scaled(self, coordinates: Tensor) -> Tensor:
        """Scales the first coordinates [B, K, L] as the flow sees them, [B, K', L]."""
        return coordinates[:, : self.drawn] / self._scale()

    def _moved(self, start: Tensor, begin: float, plan: Tensor, doubt: float = 0.0) -> Tensor:
        doubts = plan.new_full((len(plan),), max(doubt, _LEAST_DOUBT))
        conditions = self.conditions(plan, start.shape[2], doubts)

        def velocity(point: Tensor, time: Tensor) -> Tensor:
            found: Tensor = self.velocity(point, time, *conditions)
            return found

        return moved(velocity, start, begin, self.options.draw_steps)

    def _held_to(self, plan: Tensor, drawn: Tensor) -> Tensor:
        """Corrects drawn points [B, K', L] so that their plan is the one asked for; unscaled."""
        coordinates = drawn * self._scale()
        both = self._completed(coordinates, plan.new_zeros(len(plan)))[:, :-1]
        change = self.plans.change(plan - self.plan_of(both), drawn.shape[2])
        most = min(change.shape[1], self.drawn)
        coordinates[:, :most] += change[:, :most]
        return coordinates

    def _completed(self, coordinates: Tensor, known: Tensor) -> Tensor:
        """Adds the coordinates that are not drawn, as zeros, and how much is known."""
        count = self.options.components - coordinates.shape[1]
        rest = coordinates.new_zeros(len(coordinates), count, coordinates.shape[2])
        return _with_known(torch.cat([coordinates, rest], dim=1), known)

    def _scale(self) -> Tensor:
        """What the drawn coordinates are divided by: between natural and whitened, [K', 1]."""
        return _softened(self.strips.scales, self.drawn)

    def _coarse_scale(self) -> Tensor:
        return _softened(self.strips.scales, self.options.plan_components)


def _softened(scales: Tensor, count: int) -> Tensor:
    kept = scales[:count, None]
    return kept**_SCALE_POWER * scales[0] ** (1 - _SCALE_POWER)


def _from_a_sound(weights: Tensor) -> Tensor:
    """How far mixtures [S, L] are from the nearest sound, [L]: 0 at one, 1 half-way between two."""
    return (2 * (1 - weights.square().sum(dim=0))).abs().clamp(max=1)


def _with_known(coordinates: Tensor, known: Tensor) -> Tensor:
    held = known[:, None, None].expand(-1, 1, coordinates.shape[2])
    return torch.cat([coordinates, held], dim=1)


def start(network: nn.Module, codes: Tensor, labels: Tensor) -> None:
    """Gives a fresh network what can be known of the library without training: its components.

    Args:
        network: What `build` made.
        codes: Some hundreds to thousands of the library's codes, [M, F, N'].
        labels: Their label numbers, [M], -1 where unknown.
    """
    if not isinstance(network, LatentFlow):
        return
    weights = label_weights(labels)
    network.strips.fit(codes, weights)
    basis, plans = network.strips, network.plans
    means = [
        plans.means(basis.coordinates(audible(code.float())[None]), basis.silence) for code in codes
    ]
    plans.fit(torch.cat(means), weights)


def build(options: LatentFlowOptions, facts: DataFacts) -> LatentFlow:
    """Builds the network that a recipe asks for.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes.

    Returns:
        A freshly initialised network.

    Raises:
        RecipeError: When the codes are no spectrograms.
    """
    if min(facts.bins, facts.frames) < 2:
        raise RecipeError(
            f"a code of {facts.bins} bins and {facts.frames} frames",
            "a front end of magnitudes, and a longer sound",
        )
    return LatentFlow(options, facts)
