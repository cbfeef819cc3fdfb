"""Facts of S4's autoencoders of slices and frames, and of the principal components beside them."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from timbrel import plugins, recipes
from timbrel.blocks.slices import SliceNetwork, cut, overlapped
from timbrel.blocks.spectral_autoencoder import SpectralAutoencoder
from timbrel.errors import RecipeError, TrainingError
from timbrel.families import DataFacts, Family
from timbrel.families.principal_components.config import PrincipalComponentsOptions
from timbrel.families.principal_components.network import PrincipalComponents
from timbrel.families.spectral_frame_autoencoder.config import SpectralFrameOptions
from timbrel.families.spectral_slice_autoencoder.config import SpectralSliceOptions
from timbrel.families.spectral_slice_autoencoder.network import build, layers_of

S4 = ("single", "double", "triple")
TINY = ("slice-tiny", "frame-tiny", "pca-tiny")


def _notes(count: int, bins: int = 65, frames: int = 24, seed: int = 0) -> Tensor:
    """Codes of made notes: harmonics of some pitch over a floor, that decay, [count, F, N]."""
    generator = torch.Generator().manual_seed(seed)
    pitch, rate = 4 + 8 * torch.rand(2, count, 1, 1, generator=generator)
    place = torch.arange(bins)[None, :, None] / pitch
    comb = torch.cos(2 * torch.pi * place).clamp(min=0) ** 4 * torch.exp(-0.1 * place)
    decay = torch.exp(-0.01 * rate * torch.arange(frames))
    return (0.1 + 0.85 * comb * decay).clamp(0.02, 1)


def _made(name: str, codes: Tensor) -> tuple[Family, Any]:
    recipe = recipes.find(name)
    family: Family = plugins.load("families", recipe.family)
    torch.manual_seed(0)
    network = family.build(recipe.network, DataFacts(codes.shape[1], codes.shape[2]))
    family.start(network, codes, torch.full((len(codes),), -1))
    return family, network.eval()


def _loss(family: Family, recipe: str, network: nn.Module, code: Tensor) -> Tensor:
    objective = family.objective(recipes.find(recipe).network)
    losses = objective.losses(
        network, code, torch.zeros(len(code)), step=0, generator=torch.Generator()
    )
    return losses["loss"]


# --- the source's tables -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recipe", "size", "strided"),
    [
        ("slice-s4-single", 250, [2]),
        ("slice-s4-double", 124, [2, 4]),
        ("slice-s4-triple", 62, [2, 3, 5]),
        ("slice-s4-mel-single", 56, [2]),
        ("slice-s4-mel-double", 28, [2, 4]),
        ("slice-s4-mel-triple", 14, [2, 3, 4]),
    ],
)
def test_slices_become_vectors_of_the_sizes_of_the_source(
    recipe: str, size: int, strided: list[int]
) -> None:
    found = recipes.find(recipe)
    bins, frames = found.front_end.code_shape(found.length_samples)  # type: ignore[attr-defined]
    layers = layers_of(found.network, bins)  # type: ignore[arg-type]
    assert bins == (128 if "mel" in recipe else 513)
    assert [number for number, layer in enumerate(layers, 1) if layer.stride == 2] == strided
    network = build(found.network, DataFacts(bins, frames))  # type: ignore[arg-type]
    slices = torch.rand(2, bins, 3)
    assert network.embedded(slices).shape == (2, size)
    assert network(slices).shape == slices.shape
    decoders = [module for module in network.modules() if isinstance(module, nn.ConvTranspose2d)]
    assert [n for n, layer in enumerate(decoders, 1) if layer.stride[1] == 2] == [
        6 - number for number in reversed(strided)
    ]
    assert [layer.out_channels for layer in decoders] == [100, 256, 256, 225, 1]


def _parameters(widths: list[int], cells: list[int]) -> int:
    """Weights and biases of convolutions there and back, and two numbers a normed channel."""
    pairs = list(zip(widths, widths[1:], cells, strict=False))
    there = sum(a * b * k + b + 2 * b for a, b, k in pairs)
    back = sum(a * b * k + a + 2 * a for a, b, k in pairs) - 2 * widths[0]
    return there + back


@pytest.mark.parametrize(
    ("recipe", "last_cells"),
    [(f"slice-s4-{s}", 9) for s in S4] + [("slice-s4-mel-single", 9), ("slice-s4-mel-triple", 6)],
)
def test_the_full_size_has_the_parameters_of_its_layers(recipe: str, last_cells: int) -> None:
    network = build(recipes.find(recipe).network, DataFacts(513, 20))  # type: ignore[arg-type]
    counted = sum(parameter.numel() for parameter in network.parameters())
    assert counted == _parameters([1, 225, 256, 256, 100, 1], [9, 9, 9, 9, last_cells])
    if last_cells == 9:
        assert counted == 2_688_124


def test_frames_become_495_values_in_eighteen_layers() -> None:
    recipe = recipes.find("frame-s4")
    _, network = _made("frame-s4", torch.rand(1, 513, 4))
    kinds = (nn.Conv2d, nn.ConvTranspose2d)
    layers: list[Any] = [module for module in network.modules() if isinstance(module, kinds)]
    assert len(layers) == 18
    assert {layer.stride for layer in layers} == {(1, 1)}
    assert network.embedded(torch.rand(2, 513, 1)).shape == (2, 495)
    assert network(torch.rand(2, 513, 1)).shape == (2, 513, 1)
    assert isinstance(recipe.network, SpectralFrameOptions)
    widths = [1, *recipe.network.channels, 1]
    counted = sum(parameter.numel() for parameter in network.parameters())
    assert counted == _parameters(widths, [3] * 9) == 230_404


# --- the long axis last ------------------------------------------------------------------------


class _Plain(nn.Module):
    """S4's single stride written down as the text says it: frequency first, time last."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        a, b, c, d, e, f = widths

        def normed(layer: Any) -> list[nn.Module]:
            return [layer, nn.ReLU(), nn.BatchNorm2d(layer.out_channels)]

        self.encoder = nn.Sequential(
            *normed(nn.Conv2d(a, b, 3, padding=1)),
            *normed(nn.Conv2d(b, c, 3, stride=(2, 1), padding=(0, 1))),
            *normed(nn.Conv2d(c, d, 3, padding=(0, 1))),
            *normed(nn.Conv2d(d, e, 3, padding=(0, 1))),
            *normed(nn.Conv2d(e, f, 3)),
        )
        self.decoder = nn.Sequential(
            *normed(nn.ConvTranspose2d(f, e, 3)),
            *normed(nn.ConvTranspose2d(e, d, 3, padding=(0, 1))),
            *normed(nn.ConvTranspose2d(d, c, 3, padding=(0, 1))),
            *normed(nn.ConvTranspose2d(c, b, 3, (2, 1), (0, 1), output_padding=(0, 0))),
            nn.ConvTranspose2d(b, a, 3, padding=1),
        )

    def forward(self, code: Tensor) -> Tensor:
        decibels = 80 * code.unsqueeze(1) - 80
        found: Tensor = self.decoder(self.encoder(decibels))
        return found.squeeze(1)


def test_time_before_frequency_gives_the_numbers_of_the_plain_network_and_its_gradients() -> None:
    ours = build(SpectralSliceOptions(channels=(5, 6, 7, 4)), DataFacts(513, 8))
    plain = _Plain((1, 5, 6, 7, 4, 1))
    for mine, theirs in zip(ours.parameters(), plain.parameters(), strict=True):
        theirs.data = mine.data.transpose(2, 3).clone() if mine.dim() == 4 else mine.data.clone()
    ours.to(memory_format=torch.channels_last)
    slices = _notes(4, 513, 3)
    for prediction in (ours(slices), plain(slices)):
        (prediction - (80 * slices - 80)).square().mean().backward()
    assert torch.allclose(ours(slices), plain(slices), rtol=1e-3, atol=1e-3)
    first, theirs = (next(network.parameters()).grad for network in (ours, plain))
    assert first is not None
    assert theirs is not None
    assert torch.allclose(first.transpose(2, 3), theirs, rtol=1e-2, atol=1e-3)


# --- slices ------------------------------------------------------------------------------------


def test_slices_of_one_spectrogram_average_to_it_exactly() -> None:
    code = _notes(2)
    slices = cut(code, 3)
    assert slices.shape == (2, 22, 65, 3)
    assert torch.equal(slices[1, 5], code[1, :, 5:8])
    assert torch.allclose(overlapped(slices), code, rtol=0, atol=1e-7)
    assert torch.equal(overlapped(torch.full((4, 5, 3), 0.25)), torch.full((5, 6), 0.25))


def test_where_slices_disagree_their_mean_is_taken() -> None:
    slices = torch.tensor([[[0.0, 0.0, 0.0]], [[3.0, 3.0, 3.0]], [[9.0, 9.0, 9.0]]])
    assert overlapped(slices).tolist() == [[0.0, 1.5, 4.0, 6.0, 9.0]]


@pytest.mark.parametrize("name", TINY)
def test_what_is_later_in_a_sound_is_later_in_its_detail_and_played_later(name: str) -> None:
    codes = _notes(3)
    _, network = _made(name, codes)
    with torch.inference_mode():
        detail, later = network.detail(codes), network.detail(codes[:, :, 4:])
        assert torch.allclose(detail[:, :, 4:], later, atol=1e-5)
        played, rest = network.play(detail)[0], network.play(later)[0]
    assert played.shape == codes.shape
    edge = network.slice_frames - 1  # there, fewer slices overlap
    assert torch.allclose(played[:, :, 4 + edge :], rest[:, :, edge:], atol=1e-5)


@pytest.mark.parametrize("name", TINY)
def test_silence_is_played_as_silence_and_a_batch_plays_as_each_alone(name: str) -> None:
    codes = _notes(3)
    codes[1, :, 10:] = 0
    codes[2] = 0
    _, network = _made(name, codes[:1])
    with torch.inference_mode():
        detail = network.detail(codes)
        played = network.play(detail)[0]
        smeared = 10 + network.slice_frames - 1  # a slice at the end reaches beyond it
        assert not played[1, :, smeared:].any()
        assert not played[2].any()
        alone = network.detail(codes[1:2, :, :10])
        kept = 10 - network.slice_frames + 1
        assert torch.allclose(network.play(alone)[0][..., :kept], played[1:2, :, :kept], atol=1e-6)
        assert torch.allclose(
            network.encode(codes)[1:2], network.encode(codes[1:2, :, :10]), atol=1e-6
        )
        silent_end = network.decode(network.encode(codes[1:2]))[0, :, -4:]
        assert not silent_end.any()


@pytest.mark.parametrize("name", TINY)
def test_a_mixture_lies_between_and_its_ends_are_the_sounds(name: str) -> None:
    _, network = _made(name, _notes(4))
    with torch.inference_mode():
        details = network.detail(_notes(2))[:, None]
        half = network.blend(
            details, torch.full((2, details.shape[-1]), 0.5), torch.Generator().manual_seed(0)
        )
        assert torch.allclose(half, details.mean(0), atol=1e-6)
        end = torch.tensor([[0.0], [1.0]]).expand(2, details.shape[-1])
        assert torch.equal(network.blend(details, end, torch.Generator()), details[1])


# --- learning ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["slice-tiny", "frame-tiny"])
def test_thirty_steps_lower_the_error_of_sounds_it_has_not_seen(name: str) -> None:
    family, network = _made(name, _notes(16))
    k = network.slice_frames
    seen, unseen = cut(_notes(16), k).flatten(0, 1), cut(_notes(4, seed=1), k).flatten(0, 1)
    with torch.no_grad():
        before = float(_loss(family, name, network, unseen))
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    generator = torch.Generator().manual_seed(0)
    network.train()
    for _ in range(30):
        batch = seen[torch.randint(len(seen), (32,), generator=generator)]
        optimiser.zero_grad()
        _loss(family, name, network, batch).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    network.eval()
    with torch.no_grad():
        assert float(_loss(family, name, network, unseen)) < 0.9 * before


def test_the_loss_is_in_squared_decibels_and_the_library_is_measured_once() -> None:
    codes = _notes(6)
    codes[0, :, 12:] = 0  # silence at an end does not count
    family, network = _made("slice-tiny", codes.half())
    heard = torch.cat([codes[0, :, :12], *codes[1:]], dim=1).half().float() * 80 - 80
    assert torch.allclose(network.mean_db[:, 0], heard.mean(1), atol=1e-3)
    residual = heard - heard.mean(1, keepdim=True)
    assert float(network.spread_db) == pytest.approx(float(residual.square().mean().sqrt()), 1e-3)
    slices = cut(_notes(2, seed=3), 3).flatten(0, 1)
    restored = network.restored(network.embedded(slices))
    expected = (80 * (restored - slices)).square().mean()
    assert torch.isclose(_loss(family, "slice-tiny", network, slices), expected, rtol=1e-4)


def test_the_source_takes_decibels_as_they_are() -> None:
    _, network = _made("frame-s4", torch.rand(2, 513, 4))
    assert not network.mean_db.any()
    assert float(network.spread_db) == 1
    assert network.decibels(torch.tensor([0.0, 0.5, 1.0])).tolist() == [-80.0, -40.0, 0.0]


# --- principal components ----------------------------------------------------------------------


def test_components_are_those_of_a_singular_value_decomposition() -> None:
    codes = _notes(8)
    options = PrincipalComponentsOptions(latent_size=5, slice_frames=3)
    network = PrincipalComponents(options, DataFacts(65, 24))
    network.fit(codes)
    rows = cut(codes, 3).flatten(0, 1).flatten(1).double().numpy()
    centred = rows - rows.mean(0)
    basis = np.linalg.svd(centred, full_matrices=False)[2][:5]
    ours = network.components.double().numpy()
    assert np.abs(np.abs(ours @ basis.T) - np.eye(5)).max() < 1e-3
    best = ((centred @ basis.T @ basis - centred) ** 2).mean()
    slices = cut(codes, 3).flatten(0, 1)
    assert float((network(slices) - slices).square().mean()) == pytest.approx(best, rel=1e-3)


def test_as_many_components_as_cells_give_back_the_sound() -> None:
    codes = _notes(9, bins=16)
    options = PrincipalComponentsOptions(latent_size=48, slice_frames=3)
    network = PrincipalComponents(options, DataFacts(16, 24))
    network.fit(codes)
    assert torch.allclose(network.play(network.detail(codes))[0], codes, atol=1e-4)


def test_components_have_nothing_to_learn_and_say_their_error_in_squared_decibels() -> None:
    codes = _notes(4)
    family, network = _made("pca-tiny", codes)
    assert not list(network.parameters())
    slices = cut(codes, 3).flatten(0, 1)
    expected = (80 * (network(slices) - slices)).square().mean()
    assert torch.isclose(_loss(family, "pca-tiny", network, slices), expected, rtol=1e-4)


# --- what does not fit -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("family", "settings", "facts"),
    [
        ("spectral_slice_autoencoder", {}, DataFacts(40, 20)),
        ("spectral_slice_autoencoder", {}, DataFacts(513, 2)),
        ("spectral_frame_autoencoder", {}, DataFacts(18, 20)),
        ("principal_components", {"slice_frames": 17}, DataFacts(513, 20)),
        ("principal_components", {"latent_size": 40}, DataFacts(13, 20)),
    ],
)
def test_what_a_network_cannot_hear_is_told(
    family: str, settings: dict[str, int], facts: DataFacts
) -> None:
    declared: Family = plugins.load("families", family)
    with pytest.raises(RecipeError):
        declared.build(declared.config(**settings), facts)


@pytest.mark.parametrize("name", TINY)
def test_an_objective_refuses_the_network_of_another_family(name: str) -> None:
    family: Family = plugins.load("families", recipes.find(name).family)
    with pytest.raises(TrainingError):
        _loss(family, name, nn.Linear(1, 1), torch.rand(2, 65, 3))


def test_both_autoencoders_share_one_network_and_all_three_one_way_to_play() -> None:
    made = [_made(name, _notes(2))[1] for name in TINY]
    assert [isinstance(network, SpectralAutoencoder) for network in made] == [True, True, False]
    assert all(isinstance(network, SliceNetwork) for network in made)
