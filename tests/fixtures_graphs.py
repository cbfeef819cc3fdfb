"""Tiny instruments of every family, made in a moment: their weights are drawn, not learned."""

from typing import Any

import torch
from torch import Tensor

from timbrel import plugins, recipes
from timbrel.families import DataFacts, Family
from timbrel.instruments import cloud, instrument
from timbrel.instruments.cloud import SoundNote
from timbrel.instruments.instrument import Instrument

COUNT = 6


def fading_sounds(length: int, rate_hz: int) -> Tensor:
    """Tones with some noise that fade, the second one short, [6, T]."""
    generator = torch.Generator().manual_seed(3)
    time_s = torch.arange(length) / rate_hz
    tones = torch.sin(2 * torch.pi * 220 * (1 + torch.arange(COUNT)[:, None]) * time_s)
    noise = torch.randn(COUNT, length, generator=generator)
    sounds = (tones + 0.3 * noise) * torch.exp(-6 * time_s)
    sounds[1, length * 3 // 5 :] = 0
    return sounds


def drawn_instrument(recipe_name: str) -> tuple[Instrument, Tensor]:
    """An instrument of a recipe that trained on nothing, and sounds as it hears them, [6, T]."""
    recipe = recipes.find(recipe_name)
    family: Family = plugins.load("families", recipe.family)
    front_end: Any = recipe.front_end
    sounds = fading_sounds(recipe.length_samples, recipe.sample_rate)
    codes, references = front_end.encode(sounds, sample_rate=recipe.sample_rate)
    facts = DataFacts(*codes.shape[1:], ("tone",), recipe.sample_rate)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        network: Any = family.build(recipe.network, facts)
    family.start(network, codes, torch.zeros(COUNT, dtype=torch.int64))
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():  # layers that begin at zero would hide what follows them
        for weights in network.parameters():
            weights.add_(0.02 * torch.randn(weights.shape, generator=generator))
        network.eval()
        hears = "encode" in family.abilities
        latents = network.encode(codes) if hears else torch.zeros(COUNT, 0)
    notes = [SoundNote(f"id{n}", f"{n}.wav", "tone", "train") for n in range(COUNT)]
    made = instrument.create(
        "drawn",
        recipe,
        facts,
        network,
        cloud.of(notes, latents, references),
        sounds=tuple(notes),
        summary={},
        library_fingerprint="none",
    )
    return made, sounds
