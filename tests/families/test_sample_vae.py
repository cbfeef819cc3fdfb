"""The family sample_vae: S3's network to the parameter, and what its parts must do."""

from typing import Any

import pytest
import torch

from timbrel import plugins, recipes
from timbrel.errors import RecipeError
from timbrel.families import DataFacts
from timbrel.families.sample_vae import FAMILY
from timbrel.families.sample_vae.flow import AutoregressiveStep
from timbrel.families.sample_vae.network import SampleVae, StripsVae, build
from timbrel.families.sample_vae.picture import picture_sizes
from timbrel.losses.elbo import gaussian_log_density
from timbrel.recipes import Recipe


def _network(recipe: Recipe) -> SampleVae:
    bins, frames = recipe.front_end.code_shape(recipe.length_samples)  # type: ignore[attr-defined]
    with torch.random.fork_rng():
        torch.manual_seed(4)
        return build(recipe.network, DataFacts(bins, frames))  # type: ignore[arg-type]


def _parameters(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_s3_has_the_parameters_of_its_source() -> None:
    assert _parameters(_network(recipes.find("sample-vae-s3"))) == 8_284_512


@pytest.mark.parametrize(("layers", "count"), [(0, 2_097_632), (20, 14_471_392)])
def test_s3s_variants_differ_by_their_flow_alone(layers: int, count: int) -> None:
    # ten layers are 6,186,880: ten contexts of 215,104 and ten times 64 small networks, 403,584
    recipe = recipes.override(recipes.find("sample-vae-s3"), [f"network.flow_layers={layers}"])
    assert _parameters(_network(recipe)) == count


def test_the_picture_shrinks_as_s3_says() -> None:
    assert picture_sizes(128, 250) == [(128, 250), (63, 124), (31, 62), (15, 30), (7, 15)]


def test_s3_sees_pictures_of_128_by_250() -> None:
    recipe = recipes.find("sample-vae-s3")
    assert recipe.front_end.code_shape(recipe.length_samples) == (128, 250)  # type: ignore[attr-defined]


def test_a_flow_layer_is_autoregressive_and_its_determinant_is_right(
    torch_rng: torch.Generator,
) -> None:
    step = AutoregressiveStep(hidden_size=5, latent_size=6, units=7).double()
    with torch.no_grad():  # zero biases would hide a wrong index
        for parameter in step.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=torch_rng) * 0.5)
    hidden = torch.randn(1, 5, generator=torch_rng).double()
    latent = torch.randn(1, 6, generator=torch_rng).double()
    jacobian: Any = torch.autograd.functional.jacobian(lambda z: step(z, hidden)[0], latent)
    ordered = jacobian[0, :, 0].flip(0)  # the layer ends by reversing the dimensions
    assert torch.triu(ordered, diagonal=1).abs().max() == 0
    assert torch.tril(ordered, diagonal=-1).abs().max() > 0
    _, log_determinant = step(latent, hidden)
    expected = torch.linalg.slogdet(ordered).logabsdet
    torch.testing.assert_close(log_determinant[0], expected)


def test_gaussian_density_is_torchs() -> None:
    value, mean, log_variance = torch.randn(3, 4, 8, generator=torch.Generator().manual_seed(1))
    oracle = torch.distributions.Normal(mean, (0.5 * log_variance).exp())
    expected = oracle.log_prob(value).sum(-1)
    torch.testing.assert_close(gaussian_log_density(value, mean, log_variance), expected)


def test_divergence_of_a_gaussian_is_the_closed_form(torch_rng: torch.Generator) -> None:
    recipe = recipes.override(recipes.find("sample-vae-tiny"), ["network.flow_layers=0"])
    network = _network(recipe)
    code = torch.rand(1, *recipe.front_end.code_shape(recipe.length_samples))  # type: ignore[attr-defined]
    many = code.expand(4000, -1, -1)[:, :, :]
    hidden = network.hidden(code)
    mean, log_variance = network.posterior._gaussian(hidden)
    closed = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum()
    draw = network.posterior.draw(hidden.expand(len(many), -1), torch_rng)
    zeros = torch.zeros_like(draw.latent)
    estimate = (draw.log_density - gaussian_log_density(draw.latent, zeros, zeros)).mean()
    assert float(estimate.detach()) == pytest.approx(float(closed.detach()), abs=0.1)


def _plane_of_codes(count: int, generator: torch.Generator) -> torch.Tensor:
    """Codes that truly lie on a plane of three dimensions, well inside 0..1."""
    directions = torch.randn(3, 40, 24, generator=generator) * 0.05
    weights = torch.randn(count, 3, generator=generator)
    return 0.5 + torch.einsum("mk,kfn->mfn", weights, directions)


def _strips(latent_size: int = 8) -> StripsVae:
    options = FAMILY.config(
        shape="strips", latent_size=latent_size, flow_layers=0, dropout=0.0,
        hidden_size=16, channels=16, roughness_weight=100.0,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(2)
        network = build(options, DataFacts(40, 24))
    assert isinstance(network, StripsVae)
    return network


def test_strips_know_a_linear_library_before_training(torch_rng: torch.Generator) -> None:
    codes = _plane_of_codes(60, torch_rng)
    network = _strips()
    FAMILY.start(network, codes, torch.zeros(60, dtype=torch.int64))
    network.eval()
    back = network.decode(network.encode(codes))
    unseen = _plane_of_codes(5, torch.Generator().manual_seed(20))
    assert (back - codes).abs().max() < 0.02
    spread = codes.std(dim=0).mean()
    assert (back - codes).abs().mean() < 0.02 * spread + 0.002
    assert unseen.shape[1:] == back.shape[1:]


def test_distances_of_strips_latents_are_distances_of_spectrograms(
    torch_rng: torch.Generator,
) -> None:
    codes = _plane_of_codes(30, torch_rng)
    network = _strips().eval()
    FAMILY.start(network, codes, torch.zeros(30, dtype=torch.int64))
    latents = network.encode(codes)
    between_codes = torch.cdist(codes.flatten(1), codes.flatten(1))
    torch.testing.assert_close(torch.cdist(latents, latents), between_codes, rtol=0.02, atol=0.02)


def test_each_label_counts_the_same_in_the_components(torch_rng: torch.Generator) -> None:
    common = 0.5 + 0.1 * torch.randn(200, 1, 1, generator=torch_rng) * torch.eye(40, 24)
    rare_shape = torch.flip(torch.eye(40, 24), (0,))
    rare = 0.5 + 0.3 * torch.randn(8, 1, 1, generator=torch_rng) * rare_shape
    network = _strips(latent_size=1).eval()
    FAMILY.start(network, torch.cat([common, rare]), torch.tensor([0] * 200 + [1] * 8))
    component = network.basis.components[0].float().view(40, 24).abs()
    assert (component * rare_shape).sum() > 0.3  # eight of 208 sounds are seen, too


def test_a_library_of_one_and_the_same_sound_is_no_trouble() -> None:
    codes = torch.full((20, 40, 24), 0.5)
    network = _strips().eval()
    FAMILY.start(network, codes, torch.zeros(20, dtype=torch.int64))
    other = codes[:1] + 0.3
    assert network.encode(other).abs().max() < 1
    assert (network.decode(network.encode(codes)) - codes).abs().max() < 0.01


def test_few_labelled_sounds_do_not_outweigh_many_without_a_label(
    torch_rng: torch.Generator,
) -> None:
    common = 0.5 + 0.1 * torch.randn(200, 1, 1, generator=torch_rng) * torch.eye(40, 24)
    odd_shape = torch.flip(torch.eye(40, 24), (0,))
    odd = 0.5 + 0.3 * torch.randn(4, 1, 1, generator=torch_rng) * odd_shape
    network = _strips(latent_size=1).eval()
    FAMILY.start(network, torch.cat([common, odd]), torch.tensor([-1] * 200 + [0] * 4))
    component = network.basis.components[0].float().view(40, 24).abs()
    assert (component * torch.eye(40, 24)).sum() > (component * odd_shape).sum()


@pytest.mark.parametrize(("shape", "bins"), [("picture", 10), ("picture", 1), ("strips", 1)])
def test_codes_that_do_not_fit_the_network_are_refused(shape: str, bins: int) -> None:
    options = FAMILY.config(shape=shape)
    with pytest.raises(RecipeError, match=r"at least 18 bins|front end of magnitudes"):
        build(options, DataFacts(bins, 100))


def test_strips_learn_how_rough_a_sound_is(torch_rng: torch.Generator) -> None:
    smooth, rough = 0.02, 0.15
    network = _strips()
    spread = torch.full((40, 24), smooth)
    spread[:, 12:] = rough

    def batch(count: int) -> torch.Tensor:
        noise = torch.rand(count, 40, 24, generator=torch_rng) * 2 - 1
        return (0.5 + noise * spread).clamp(0.01, 1)

    FAMILY.start(network, batch(64), torch.zeros(64, dtype=torch.int64))
    objective = FAMILY.objective(network_options := FAMILY.config(
        shape="strips", latent_size=8, flow_layers=0, dropout=0.0, hidden_size=16, channels=16,
        roughness_weight=100.0,
    ))  # fmt: skip
    assert network_options.shape == "strips"
    optimiser = torch.optim.Adam(network.parameters(), lr=5e-3)
    label = torch.zeros(16, dtype=torch.int64)
    for step in range(150):
        losses = objective.losses(network, batch(16), label, step=step, generator=torch_rng)
        optimiser.zero_grad()
        losses["loss"].backward()
        optimiser.step()
    network.eval()
    _, predicted = network.decode_with_spread(network.encode(batch(8)))
    assert predicted is not None
    # a uniform error within ±w is w / 2 off on average
    assert float(predicted[:, :, :12].mean().detach()) == pytest.approx(smooth / 2, rel=0.4)
    assert float(predicted[:, :, 12:].mean().detach()) == pytest.approx(rough / 2, rel=0.4)


def test_the_family_is_found_by_its_folder() -> None:
    assert plugins.load("families", "sample_vae") is FAMILY
