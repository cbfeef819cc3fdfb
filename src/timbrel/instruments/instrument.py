"""An instrument: what training makes, and what everything that plays is played by."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

import timbrel
from timbrel import plugins, recipes
from timbrel.errors import AbilityError, InstrumentError, UsageError
from timbrel.families import DataFacts
from timbrel.instruments import offers, weights
from timbrel.instruments.cloud import Cloud, SoundNote
from timbrel.instruments.document import finite
from timbrel.instruments.grain import drawn
from timbrel.instruments.hearing import Hears, playing
from timbrel.instruments.offers import Decodes, KnowsDetail, KnowsSpread
from timbrel.instruments.phases import MeasuredPhases, what_sounds
from timbrel.recipes import Recipe
from timbrel.signal import energy as energies
from timbrel.signal import levels, units
from timbrel.signal.frontends import Framed
from timbrel.signal.phase import GivesPhase

PEAK_DB = -1.0
FRAMES_AT_ONCE = 32


@dataclass(frozen=True, eq=False)
class Instrument(Hears):
    """A trained network with all it takes to play it. `create` makes a new one.

    What it is stands in `timbrel.instruments.made`, how it hears in `timbrel.instruments.hearing`;
    here is how it plays.
    """

    def blend(self, details: Tensor, weights: Tensor, *, seed: int = 0) -> Tensor:
        """Finds the detail between sounds, or beyond them.

        Args:
            details: Details of S sounds, all of one length, [S, B, K, L].
            weights: How much of each sound is in each position, [S, L]; each position's weights
                sum to 1, and may be below 0 or above 1.
            seed: Seed of what is drawn.

        Returns:
            Details, [B, K, L], on the CPU.

        Raises:
            AbilityError: When its network knows of no details.
        """
        if not isinstance(self.network, KnowsDetail):
            raise AbilityError(f"the instrument {self.name!r} knows of latents only")
        parts, generator = (details.to(self.device), weights.to(self.device)), self._generator(seed)
        with playing(self.network):
            return self.network.blend(*parts, generator).float().cpu().clone()

    def code(
        self, latent: Tensor, detail: Tensor | None = None, *, seed: int = 0, grain: float = 0.0
    ) -> Tensor:
        """Finds the codes that it plays for latents; `sounded` makes them sound.

        Args:
            latent: Latents, [B, Z].
            detail: What the latents leave out, [B, K, L], as `detail` or `blend` give it; None
                draws a likely one, where the network knows of details.
            seed: Seed of all that is drawn: detail and grain.
            grain: How much of a sound's roughness is drawn, 0 to 1; see `decode`.

        Returns:
            Codes of its front end, [B, F, N].

        Raises:
            UsageError: When the latents have another size or are no numbers.
            AbilityError: When the network makes values that are no numbers.
        """
        self._check_latents(latent)
        with playing(self.network):
            code, spread = self._code(latent.to(self.device), detail, seed=seed)
            if not levels.is_finite(code):
                advice = "choose a point nearer to its cloud"
                raise AbilityError(f"{self.name!r} makes no sound of this latent", advice=advice)
            if grain and spread is not None:
                code = self._grained(code, spread, seed=seed, grain=grain)
        return code.clone()

    def decode(
        self,
        latent: Tensor,
        reference: Tensor | None = None,
        *,
        detail: Tensor | None = None,
        seed: int = 0,
        grain: float = 0.0,
        phase: GivesPhase | None = None,
        energy: Tensor | None = None,
    ) -> Tensor:
        """Plays latents.

        Args:
            latent: Latents, [B, Z].
            reference: The level of each as `encode` gave it, [B]; None gives each sound a peak
                of -1 dBFS.
            detail: What the latents leave out, [B, K, L], as `detail` or `blend` give it; None
                draws a likely one, where the network knows of details.
            seed: Seed of all that is drawn: detail, grain and phase. In batches of one, equal
                latents and seeds give equal bytes wherever they stand.
            grain: How much of a sound's roughness is drawn, 0 to 1, where the network knows of
                it: 0 gives the most likely sound, which is smooth, 1 a likely one. Others ignore
                it.
            phase: The way from magnitudes to a waveform; None takes the instrument's own.
            energy: What each frame's energy shall be, as `energy` gives it, [B, N]; None leaves
                the frames as loud as the network makes them.

        Returns:
            Waveforms, [B, T], on the CPU. With a reference they may exceed 1.

        Raises:
            UsageError: When the latents have another size or are no numbers, or the energies do
                not fit the codes.
            AbilityError: When the network makes values that are no numbers.
        """
        code = self.code(latent, detail, seed=seed, grain=grain)
        level = torch.ones(len(latent)) if reference is None else reference
        if energy is not None:
            code, louder = self.with_energy(code, energy)
            level = level * louder
        sound = self.sounded(code, level, seed=seed, phase=phase)
        return normalised(sound) if reference is None else sound

    def with_energy(self, code: Tensor, energy: Tensor) -> tuple[Tensor, Tensor]:
        """Scales the frames of codes so that each has the energy wanted.

        Args:
            code: Codes of its front end, [B, F, N].
            energy: The energies wanted, as `energy` gives them, [B, N].

        Returns:
            The codes, [B, F, N]; and what their references must be multiplied by, [B], where a
            frame became louder than a code can say.

        Raises:
            UsageError: When the codes are no frames of magnitudes, or of another number.

        Source:
            Langer 2023, section 4.5.2; see `timbrel.signal.energy.with_energy`.
        """
        wanted = (len(code), code.shape[2])
        if not self.knows_energy:
            raise UsageError(
                f"energies for {self.name!r}", f"none: it plays a {self.front_end.title}"
            )
        if tuple(energy.shape) != wanted:
            raise UsageError(f"energies of shape {tuple(energy.shape)}", f"{wanted}")
        magnitudes = self._magnitudes(code)
        found, louder_db = energies.with_energy(
            magnitudes.float(), energy.to(code.device), **self._ranges()
        )
        rest = code[:, magnitudes.shape[1] :]
        return torch.cat([found, rest], dim=1), units.db_to_amplitude(louder_db).cpu()

    def sounded(
        self, code: Tensor, reference: Tensor, *, seed: int = 0, phase: GivesPhase | None = None
    ) -> Tensor:
        """Makes codes sound, past the network.

        Args:
            code: Codes of its front end, [B, F, N]; they may end where their silence begins.
            reference: The amplitude that each is relative to, [B].
            seed: Seed of what the phase method draws.
            phase: The way from magnitudes to a waveform; None takes the instrument's own.

        Returns:
            Waveforms, [B, T], on the CPU.
        """
        length_samples = self._audible_samples(code)
        with torch.inference_mode():
            sound = self.front_end.decode(
                self._cut(code, length_samples).float(),
                reference.to(code.device),
                sample_rate=self.sample_rate,
                length_samples=length_samples,
                phase=self.phase if phase is None else phase,
                seed=seed,
            )
        return levels.fit_length(sound.cpu().clone(), self.length_samples)

    def _cut(self, code: Tensor, length_samples: int) -> Tensor:
        return code[:, :, : self.front_end.code_shape(length_samples)[1]]

    def _grained(self, code: Tensor, spread: Tensor, *, seed: int, grain: float) -> Tensor:
        """Draws the grain of what can be heard; the silence after it stays."""
        length_samples, count = self._audible_samples(code), code.shape[2]
        code, spread = (self._cut(x, length_samples).float() for x in (code, spread))
        rough = drawn(code, spread, self.recipe, length_samples, amount=grain, seed=seed)
        return pad(rough, (0, count - rough.shape[2]))

    def _code(
        self, latent: Tensor, detail: Tensor | None, *, seed: int
    ) -> tuple[Tensor, Tensor | None]:
        """The code of latents, and how rough it is where the network knows."""
        network = self.network
        if isinstance(network, KnowsDetail):
            if detail is None:
                detail = network.draw(latent, self._generator(seed))
            return network.play(detail.to(self.device))
        if isinstance(network, KnowsSpread):
            return network.decode_with_spread(latent)
        return cast(Decodes, network).decode(latent), None

    def _generator(self, seed: int) -> torch.Generator:
        return torch.Generator(self.device).manual_seed(seed)

    def _audible_samples(self, code: Tensor) -> int:
        """How long the sound of codes is without the silence at their end."""
        front_end = self.front_end
        if not isinstance(front_end, Framed):
            return self.length_samples
        heard, frames = (code.amax((0, 1)) > 0).nonzero(), front_end.frames
        last = int(heard[-1]) + 1 if len(heard) else 0
        # in few lengths, so that clicks on a map find the noise of their grain already made
        kept = -(-(last + frames.n_fft // frames.hop_samples) // FRAMES_AT_ONCE) * FRAMES_AT_ONCE
        return min(self.length_samples, kept * frames.hop_samples)

    def _check_latents(self, latent: Tensor) -> None:
        if "decode" not in self.offers:
            raise AbilityError(f"the instrument {self.name!r} cannot play a latent")
        if latent.ndim != 2 or latent.shape[1] != self.latent_size:
            raise UsageError(f"latents of shape {tuple(latent.shape)}", f"[B, {self.latent_size}]")
        if not levels.is_finite(latent):
            raise UsageError("a latent with values that are no numbers", "finite latents")


def create(
    name: str,
    recipe: Recipe,
    facts: DataFacts,
    network: nn.Module,
    cloud: Cloud,
    *,
    sounds: tuple[SoundNote, ...],
    summary: Mapping[str, Any],
    library_fingerprint: str,
) -> Instrument:
    """Makes an instrument of a trained network.

    Args:
        name: What a person calls it.
        recipe: The resolved recipe it was trained by.
        facts: What the network was built for.
        network: The trained network.
        cloud: Latents of the training sounds; `timbrel.instruments.cloud.of` makes it.
        sounds: All sounds of the library with their splits.
        summary: The summary of its training, plain tables.
        library_fingerprint: The library's fingerprint.

    Returns:
        The instrument.

    Raises:
        InstrumentError: When the network does not offer what its family declares.
    """
    lacks = offers.missing(network, plugins.load("families", recipe.family).abilities)
    if lacks:
        raise InstrumentError(f"the network of {recipe.family} does not {lacks[0]}")
    table = finite(recipes.as_table(recipe))
    return Instrument(
        name=name,
        recipe=recipe,
        facts=facts,
        network=network,
        cloud=cloud,
        sounds=sounds,
        summary=finite(summary),
        library_fingerprint=library_fingerprint,
        fingerprint=weights.fingerprint(table, weights.state_of(network)),
        timbrel_version=timbrel.__version__,
        torch_version=torch.__version__,
    )


def with_phases(instrument: Instrument, measured: MeasuredPhases | None) -> Instrument:
    """Gives an instrument the phase method that measured best, which changes how it sounds.

    Args:
        instrument: The instrument.
        measured: Phase methods side by side; None leaves it with its recipe's.

    Returns:
        The instrument, with a fingerprint of its own.
    """
    table = what_sounds(finite(recipes.as_table(instrument.recipe)), measured)
    fingerprint = weights.fingerprint(table, weights.state_of(instrument.network))
    return replace(instrument, phases=measured, fingerprint=fingerprint)


def normalised(sound: Tensor, peak_db: float = PEAK_DB) -> Tensor:
    """Gives each sound of a batch the same peak; silence stays silent.

    Args:
        sound: Waveforms, [B, T].
        peak_db: The peak in dBFS.

    Returns:
        Waveforms, [B, T].

    Example:
        >>> normalised(torch.tensor([[0.1, -0.5], [0.0, 0.0]]), peak_db=0.0)
        tensor([[ 0.2000, -1.0000],
                [ 0.0000,  0.0000]])
    """
    peak = sound.abs().amax(dim=1, keepdim=True)
    gain = units.db_to_amplitude(peak_db) / torch.where(peak > 0, peak, 1.0)
    return sound * gain
