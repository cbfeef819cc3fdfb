"""What the morphs of every family must do, told by the smallest recipe of each."""

import math
from functools import cache

import pytest
import torch

from timbrel import plugins, recipes
from timbrel.families import DataFacts, Family
from timbrel.instruments import cloud, instrument
from timbrel.instruments.cloud import SoundNote
from timbrel.instruments.instrument import Instrument
from timbrel.recipes import Recipe
from timbrel.signal.files import Sound
from timbrel.signal.frontends import FrontEnd
from timbrel.synthesis import renders
from timbrel.synthesis.morph import morph
from timbrel.synthesis.reconstruct import reconstruct


def offers(name: str) -> frozenset[str]:
    found: frozenset[str] = plugins.load("families", recipes.find(name).family).abilities
    return found


MORPHING = [name for name in recipes.names() if {"encode", "decode"} <= offers(name)]
TINY = [name for name in MORPHING if name.endswith("-tiny")]


def sound(recipe: Recipe, number: int) -> Sound:
    """A decaying note of a few partials, each of another pitch, beginning and length."""
    time_s = torch.arange(recipe.length_samples) / recipe.sample_rate
    begin_s = 0.05 * number * recipe.duration_s
    later_s = (time_s - begin_s).clamp(min=0)
    wave = sum(
        (torch.sin(2 * math.pi * 220 * (number + 2) * k * later_s) / k for k in (1, 2, 3)),
        torch.zeros(1),
    )
    shape = torch.exp(-(4 + 4 * number) * later_s / recipe.duration_s) * (later_s > 0)
    return Sound((0.2 * wave * shape)[None], recipe.sample_rate, f"{number}.wav")


@cache
def untrained(name: str) -> tuple[Instrument, tuple[Sound, ...]]:
    """An instrument of a recipe, as good as it is before its first step, and three sounds."""
    recipe = recipes.find(name)
    family: Family = plugins.load("families", recipe.family)
    front_end = recipe.front_end
    assert isinstance(front_end, FrontEnd)
    sounds = tuple(sound(recipe, number) for number in range(3))
    waves = torch.cat([each.samples for each in sounds])
    codes, references = front_end.encode(waves, sample_rate=recipe.sample_rate)
    facts = DataFacts(codes.shape[1], codes.shape[2], ("note",), recipe.sample_rate)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        network = family.build(recipe.network, facts)
    family.start(network, codes, torch.zeros(3, dtype=torch.int64))
    with torch.inference_mode():
        latents = network.eval().encode(codes).clone()  # type: ignore[operator]
    notes = tuple(SoundNote(str(k), f"{k}.wav", "note", "train") for k in range(3))
    made = instrument.create(
        name,
        recipe,
        facts,
        network,
        cloud.of(notes, latents, references),
        sounds=notes,
        summary={},
        library_fingerprint="",
    )
    return made, sounds


def test_every_family_that_morphs_has_a_tiny_recipe() -> None:
    families = {recipes.find(name).family for name in MORPHING}
    assert {recipes.find(name).family for name in TINY} == families


@pytest.mark.parametrize("name", TINY)
@pytest.mark.parametrize("energy", [None, "off"])
def test_a_morph_at_one_sound_alone_is_its_reconstruction(name: str, energy: str | None) -> None:
    made, sounds = untrained(name)
    ends = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    morphs = morph(made, sounds, weights=ends, energy=energy, seed=4)
    back = reconstruct(made, sounds, energy=None if energy is None else False, seed=4)
    for one, whole in zip(morphs, back, strict=True):
        assert torch.equal(one.sound.samples, whole.sound.samples)


@pytest.mark.parametrize("name", TINY)
def test_mixtures_and_paths_are_sounds_of_their_own_and_come_again(name: str) -> None:
    made, sounds = untrained(name)
    alone = [each.sound.samples for each in reconstruct(made, sounds)]
    path = [(0.0, (1, 0, 0)), (0.5, (0, 1, 0)), (1.0, (0.5, 0.0, 0.5))]
    for wish in ({"weights": [(0.2, 0.5, 0.3), (1.4, -0.4, 0)]}, {"path": path}):
        renders = list(morph(made, sounds, **wish))  # type: ignore[arg-type]
        again = list(morph(made, sounds, **wish))  # type: ignore[arg-type]
        for one, same in zip(renders, again, strict=True):
            samples = one.sound.samples
            assert samples.shape == (1, made.length_samples)
            assert torch.isfinite(samples).all()
            assert samples.abs().max() > 0
            assert torch.equal(samples, same.sound.samples)
            assert not any(torch.equal(samples, other) for other in alone)


@pytest.mark.parametrize("name", TINY)
def test_a_latent_alone_is_a_sound(name: str) -> None:
    """What `pick` and `generate` play: a point of the latent space, and nothing else."""
    made, _ = untrained(name)
    render = renders.at(made, made.cloud.latents.mean(dim=0), seed=1)
    assert torch.isfinite(render.sound.samples).all()
    assert float(render.sound.samples.abs().max()) == pytest.approx(10 ** (-1 / 20), rel=1e-3)
