"""S1's growing network: its tables to the digit, nine levels, fades, two faults mended."""

import math

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from timbrel import recipes
from timbrel.blocks.adversarial import EqualisedConvolution, doubled, halved
from timbrel.errors import RecipeError
from timbrel.families import AdversarialObjective, DataFacts, Grows, Stage
from timbrel.families.progressive_gan import FAMILY
from timbrel.families.progressive_gan.config import ProgressiveGanOptions
from timbrel.families.progressive_gan.network import build
from timbrel.families.progressive_gan.objective import ProgressiveGanObjective
from timbrel.losses.likeness import band_level_distance
from timbrel.signal.decimation import decimated, interpolated

LENGTHS = [1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144]

# Table A.1: channels out and parameters of each layer with weights, in order.
GENERATOR_LAYERS = [
    (4, 1_052_672), (256, 25_856), (256, 1_638_656), (256, 1_638_656), (256, 1_638_656),
    (128, 819_328), (128, 409_728), (64, 204_864), (64, 102_464), (64, 102_464), (64, 102_464),
    (32, 51_232), (32, 25_632), (32, 25_632), (32, 25_632), (16, 12_816), (16, 6_416),
    (16, 6_416), (16, 6_416), (1, 17),
]  # fmt: skip
# Table A.2. Its rows for the last level but one and the last have the counts above.
CRITIC_LAYERS = [
    (16, 32), (16, 6_416), (16, 6_416), (16, 6_416), (32, 12_832), (32, 25_632), (32, 25_632),
    (32, 25_632), (64, 51_264), (64, 102_464), (64, 102_464), (64, 102_464), (128, 204_928),
    (128, 409_728), (256, 819_456), (256, 1_638_656), (256, 1_638_656), (256, 1_645_056),
    (256, 1_638_656), (1, 262_145),
]  # fmt: skip


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.fixture
def shapes_only():
    """Tensors have shapes and no numbers, so that S1's full width costs nothing."""
    with FakeTensorMode():
        yield


def whole(**settings):
    """S1's network in full width."""
    recipe = recipes.find("growing-s1")
    assert recipe.length_samples == LENGTHS[-1]
    return build(recipe.network.model_copy(update=settings), DataFacts(1, LENGTHS[-1]))


def tiny(frames=512, channels=(5, 4, 3, 2), **settings):
    """A network of four levels, 64 ... 512 samples."""
    torch.manual_seed(3)
    growth = {
        name: tuple(settings.pop(name, (0,) + (1,) * (len(channels) - 1)))
        for name in ("fade_epochs", "full_epochs", "time_shares", "batch_sizes")
        if name == "fade_epochs" or name in settings
    }
    ones = (1,) * len(channels)
    growth = {"full_epochs": ones, "time_shares": ones, "batch_sizes": ones} | growth
    options = ProgressiveGanOptions(
        channels=channels, latent_size=6, kernel=5, **growth, **settings
    )
    return build(options, DataFacts(1, frames, (), 8000)).eval(), options


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def seen(module, run):
    """Output shapes and parameters of each layer with weights, in the order of their work."""
    rows = []

    def note(layer, _inputs, output):
        if list(layer.parameters(recurse=False)):
            rows.append((tuple(output.shape), count(layer)))

    hooks = [layer.register_forward_hook(note) for layer in module.modules()]
    run()
    for hook in hooks:
        hook.remove()
    return rows


# --- the tables --------------------------------------------------------------------------------


@pytest.mark.usefixtures("shapes_only")
def test_both_networks_have_the_sources_parameters_at_the_last_level():
    gan = whole()
    # Each lower level has an output and an input of its own, which the last level does not use.
    assert count(gan.generator) - count(gan.generator.outputs[:-1]) == 7_896_017
    assert count(gan.critic) - count(gan.critic.inputs[:-1]) == 8_724_945


@pytest.mark.usefixtures("shapes_only")
def test_table_a1_to_the_layer():
    gan = whole()
    rows = seen(gan.generator, lambda: gan.generator(torch.zeros(2, 256), 9))
    assert [parameters for _, parameters in rows] == [n for _, n in GENERATOR_LAYERS]
    assert rows[0][0] == (2, 4096)
    places = [LENGTHS[number // 2] for number in range(18)] + [LENGTHS[-1]]
    channels = [channels for channels, _ in GENERATOR_LAYERS[1:]]
    shapes = [(2, channel, 1, length) for channel, length in zip(channels, places, strict=True)]
    assert [shape for shape, _ in rows[1:]] == shapes


@pytest.mark.usefixtures("shapes_only")
def test_table_a2_to_the_layer():
    gan = whole()
    wave = torch.zeros(2, 1, LENGTHS[-1])
    rows = seen(gan.critic, lambda: gan.critic(wave, 9))
    assert [(shape[1], parameters) for shape, parameters in rows] == CRITIC_LAYERS
    places = [LENGTHS[-1], *(LENGTHS[8 - number // 2] for number in range(18))]
    assert [shape[3] for shape, _ in rows[:-1]] == places
    assert rows[-1][0] == (2, 1)


def test_the_exact_recipe_trains_as_s1_did():
    recipe = recipes.find("growing-s1")
    training, network = recipe.training, recipe.network
    assert (recipe.sample_rate, recipe.pieces, recipe.skip_s) == (22_050, True, 5.0)
    assert (training.optimiser, training.learning_rate, training.schedule) == ("adam", 1e-3, "hold")
    assert (training.beta_1, training.beta_2, training.ema_decay) == (0, 0.99, 0)
    assert (network.critic_steps, network.penalty_weight, network.drift_weight) == (2, 10, 0.002)
    assert network.stairs
    assert (network.equalised, network.aliased) == ("multiplied", False)
    levels = network.growth.levels
    assert [level.batch_size for level in levels[:7]] == [16, 16, 8, 4, 8, 8, 4]
    assert [level.fade_epochs for level in levels[1:7]] == [7, 7, 7, 6, 5, 3]
    assert [level.full_epochs for level in levels[:7]] == [14, 14, 14, 14, 12, 10, 4]
    epochs = sum(level.fade_epochs + level.full_epochs for level in levels)
    assert training.epochs == epochs


def test_the_narrow_recipe_has_the_shape_of_the_exact_one():
    exact, narrow = (recipes.find(name) for name in ("growing-s1", "growing"))
    assert (narrow.duration_s, narrow.sample_rate) == (exact.duration_s, exact.sample_rate)
    assert len(narrow.network.channels) == len(exact.network.channels)
    assert narrow.network.kernel == exact.network.kernel
    pairs = zip(narrow.network.channels, exact.network.channels, strict=True)
    assert all(ours < theirs for ours, theirs in pairs)


# --- levels ------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", range(1, 10))
def test_all_nine_levels_go_forward_and_backward(level):
    gan, _ = tiny(frames=LENGTHS[-1], channels=(2,) * 9)
    objective = ProgressiveGanObjective(gan.options)
    stage = Stage(level, 9, 0.5 if level > 1 else 1.0, 1)
    code, label = 0.3 * noise(1, 1, LENGTHS[-1]), torch.tensor([-1])
    draws = torch.Generator().manual_seed(1)
    made = gan.generator(gan.sample(1, draws), level, stage.fade)
    assert made.shape == (1, 1, LENGTHS[level - 1])
    assert float(made.detach().abs().max()) <= 1
    for part, losses in (("critic", objective.critic_losses),
                         ("generator", objective.generator_losses)):  # fmt: skip
        gan.zero_grad()
        found = losses(gan, code, label, stage=stage, step=0, generator=draws)
        assert all(torch.isfinite(value) for value in found.values())
        found["loss"].backward()
        module = getattr(gan, part)
        ways = module.inputs if part == "critic" else module.outputs
        used = [*module.blocks[:level], *ways[max(0, level - 2) : level], module.dense]
        for parameter in (parameter for layer in used for parameter in layer.parameters()):
            assert parameter.grad is not None
            assert torch.isfinite(parameter.grad).all()
        unused = [*module.blocks[level:], *ways[level:]]
        assert all(p.grad is None for layer in unused for p in layer.parameters())


@pytest.mark.usefixtures("shapes_only")
@pytest.mark.parametrize("level", range(1, 10))
def test_in_full_width_each_level_has_its_length_both_ways(level):
    gan = whole()
    wave = gan.generator(torch.zeros(2, 256), level, 0.5)
    assert wave.shape == (2, 1, LENGTHS[level - 1])
    scores = gan.critic(wave, level, 0.5)
    assert scores.shape == (2,)
    assert gan.factor(level) == 2 ** (9 - level)


@pytest.mark.usefixtures("shapes_only")
@pytest.mark.parametrize("level", [1, 2, 9])  # no fade, the shortest one, the longest
def test_in_full_width_slopes_have_slopes(level):
    gan = whole()
    wave = gan.generator(torch.zeros(2, 256), level, 0.5)
    scores = gan.critic(wave, level, 0.5)
    (slope,) = torch.autograd.grad(scores.sum(), wave, create_graph=True)
    assert slope.shape == wave.shape
    (scores.sum() + slope.square().sum()).backward()
    assert gan.generator.dense.weight.grad.shape == (4096, 256)
    assert gan.critic.blocks[level - 1].first.weight.grad is not None


def test_at_fade_zero_a_level_is_the_one_below_it_made_longer():
    gan, _ = tiny()
    latent = gan.sample(3, torch.Generator().manual_seed(2))
    with torch.no_grad():
        for level in (2, 3, 4):
            lower = doubled(gan.generator(latent, level - 1).unsqueeze(2)).squeeze(2)
            assert torch.equal(gan.generator(latent, level, 0.0), lower)
            new = gan.generator(latent, level)
            half = gan.generator(latent, level, 0.5)
            assert torch.allclose(half, (new + lower) / 2, atol=1e-6)
            assert not torch.allclose(new, lower, atol=1e-2)


def test_at_fade_one_the_level_below_is_not_heard():
    gan, _ = tiny()
    latent = gan.sample(3, torch.Generator().manual_seed(2))
    with torch.no_grad():
        before = gan.generator(latent, 3, 1.0)
        scores = gan.critic(before, 3, 1.0)
        gan.generator.outputs[1].weight.add_(1)
        gan.critic.inputs[1].weight.add_(1)
        assert torch.equal(gan.generator(latent, 3, 1.0), before)
        assert torch.equal(gan.critic(before, 3, 1.0), scores)
        assert not torch.equal(gan.generator(latent, 3, 0.9), before)


def test_at_fade_zero_the_critic_hears_only_the_lower_half():
    gan, _ = tiny()
    wave = noise(3, 1, 256)
    with torch.no_grad():
        scores = gan.critic(wave, 3, 0.0)
        lower = halved(wave.unsqueeze(2)).squeeze(2)
        assert torch.allclose(scores, gan.critic(lower, 2), atol=1e-6)
        alternating = torch.tensor([0.3, -0.3]).repeat(128)
        assert torch.allclose(gan.critic(wave + alternating, 3, 0.0), scores, atol=1e-5)
        assert not torch.allclose(gan.critic(wave + alternating, 3, 1.0), scores, atol=1e-3)


def test_scores_of_real_and_made_sounds_at_once_are_those_of_each_alone():
    gan, _ = tiny()
    real, made = noise(2, 4, 1, 512)
    with torch.no_grad():
        both = gan.critic(torch.cat([real, made]), 4, groups=2)
        alone = torch.cat([gan.critic(real, 4), gan.critic(made, 4)])
    assert torch.allclose(both, alone, atol=1e-5)


def test_a_batch_of_one_sound_many_times_is_told_from_many_sounds():
    gan, _ = tiny()
    many = noise(4, 1, 512)
    with torch.no_grad():
        mixed = gan.critic(many, 4)[0]
        same = gan.critic(many[:1].expand(4, 1, 512), 4)[0]
    assert not torch.allclose(mixed, same, atol=1e-4)


# --- playing -----------------------------------------------------------------------------------


def test_where_it_stands_is_part_of_its_weights():
    gan, _ = tiny()
    assert isinstance(gan, Grows)
    gan.grow(2, 0.25)
    other, _ = tiny()
    other.load_state_dict(gan.state_dict())
    assert (int(other.level), float(other.fade)) == (2, 0.25)
    latent = gan.sample(2, torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(gan.decode(latent), other.decode(latent))


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_lower_level_plays_at_full_length_and_adds_no_frequencies(level):
    gan, _ = tiny()
    gan.grow(level, 1.0)
    latent = gan.sample(2, torch.Generator().manual_seed(0))
    with torch.no_grad():
        code = gan.decode(latent)
        wave = gan.generator(latent, level)
    assert code.shape == (2, 1, 512)
    assert torch.equal(code, interpolated(wave, gan.factor(level)))
    middle = code[..., 128:-128] * torch.hann_window(256)
    power = torch.fft.rfft(middle).abs().square().mean((0, 1))
    edge = round(len(power) / gan.factor(level) * 1.2)
    assert float(power[edge:].sum() / power.sum()) < 1e-4


def test_latents_are_even_between_minus_one_and_one():
    gan, _ = tiny()
    drawn = gan.sample(2000, torch.Generator().manual_seed(0))
    assert -1 <= float(drawn.min()) < -0.99 < 0.99 < float(drawn.max()) <= 1
    assert float(drawn.square().mean()) == pytest.approx(1 / 3, abs=0.02)
    assert gan.early(drawn[:2]).shape == (2, 64 * 4)


def test_scores_of_codes_are_the_critics_at_the_level():
    gan, _ = tiny()
    gan.grow(2, 0.5)
    code = noise(3, 1, 512)
    with torch.no_grad():
        expected = gan.critic(decimated(code, 4), 2, 0.5)
        assert torch.equal(gan.score(code), expected)


# --- learning ----------------------------------------------------------------------------------


def test_what_a_critic_hears_is_the_sounds_at_its_rate():
    gan, options = tiny()
    code = noise(2, 1, 512)
    heard = ProgressiveGanObjective(options).heard
    assert torch.equal(heard(gan, code, Stage(2, 4, 0.5)), decimated(code, 4))
    aliased = ProgressiveGanObjective(options.model_copy(update={"aliased": True})).heard
    assert torch.equal(aliased(gan, code, Stage(2, 4, 0.5)), code[..., ::4])


def test_real_sounds_fade_in_as_made_ones_do():
    gan, options = tiny()
    code = noise(2, 1, 512)
    heard = ProgressiveGanObjective(options.model_copy(update={"fade_sounds": True})).heard
    lower = doubled(decimated(code, 8).unsqueeze(2)).squeeze(2)
    assert torch.equal(heard(gan, code, Stage(2, 4, 0.0)), lower)
    assert torch.equal(heard(gan, code, Stage(2, 4, 1.0)), decimated(code, 4))
    half = (lower + decimated(code, 4)) / 2
    assert torch.allclose(heard(gan, code, Stage(2, 4, 0.5)), half, atol=1e-6)
    assert torch.equal(heard(gan, code, Stage(1, 4, 1.0)), decimated(code, 8))


@pytest.mark.parametrize("level", range(1, 5))
def test_in_half_precision_all_levels_fade_in_with_real_sounds_that_fade_in_too(level):
    gan, options = tiny()
    objective = ProgressiveGanObjective(options.model_copy(update={"fade_sounds": True}))
    stage = Stage(level, 4, 0.5 if level > 1 else 1.0, 3)
    code, label = noise(3, 1, 512), torch.full((3,), -1)
    exact = objective.heard(gan, code, stage)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(objective.heard(gan, code, stage), exact)
        for losses in (objective.critic_losses, objective.generator_losses):
            draws = torch.Generator().manual_seed(1)
            found = losses(gan, code, label, stage=stage, step=0, generator=draws)
            assert torch.isfinite(found["loss"])


def test_the_losses_are_sums_of_what_they_say():
    gan, options = tiny()
    objective = ProgressiveGanObjective(options)
    assert isinstance(objective, AdversarialObjective)
    code, label = noise(3, 1, 512), torch.full((3,), -1)
    found = objective.critic_losses(
        gan, code, label, stage=Stage(4, 4), step=0, generator=torch.Generator().manual_seed(1)
    )
    parts = found["fake"] - found["real"] + 10 * found["penalty"] + 0.002 * found["drift"]
    assert float(found["loss"].detach()) == pytest.approx(float(parts), rel=1e-5)
    made = objective.generator_losses(
        gan, code, label, stage=Stage(4, 4), step=0, generator=torch.Generator().manual_seed(1)
    )
    assert set(made) == {"loss"}


def test_validation_is_the_distance_from_true_sounds_at_the_levels_rate():
    gan, options = tiny(frames=1024)
    code, label = noise(3, 1, 1024), torch.full((3,), -1)
    # whatever it learned from: aliases are no part of what is true
    objective = ProgressiveGanObjective(options.model_copy(update={"aliased": True}))
    with torch.no_grad():
        found = objective.validation_losses(
            gan, code, label, stage=Stage(3, 4), generator=torch.Generator().manual_seed(1)
        )
        made = gan.generator(gan.sample(3, torch.Generator().manual_seed(1)), 3)
    expected = band_level_distance(made[:, 0], decimated(code, 2)[:, 0], 4000)
    assert float(found["loss"]) == pytest.approx(float(expected), rel=1e-6)


def test_a_few_steps_bring_the_first_level_nearer_to_its_sounds():
    # Real sounds are soft and alike; a fresh generator is loud and varied.
    gan, options = tiny(frames=1024)
    objective, stage = ProgressiveGanObjective(options), Stage(1, 4, 1.0, 8)
    code, label = 0.02 * noise(8, 1, 1024), torch.full((8,), -1)
    movers = {
        part: torch.optim.Adam(getattr(gan, part).parameters(), 1e-2, (0.0, 0.99))
        for part in ("critic", "generator")
    }
    draws = torch.Generator().manual_seed(5)

    def distance():
        with torch.no_grad():
            made = gan.generator(gan.sample(16, torch.Generator().manual_seed(9)), 1)
        return abs(math.log(float(made.std()) / float(decimated(code, 8).std())))

    before = distance()
    for step in range(40):
        for part in ("critic", "critic", "generator"):
            losses = getattr(objective, f"{part}_losses")
            movers[part].zero_grad()
            losses(gan, code, label, stage=stage, step=step, generator=draws)["loss"].backward()
            movers[part].step()
    assert distance() < 0.7 * before


# --- S1's own ways -----------------------------------------------------------------------------


def test_right_way_round_a_fresh_network_starts_at_levels_of_one_and_the_wrong_way_far_off():
    wave = 0.3 * noise(4, 1, 512)
    for equalised, low, high in (("multiplied", 1e-2, 1e2), ("divided", 1e5, math.inf)):
        gan, _ = tiny(channels=(16, 16, 16, 16), equalised=equalised)
        with torch.no_grad():
            assert low < float(gan.critic(wave, 4).std() / 0.3) < high


@pytest.mark.usefixtures("shapes_only")
def test_the_wrong_way_round_s1s_last_critic_overflows_single_precision():
    # Each layer multiplies amplitudes by kernel * channels / 2; 3.4e38 is the largest float32.
    gan = whole(equalised="divided")
    layers = [layer for layer in gan.critic.modules() if isinstance(layer, EqualisedConvolution)]
    used = [layer for layer in layers if layer.weight.shape[-1] == 25]
    assert len(used) == 18
    times = sum(math.log10(layer.weight[0].numel() / 2) for layer in used)
    assert times > 38


def test_s1s_own_full_layers_are_plain():
    gan, _ = tiny(equalised="divided")
    assert gan.generator.dense.scale == 1
    assert isinstance(gan.critic.dense, torch.nn.Linear)
    limit = math.sqrt(6 / (64 * 5 + 1))
    assert float(gan.critic.dense.weight.detach().abs().max()) <= limit


# --- what does not fit -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"channels": (4, 4)}, "one of each a level"),
        ({"kernel": 8}, "an odd number"),
        ({"fade_epochs": (1, 7, 7, 7, 6, 5, 3, 3, 3)}, "nothing to fade from"),
        ({"time_shares": (0,) * 9}, "not above 0"),
        ({"batch_sizes": (0,) * 9}, "1 or more"),
    ],
)
def test_settings_that_do_not_fit_are_named(settings, said):
    table = recipes.as_table(recipes.find("growing-s1"))
    with pytest.raises(RecipeError, match=said):
        recipes.parse(table | {"network": table["network"] | settings})


@pytest.mark.parametrize("facts", [DataFacts(2, 512), DataFacts(1, 513), DataFacts(1, 256)])
def test_lengths_that_levels_do_not_divide_are_named(facts):
    _, options = tiny()
    with pytest.raises(RecipeError, match="multiple of 8 samples"):
        build(options, facts)


def test_the_family_makes_and_does_not_hear():
    assert FAMILY.abilities == {"decode", "sample"}
