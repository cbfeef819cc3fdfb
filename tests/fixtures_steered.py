"""A made-up instrument whose latents are known: number 3 is brightness, number 1 the tail.

Its prior may be normal or even; it has no encoder and no cloud, as adversarial networks have none.
"""

from collections.abc import Iterator
from typing import Any, Literal

import pytest
import torch
from torch import Tensor, nn

from timbrel import plugins, recipes
from timbrel.families import DataFacts, Family
from timbrel.instruments import cloud, instrument
from timbrel.instruments.cloud import SoundNote
from timbrel.instruments.instrument import Instrument
from timbrel.recipes import Options, Recipe, option

RATE_HZ, DURATION_S, SIZE = 8000, 0.25, 5
BRIGHT, TAIL = 3, 1


class SteeredOptions(Options):
    """The options of the family of these tests."""

    shape: Literal["steered"] = option("steered", "Its only shape.")
    even: bool = option(False, "Whether its prior is even, between -1 and 1.")


class Steered(nn.Module):
    """One noise, tilted by latent 3, decaying by latent 1; the others change nothing."""

    def __init__(self, options: SteeredOptions, facts: DataFacts) -> None:
        super().__init__()
        self.even = options.even
        noise = torch.randn(facts.frames, generator=torch.Generator().manual_seed(7))
        self.noise = nn.Parameter(noise)

    def decode(self, latent: Tensor) -> Tensor:
        count = len(self.noise)
        hz = torch.fft.rfftfreq(count, 1 / RATE_HZ).clamp(min=50)
        tilted = torch.fft.rfft(self.noise) * (hz / 1000) ** (0.5 * latent[:, BRIGHT, None])
        decay_s = 0.03 * 2 ** (0.5 * latent[:, TAIL, None])
        sound = torch.fft.irfft(tilted, count) * torch.exp(-torch.arange(count) / RATE_HZ / decay_s)
        return (sound / sound.abs().amax(dim=1, keepdim=True))[:, None]

    def early(self, latent: Tensor) -> Tensor:
        return latent * torch.tensor([0.1, 2.0, 0.1, 3.0, 0.1])

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        if self.even:
            return 2 * torch.rand(count, SIZE, generator=generator) - 1
        return torch.randn(count, SIZE, generator=generator)


def _no_objective(options: Any) -> Any:
    raise NotImplementedError(options)


STEERED = Family(
    title="a sound whose latents are known",
    config=SteeredOptions,
    build=Steered,
    objective=_no_objective,
    needs="sounds",
    abilities=frozenset({"decode", "sample"}),
    source="These tests",
)


def steered_recipe(**network: Any) -> Recipe:
    """A recipe of the family of these tests."""
    return recipes.parse(
        {
            "name": "steered-tiny",
            "title": "a sound whose latents are known",
            "about": "For tests.",
            "family": "steered",
            "sample_rate": RATE_HZ,
            "duration_s": DURATION_S,
            "front_end": {"name": "waveform"},
            "phase": {"name": "zero"},
            "network": network,
            "training": {},
        }
    )


def steered_instrument(recipe: Recipe) -> Instrument:
    """An instrument of the family, as training leaves one that does not hear: no latents."""
    facts = DataFacts(1, recipe.length_samples, (), RATE_HZ)
    notes = (SoundNote("a", "a.wav", "", "train"), SoundNote("b", "b.wav", "", "train"))
    return instrument.create(
        "steered",
        recipe,
        facts,
        Steered(recipe.network, facts),  # type: ignore[arg-type]
        cloud.of(notes, torch.zeros(2, 0), torch.ones(2)),
        sounds=notes,
        summary={},
        library_fingerprint="none",
    )


@pytest.fixture(scope="session")
def steered_family() -> Iterator[None]:
    """Adds the family of these tests to the families that there are."""
    load = plugins.load
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            plugins,
            "load",
            lambda room, name: (
                STEERED if (room, name) == ("families", "steered") else load(room, name)
            ),
        )
        yield
