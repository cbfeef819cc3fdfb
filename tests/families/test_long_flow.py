"""Facts of the family `long_flow`: beats, grooves, dilations in beats, and pieces of any length."""

import pytest
import torch
from torch import Tensor, nn

from timbrel import recipes
from timbrel.families import DataFacts
from timbrel.families.long_flow.beats import Metre, cell_of, metre_of, neighbours, rows_of
from timbrel.families.long_flow.config import LongFlowOptions
from timbrel.families.long_flow.groove import GrooveBasis
from timbrel.families.long_flow.looking import start
from timbrel.families.long_flow.network import LongFlow, build
from timbrel.families.long_flow.objective import LongFlowObjective
from timbrel.families.long_flow.velocity import AlongBeats, flat_rows
from timbrel.families.long_flow.way import Guess

BINS, FRAMES, STRIP = 12, 256, 4
OPTIONS = LongFlowOptions(
    latent_size=10, liveliness_size=2, slice_frames=FRAMES, strip_frames=STRIP, components=16,
    drawn_components=12, groove_components=6, channels=16, blocks=6, decoder_channels=16,
    decoder_blocks=1, draw_steps=4,
)  # fmt: skip


def _loops(count: int, seed: int = 0, every_bars: int = 1) -> Tensor:
    """Codes of loops: a stroke in every beat, in each bar or some, [count, F + 3, N]."""
    generator = torch.Generator().manual_seed(seed)
    codes = []
    for number in range(count):
        pace = 1 / (4 + number % 5)  # beats a position
        beats = (torch.arange(FRAMES // STRIP) * pace)[None]
        rows = rows_of(Metre(beats, torch.full_like(beats, 0.9)), STRIP)
        passed = rows[0, 1]
        band = (number % 3) * 4
        level = 0.2 + 0.05 * torch.rand(BINS, FRAMES, generator=generator)
        bar = (rows[0, 0] * 4).floor()
        level[band : band + 4] += 0.6 * torch.exp(-6 * passed) * (bar % every_bars == 0)
        codes.append(torch.cat([level.clamp(0, 1), rows[0]]))
    return torch.stack(codes)


def _started(codes: Tensor) -> LongFlow:
    torch.manual_seed(0)
    network = build(OPTIONS, DataFacts(BINS + 3, FRAMES))
    start(network, codes, torch.full((len(codes),), -1))
    return network


@pytest.mark.parametrize("pace", [0.02, 0.1, 0.37])
def test_beats_count_on_through_half_precision_and_silence(pace: float) -> None:
    beats = (3.7 + pace * torch.arange(200))[None]
    rows = rows_of(Metre(beats, torch.full_like(beats, 0.5)), STRIP)
    kept = rows.half()
    kept[:, :, 300:420] = 0  # silent frames tell of no beat
    found = metre_of(kept, STRIP)
    assert (found.beats - beats).abs().max() < 0.02
    assert torch.allclose(found.clarity, torch.tensor(0.5))


def test_where_no_beat_is_told_there_is_an_even_one_without_clarity() -> None:
    found = metre_of(torch.zeros(2, 3, 64), STRIP)
    assert found.clarity.max() == 0
    assert found.beats.diff(dim=1).min() > 0


def test_neighbours_lie_a_musical_time_apart_whatever_the_pace() -> None:
    beats = torch.stack([0.1 * torch.arange(100), 0.25 * torch.arange(100)])
    found = neighbours(beats, 4.0)
    assert int(found[0, 1, 20]) == 60
    assert int(found[0, 0, 60]) == 20
    assert int(found[1, 1, 20]) == 36
    assert int(found[0, 0, 39]) == 100  # before the piece began
    assert int(found[0, 0, 40]) == 0


def test_a_layer_along_beats_sees_its_moment_and_those_a_bar_away_and_nothing_else() -> None:
    torch.manual_seed(0)
    layer = AlongBeats(4)
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=0.5)
    beats = (0.2 * torch.arange(80))[None]
    signal = torch.randn(1, 80, 4, requires_grad=True)
    out = layer(signal, torch.zeros(1, 1, 4), flat_rows(beats, 4.0))
    out[0, 40].sum().backward()
    assert signal.grad is not None
    assert signal.grad[0].abs().sum(1).nonzero()[:, 0].tolist() == [20, 40, 60]


def test_a_groove_is_the_mean_of_each_sixteenth_of_a_bar() -> None:
    beats = (torch.arange(320) / 20)[None]
    cells = cell_of(beats)
    wave = torch.sin(torch.pi / 2 * beats)[:, None].repeat(1, 3, 1)
    basis = GrooveBasis(2, 3)
    means = basis.means(wave, cells, torch.ones(1, 320))[0, 0].view(3, 16)
    inside = (torch.arange(5) / 5 + torch.arange(16)[:, None]) / 4
    assert torch.allclose(means[0], torch.sin(torch.pi / 2 * inside).mean(1), atol=1e-5)


def test_all_components_tell_every_groove_again() -> None:
    torch.manual_seed(0)
    means = torch.randn(40, 3 * 16)
    basis = GrooveBasis(48, 3)
    basis.fit(means, torch.full((40,), 1 / 40))
    cells = torch.arange(16)[None]
    told = basis.told(basis.of(means)[:, None], cells.expand(40, -1))
    assert torch.allclose(told, means.view(40, 3, 16), atol=1e-4)


def test_what_is_drawn_has_the_groove_and_the_tempo_asked_for() -> None:
    codes = _loops(30)
    network = _started(codes)
    latent = network.encode(codes[:3])
    detail = network.draw(latent, torch.Generator().manual_seed(0))
    found = network.latent_of(detail[:, :-3], Metre(detail[:, -2], detail[:, -1]))
    grooves = slice(0, network.groove_size)
    spread = network.encode(codes)[:, grooves].std(0).norm()
    assert (found - latent)[:, grooves].norm(dim=1).max() < 0.05 * spread
    lively = slice(network.groove_size, -2)
    assert (found - latent)[:, lively].abs().max() < network.encode(codes)[:, lively].std(0).max()
    assert torch.allclose(detail[:, -2].diff(dim=1).mean(1), network.pace(latent), rtol=1e-4)


def test_what_is_drawn_at_a_lower_temperature_moves_less() -> None:
    codes = _loops(30)
    network = _started(codes)
    latent = network.encode(codes[:4])
    spreads = []
    for temperature in (0.0, 0.7, 1.4):
        network.options = OPTIONS.model_copy(update={"temperature": temperature})
        detail = network.draw(latent, _seeded())[:, : network.drawn]
        spreads.append(float(detail.detach().diff(dim=2).std()))
    assert spreads[0] < spreads[1] < spreads[2]


def test_another_pace_is_the_pace_that_is_played() -> None:
    codes = _loops(12)
    network = _started(codes)
    changed = network.at_pace(network.encode(codes[:2]), 0.3)
    assert torch.allclose(network.pace(changed), torch.tensor(0.3))
    detail = network.compose(changed[:, None], 200, torch.Generator().manual_seed(0))
    assert detail.shape[2] == 200
    assert torch.allclose(detail[:, -2].diff(dim=1), torch.tensor(0.3), atol=1e-3)


def test_a_path_changes_the_tempo_on_the_way() -> None:
    codes = _loops(12)
    network = _started(codes)
    slow, fast = (network.at_pace(network.encode(codes[:1]), pace) for pace in (0.1, 0.4))
    share = torch.linspace(0, 1, 300)[None, :, None]
    detail = network.compose(torch.lerp(slow[:, None], fast[:, None], share), 300, _seeded())
    steps = detail[0, -2].detach().diff()
    assert bool((steps.diff() > -1e-4).all())
    assert float(steps[0]) == pytest.approx(0.1, abs=0.01)
    assert float(steps[-1]) == pytest.approx(0.4, abs=0.02)


def test_training_teaches_the_flow_what_no_groove_of_one_bar_can_tell() -> None:
    codes = _loops(12, every_bars=2)
    network = _started(codes)
    objective, optimiser = LongFlowObjective(OPTIONS), torch.optim.Adam(network.parameters(), 3e-3)
    generator, labels = _seeded(), torch.full((12,), -1)
    losses = []
    for step in range(50):
        parts = objective.losses(network, codes, labels, step=step, generator=generator)
        optimiser.zero_grad()
        parts["loss"].backward()
        optimiser.step()
        losses.append(float(parts["flow"]))
    assert sum(losses[-10:]) < 0.88 * sum(losses[:10])


@pytest.mark.parametrize("path", ["straight", "arc"])
def test_a_flow_that_knew_the_data_would_draw_them(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = _loops(6)
    torch.manual_seed(0)
    options = OPTIONS.model_copy(update={"path": path, "draw_steps": 64})
    network = build(options, DataFacts(BINS + 3, FRAMES))
    start(network, codes, torch.full((6,), -1))
    coordinates = network.coordinates(codes[:2], network.drawn)
    known = Guess(coordinates / network.scale(), torch.zeros(1), torch.ones(1))
    monkeypatch.setattr(network, "guess", lambda *asked: known)
    detail = network.draw(network.encode(codes[:2]), _seeded())
    assert torch.allclose(detail[:, : network.drawn], coordinates, atol=1e-2)


@pytest.mark.parametrize("path", ["straight", "arc"])
@pytest.mark.parametrize("doubt", [0.0, 0.7])
def test_without_learning_the_guess_is_the_best_linear_one(path: str, doubt: float) -> None:
    codes = _loops(30)
    torch.manual_seed(0)
    network = build(OPTIONS.model_copy(update={"path": path}), DataFacts(BINS + 3, FRAMES))
    start(network, codes, torch.full((30,), -1))
    data = network.coordinates(codes, network.drawn) / network.scale()
    time, doubts = torch.full((30,), 0.6), torch.full((30,), doubt)
    point = network.way(torch.randn(data.shape, generator=_seeded()), data, time)
    latent, centre = network.encode(codes), network.centre()
    normal = torch.randn(latent.shape, generator=_seeded()) * network.doubtful()
    doubted = centre + (1 - doubt**2) ** 0.5 * (latent - centre) + doubt * normal
    told = network.told(doubted[:, None], metre_of(codes, STRIP), doubts)
    guess = network.guess(point, time, told)
    assert guess.added.abs().max() == 0
    added = guess.linear - told.mean
    missed = (data - guess.linear).square().mean()
    for factor in (0.8, 1.2):
        assert missed < (data - told.mean - factor * added).square().mean()
    known = network.left > 0.05  # directions that the library has
    found = (data - guess.linear).square().mean((0, 2)).sqrt()[known]
    assert torch.allclose(found, guess.spread.square().mean((0, 2)).sqrt()[known], rtol=0.25)


def test_the_recipe_is_dilated_and_any_length() -> None:
    recipe = recipes.find("long-form")
    network = build(recipe.network, DataFacts(1028, 2068))
    assert 6.5e6 < sum(p.numel() for p in network.parameters()) < 7.5e6
    assert network.any_length


def _seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)
