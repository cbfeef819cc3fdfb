"""What every recipe must do that learns from one recording."""

import copy
from typing import Any

import pytest
import torch

from timbrel import plugins, recipes
from timbrel.blocks.outline import Outline
from timbrel.errors import TrainingError
from timbrel.families import AdversarialObjective, DataFacts, Family, Grows, LearnsAnew, Stage
from timbrel.instruments import recorded
from timbrel.instruments.offers import Cleans, Improvises
from timbrel.recipes import Recipe
from timbrel.tasks.recorded import Recordings, learns_from_recordings, store
from timbrel.training.items import Itself, items_of

TINY = [
    name for name in recipes.names()
    if name.endswith("-tiny") and learns_from_recordings(recipes.find(name))
]  # fmt: skip
ALL = [name for name in recipes.names() if learns_from_recordings(recipes.find(name))]


def sound(seconds: float, rate: int, channels: int) -> torch.Tensor:
    time = torch.arange(round(seconds * rate)) / rate
    tones = torch.sin(2 * torch.pi * torch.tensor([[220.0], [330.0]])[:channels] * time)
    noise = torch.randn(channels, len(time), generator=torch.Generator().manual_seed(0))
    return 0.4 * tones * (1 + torch.sin(2 * torch.pi * 2 * time)) / 2 + 0.1 * noise


def started(name: str, channels: int) -> tuple[Recipe, Family, Any, Itself]:
    recipe = recipes.find(name)
    family: Family = plugins.load("families", recipe.family)
    rate = recipe.sample_rate
    whole = sound(4.096, rate, channels)
    recipe = family.suited(recipe, [whole], rate)
    recipe = recipe.model_copy(update={"duration_s": whole.shape[1] / rate})
    shape = recorded.shape(recipe, channels)
    facts = DataFacts(*shape, (), rate, channels, whole.shape[1])
    torch.manual_seed(3)
    network = family.build(recipe.network, facts)
    network.recording.take([whole])
    items = Itself(store(Recordings((whole,), ("a",)), recipe))
    family.start(network, *items.batch([0]))
    objective = family.objective(recipe.network)
    if isinstance(objective, LearnsAnew):
        levels = len(recipe.network.growth.levels)  # type: ignore[attr-defined]
        for level in range(1, levels + 1):
            network.grow(level, 1.0)
            objective.begin_level(network.train(), Stage(level, levels))
    return recipe, family, network, items


@pytest.mark.parametrize("name", ALL)
def test_it_says_what_it_learns_from_and_offers(name: str) -> None:
    family: Family = plugins.load("families", recipes.find(name).family)
    assert family.needs == "one recording"
    assert "improvise" in family.abilities
    assert any(recipes.find(tiny).family == recipes.find(name).family for tiny in TINY)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("name", TINY)
def test_one_step_has_finite_losses_and_the_network_learns_from_what_it_holds(
    name: str, channels: int
) -> None:
    recipe, family, network, items = started(name, channels)
    assert isinstance(items_of(items.store, network), Itself)
    objective, draws = family.objective(recipe.network), torch.Generator().manual_seed(0)
    code, label = items.batch([0])
    assert code.shape[1] == recorded.shape(recipe, channels)[0]
    if isinstance(objective, AdversarialObjective):
        assert isinstance(objective, LearnsAnew)
        assert isinstance(network, Grows)
        stage = Stage(1, len(objective.growth.levels if objective.growth else ()))
        network.grow(1, 1.0)
        network.train()
        objective.begin_level(network, stage)
        for losses_of in (objective.critic_losses, objective.generator_losses):
            told = losses_of(network, code, label, stage=stage, step=0, generator=draws)
            assert all(torch.isfinite(value) for value in told.values())
        return
    told = objective.losses(network.train(), code, label, step=0, generator=draws)
    assert all(torch.isfinite(value) for value in told.values())


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("name", TINY)
def test_pieces_have_rows_lengths_and_a_seed(name: str, channels: int) -> None:
    recipe, _, network, items = started(name, channels)
    network.eval()
    assert isinstance(network, Improvises)
    code = items.batch([0])[0][0].float()
    rows, frames = code.shape
    kept = torch.zeros(frames)
    kept[: frames // 2] = 1
    outlines = [
        Outline(frames // 3), Outline(frames, code, amount=0.5),
        Outline(frames, code, kept=kept), Outline(frames, code, known_hz=recipe.sample_rate / 8),
        Outline(frames, code, amount=0.3, foreign=True),
    ]  # fmt: skip

    def made(outline: Outline, seed: int) -> torch.Tensor:
        parts = network.improvise(outline, torch.Generator().manual_seed(seed))
        return torch.cat(list(parts), dim=1)[:, : outline.frames]

    with torch.inference_mode():
        for outline in outlines:
            one, same, other = (made(outline, seed) for seed in (1, 1, 2))
            assert one.shape == (rows, outline.frames)
            assert torch.isfinite(one).all()
            assert torch.equal(one, same)
            assert not torch.equal(one, other)


@pytest.mark.parametrize("name", TINY)
def test_what_cleans_does_and_nothing_else_does(name: str) -> None:
    _, family, network, _ = started(name, 1)
    assert isinstance(network, Cleans) == ("clean" in family.abilities)


@pytest.mark.parametrize("name", TINY)
def test_weights_saved_and_loaded_play_the_same(name: str) -> None:
    _, _, network, _ = started(name, 1)
    _, _, other, _ = started(name, 1)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(0.1)
    other.load_state_dict(network.state_dict())
    with torch.inference_mode():
        one, same = (
            torch.cat(list(net.eval().improvise(Outline(50), torch.Generator().manual_seed(1))), 1)
            for net in (network, other)
        )
    assert torch.equal(one, same)


@pytest.mark.parametrize("name", TINY)
def test_what_another_network_learned_is_taken_over(name: str) -> None:
    _, _, network, items = started(name, 1)
    _, _, other, _ = started(name, 1)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(0.1)
    network.inherit(other, items.batch([0])[0][0].float())
    for own, theirs in zip(network.parameters(), other.parameters(), strict=True):
        assert torch.equal(own, theirs)
    with pytest.raises(TrainingError):
        network.inherit(torch.nn.Identity(), items.batch([0])[0][0])


def test_components_turn_to_those_of_another_recording() -> None:
    _, _, network, items = started("single-tiny", 1)
    code = items.batch([0])[0][0].float()
    before = network.scales.basis.clone()
    other = copy.deepcopy(network)
    flips = torch.where(torch.rand(len(before)) < 0.5, -1.0, 1.0)
    other.scales.basis.copy_(before * flips[:, None])
    network.inherit(other, code)
    told = before.abs().sum(1) > 0
    assert torch.allclose(network.scales.basis[told], other.scales.basis[told], atol=1e-4)
    back = network.scales.code(network.scales.of(code))
    assert torch.allclose(back, other.scales.code(other.scales.of(code)), atol=1e-4)
