"""An instrument: what training makes, and what everything that plays is played by."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import torch
from torch import Tensor, nn

import timbrel
from timbrel import plugins, recipes
from timbrel.errors import AbilityError, InstrumentError, SoundFileError, UsageError
from timbrel.families import DataFacts
from timbrel.instruments import abilities, weights
from timbrel.instruments.abilities import Decodes, Encodes, KnowsSpread
from timbrel.instruments.cloud import Cloud, SoundNote
from timbrel.instruments.document import finite
from timbrel.instruments.grain import drawn
from timbrel.recipes import Recipe
from timbrel.signal import files, levels, units
from timbrel.signal.files import Sound
from timbrel.signal.frontends import FrontEnd
from timbrel.signal.limits import LOUDEST
from timbrel.signal.phase import GivesPhase

PEAK_DB = -1.0


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
        """What its network offers: of "encode", "decode", "sample"."""
        return frozenset(plugins.load("families", self.recipe.family).abilities)

    @cached_property
    def abilities(self) -> frozenset[str]:
        """What it can do, such as "reconstruct", "generate", "morph"."""
        return abilities.derive(self.offers, has_cloud=len(self.cloud) > 0)

    @property
    def phase(self) -> GivesPhase:
        """The phase method that it plays with unless told another: its recipe's."""
        return cast(GivesPhase, self.recipe.phase)

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
        front_end = cast(FrontEnd, self.recipe.front_end)
        with _playing(self.network):
            code, reference = front_end.encode(sound.to(self.device), sample_rate=self.sample_rate)
            latent = cast(Encodes, self.network).encode(code)
        # Cloned: a tensor of inference mode could not be trained on by whoever gets it.
        return latent.float().cpu().clone(), reference.float().cpu().clone()

    def decode(
        self,
        latent: Tensor,
        reference: Tensor | None = None,
        *,
        seed: int = 0,
        grain: float = 0.0,
        phase: GivesPhase | None = None,
    ) -> Tensor:
        """Plays latents.

        Args:
            latent: Latents, [B, Z].
            reference: The level of each as `encode` gave it, [B]; None gives each sound a peak
                of -1 dBFS.
            seed: Seed of anything the phase method draws. In batches of one, equal latents and
                seeds give equal bytes wherever they stand.
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
        device = self.device
        level = torch.ones(len(latent)) if reference is None else reference
        with _playing(self.network):
            code = self._code(latent.to(device), seed=seed, grain=grain)
            if not levels.is_finite(code):
                advice = "choose a point nearer to its cloud"
                raise AbilityError(f"{self.name!r} makes no sound of this latent", advice=advice)
            sound = cast(FrontEnd, self.recipe.front_end).decode(
                code.float(),
                level.to(device),
                sample_rate=self.sample_rate,
                length_samples=self.length_samples,
                phase=self.phase if phase is None else phase,
                seed=seed,
            )
        sound = sound.cpu().clone()
        return normalised(sound) if reference is None else sound

    def _code(self, latent: Tensor, *, seed: int, grain: float) -> Tensor:
        if not (grain and isinstance(self.network, KnowsSpread)):
            return cast(Decodes, self.network).decode(latent)
        code, spread = self.network.decode_with_spread(latent)
        if spread is None:
            return code
        return drawn(code.float(), spread.float(), self.recipe, amount=grain, seed=seed)

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
