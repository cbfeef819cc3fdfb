"""Facts of the family `latent_flow`: strips, plans, the flow, and what is drawn."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from timbrel import recipes
from timbrel.blocks.flow import moved
from timbrel.blocks.label_weights import label_weights
from timbrel.blocks.strips import StripBasis
from timbrel.families import DataFacts
from timbrel.families.latent_flow.config import LatentFlowOptions
from timbrel.families.latent_flow.flow import Velocity
from timbrel.families.latent_flow.network import LatentFlow, build, start
from timbrel.families.latent_flow.objective import LatentFlowObjective
from timbrel.families.latent_flow.plan import PlanBasis, cell_edges

BINS, FRAMES = 12, 64
OPTIONS = LatentFlowOptions(
    latent_size=6, strip_frames=4, components=16, drawn_components=12, plan_components=6,
    channels=32, blocks=2, decoder_channels=16, decoder_blocks=1, draw_steps=8,
)  # fmt: skip


def _decays(count: int, seed: int = 0) -> Tensor:
    """Codes of rough noises that fade at different rates in two bands, [count, F, N]."""
    generator = torch.Generator().manual_seed(seed)
    rate = 0.01 + 0.05 * torch.rand(count, 2, 1, generator=generator)
    fading = torch.exp(-rate * torch.arange(FRAMES)).repeat_interleave(BINS // 2, dim=1)
    rough = 0.08 * torch.randn(count, BINS, FRAMES, generator=generator)
    return (0.8 * fading + rough).clamp(0.05, 1)


def _started(codes: Tensor) -> LatentFlow:
    torch.manual_seed(0)
    network = build(OPTIONS, DataFacts(BINS, FRAMES))
    start(network, codes, torch.full((len(codes),), -1))
    return network


def test_strips_are_cut_and_joined_without_loss() -> None:
    code = torch.rand(2, BINS, 10)
    basis = StripBasis(4, BINS, 4)
    strips = basis.cut(code)
    assert strips.shape == (2, 3, BINS * 4)
    assert torch.equal(basis.joined(strips)[:, :, :10], code)
    assert basis.joined(strips)[:, :, 10:].abs().max() == 0


def test_all_components_give_back_every_code_and_the_first_are_the_best() -> None:
    codes = _decays(30)
    basis = StripBasis(BINS * 4, BINS, 4)
    basis.fit(codes, torch.full((30,), 1 / 30))
    coordinates = basis.coordinates(codes)
    assert torch.allclose(basis.code(coordinates), codes, atol=1e-4)
    strips = basis.cut(codes).flatten(0, 1).double()
    _, _, best = torch.linalg.svd(strips - strips.mean(0), full_matrices=False)
    kept = (strips - strips.mean(0)) @ best[:3].t() @ best[:3] + strips.mean(0)
    error = (basis.cut(basis.code(coordinates[:, :3])).flatten(0, 1) - strips).square().mean()
    assert abs(error / (kept - strips).square().mean() - 1) < 1e-3


def test_rare_labels_count_as_much_as_frequent_ones() -> None:
    weights = label_weights(torch.tensor([0] * 99 + [1]))
    assert abs(float(weights[99]) - 0.5) < 1e-6
    assert abs(float(label_weights(torch.tensor([0, -1, -1, 1]))[1:3].sum()) - 0.5) < 1e-6


def test_cells_grow_by_a_fifth_and_cover_all_positions() -> None:
    edges = cell_edges(345)
    assert edges[0] == 0
    assert edges[-1] == 345
    widths = [b - a for a, b in pairwise(edges)]
    assert widths[:6] == [1] * 6
    assert all(width <= 0.2 * begin + 1 for begin, width in zip(edges, widths, strict=False))


def test_a_plan_tells_the_means_it_was_made_from() -> None:
    basis = PlanBasis(200, 3, 20)
    means = torch.randn(300, 3 * basis.cells)
    basis.fit(means, torch.full((300,), 1 / 300))
    plan = basis.of(means)
    silence = torch.zeros(3)
    again = basis.means(basis.coarse(plan, 20), silence)
    assert torch.allclose(again, means, atol=1e-3)
    assert torch.allclose(torch.cdist(plan, plan), torch.cdist(means, means), rtol=1e-3, atol=1e-2)


def test_silence_after_a_sound_changes_no_plan() -> None:
    codes = _decays(20)
    network = _started(codes)
    short = codes[:3, :, :40]
    padded = torch.nn.functional.pad(short, (0, FRAMES - 40))
    assert torch.allclose(network.encode(short), network.encode(padded), atol=1e-5)


class _Straight(nn.Module):
    """The exact velocity where all noise ends at one point: (end - x) / (1 - t)."""

    def __init__(self, end: Tensor) -> None:
        super().__init__()
        self.end = end

    def forward(self, point: Tensor, time: Tensor) -> Tensor:
        return (self.end - point) / (1 - time[:, None, None])


def test_points_move_to_where_the_field_leads() -> None:
    end = torch.randn(2, 3, 5)
    for begin, steps in ((0.0, 1), (0.0, 16), (0.7, 16)):
        found = moved(_Straight(end), torch.randn(2, 3, 5), begin, steps)
        assert torch.allclose(found, end, atol=1e-5)


def test_a_fresh_velocity_is_nothing_and_sees_the_plan_after_a_step() -> None:
    torch.manual_seed(0)
    velocity = Velocity(4, 2, 3, channels=16, blocks=2)
    point, time, doubt = torch.randn(2, 4, 7), torch.rand(2), torch.rand(2)
    plan, coarse = torch.randn(2, 3), torch.randn(2, 2, 7)
    assert velocity(point, time, plan, coarse, doubt).abs().max() == 0
    for parameter in velocity.parameters():
        nn.init.normal_(parameter, std=0.2)
    first = velocity(point, time, plan, coarse, doubt)
    assert not torch.allclose(first, velocity(point, time, 2 * plan, coarse, doubt))
    assert not torch.allclose(first, velocity(point, time, plan, 2 * coarse, doubt))
    assert not torch.allclose(first, velocity(point, time, plan, coarse, 1 - doubt))


def test_what_is_drawn_has_the_plan_that_was_asked_for() -> None:
    codes = _decays(40)
    network = _started(codes)
    with torch.inference_mode():
        plan = network.encode(codes[:5])
        detail = network.draw(plan, torch.Generator().manual_seed(0))
        again = network.plan_of(detail[:, :-1])
    assert (again - plan).norm(dim=1).max() < 0.02 * plan.norm(dim=1).mean()


def test_detail_is_sampled_and_not_averaged() -> None:
    codes = _decays(200)
    network = _started(codes)
    objective = LatentFlowObjective(OPTIONS)
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3)
    generator, label = torch.Generator().manual_seed(0), torch.zeros(64, dtype=torch.int64)
    for step in range(250):
        rows = torch.randint(len(codes), (64,), generator=generator)
        losses = objective.losses(network, codes[rows], label, step=step, generator=generator)
        optimiser.zero_grad()
        losses["loss"].backward()
        optimiser.step()
    network.eval()
    with torch.inference_mode():
        real = network.strips.coordinates(codes)[:, 2:12]
        plan = network.encode(codes)
        drawn = network.draw(plan, torch.Generator().manual_seed(1))[:, 2:12]
        other = network.draw(plan, torch.Generator().manual_seed(2))[:, 2:12]
    # directions 3 to 12 are roughness: a mean of them would be next to nothing
    assert 0.7 < float(drawn.std() / real.std()) < 1.3
    assert float((drawn - other).std() / real.std()) > 0.7


def test_sounds_of_one_frame_can_be_learned_from() -> None:
    codes = _decays(20)
    network = _started(codes)
    generator, label = torch.Generator().manual_seed(0), torch.zeros(5, dtype=torch.int64)
    losses = LatentFlowObjective(OPTIONS).losses(
        network, codes[:5, :, :1], label, step=0, generator=generator
    )
    assert torch.isfinite(losses["loss"])


def test_the_shipped_recipe_has_the_size_its_page_says() -> None:
    recipe = recipes.find("one-shot")
    assert isinstance(recipe.network, LatentFlowOptions)
    with torch.device("meta"):
        network = build(recipe.network, DataFacts(513, 1379))
    assert sum(parameter.numel() for parameter in network.parameters()) == 4_716_357
