"""An instrument: what training makes, and what everything that plays is played by."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

import torch
from torch import Tensor, nn

import timbrel
from timbrel import plugins, recipes
from timbrel.errors import AbilityError, InstrumentError, SoundFileError, UsageError
from timbrel.families import DataFacts
from timbrel.instruments import abilities, weights
from timbrel.instruments.abilities import Decodes, Encodes, KnowsDetail, KnowsSpread
from timbrel.instruments.cloud import Cloud, SoundNote
from timbrel.instruments.document import finite
from timbrel.instruments.grain import drawn
from timbrel.instruments.phases import MeasuredPhases, method_of, what_sounds
from timbrel.recipes import Recipe
from timbrel.signal import files, levels, units
from timbrel.signal.files import Sound
from timbrel.signal.frontends import Framed, FrontEnd
from timbrel.signal.limits import LOUDEST
from timbrel.signal.phase import GivesPhase

PEAK_DB = -1.0
_FRAMES_AT_ONCE = 32


@dataclass(frozen=True, eq=False)
class Instrument:
    """A trained network with all it takes to play it. `create` makes a new one.

    Attributes:
        name: What a person calls it; the name of its folder.
        recipe: The resolved recipe.
        facts: What the network was built for: bins, frames, labels.
        network: The family's network; playing leaves its weights alone.
        cloud: Where the training sounds lie in latent space.
        sounds: All sounds of the library it was made from, with their splits.
        summary: The summary of its training, plain tables.
        library_fingerprint: Which state of which library it learned from.
        fingerprint: Hash of recipe and weights: the same fingerprint sounds the same.
        timbrel_version: The timbrel that made it.
        torch_version: The torch that made it.
        phases: Phase methods measured after its training; None where none were.
    """

    name: str
    recipe: Recipe
    facts: DataFacts
    network: nn.Module
    cloud: Cloud
    sounds: tuple[SoundNote, ...]
    summary: Mapping[str, Any]
    library_fingerprint: str
    fingerprint: str
    timbrel_version: str
    torch_version: str
    phases: MeasuredPhases | None = None

    @property
    def sample_rate(self) -> int:
        """Rate at which it hears and plays, in Hz."""
        return self.recipe.sample_rate

    @property
    def length_samples(self) -> int:
        """Length T that it hears and plays."""
        return self.recipe.length_samples

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels it knows, in the order of their numbers."""
        return self.facts.labels

    @property
    def latent_size(self) -> int:
        """Z, the number of values that stand for a sound."""
        return int(self.cloud.latents.shape[1])

    @property
    def splits(self) -> dict[str, str]:
        """The split of each sound of the library, by id: "train", "validation" or "test"."""
        return {note.id: note.split for note in self.sounds}

    @cached_property
    def offers(self) -> frozenset[str]:
        """What its network offers: of "encode", "decode", "sample", "phase"."""
        return frozenset(plugins.load("families", self.recipe.family).abilities)

    @cached_property
    def abilities(self) -> frozenset[str]:
        """What it can do, such as "reconstruct", "generate", "morph"."""
        return abilities.derive(self.offers, has_cloud=len(self.cloud) > 0)

    @cached_property
    def phase(self) -> GivesPhase:
        """The phase method that it plays with unless told another: the best measured, if any."""
        if self.phases is None:
            return cast(GivesPhase, self.recipe.phase)
        return method_of(self.phases.best)

    @property
    def device(self) -> torch.device:
        """Where its network lives."""
        first = next(self.network.parameters(), None)
        return torch.device("cpu") if first is None else first.device

    def require(self, ability: str) -> None:
        """Stops where it cannot do what was asked.

        Args:
            ability: What was asked, such as "morph".

        Raises:
            AbilityError: When it cannot.
        """
        abilities.require(ability, self.abilities, self.name)

    def fit(self, sound: Sound) -> Tensor:
        """Makes a sound such as it hears: one channel, its rate, its length, at the sound's level.

        Args:
            sound: Any sound, [C, T].

        Returns:
            The waveform, [1, T]; cut with a short fade, or padded with silence.

        Raises:
            SoundFileError: When the sound is empty, silent, or holds values that are no numbers
                or beyond all measure.
        """
        where = sound.source or "the sound"
        if not sound.samples.numel():
            raise SoundFileError(f"{where} is empty", "a sound with samples")
        if not levels.is_finite(sound.samples):
            raise SoundFileError(f"{where} holds values that are no numbers", "finite samples")
        if (peak := levels.peak(sound.samples)) > LOUDEST:
            raise SoundFileError(f"samples of {where} reach {peak:.3g}", f"up to {LOUDEST:g}")
        mono = levels.to_mono(sound.samples)
        mono = files.resample(mono, from_hz=sound.sample_rate, to_hz=self.sample_rate)
        fitted = levels.fit_length(mono, self.length_samples)
        if levels.is_silent(fitted):
            heard = f"in its first {self.recipe.duration_s:g} s"
            raise SoundFileError(f"{where} is silent {heard}", "a sound that can be heard")
        return fitted

    def encode(self, sound: Tensor) -> tuple[Tensor, Tensor]:
        """Hears sounds: finds the latents that stand for them.

        Args:
            sound: Waveforms as `fit` makes them, [B, T].

        Returns:
            Latents [B, Z] and references [B], a linear amplitude each; both on the CPU.

        Raises:
            AbilityError: When its network does not encode.
        """
        if "encode" not in self.offers:
            raise AbilityError(f"the instrument {self.name!r} cannot hear a sound, only play")
        with _playing(self.network):
            code, reference = self._heard(sound)
            latent = cast(Encodes, self.network).encode(code)
        # Cloned: a tensor of inference mode could not be trained on by whoever gets it.
        return latent.float().cpu().clone(), reference.float().cpu().clone()

    def detail(self, sound: Tensor) -> Tensor | None:
        """Hears what latents leave out of sounds, where the network knows of it.

        Args:
            sound: Waveforms as `fit` makes them, [B, T].

        Returns:
            Details, [B, K, L], on the CPU; None where latents are all the network knows.
        """
        if not isinstance(self.network, KnowsDetail):
            return None
        with _playing(self.network):
            return self.network.detail(self._heard(sound)[0]).float().cpu().clone()

    def blend(self, start: Tensor, end: Tensor, place: float, *, seed: int = 0) -> Tensor:
        """Finds the detail between two sounds.

        Args:
            start: The detail at place 0, as `detail` gives it, [B, K, L].
            end: The detail at place 1, [B, K, L'].
            place: Where between them, 0 to 1; the ends are met exactly.
            seed: Seed of what is drawn.

        Returns:
            Details, [B, K, L''], on the CPU.

        Raises:
            AbilityError: When its network knows of no details.
        """
        if not isinstance(self.network, KnowsDetail):
            raise AbilityError(f"the instrument {self.name!r} knows of latents only")
        ends, generator = (start.to(self.device), end.to(self.device)), self._generator(seed)
        with _playing(self.network):
            return self.network.blend(*ends, place, generator).float().cpu().clone()

    def decode(
        self,
        latent: Tensor,
        reference: Tensor | None = None,
        *,
        detail: Tensor | None = None,
        seed: int = 0,
        grain: float = 0.0,
        phase: GivesPhase | None = None,
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

        Returns:
            Waveforms, [B, T], on the CPU. With a reference they may exceed 1.

        Raises:
            UsageError: When the latents have another size or are no numbers.
            AbilityError: When the network makes values that are no numbers.
        """
        self._check_latents(latent)
        level = torch.ones(len(latent)) if reference is None else reference
        with _playing(self.network):
            code, spread = self._code(latent.to(self.device), detail, seed=seed)
            if not levels.is_finite(code):
                advice = "choose a point nearer to its cloud"
                raise AbilityError(f"{self.name!r} makes no sound of this latent", advice=advice)
            length_samples = self._audible_samples(code)
            if grain and spread is not None:
                code, spread = (self._cut(x, length_samples).float() for x in (code, spread))
                code = drawn(code, spread, self.recipe, length_samples, amount=grain, seed=seed)
        sound = self.sounded(code, level, seed=seed, phase=phase)
        return normalised(sound) if reference is None else sound

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
            sound = cast(FrontEnd, self.recipe.front_end).decode(
                self._cut(code, length_samples).float(),
                reference.to(code.device),
                sample_rate=self.sample_rate,
                length_samples=length_samples,
                phase=self.phase if phase is None else phase,
                seed=seed,
            )
        return levels.fit_length(sound.cpu().clone(), self.length_samples)

    def _cut(self, code: Tensor, length_samples: int) -> Tensor:
        frames = cast(FrontEnd, self.recipe.front_end).code_shape(length_samples)[1]
        return code[:, :, :frames]

    def _heard(self, sound: Tensor) -> tuple[Tensor, Tensor]:
        front_end = cast(FrontEnd, self.recipe.front_end)
        return front_end.encode(sound.to(self.device), sample_rate=self.sample_rate)

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
        front_end = self.recipe.front_end
        if not isinstance(front_end, Framed):
            return self.length_samples
        heard, frames = (code.amax((0, 1)) > 0).nonzero(), front_end.frames
        last = int(heard[-1]) + 1 if len(heard) else 0
        # in few lengths, so that clicks on a map find the noise of their grain already made
        kept = -(-(last + frames.n_fft // frames.hop_samples) // _FRAMES_AT_ONCE) * _FRAMES_AT_ONCE
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
    lacks = abilities.missing(network, plugins.load("families", recipe.family).abilities)
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


@contextmanager
def _playing(network: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; afterwards the network is as it was."""
    was_training = network.training
    if was_training:
        network.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        if was_training:
            network.train()
