"""SpecGAN: counts and layers of the source, its way of seeing spectrograms, and the game."""

import numpy as np
import pytest
import torch
from scipy.signal import correlate2d
from torch import nn

from timbrel import recipes
from timbrel.errors import RecipeError, TrainingError, UsageError
from timbrel.families import AdversarialObjective, DataFacts, Stage
from timbrel.families.spectrogram_gan.config import SpectrogramGanOptions
from timbrel.families.spectrogram_gan.layers import Larger, Smaller
from timbrel.families.spectrogram_gan.network import build, start
from timbrel.families.spectrogram_gan.objective import SpectrogramGanObjective
from timbrel.families.spectrogram_gan.scale import BinScale

SMALL = SpectrogramGanOptions(channels=(12, 8, 4), latent_size=5, critic_steps=2)
FACTS = DataFacts(24, 40)


def on_meta(name):
    """A recipe's network with shapes and no numbers."""
    recipe = recipes.find(name)
    shape = recipe.front_end.code_shape(recipe.length_samples)
    with torch.device("meta"):
        return build(recipe.network, DataFacts(*shape))


def small(facts=FACTS):
    torch.manual_seed(4)
    return build(SMALL, facts)


def count(network):
    return sum(parameter.numel() for parameter in network.parameters())


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def losses_of(kind, network, code, seed=0, **settings):
    objective = SpectrogramGanObjective(SMALL.model_copy(update=settings))
    steps = {} if kind == "validation" else {"step": 0}
    return getattr(objective, f"{kind}_losses")(
        network, code, torch.zeros(len(code)), stage=Stage(), generator=seeded(seed), **steps
    )


# --- the source's layers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "generator", "critic", "seconds"),
    [
        ("specgan", 19_065_345, 17_427_969, 2.048),
        ("specgan-linear", 19_065_345, 17_427_969, 1.024),
        ("specgan-laptop", 1_502_337, 1_092_993, 2.048),
        ("specgan-long", 3_570_817, 1_113_473, 12.288),
    ],
)
def test_parameters_to_the_digit(name, generator, critic, seconds):
    # 5 x 5 taps are WaveGAN's 25: the source made the two alike, so that they can be compared.
    network, recipe = on_meta(name), recipes.find(name)
    assert (count(network.generator), count(network.critic)) == (generator, critic)
    assert recipe.duration_s == seconds
    made = network.decode(torch.empty(2, 100, device="meta"))
    assert made.shape[1:] == recipe.front_end.code_shape(recipe.length_samples)


def test_the_networks_have_the_shapes_that_the_source_prints():
    # Tables 5 and 6, with d = 64: (n, height, width, channels)
    network = on_meta("specgan")
    seen = []
    for layer in (*network.generator.layers, *network.critic.layers):
        layer.register_forward_hook(lambda _m, _i, out: seen.append(tuple(out.shape)))
    network.score(network.decode(torch.empty(3, 100, device="meta")))
    larger = [(3, 8, 8, 512), (3, 16, 16, 256), (3, 32, 32, 128), (3, 64, 64, 64), (3, 128, 128, 1)]
    smaller = [(3, 64, 64, 64), (3, 32, 32, 128), (3, 16, 16, 256), (3, 8, 8, 512), (3, 4, 4, 1024)]
    assert [(n, high, wide, wires) for n, wires, high, wide in seen] == larger + smaller


def test_a_layer_of_the_critic_is_scipys_correlation_at_every_second_cell(rng):
    layer = Smaller(1, 1, 5)
    picture = rng.standard_normal((8, 12)).astype(np.float32)
    padded = np.pad(picture, (1, 2))  # "same" padding for kernels of 5 and strides of 2
    expected = correlate2d(padded, layer.weight.detach()[0, 0].numpy(), mode="valid")[::2, ::2]
    found = layer(torch.from_numpy(picture)[None, None])[0, 0].detach().numpy()
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_layer_of_the_generator_is_the_transpose_of_one_of_the_critic(torch_rng):
    smaller, larger = Smaller(3, 2, 5), Larger(2, 3, 5)
    larger.weight = smaller.weight
    one = torch.randn(1, 3, 8, 12, generator=torch_rng)
    other = torch.randn(1, 2, 4, 6, generator=torch_rng)
    there, back = (smaller(one) * other).sum(), (one * larger(other)).sum()
    torch.testing.assert_close(there, back, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("facts", [DataFacts(20, 40), DataFacts(24, 37), DataFacts(1, 4096)])
def test_a_spectrogram_that_does_not_fit_is_refused(facts):
    with pytest.raises(RecipeError, match="multiples of 8"):
        build(SMALL, facts)


def test_channels_that_make_no_network_are_refused():
    with pytest.raises(UsageError, match="one to eight numbers"):
        SpectrogramGanOptions(channels=())


# --- how it sees a spectrogram -----------------------------------------------------------------


def test_bins_are_normalised_by_their_own_mean_and_spread_and_clipped_at_three(rng):
    codes = rng.uniform(size=(5, 4, 30)).astype(np.float32) * np.linspace(0.1, 1, 4)[:, None]
    scale = BinScale(4, clip=3.0)
    scale.measure(torch.from_numpy(codes).half())
    rows = codes.transpose(1, 0, 2).reshape(4, -1)
    np.testing.assert_allclose(scale.mean[0, :, 0], rows.mean(1), rtol=1e-3)
    np.testing.assert_allclose(scale.spread[0, :, 0], rows.std(1), rtol=1e-3)
    seen = scale.normalised(torch.from_numpy(codes).float())
    assert float(seen.abs().amax()) <= 1
    torch.testing.assert_close(scale.restored(seen), torch.from_numpy(codes).float())
    far = torch.full((1, 4, 1), 9.0)
    torch.testing.assert_close(scale.normalised(far), torch.ones(1, 4, 1))


def test_a_bin_that_is_always_silent_stays_silent():
    scale = BinScale(2, clip=3.0)
    scale.measure(torch.stack([torch.zeros(9), torch.linspace(0, 1, 9)])[None])
    made = scale.restored(torch.ones(1, 2, 1))
    assert float(made[0, 0, 0]) < 0.01
    assert float(made[0, 1, 0]) == 1


def test_the_start_teaches_it_the_bins_of_the_library(torch_rng):
    network = small()
    codes = torch.rand(6, 24, 40, generator=torch_rng) * torch.linspace(0.2, 0.8, 24)[:, None]
    start(network, codes, torch.zeros(6))
    torch.testing.assert_close(network.scale.mean[0, :, 0], codes.mean((0, 2)))
    assert {"scale.mean", "scale.spread"} <= set(network.state_dict())


def test_what_is_beyond_the_picture_is_left_out_and_made_silent(torch_rng):
    network = small(DataFacts(25, 41))
    code = torch.rand(2, 25, 41, generator=torch_rng)
    other = code.clone()
    other[:, 24], other[..., 40] = 0.9, 0.9
    assert torch.equal(network.score(code), network.score(other))
    made = network.decode(network.sample(2, torch_rng))
    assert made.shape == (2, 25, 41)
    assert not made[:, 24].any()
    assert not made[..., 40].any()


def test_codes_are_within_range_and_latents_within_one(torch_rng):
    network = small()
    latents = network.sample(500, torch_rng)
    assert -1 <= latents.min() < -0.9 < 0.9 < latents.max() <= 1
    made = network.decode(latents[:3])
    assert torch.equal(made, made.clamp(0, 1))
    assert network.early(latents[:3]).shape == (3, 3 * 5 * 12)


# --- the game ----------------------------------------------------------------------------------


def test_the_objective_is_an_adversarial_one():
    objective = SpectrogramGanObjective(SMALL)
    assert isinstance(objective, AdversarialObjective)
    assert (objective.critic_steps, objective.growth) == (2, None)
    with pytest.raises(TrainingError, match="SpectrogramGan"):
        losses_of("critic", nn.Identity(), torch.zeros(1, 24, 40))


def test_the_critics_loss_is_that_of_the_method_on_normalised_pictures(torch_rng):
    network, code = small(), torch.rand(3, 24, 40, generator=torch_rng)
    start(network, code, torch.zeros(3))
    generator = seeded()
    real = network.scale.normalised(code)[:, None]
    made = network.generator(network.sample(3, generator)).detach()
    share = torch.rand(3, generator=generator)[:, None, None, None]
    between = (real + share * (made - real)).requires_grad_()
    (slope,) = torch.autograd.grad(network.critic(between).sum(), between)
    penalty = (slope.flatten(1).norm(dim=1) - 1).square().mean()
    expected = network.critic(made).mean() - network.critic(real).mean() + 7 * penalty
    loss = losses_of("critic", network, code, penalty_weight=7.0)["loss"]
    assert float(loss.detach()) == pytest.approx(float(expected.detach()), rel=1e-4)


def test_each_player_gets_gradients_of_its_own_loss(torch_rng):
    network, code = small(), torch.rand(3, 24, 40, generator=torch_rng)
    losses_of("critic", network, code)["loss"].backward()
    assert all(p.grad is None for p in network.generator.parameters())
    assert all(p.grad.abs().max() > 0 for p in network.critic.layers.parameters())
    losses_of("generator", network, code)["loss"].backward()
    assert all(p.grad.abs().max() > 0 for p in network.generator.parameters())


def test_its_distance_is_in_decibels(torch_rng):
    network, code = small(), torch.rand(3, 24, 40, generator=torch_rng)
    single, double = (
        float(losses_of("validation", network, code, unit_db=unit)["loss"]) for unit in (40, 80)
    )
    assert double == pytest.approx(2 * single)
    made = network.decode(network.sample(3, seeded())).detach()
    assert float(losses_of("validation", network, made)["loss"]) == 0


def test_a_few_steps_teach_it_where_the_energy_is():
    # Frames 8 to 15 are loud, and the lower half of the bins more so.
    loud = torch.zeros(24, 40)
    loud[:, 8:16], loud[:12, 8:16] = 0.5, 0.9
    code = (loud + 0.05 * torch.randn(8, 24, 40, generator=seeded())).clamp(0, 1)
    network = small()
    start(network, code, torch.zeros(8))
    before = float(losses_of("validation", network, code)["loss"])
    critic, maker = (
        torch.optim.Adam(part.parameters(), 3e-3, (0.5, 0.9))
        for part in (network.critic, network.generator)
    )
    for step in range(60):
        for turn in range(SMALL.critic_steps):
            critic.zero_grad()
            losses_of("critic", network, code, 2 * step + turn)["loss"].backward()
            critic.step()
        maker.zero_grad()
        losses_of("generator", network, code, step)["loss"].backward()
        maker.step()
    made = network.decode(network.sample(8, seeded(3))).detach().mean(0)
    assert made[:12, 8:16].mean() > made[12:, 8:16].mean() > made[:, 20:].mean() + 0.1
    assert float(losses_of("validation", network, code)["loss"]) < 0.6 * before
