"""Catch-A-Waveform: the source's shapes and counts, a game as plain torch plays it, and pieces."""

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from timbrel import recipes
from timbrel.blocks.outline import Outline
from timbrel.errors import AbilityError, RecipeError, TrainingError
from timbrel.families import DataFacts, Stage
from timbrel.families.catch_a_waveform import playing
from timbrel.families.catch_a_waveform.config import CatchAWaveformOptions
from timbrel.families.catch_a_waveform.network import build
from timbrel.families.catch_a_waveform.objective import CatchAWaveformObjective
from timbrel.families.catch_a_waveform.scales import suited

RATES = (500, 1000, 2000)


def tiny(channels=1, seconds=2.0, seed=0, **settings):
    torch.manual_seed(seed)
    options = CatchAWaveformOptions(
        **{"rates_hz": RATES, "layers": 4, "kernel": 5, "channels": 6, "first_channels": 4}
        | settings
    )
    length = round(seconds * options.rates_hz[-1])
    rate = options.rates_hz[-1]
    network = build(options, DataFacts(channels, length, (), rate, channels, length))
    time = torch.arange(length) / rate
    tones = torch.sin(2 * torch.pi * torch.tensor([[110.0], [165.0]])[:channels] * time)
    network.recording.take([tones * (0.6 + 0.4 * torch.sin(2 * torch.pi * 3 * time))])
    network.noise_sizes.copy_(torch.tensor([1.0, 0.3, 0.05])[: len(options.rates_hz)])
    return network, CatchAWaveformObjective(options), options


def drawn(seed=0):
    return torch.Generator().manual_seed(seed)


def piece(network, outline, seed=0):
    return torch.cat(list(network.eval().improvise(outline, drawn(seed))), dim=1)


# --- the source's numbers -----------------------------------------------------------------------


def test_each_scale_has_the_parameters_of_the_source():
    """Counted from the method's own code: weight norm, batch norm, gates, a 1x1 output."""
    recipe = recipes.find("caw-s2")
    assert len(recipe.network.rates_hz) == 16
    with torch.device("meta"):
        network = build(recipe.network, DataFacts(1, 320_000, (), 16_000, 1, 320_000))
    counts = [
        [sum(p.numel() for p in players[scale].parameters()) for scale in range(16)]
        for players in (network.generator, network.critic)
    ]
    assert counts == [[21_442, *[750_722] * 15], [14_562, *[502_082] * 15]]


def test_a_network_sees_2041_samples_as_the_source_says():
    options = recipes.find("caw-s2").network
    assert 2 * options.reach + 1 == 2041
    assert (options.epochs, options.growth.levels[0].full_epochs) == (3000, 3000)
    spans_s = [2041 / rate for rate in (320, 8000)]
    assert [round(1000 * s) for s in spans_s] == [6378, 255]


class Plain(nn.Module):
    """The method's own generator in plain torch: 1-D, weight norm, batch norm."""

    def __init__(self, width, kernel, dilations, critic):
        super().__init__()
        ins = [1, *[width] * (len(dilations) - 2)]
        self.convolutions = nn.ModuleList(
            weight_norm(nn.Conv1d(i, width, kernel, dilation=d))
            for i, d in zip(ins, dilations[:-1], strict=True)
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) for _ in ins)
        outputs = 1 if critic else width
        self.last = weight_norm(nn.Conv1d(width, outputs, kernel, dilation=dilations[-1]))
        self.critic = critic
        if not critic:
            self.filter, self.gate = (
                weight_norm(nn.Conv1d(width, width, kernel, padding=kernel // 2)) for _ in "12"
            )
            self.output = weight_norm(nn.Conv1d(width, 1, 1))

    def forward(self, noisy, coarse=None):
        hidden = noisy
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            hidden = functional.leaky_relu(norm(convolution(hidden)), 0.2)
        hidden = self.last(hidden)
        if not self.critic:
            hidden = self.output(self.filter(hidden).tanh() * self.gate(hidden).sigmoid())
        shifted = functional.pad(hidden[..., :-1], (1, 0))
        made = hidden - 0.97 * shifted
        if coarse is None:
            return made
        cut = (coarse.shape[-1] - made.shape[-1]) // 2
        return made + coarse[..., cut : coarse.shape[-1] - cut]


def copied(ours, critic, options, width):
    plain = Plain(width, options.kernel, options.dilations, critic)
    pairs = [(block.convolution, conv) for block, conv in
             zip(ours.blocks, plain.convolutions, strict=True)]  # fmt: skip
    pairs += [(ours.last, plain.last)]
    if not critic:
        pairs += [(getattr(ours, n), getattr(plain, n)) for n in ("filter", "gate", "output")]
    with torch.no_grad():
        for one, other in pairs:
            other.parametrizations.weight.original0.copy_(one.size[:, :, 0])
            other.parametrizations.weight.original1.copy_(one.direction[:, :, 0])
            other.bias.copy_(one.bias)
        for block, norm in zip(ours.blocks, plain.norms, strict=True):
            norm.weight.copy_(block.norm.weight)
            norm.bias.copy_(block.norm.bias)
    return plain


def test_both_players_are_those_of_plain_torch():
    network, _, options = tiny()
    network.train()
    noise = torch.randn(1, 1, 1, 300, generator=drawn())
    coarse = torch.randn(1, 1, 1, 300, generator=drawn(1))
    ours, theirs = network.generator[2], copied(network.generator[2], False, options, 6)
    expected = theirs(noise[:, :, 0], coarse[:, :, 0])
    torch.testing.assert_close(ours(noise, coarse)[:, :, 0], expected, rtol=1e-4, atol=1e-5)
    judge, plain = network.critic[2], copied(network.critic[2], True, options, 6)
    torch.testing.assert_close(judge(noise), plain(noise[:, :, 0])[:, 0], rtol=1e-4, atol=1e-5)


def test_the_critic_s_loss_and_its_slopes_are_those_of_plain_torch():
    """The penalty is the source's: at each moment, of the slope of the sum of all scores."""
    network, objective, options = tiny(seconds=1.0)
    network.grow(3, 1.0)
    network.train()
    stage = Stage(3, 3)
    losses = objective.critic_losses(
        network, torch.zeros(1), torch.zeros(1), stage=stage, step=0, generator=drawn(5)
    )
    plain = copied(network.critic[2], True, options, 6)
    again = drawn(5)
    (coarse,) = network.coarse(2, again)
    with torch.no_grad():
        fake = network.step(2, coarse, network.drawn(2, coarse, again))[:, :, 0]
    real = network.real(2)[0][:, :, 0]
    share = torch.rand((), generator=again)
    between = torch.lerp(fake, real, share).requires_grad_()
    (slope,) = torch.autograd.grad(plain(between).sum(), between, create_graph=True)
    penalty = (slope.norm(2, dim=1) - 1).square().mean()
    expected = plain(fake).mean() - plain(real).mean() + 0.01 * penalty
    torch.testing.assert_close(losses["loss"], expected, rtol=1e-4, atol=1e-5)
    losses["loss"].backward()
    expected.backward()
    ours = network.critic[2].blocks[1].convolution.direction.grad[:, :, 0]
    theirs = plain.convolutions[1].parametrizations.weight.original1.grad
    torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-6)


def test_only_the_highest_scale_learns():
    network, objective, _ = tiny()
    network.grow(2, 1.0)
    network.train()
    parts = objective.generator_losses(
        network, torch.zeros(1), torch.zeros(1), stage=Stage(2, 3), step=0, generator=drawn()
    )
    parts["loss"].backward()
    learned = {
        name.split(".")[1]
        for name, p in network.generator.named_parameters("generator")
        if p.grad is not None and p.grad.abs().sum() > 0
    }
    assert learned == {"1"}
    modes = [network.generator[scale].training for scale in range(3)]
    assert modes == [False, True, False]


# --- what a recording decides -------------------------------------------------------------------


def noise_of(seconds, rate, low=1.0):
    sound = torch.randn(1, round(seconds * rate), generator=drawn(3)) * 0.2
    return sound * low


def test_rates_above_the_recording_s_are_left_out_and_its_own_is_the_last():
    recipe = recipes.find("caw-s2")
    found = suited(recipe, [noise_of(20, 11_025)], 11_025)
    assert found.sample_rate == 11_025
    assert found.network.rates_hz[-3:] == (8000, 10_000, 11_025)


def test_the_first_scale_is_the_lowest_with_enough_energy():
    recipe = recipes.find("caw-s2")
    time = torch.arange(20 * 16_000) / 16_000
    tone = torch.sin(2 * torch.pi * 900 * time)[None]
    found = suited(recipe, [tone], 16_000)
    assert found.network.rates_hz[0] == 2000  # the lowest rate that holds 900 Hz at its level


def test_a_short_recording_has_only_scales_that_hold_what_a_network_sees():
    recipe = recipes.find("caw-s2")
    found = suited(recipe, [noise_of(2, 16_000)], 16_000)
    assert found.network.rates_hz[0] * 2 > 2041
    with pytest.raises(TrainingError, match="longer recording"):
        suited(recipe, [noise_of(0.1, 16_000)], 16_000)


def test_noise_of_each_scale_is_that_of_the_source():
    network, objective, _ = tiny()
    for level in (1, 2, 3):
        network.grow(level, 1.0)
        network.train()
        objective.begin_level(network, Stage(level, 3))
    energies = [float(network.real(scale)[0].square().mean()) for scale in range(3)]
    back = network.returned(1)[0]
    assert float(network.noise_sizes[0]) == 1.0
    assert float(network.noise_sizes[1]) == pytest.approx(float(back.std()), rel=1e-3)
    expected = 0.01 * max(0.0, energies[2] - energies[1]) ** 0.5
    assert float(network.noise_sizes[2]) == pytest.approx(expected, abs=1e-6)


def test_from_the_third_scale_on_weights_begin_as_those_below():
    network, objective, _ = tiny()
    network.grow(3, 1.0)
    objective.begin_level(network, Stage(3, 3))
    pairs = zip(network.generator[2].parameters(), network.generator[1].parameters(), strict=True)
    same = [torch.equal(above, below) for above, below in pairs]
    assert all(same)


def test_the_rate_is_a_tenth_in_a_scale_s_last_third():
    objective = tiny()[1]
    shares = [objective.rate_share(Stage(1, 3, done=done)) for done in (0.0, 0.66, 2 / 3, 0.9)]
    assert shares == [1.0, 1.0, 0.1, 0.1]


def test_other_codes_are_refused():
    options = CatchAWaveformOptions(rates_hz=(500, 1000))
    with pytest.raises(RecipeError, match="waveform"):
        build(options, DataFacts(1, 1000, (), 2000, 1, 1000))


# --- pieces -------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 2])
def test_a_piece_has_any_length_whatever_it_is_made_in(channels, monkeypatch):
    network, _, _ = tiny(channels)
    whole = piece(network, Outline(3001))
    assert whole.shape == (channels, 3001)
    monkeypatch.setattr(playing, "STRETCH_S", 0.11)
    torch.testing.assert_close(piece(network, Outline(3001)), whole, rtol=1e-4, atol=1e-5)
    assert not torch.equal(piece(network, Outline(3001), seed=1), whole)


def test_no_two_pieces_of_some_hundred_are_alike():
    network, _, _ = tiny(seconds=0.5)
    network.grow(1, 1.0)
    seen = {piece(network, Outline(64), seed=s).numpy().tobytes() for s in range(300)}
    assert len(seen) == 300


def test_where_training_ended_below_what_a_sound_has_nothing_can_be_added():
    network, _, _ = tiny()
    network.grow(1, 1.0)
    code = torch.zeros(1, 4000)
    with pytest.raises(AbilityError, match="nothing above 250 Hz"):
        piece(network, Outline(4000, code, known_hz=600.0))


def test_a_longer_piece_goes_on_where_the_shorter_ends():
    network, _, _ = tiny()
    short, long = (piece(network, Outline(count)) for count in (1500, 3000))
    torch.testing.assert_close(long[:, :1500], short, rtol=1e-4, atol=1e-5)


def test_an_endless_piece_is_the_beginning_of_itself():
    network, _, _ = tiny()
    parts = network.eval().improvise(Outline(0), drawn())
    first = torch.cat([next(parts), next(parts)], dim=1)
    whole = piece(network, Outline(first.shape[1]))
    torch.testing.assert_close(first, whole, rtol=1e-4, atol=1e-5)


def test_a_piece_begins_and_ends_like_its_middle():
    """S2 trims the ends, where silence around them made all pieces alike; here there is none."""
    network, _, _ = tiny()
    many = torch.stack([piece(network, Outline(2000), seed=seed)[0] for seed in range(40)])
    spread = many.var(0)
    edges = torch.cat([spread[:50], spread[-50:]]).mean()
    assert float(edges / spread[500:1500].mean()) == pytest.approx(1.0, abs=0.35)
    padded = []
    for seed in range(40):  # the source's way
        (coarse,) = network.coarse(2, drawn(seed))
        padded.append(network.step(2, coarse, network.drawn(2, coarse, drawn(seed + 99)))[0, 0, 0])
    old = torch.stack(padded).detach().var(0)
    assert float(old[:20].mean() / old[1000:3000].mean()) < 0.6


def test_without_noise_what_comes_back_is_what_training_heard():
    network, _, _ = tiny()
    network.eval()
    trained = network.step(2, network.returned(2)[0], None)[0, :, 0]
    length = network.recording.length_samples
    outline = Outline(length, network.recording.parts()[0], kept=torch.ones(length))
    torch.testing.assert_close(piece(network, outline), trained, rtol=1e-3, atol=1e-4)


def test_what_is_kept_comes_back_and_the_rest_is_drawn():
    network, _, _ = tiny(seconds=4.0)
    length, code = network.recording.length_samples, network.recording.parts()[0]
    kept = torch.ones(length)
    kept[length // 2 :] = 0
    one, other = (piece(network, Outline(length, code, kept=kept), seed=s) for s in (0, 1))
    back = network.step(2, network.returned(2)[0], None)[0, :, 0]
    quarter = length // 4
    torch.testing.assert_close(one[:, :quarter], back[:, :quarter], rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(one[:, :quarter], other[:, :quarter], rtol=1e-3, atol=1e-3)
    assert float((one - other)[:, -quarter:].std()) > 1e-2


def test_a_larger_amount_departs_further():
    network, _, _ = tiny()
    code = network.recording.parts()[0]
    length = code.shape[1]
    far = [
        float((piece(network, Outline(length, code, amount=a)) - code).square().mean())
        for a in (0.0, 0.5, 1.0)
    ]
    assert far[0] < far[2]


def test_what_is_known_of_low_frequencies_is_where_it_begins():
    """Above 2 * known_hz scales are made; where none is left, that is said."""
    network, _, _ = tiny()
    code = network.recording.parts()[0]
    with pytest.raises(AbilityError, match="nothing above 1000 Hz"):
        piece(network, Outline(code.shape[1], code, known_hz=1000.0))
    changed = piece(network, Outline(code.shape[1], code, known_hz=300.0))
    assert changed.shape == code.shape
    assert not torch.allclose(changed, code)


def test_stopped_below_the_last_scale_it_still_plays_at_the_full_rate():
    network, _, _ = tiny()
    network.grow(2, 1.0)
    made = piece(network, Outline(2000))
    assert made.shape == (1, 2000)
    spectrum = torch.fft.rfft(made[0]).abs()
    assert spectrum[600:].max() < 0.02 * spectrum.max()  # nothing above 500 Hz


def test_several_recordings_keep_apart():
    torch.manual_seed(0)
    options = CatchAWaveformOptions(rates_hz=RATES, layers=4, kernel=5, channels=6)
    network = build(options, DataFacts(1, 5000, (), 2000, 1, 5000))
    network.recording.take([torch.randn(1, 2000), torch.randn(1, 3000)])
    assert [part.shape[-1] for part in network.real(0)] == [500, 750]
    objective = CatchAWaveformObjective(options)
    network.grow(1, 1.0)
    network.train()
    parts = objective.critic_losses(
        network, torch.zeros(1), torch.zeros(1), stage=Stage(1, 3), step=0, generator=drawn()
    )
    assert torch.isfinite(parts["loss"])
