"""WaveGAN: counts and layers of the source, phase shuffle as the method has it, and the game."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from timbrel import recipes
from timbrel.errors import RecipeError, TrainingError, UsageError
from timbrel.families import AdversarialObjective, DataFacts, Stage
from timbrel.families.wave_gan.config import WaveGanOptions
from timbrel.families.wave_gan.network import build
from timbrel.families.wave_gan.objective import WaveGanObjective
from timbrel.families.wave_gan.shuffle import drawn_shifts, shifted

RATE = 8000
SMALL = WaveGanOptions(channels=(12, 6, 4), latent_size=5)
LENGTH = 16 * 4**3


def on_meta(name):
    """A recipe's network with shapes and no numbers."""
    recipe = recipes.find(name)
    shape = recipe.front_end.code_shape(recipe.length_samples)
    with torch.device("meta"):
        return build(recipe.network, DataFacts(*shape, (), recipe.sample_rate))


def small(options=SMALL):
    torch.manual_seed(4)
    return build(options, DataFacts(1, 16 * 4 ** len(options.channels), (), RATE))


def count(network):
    return sum(parameter.numel() for parameter in network.parameters())


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def critic_losses(network, code, options=SMALL, seed=0):
    return WaveGanObjective(options).critic_losses(
        network, code, torch.zeros(len(code)), stage=Stage(), step=0, generator=seeded(seed)
    )


def generator_losses(network, code, options=SMALL, seed=0):
    return WaveGanObjective(options).generator_losses(
        network, code, torch.zeros(len(code)), stage=Stage(), step=0, generator=seeded(seed)
    )


def validation_loss(network, code, options=SMALL):
    losses = WaveGanObjective(options).validation_losses(
        network, code, torch.zeros(len(code)), stage=Stage(), generator=seeded(7)
    )
    return float(losses["loss"])


# --- the source's layers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "generator", "critic", "seconds"),
    [
        ("wavegan", 19_065_345, 17_427_969, 1.024),
        ("wavegan-long", 73_149_953, 69_875_201, 4.096),
        ("wavegan-enlarged", 86_666_881, 70_284_929, 11.8886),
        ("wavegan-laptop", 1_502_337, 1_092_993, 1.024),
    ],
)
def test_parameters_to_the_digit(name, generator, critic, seconds):
    network = on_meta(name)
    assert (count(network.generator), count(network.critic)) == (generator, critic)
    assert recipes.find(name).duration_s == pytest.approx(seconds, rel=1e-5)


def test_the_generator_has_the_layers_that_s1_prints():
    # Figure 4.3 of S1: (n, length, channels), with d = 2 in place of 64
    network = small(WaveGanOptions(channels=(32, 16, 8, 4, 2)))
    seen = []
    for layer in (network.generator.project, *network.generator.layers):
        layer.register_forward_hook(lambda _m, _i, out: seen.append(tuple(out.shape)))
    network.decode(torch.zeros(7, 100))
    assert seen[0] == (7, 256 * 2)
    assert [(shape[0], shape[3], shape[1]) for shape in seen[1:]] == [
        (7, 64, 8 * 2), (7, 256, 4 * 2), (7, 1024, 2 * 2), (7, 4096, 2), (7, 16_384, 1),
    ]  # fmt: skip


def test_the_generator_is_that_of_the_source_in_plain_arithmetic(torch_rng):
    network = small()
    latent = network.sample(2, torch_rng)
    signal = network.generator.project(latent).reshape(2, 16, 12).transpose(1, 2)
    for layer in network.generator.layers:
        longer = functional.conv_transpose1d(signal.relu(), layer.weight[:, :, 0], layer.bias, 4)
        signal = longer[..., 10 : 10 + 4 * signal.shape[2]]  # "same": 10 before, 11 after
    assert signal.shape == (2, 1, LENGTH)
    torch.testing.assert_close(network.decode(latent), signal.tanh(), atol=1e-5, rtol=1e-4)


def test_the_critic_is_that_of_the_source_in_plain_arithmetic(torch_rng):
    network = small()
    code = torch.randn(3, 1, LENGTH, generator=torch_rng)
    signal = code
    for layer in network.critic.layers:
        padded = functional.pad(signal, (10, 11))
        convolved = functional.conv1d(padded, layer.weight[:, :, 0], layer.bias, 4)
        signal = torch.maximum(convolved, 0.2 * convolved)
    expected = network.critic.judge(signal.transpose(1, 2).reshape(3, -1))[:, 0]
    torch.testing.assert_close(network.score(code), expected, atol=1e-5, rtol=1e-4)


def test_latents_are_uniform_within_one_and_repeat(torch_rng):
    network = small()
    latents = network.sample(4000, torch_rng)
    assert latents.shape == (4000, 5)
    assert -1 <= latents.min() < -0.99 < 0.99 < latents.max() <= 1
    assert float(latents.var()) == pytest.approx(1 / 3, rel=0.03)
    assert torch.equal(network.sample(3, seeded(5)), network.sample(3, seeded(5)))
    assert network.early(latents[:2]).shape == (2, 16 * 12)


def test_another_length_is_refused_and_told_the_duration_that_fits():
    with pytest.raises(RecipeError, match=r"duration_s = 0\.128"):
        build(SMALL, DataFacts(1, 1000, (), RATE))
    with pytest.raises(RecipeError, match="front end waveform"):
        build(SMALL, DataFacts(2, LENGTH, (), RATE))


@pytest.mark.parametrize("channels", ["[]", "[4, 0]", "[2,2,2,2,2,2,2,2,2]"])
def test_channels_that_make_no_network_are_refused(channels):
    with pytest.raises(UsageError, match="one to eight numbers"):
        recipes.override(recipes.find("wavegan-tiny"), [f"network.channels={channels}"])


# --- phase shuffle -----------------------------------------------------------------------------


@pytest.mark.parametrize("shift", [-3, -1, 0, 1, 3])
def test_a_shift_is_numpys_reflection_and_a_cut(shift, rng):
    signal = rng.standard_normal((1, 2, 1, 9)).astype(np.float32)
    padded = np.pad(signal, [(0, 0)] * 3 + [(max(shift, 0), max(-shift, 0))], mode="reflect")
    expected = padded[..., max(-shift, 0) :][..., :9]
    np.testing.assert_array_equal(shifted(torch.from_numpy(signal), [shift]).numpy(), expected)


def test_each_sound_is_shifted_by_itself_and_no_farther_than_asked():
    shifts = drawn_shifts(5000, 2, seeded())
    assert [shifts.count(shift) / 5000 for shift in range(-2, 3)] == pytest.approx([0.2] * 5, 0.1)
    ramp = torch.arange(20.0).expand(5, 1, 1, 20)
    moved = shifted(ramp, [-2, -1, 0, 1, 2])
    assert (ramp - moved)[:, 0, 0, 5].tolist() == [-2, -1, 0, 1, 2]


def test_shuffling_can_be_differentiated_twice():
    signal = torch.randn(2, 2, 1, 8, generator=seeded(), dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(lambda x: shifted(x, [2, -1]).square(), [signal])


def test_the_critic_is_shuffled_only_while_it_learns(torch_rng):
    network, code = small(), torch.randn(4, 1, LENGTH, generator=torch_rng)
    assert torch.equal(network.score(code), network.score(code))
    assert torch.equal(network.critic(code, seeded(1)), network.critic(code, seeded(1)))
    assert not torch.equal(network.critic(code, seeded(1)), network.score(code))
    still = small(SMALL.model_copy(update={"phase_shuffle": 0}))
    assert torch.equal(still.critic(code, seeded(1)), still.score(code))


# --- the game ----------------------------------------------------------------------------------


def test_the_objective_is_an_adversarial_one():
    objective = WaveGanObjective(SMALL)
    assert isinstance(objective, AdversarialObjective)
    assert (objective.critic_steps, objective.growth) == (5, None)
    with pytest.raises(TrainingError, match="WaveGan"):
        critic_losses(nn.Identity(), torch.zeros(1, 1, 4))


def test_the_critics_loss_is_that_of_the_method(torch_rng):
    options = SMALL.model_copy(update={"phase_shuffle": 0, "penalty_weight": 7.0})
    network, code = small(options), torch.rand(3, 1, LENGTH, generator=torch_rng)
    generator = seeded()
    made = network.decode(network.sample(3, generator)).detach()
    share = torch.rand(3, generator=generator)[:, None, None]
    between = (code + share * (made - code)).requires_grad_()
    (slope,) = torch.autograd.grad(network.score(between).sum(), between)
    penalty = (slope.flatten(1).norm(dim=1) - 1).square().mean()
    expected = network.score(made).mean() - network.score(code).mean() + 7 * penalty
    losses = critic_losses(network, code, options)
    assert float(losses["loss"].detach()) == pytest.approx(float(expected.detach()), rel=1e-4)
    assert float(losses["penalty"]) == pytest.approx(float(penalty), rel=1e-4)


def test_each_player_gets_gradients_of_its_own_loss(torch_rng):
    network, code = small(), torch.rand(3, 1, LENGTH, generator=torch_rng)
    critic_losses(network, code)["loss"].backward()
    assert all(p.grad is None for p in network.generator.parameters())
    assert all(p.grad.abs().max() > 0 for p in network.critic.layers.parameters())
    generator_losses(network, code)["loss"].backward()
    assert all(p.grad.abs().max() > 0 for p in network.generator.parameters())


def test_a_few_steps_teach_it_a_pitch():
    options = SMALL.model_copy(update={"channels": (24, 16, 8), "critic_steps": 2})
    network = small(options)
    time = torch.arange(LENGTH) / RATE + torch.rand(8, 1, generator=seeded()) / 500
    noise = torch.randn(8, LENGTH, generator=seeded())
    code = (0.7 * torch.sin(2 * torch.pi * 500 * time) + 0.05 * noise)[:, None]
    before = validation_loss(network, code, options)
    critic, maker = (
        torch.optim.Adam(part.parameters(), 3e-3, (0.5, 0.9))
        for part in (network.critic, network.generator)
    )
    for step in range(40):
        for turn in range(options.critic_steps):
            critic.zero_grad()
            critic_losses(network, code, options, seed=2 * step + turn)["loss"].backward()
            critic.step()
        maker.zero_grad()
        generator_losses(network, code, options, seed=step)["loss"].backward()
        maker.step()
    made = network.decode(network.sample(8, seeded(3)))[:, 0].detach()
    loudest = torch.fft.rfft(made).abs().argmax(1) * RATE / LENGTH
    assert torch.equal(loudest, torch.full((8,), 500.0))
    assert validation_loss(network, code, options) < 0.5 * before
