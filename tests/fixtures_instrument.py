"""A tiny instrument for tests, made in a moment: principal components as a network.

It learns nothing by training, but hears and plays truly, so that tests can state facts of sound.
"""

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from timbrel import plugins, recipes
from timbrel.families import DataFacts, Family
from timbrel.instruments import cloud, instrument
from timbrel.instruments.cloud import SoundNote
from timbrel.instruments.instrument import Instrument
from timbrel.recipes import Options, Recipe, option

RATE_HZ = 16_000
DURATION_S = 0.5


class LinearOptions(Options):
    """The options of the family of these tests."""

    shape: Literal["linear"] = option("linear", "Its only shape.")
    latent_size: int = option(24, "Dimensions Z of the latent.", low=1, high=10**9)


class Linear(nn.Module):
    """Principal components, there and back."""

    def __init__(self, options: LinearOptions, facts: DataFacts) -> None:
        super().__init__()
        self.bins, self.frames = facts.bins, facts.frames
        self.basis = nn.Parameter(torch.randn(options.latent_size, facts.bins * facts.frames))
        self.mean = nn.Parameter(torch.zeros(facts.bins * facts.frames))

    def encode(self, code: Tensor) -> Tensor:
        return (code.flatten(1) - self.mean) @ self.basis.T

    def decode(self, latent: Tensor) -> Tensor:
        return (latent @ self.basis + self.mean).view(-1, self.bins, self.frames)

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        return torch.randn(count, len(self.basis), generator=generator)


def no_objective(options: Any) -> Any:
    raise NotImplementedError(options)


LINEAR = Family(
    title="principal components",
    config=LinearOptions,
    build=Linear,
    objective=no_objective,
    needs="sounds",
    abilities=frozenset({"encode", "decode", "sample"}),
    source="Pearson 1901",
)


def tiny_recipe(**network: Any) -> Recipe:
    """A recipe of the family of these tests."""
    return recipes.parse(
        {
            "name": "linear-tiny",
            "title": "principal components of very short sounds",
            "about": "For tests.",
            "family": "linear",
            "sample_rate": RATE_HZ,
            "duration_s": DURATION_S,
            "front_end": {"name": "log_magnitude", "n_fft": 512, "hop_samples": 128},
            "phase": {"name": "fast_griffin_lim", "iterations": 16},
            "network": {"latent_size": 24, **network},
            "training": {},
        }
    )


def made_sounds(count: int = 30, seed: int = 20) -> tuple[Tensor, list[str]]:
    """Decaying tones ("tone") and noises ("noise") in turn, [count, T], with their labels."""
    rng = np.random.default_rng(seed)
    seconds = np.arange(round(RATE_HZ * DURATION_S)) / RATE_HZ
    sounds, labels = [], []
    for number in range(count):
        label = ("tone", "noise")[number % 2]
        tone = np.sin(2 * np.pi * (440 if number == 0 else rng.uniform(200, 2000)) * seconds)
        noise = rng.standard_normal(len(seconds)) * 0.3
        decay = np.exp(-seconds * rng.uniform(4, 12))
        sounds.append((tone if label == "tone" else noise) * decay * rng.uniform(0.3, 0.9))
        labels.append(label)
    return torch.tensor(np.array(sounds), dtype=torch.float32), labels


def linear_instrument(recipe: Recipe, name: str = "tiny") -> Instrument:
    """Fits the principal components of made sounds and makes an instrument of them."""
    sounds, labels = made_sounds()
    front_end: Any = recipe.front_end
    code, reference = front_end.encode(sounds, sample_rate=recipe.sample_rate)
    facts = DataFacts(*code.shape[1:], ("noise", "tone"), recipe.sample_rate)
    network = Linear(recipe.network, facts)  # type: ignore[arg-type]
    flat = code.flatten(1)
    with torch.no_grad():
        network.mean.copy_(flat.mean(dim=0))
        network.basis.copy_(
            torch.linalg.svd(flat - network.mean, full_matrices=False).Vh[: len(network.basis)]
        )
        latents = network.encode(code)
    notes = [SoundNote(f"id{n}", f"{lab} {n}.wav", lab, "train") for n, lab in enumerate(labels)]
    held_out = [SoundNote("v0", "kept.wav", "tone", "validation")]
    return instrument.create(
        name,
        recipe,
        facts,
        network,
        cloud.of(notes, latents, reference),
        sounds=(*notes, *held_out),
        summary={"steps": 3, "best_loss": float("inf"), "verdict": "good <enough>"},
        library_fingerprint="library-7",
    )


@pytest.fixture(scope="session")
def linear_family() -> Iterator[None]:
    """Adds the family of these tests to the families that there are."""
    load = plugins.load
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            plugins,
            "load",
            lambda room, name: (
                LINEAR if (room, name) == ("families", "linear") else load(room, name)
            ),
        )
        yield


@pytest.fixture(scope="session")
def tiny_instrument(linear_family: None) -> Instrument:
    """An instrument that knows decaying tones and noises; 16 kHz, half a second."""
    return linear_instrument(tiny_recipe())
