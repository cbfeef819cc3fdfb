"""What an instrument is: the trained network and all that is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, cast

import torch
from torch import nn

from timbrel import plugins
from timbrel.families import DataFacts
from timbrel.instruments import abilities
from timbrel.instruments.cloud import Cloud, SoundNote
from timbrel.instruments.offers import Samples
from timbrel.instruments.phases import MeasuredPhases, method_of
from timbrel.recipes import Recipe
from timbrel.signal.frontends import Framed, FrontEnd
from timbrel.signal.phase import GivesPhase


@dataclass(frozen=True, eq=False)
class Made:
    """What training made, before it is played; see `timbrel.instruments.instrument.Instrument`.

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

    @cached_property
    def latent_size(self) -> int:
        """Z, the number of values that stand for a sound; asked of the prior where none hears."""
        width = int(self.cloud.latents.shape[1])
        if width or not isinstance(self.network, Samples):
            return width
        with torch.inference_mode():
            return int(self.network.sample(1, torch.Generator().manual_seed(0)).shape[1])

    @property
    def splits(self) -> dict[str, str]:
        """The split of each sound of the library, by id: "train", "validation" or "test"."""
        return {note.id: note.split for note in self.sounds}

    @property
    def front_end(self) -> FrontEnd:
        """The front end that it hears and plays through."""
        return cast(FrontEnd, self.recipe.front_end)

    @cached_property
    def offers(self) -> frozenset[str]:
        """What its network offers: of "encode", "decode", "sample", "phase", "detail"."""
        return frozenset(plugins.load("families", self.recipe.family).abilities)

    @cached_property
    def abilities(self) -> frozenset[str]:
        """What it can do, such as "reconstruct", "generate", "morph"."""
        return abilities.derive(self.offers, has_cloud=self.cloud.plays)

    @cached_property
    def phase(self) -> GivesPhase:
        """The phase method that it plays with unless told another: the best measured, if any."""
        if self.phases is None:
            return cast(GivesPhase, self.recipe.phase)
        return method_of(self.phases.best)

    @property
    def device(self) -> torch.device:
        """Where its network lives; one without weights lives where its buffers do."""
        first = next(chain(self.network.parameters(), self.network.buffers()), None)
        return torch.device("cpu") if first is None else first.device

    @property
    def keeps_time(self) -> bool:
        """Whether its network hears a sound as a sequence of embeddings, one after the other."""
        return hasattr(self.network, "slice_frames")

    @property
    def knows_energy(self) -> bool:
        """Whether its codes are frames of magnitudes, so that each frame has an energy."""
        return self.front_end.spectral and isinstance(self.front_end, Framed)

    def require(self, ability: str) -> None:
        """Stops where it cannot do what was asked.

        Args:
            ability: What was asked, such as "morph".

        Raises:
            AbilityError: When it cannot.
        """
        abilities.require(ability, self.abilities, self.name)
