"""S0's two networks: layers, counts and arithmetic, and what a sequence network promises."""

import pytest
import torch
from torch import nn

from timbrel import plugins, recipes
from timbrel.errors import RecipeError, TimbrelError
from timbrel.families import DataFacts
from timbrel.tasks.recipes import describe

FAMILIES = ["dense_autoencoder", "conv_autoencoder"]


def on_meta(name, **settings):
    """A recipe's network with shapes and no numbers: some have gigabytes of them."""
    recipe = recipes.override(recipes.find(name), [f"{k}={v}" for k, v in settings.items()])
    bins, frames = recipe.front_end.code_shape(recipe.length_samples)
    with torch.device("meta"):
        return plugins.load("families", recipe.family).build(
            recipe.network, DataFacts(bins, frames)
        )


def count(network):
    return sum(parameter.numel() for parameter in network.parameters())


def small(family, bins=50, frames=6, **options):
    plugin = plugins.load("families", family)
    defaults = {
        "dense_autoencoder": {"widths": (40, 20, 12)},
        "conv_autoencoder": {"channels": (3, 5, 7), "bottleneck": 12},
    }
    torch.manual_seed(4)
    return plugin.build(plugin.config(**(defaults[family] | options)), DataFacts(bins, frames))


def shapes_through(network, batch):
    """The shape that each layer with weights gives, as S0 prints them."""
    seen = []
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            module.register_forward_hook(lambda _m, _i, out: seen.append(list(out.shape)))
    network(torch.zeros(batch, network.bins, 1))
    return [[size for place, size in enumerate(shape) if place != 2] for shape in seen]


# --- the source's layers -----------------------------------------------------------------------


def test_s0s_base_model_to_the_layer():
    network = on_meta("dense-s0")
    assert count(network) == 429_657_130
    layers = [*network.encoder, *network.decoder]
    assert [type(layer).__name__ for layer in layers] == ["Linear", "ReLU"] * 5 + ["Linear"]
    widths = [13_230, 9800, 6500, 3300, 6500, 9800, 13_230]
    assert [layer.in_features for layer in layers[::2]] == widths[:-1]
    assert [layer.out_features for layer in layers[::2]] == widths[1:]


def test_s0s_convolutional_model_to_the_layer():
    network = on_meta("conv-s0")
    assert count(network) == 698_357_061
    names = [type(module).__name__ for module in (*network.encoder, *network.decoder)]
    assert names == ["Conv2d", "ReLU"] * 3 + ["ConvTranspose2d", "ReLU"] * 2 + ["ConvTranspose2d"]
    assert (network.narrow.in_features, network.narrow.out_features) == (105_792, 3300)
    assert (network.widen.in_features, network.widen.out_features) == (3300, 105_792)


def test_s0s_convolutions_make_the_shapes_that_it_prints():
    # Section 5.2.2, but for a bottleneck of 2 in place of 3,300, which would take gigabytes.
    network = small("conv_autoencoder", bins=13_230, channels=(16, 32, 64), bottleneck=2)
    assert shapes_through(network, 4) == [
        [4, 16, 6615], [4, 32, 3307], [4, 64, 1653], [4, 2],
        [4, 105_792], [4, 32, 3307], [4, 16, 6615], [4, 1, 13_230],
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["dense-s0", "conv-s0", "dense-laptop", "conv-laptop"])
def test_a_recipe_tells_its_true_number_of_parameters(name):
    assert f"{describe(name).networks['total']:,} parameters" in recipes.find(name).about


def test_laptop_sizes_keep_s0s_proportion():
    ours = count(on_meta("conv-laptop")) / count(on_meta("dense-laptop"))
    assert ours == pytest.approx(698_357_061 / 429_657_130, rel=1e-3)


@pytest.mark.parametrize(("size", "bottleneck"), [("s0", 2030), ("laptop", 338)])
def test_a_bottleneck_makes_both_models_equally_large(size, bottleneck):
    conv = count(on_meta(f"conv-{size}", **{"network.bottleneck": bottleneck}))
    assert conv == pytest.approx(count(on_meta(f"dense-{size}")), rel=1e-3)


def test_exact_recipes_train_as_s0_did():
    for name in ("dense-s0", "conv-s0"):
        recipe = recipes.find(name)
        training = recipe.training
        assert (recipe.sample_rate, recipe.duration_s) == (4410, 120)
        assert not recipe.front_end.relative
        assert (training.optimiser, training.batch_size) == ("adam", 40)
        assert (training.learning_rate, training.weight_decay) == (1e-4, 1e-5)
        assert (training.schedule, training.precision) == ("hold", "float32")
        assert (training.epochs, training.patience_validations) == (500, 50)
        assert (training.validate_every_steps, training.gradient_clip) == (0, 0)


# --- the arithmetic ----------------------------------------------------------------------------


def s0_convolutional(network, columns):
    """S0's model as one writes it first, with one-dimensional convolutions."""
    first, _, second, _, third, _ = network.encoder
    signal = columns[:, None]
    for layer in (first, second, third):
        signal = nn.functional.conv1d(signal, layer.weight[:, :, 0], layer.bias, 2, 1).relu()
    shape = signal.shape
    signal = network.widen(network.narrow(signal.flatten(1)).relu()).relu().view(shape)
    last = network.decoder[4]
    for layer in (network.decoder[0], network.decoder[2], last):
        signal = nn.functional.conv_transpose1d(
            signal, layer.weight[:, :, 0], layer.bias, 2, 1, layer.output_padding[1]
        )
        signal = signal if layer is last else signal.relu()
    return signal[:, 0]


@pytest.mark.parametrize("bins", [48, 50, 51, 63])
def test_convolutions_over_one_row_are_one_dimensional_ones(bins, torch_rng):
    network = small("conv_autoencoder", bins=bins)
    code = torch.randn(4, bins, 1, generator=torch_rng)
    theirs = s0_convolutional(network, code[:, :, 0])
    torch.testing.assert_close(network(code)[:, :, 0], theirs)
    for parameter in network.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(network(code)[:, :, 0], theirs)


def test_full_layers_are_products_of_matrices(torch_rng):
    network = small("dense_autoencoder")
    code = torch.randn(3, 50, 2, generator=torch_rng)
    signal = code.transpose(1, 2)
    layers = [m for m in (*network.encoder, *network.decoder) if isinstance(m, nn.Linear)]
    for layer in layers[:-1]:
        signal = (signal @ layer.weight.t() + layer.bias).clamp(min=0)
    signal = signal @ layers[-1].weight.t() + layers[-1].bias
    torch.testing.assert_close(network(code), signal.transpose(1, 2))


# --- sequences of columns ----------------------------------------------------------------------


@pytest.fixture(params=FAMILIES)
def network(request):
    return small(request.param).eval()


def test_playing_a_detail_is_passing_the_code_through(network, torch_rng):
    code = torch.randn(2, 50, 6, generator=torch_rng)
    played, spread = network.play(network.detail(code))
    assert spread is None
    torch.testing.assert_close(played, network(code))


def test_each_sound_of_a_batch_is_as_if_alone(network, torch_rng):
    code = torch.randn(3, 50, 6, generator=torch_rng)
    code[1, :, 2:] = 0
    detail, latent = network.detail(code), network.encode(code)
    for number in range(3):
        alone = code[number : number + 1]
        assert torch.equal(network.detail(alone)[0], detail[number])
        assert torch.equal(network.encode(alone)[0], latent[number])
        assert torch.equal(network.decode(latent[number : number + 1])[0],
                           network.decode(latent)[number])  # fmt: skip


def test_silence_after_the_end_changes_nothing_and_stays_silent(network, torch_rng):
    code = torch.randn(1, 50, 6, generator=torch_rng)
    code[:, :, 2:] = 0
    played = network.play(network.detail(code))[0]
    assert played[:, :, :2].any()
    assert not played[:, :, 2:].any()
    assert torch.equal(network.play(network.detail(code[:, :, :2]))[0], played)
    assert torch.equal(network.encode(code), network.encode(code[:, :, :2]))


def test_silence_alone_is_played_as_silence(network):
    silence = torch.zeros(1, 50, 6)
    assert not network.play(network.detail(silence))[0].any()
    assert not network.decode(network.encode(silence)).any()


def test_a_latent_is_the_mean_of_what_is_heard_and_its_share(network, torch_rng):
    code = torch.randn(1, 50, 6, generator=torch_rng)
    code[:, :, 3:] = 0
    latent = network.encode(code)
    expected = network.embedded(code[0, :, :3].t()).mean(0)
    torch.testing.assert_close(latent[0, :-1], expected)
    assert latent[0, -1].item() == 0.5
    decoded = network.decode(latent)
    torch.testing.assert_close(decoded[0, :, 0], network.restored(latent[:, :-1])[0])
    assert torch.equal(decoded[:, :, :3], decoded[:, :, :1].expand(-1, -1, 3))
    assert not decoded[:, :, 3:].any()


def test_a_mixture_is_the_weighted_sum_of_embeddings(network, torch_rng):
    detail = network.detail(torch.randn(2, 50, 6, generator=torch_rng))
    weights = torch.stack([torch.linspace(-0.5, 1.5, 6), torch.linspace(1.5, -0.5, 6)])
    mixture = network.blend(detail[:, None], weights, torch.Generator())
    expected = weights[0] * detail[0] + weights[1] * detail[1]
    torch.testing.assert_close(mixture[0], expected)
    assert network.play(mixture)[0].shape == (1, 50, 6)


def test_long_sounds_pass_in_parts(network, torch_rng):
    code = torch.randn(1, 50, 300, generator=torch_rng)
    torch.testing.assert_close(network.detail(code)[0, :-1].t(), network.embedded(code[0].t()))


# --- learning ----------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_the_loss_is_the_squared_error_of_the_code(family, torch_rng):
    network = small(family)
    objective = plugins.load("families", family).objective(None)
    code = 30 * torch.randn(5, 50, 1, generator=torch_rng)
    parts = objective.losses(network, code, torch.zeros(5), step=0, generator=torch_rng)
    found = network(code).detach()
    assert parts["loss"].item() == pytest.approx(float((found - code).square().mean()), rel=1e-5)
    assert parts["mae"].item() == pytest.approx(float((found - code).abs().mean()), rel=1e-5)
    assert parts["loss"].requires_grad
    assert not parts["mae"].requires_grad


@pytest.mark.parametrize("family", FAMILIES)
def test_a_foreign_network_is_refused(family, torch_rng):
    objective = plugins.load("families", family).objective(None)
    with pytest.raises(TimbrelError, match="Autoencoder"):
        objective.losses(nn.Identity(), torch.zeros(1), torch.zeros(1), step=0, generator=torch_rng)


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("dense-tiny", "network.widths=[]"),
        ("dense-tiny", "network.widths=[10,0]"),
        ("conv-tiny", "network.channels=[]"),
        ("conv-tiny", "network.channels=[-1]"),
        ("conv-tiny", "network.bottleneck=0"),
    ],
)
def test_sizes_that_are_none_are_refused(name, setting):
    with pytest.raises(TimbrelError, match=setting.split("=")[0].split(".")[1]):
        recipes.override(recipes.find(name), [setting])


def test_columns_too_short_to_be_halved_are_refused():
    with pytest.raises(RecipeError, match="halved 3 times"):
        small("conv_autoencoder", bins=7)
    assert small("conv_autoencoder", bins=8)(torch.zeros(1, 8, 1)).shape == (1, 8, 1)
