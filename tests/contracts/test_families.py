"""What every family and every recipe that ships must do."""

import dataclasses
import functools
import tomllib
from pathlib import Path
from typing import Any, cast

import pytest
import torch

from fixtures_recipes import is_light, lighter
from timbrel import plugins, recipes
from timbrel.families import AdversarialObjective, DataFacts, Family, Grows, Stage
from timbrel.instruments.offers import OFFERS, KnowsDetail
from timbrel.recipes import Recipe
from timbrel.signal.frontends import FrontEnd
from timbrel.signal.phase import PhaseMethod
from timbrel.signal.stft import magnitude


def _is_game(name: str) -> bool:
    recipe = recipes.find(name)
    family: Family = plugins.load("families", recipe.family)
    return isinstance(family.objective(recipe.network), AdversarialObjective)


FAMILIES = plugins.names("families")
RECIPES = recipes.names()
OFFERS_OF = {
    name: plugins.load("families", recipes.find(name).family).abilities for name in RECIPES
}
IMPROVISERS = [name for name in RECIPES if "improvise" in OFFERS_OF[name]]
LIGHT = [name for name in RECIPES if name not in IMPROVISERS and is_light(name)]
CODERS = [name for name in LIGHT if "encode" in OFFERS_OF[name]]
PHASES = [name for name in LIGHT if "phase" in OFFERS_OF[name]]
GAMES = [name for name in LIGHT if _is_game(name)]
FOLDER = Path(recipes.__file__).parent / "families"
BEGINNING_FRAMES = 128
LONG_SAMPLES = 2**15


def _whole_codes(recipe: Recipe, count: int) -> torch.Tensor:
    """Codes of decaying tones and noises, made by the recipe's own front end."""
    generator = torch.Generator().manual_seed(3)
    time = torch.arange(recipe.length_samples) / recipe.sample_rate
    tones = torch.sin(2 * torch.pi * 220 * (1 + torch.arange(count)[:, None]) * time)
    noise = torch.randn(count, recipe.length_samples, generator=generator)
    mixed = (tones + 0.3 * noise) * torch.exp(-6 * time)
    front_end = cast(FrontEnd, recipe.front_end)
    return front_end.encode(mixed, sample_rate=recipe.sample_rate)[0]


def _codes(recipe: Recipe, count: int) -> torch.Tensor:
    """The same, but only their beginnings where a network hears any length: some take long."""
    slice_frames, any_length = _slice_frames(recipe.name)
    most = 4 + slice_frames if slice_frames else BEGINNING_FRAMES if any_length else None
    return _whole_codes(recipe, count)[..., :most]


@functools.cache
def _slice_frames(name: str) -> tuple[int, bool]:
    """Frames of a slice where the recipe's network learns from slices, else 0; and any length?"""
    recipe = recipes.find(name)
    family: Family = plugins.load("families", recipe.family)
    shape = cast(FrontEnd, recipe.front_end).code_shape(recipe.length_samples)
    network = family.build(recipe.network, DataFacts(*shape))
    return int(getattr(network, "slice_frames", 0)), bool(getattr(network, "any_length", False))


def _in_range(code: torch.Tensor, recipe: Recipe) -> bool:
    """Whether codes are within 0..1, where the front end makes such ones only."""
    spectral = cast(FrontEnd, recipe.front_end).spectral
    return not spectral or torch.equal(code, code.clamp(0, 1))


def _started(recipe: Recipe, codes: torch.Tensor) -> tuple[Family, Any]:
    family: Family = plugins.load("families", recipe.family)
    facts = DataFacts(codes.shape[1], codes.shape[2], ("tone",))
    with torch.random.fork_rng():
        torch.manual_seed(5)
        network = family.build(recipe.network, facts)
    family.start(network, codes, torch.zeros(len(codes), dtype=torch.int64))
    return family, network


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_says_what_it_is(name: str) -> None:
    family: Family = plugins.load("families", name)
    assert family.title
    assert family.source
    assert family.abilities <= set(OFFERS)
    assert (FOLDER / name / "card.md").read_text(encoding="utf-8").startswith(f"# {name}")
    assert list((FOLDER / name / "recipes").glob("*.toml"))


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_file_is_complete_and_says_its_own_name(name: str) -> None:
    recipe = recipes.find(name)
    assert recipe.name == name
    (file,) = FOLDER.glob(f"*/recipes/{name}.toml")
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    assert table == recipes.as_table(recipe)
    assert file.read_text(encoding="utf-8") == recipes.as_toml(recipe)


@pytest.mark.parametrize("name", sorted(set(RECIPES) - set(LIGHT) - set(IMPROVISERS)))
def test_a_heavy_recipe_has_a_light_one_that_differs_in_sizes_only(name: str) -> None:
    kinds = [type(recipes.find(name).front_end), type(recipes.find(name).network)]
    assert any([type(r.front_end), type(r.network)] == kinds for r in lighter(name))


@pytest.mark.parametrize("name", LIGHT)
def test_one_step_of_a_recipe_gives_finite_losses_and_gradients(name: str) -> None:
    recipe = recipes.find(name)
    codes = _codes(recipe, 4)
    family, network = _started(recipe, codes)
    seen = codes[..., : _slice_frames(name)[0] or None]
    objective = family.objective(recipe.network)
    if isinstance(objective, AdversarialObjective):
        return  # it has two: see below
    losses = objective.losses(
        network, seen, torch.zeros(4, dtype=torch.int64), step=0,
        generator=torch.Generator().manual_seed(0),
    )  # fmt: skip
    assert all(torch.isfinite(value) for value in losses.values())
    if not list(network.parameters()):
        return  # all it knows it was given at the start
    losses["loss"].backward()
    gradients = [parameter.grad for parameter in network.parameters()]
    assert all(gradient is not None and torch.isfinite(gradient).all() for gradient in gradients)
    assert any(gradient.abs().max() > 0 for gradient in gradients if gradient is not None)


@pytest.mark.parametrize(
    "name",
    [
        # of its 1,024 channels; growing-tiny is of the same kind
        pytest.param(name, marks=[pytest.mark.slow] if name == "growing-s1" else [])
        for name in GAMES
    ],
)
def test_each_player_of_a_recipe_has_finite_losses_and_gradients_of_its_own(name: str) -> None:
    recipe = recipes.find(name)
    codes = _codes(recipe, 2)
    family, network = _started(recipe, codes)
    objective = family.objective(recipe.network)
    assert isinstance(objective, AdversarialObjective)
    stage = Stage(batch_size=2)
    if isinstance(network, Grows) and objective.growth:  # inside of a fade
        level = len(objective.growth.levels)
        while recipe.length_samples >> (len(objective.growth.levels) - level) > LONG_SAMPLES:
            level -= 1  # each has half the length; the family's own tests go through all
        stage = Stage(level, len(objective.growth.levels), 0.5, 2)
        network.grow(stage.level, stage.fade)
    label, draws = torch.zeros(2, dtype=torch.int64), torch.Generator().manual_seed(0)
    critic, generator = network.critic.parameters, network.generator.parameters
    turns = (
        (objective.critic_losses, critic, generator),
        (objective.generator_losses, generator, critic),
    )
    for losses_of, learns, rests in turns:
        for parameter in rests():
            parameter.requires_grad_(False)
        losses = losses_of(network, codes, label, stage=stage, step=0, generator=draws)
        assert all(torch.isfinite(value) for value in losses.values())
        losses["loss"].backward()
        gradients = [parameter.grad for parameter in learns() if parameter.grad is not None]
        assert all(torch.isfinite(gradient).all() for gradient in gradients)
        assert any(gradient.abs().max() > 0 for gradient in gradients)
        assert all(parameter.grad is None for parameter in rests() if not parameter.requires_grad)
        network.zero_grad(set_to_none=True)
        network.requires_grad_(True)
    with torch.no_grad():
        told = objective.validation_losses(network, codes, label, stage=stage, generator=draws)
    assert 0 <= float(told["loss"]) < 1000


@pytest.mark.parametrize("name", GAMES)
def test_what_a_generator_makes_has_the_shape_of_a_code_and_a_score(name: str) -> None:
    recipe = recipes.find(name)
    codes = _codes(recipe, 2)
    _, network = _started(recipe, codes)
    network.eval()
    with torch.inference_mode():
        latents = network.sample(2, torch.Generator().manual_seed(1))
        assert torch.equal(latents, network.sample(2, torch.Generator().manual_seed(1)))
        made = network.decode(latents)
        assert made.shape == codes.shape
        assert _in_range(made, recipe)
        assert torch.equal(made, network.decode(latents))
        scores = network.score(made)
        assert scores.shape == (2,)
        assert torch.isfinite(scores).all()


@pytest.mark.parametrize("name", CODERS)
def test_abilities_have_the_shapes_they_promise(name: str) -> None:
    recipe = recipes.find(name)
    codes = _codes(recipe, 3)
    family, network = _started(recipe, codes)
    network.eval()
    with torch.inference_mode():
        latent = network.encode(codes)
        assert torch.equal(latent, network.encode(codes))
        assert latent.ndim == 2
        code = network.decode(latent)
        assert code.shape == codes.shape
        assert _in_range(code, recipe)
        if "sample" in family.abilities:
            drawn = network.sample(3, torch.Generator().manual_seed(1))
            assert drawn.shape == latent.shape
            assert torch.equal(drawn, network.sample(3, torch.Generator().manual_seed(1)))


@pytest.mark.parametrize("name", LIGHT)
def test_details_are_heard_drawn_and_blended(name: str) -> None:
    recipe = recipes.find(name)
    codes = _codes(recipe, 2)
    family, network = _started(recipe, codes)
    assert isinstance(network, KnowsDetail) == ("detail" in family.abilities)
    if not isinstance(network, KnowsDetail):
        return
    network.eval()
    with torch.inference_mode():
        heard = network.detail(codes)
        code, spread = network.play(heard)
        assert code.shape == codes.shape
        assert spread is None or spread.shape == codes.shape
        assert _in_range(code, recipe)
        generators = (torch.Generator().manual_seed(seed) for seed in (1, 1, 2))
        first, again, other = (network.draw(network.encode(codes), g) for g in generators)
        assert torch.equal(first, again)
        # a sequence of embeddings may be drawn from its mean alone
        assert hasattr(network, "slice_frames") or not torch.equal(first, other)
        weights = torch.tensor([[0.7], [0.3]]).expand(2, heard.shape[2])
        generators = (torch.Generator().manual_seed(1) for _ in range(2))
        one, same = (network.blend(heard[:, None], weights, g) for g in generators)
        assert one.shape == heard[:1].shape
        assert torch.equal(one, same)


@pytest.mark.parametrize("name", CODERS)
def test_weights_saved_and_loaded_sound_the_same(name: str) -> None:
    recipe = recipes.find(name)
    codes = _codes(recipe, 3)
    _, network = _started(recipe, codes)
    _, other = _started(recipe, codes.flip(0) * 0.5)
    other.load_state_dict(network.state_dict())
    with torch.inference_mode():
        assert torch.equal(network.eval().encode(codes), other.eval().encode(codes))


@pytest.mark.parametrize("name", PHASES)
def test_phases_are_found_for_any_length_and_each_sound_alone(name: str) -> None:
    recipe = recipes.find(name)
    codes = _codes(recipe, 2)[..., : recipe.sample_rate // 4]
    _, network = _started(recipe, codes)
    _, other = _started(recipe, codes)
    other.load_state_dict(network.eval().state_dict())
    other.eval()
    for length in (codes.shape[2], 3001):
        wanted = magnitude(codes[:, 0, :length], network.frames)
        with torch.inference_mode():
            found = network.waveform(wanted, length_samples=length, seed=1)
            alone = other.waveform(wanted[:1], length_samples=length, seed=1)
        assert found.shape == (2, length)
        assert torch.isfinite(found).all()
        assert torch.equal(found[:1], alone)


@pytest.mark.parametrize("name", PHASES)
def test_the_phase_of_silence_is_silence(name: str) -> None:
    recipe = recipes.find(name)
    _, network = _started(recipe, _codes(recipe, 1))
    frames = network.eval().frames
    nothing = torch.zeros(1, frames.bins, frames.frame_count(3000))
    with torch.inference_mode():
        assert not network.waveform(nothing, length_samples=3000, seed=0).any()


@pytest.mark.parametrize("name", sorted(set(RECIPES) - {"single"}))
def test_the_front_end_and_phase_of_a_recipe_play_its_length(name: str) -> None:
    recipe = recipes.find(name)
    front_end = cast(FrontEnd, recipe.front_end)
    codes = _whole_codes(recipe, 1)
    sound = front_end.decode(
        codes, torch.ones(1), sample_rate=recipe.sample_rate,
        length_samples=recipe.length_samples, phase=cast(PhaseMethod, recipe.phase), seed=0,
    )  # fmt: skip
    assert sound.shape == (1, recipe.length_samples)
    assert torch.isfinite(sound).all()


def test_data_facts_are_frozen() -> None:
    facts: Any = DataFacts(1, 1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        facts.bins = 2
