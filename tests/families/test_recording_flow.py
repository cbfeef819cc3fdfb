"""The flow of one recording: scales that add up, guesses that are Wiener's, pieces that join."""

import pytest
import torch

from timbrel.blocks.outline import Outline
from timbrel.errors import RecipeError, TrainingError
from timbrel.families import DataFacts
from timbrel.families.recording_flow import copies, network
from timbrel.families.recording_flow.config import RecordingFlowOptions
from timbrel.families.recording_flow.network import build, start
from timbrel.families.recording_flow.objective import RecordingFlowObjective, _rows
from timbrel.families.recording_flow.scales import Scales
from timbrel.families.recording_flow.suiting import suited
from timbrel.families.recording_flow.velocity import Told, Velocity
from timbrel.recipes import find

ROWS, FRAMES, HOP = 33, 160, 16
SMALL = {
    "frames_a_position": (8, 2, 1), "components": (3, 5, 7), "channels": (8, 8, 8),
    "blocks": (1, 2, 2), "crops": (8, 16, 24), "batches": (4, 4, 4), "draw_steps": 4,
}  # fmt: skip


def code_of(frames=FRAMES, seed=0):
    """Levels that change slowly and quickly, as a code within 0..1."""
    draws = torch.Generator().manual_seed(seed)
    slow = torch.nn.functional.interpolate(
        torch.rand(1, ROWS, frames // 8, generator=draws), frames, mode="linear"
    )[0]
    return (0.7 * slow + 0.3 * torch.rand(ROWS, frames, generator=draws)).clamp(0.05, 1)


def made(frames=FRAMES, seed=0, **settings):
    torch.manual_seed(seed)
    options = RecordingFlowOptions(**{**SMALL, **settings})
    length = frames * HOP
    flow = build(options, DataFacts(ROWS, frames, (), 8000, 1, length))
    flow.recording.take([torch.randn(1, length, generator=torch.Generator().manual_seed(seed))])
    start(flow, code_of(frames)[None], torch.zeros(1))
    return flow.eval(), options


def draws(seed=0):
    return torch.Generator().manual_seed(seed)


def piece(flow, outline, seed=0):
    return torch.cat(list(flow.improvise(outline, draws(seed))), dim=1)


# --- scales -------------------------------------------------------------------------------------


def test_what_is_new_at_each_scale_adds_up_to_the_components():
    flow, _ = made()
    components = flow.scales.of(code_of())
    above = None
    for scale, new in enumerate(flow.scales.apart(components)):
        back = flow.scales.unscaled(flow.scales.scaled(new, scale), scale)
        above = back if above is None else flow.scales.longer(above, scale) + back
    torch.testing.assert_close(above, components, atol=1e-4, rtol=1e-4)


def test_all_components_give_the_code_back():
    options = RecordingFlowOptions(**{**SMALL, "components": (3, 5, ROWS)})
    scales, code = Scales(options, ROWS), code_of()
    scales.fit(code, torch.ones(FRAMES))
    torch.testing.assert_close(scales.code(scales.of(code)), code, atol=1e-3, rtol=0)


def test_the_first_components_are_those_of_plain_algebra():
    flow, _ = made()
    code = code_of()
    centred = code - code.mean(1, keepdim=True)
    expected = torch.linalg.svd(centred, full_matrices=False).U[:, :7].abs()
    torch.testing.assert_close(flow.scales.basis.t().abs(), expected, atol=1e-3, rtol=0)


def test_scaled_values_spread_as_the_scales_say():
    flow, _ = made()
    for scale, new in enumerate(flow.scales.apart(flow.scales.of(code_of()))):
        found = flow.scales.scaled(new, scale).square().mean(1).sqrt()
        torch.testing.assert_close(found, flow.scales.spread(scale), atol=1e-3, rtol=1e-2)


def test_holes_are_not_learned_from():
    options = RecordingFlowOptions(**SMALL)
    flow = build(options, DataFacts(ROWS, FRAMES, (), 8000, 1, FRAMES * HOP))
    flow.recording.take([torch.randn(1, FRAMES * HOP)], [(30 * HOP, 40 * HOP)])
    known = flow.known_frames()
    assert known[:27].all()
    assert not known[29:42].any()
    assert known[44:].all()
    code = code_of()
    other = code.clone()
    other[:, 29:42] = 0
    for one in (code, other):
        start(flow, one[None], torch.zeros(1))
        basis = flow.scales.basis.clone()
    start(flow, code[None], torch.zeros(1))
    torch.testing.assert_close(flow.scales.basis.abs(), basis.abs(), atol=1e-4, rtol=0)


# --- the flow -----------------------------------------------------------------------------------


def nothing(count, components, length, above=0):
    return Told(
        torch.zeros(count, above, length), torch.zeros(count, components, length),
        torch.zeros(count, 1, length), torch.zeros(count, components, length),
        torch.zeros(count, 2, length),
    )  # fmt: skip


def test_a_fresh_network_guesses_as_wiener_does():
    """Of values of known spread in noise the mean square error is the least a line can have."""
    spread = torch.tensor([1.0, 0.3])
    velocity = Velocity(2, 0, channels=4, blocks=1)
    data = torch.randn(4, 2, 5000, generator=draws()) * spread[:, None]
    noise = torch.randn(4, 2, 5000, generator=draws(1))
    time = torch.full((4,), 0.6)
    guess = velocity(0.6 * data + 0.4 * noise, time, spread, nothing(4, 2, 5000))
    error = (guess.linear - data).square().mean((0, 2))
    expected = spread.square() * 0.4**2 / (0.6**2 * spread.square() + 0.4**2)
    torch.testing.assert_close(error, expected, rtol=0.05, atol=0)
    torch.testing.assert_close(guess.spread[0, :, 0].square(), expected)
    assert not guess.added.any()


def test_noise_alone_comes_out_with_the_spread_of_the_data():
    """The straight way of a Gaussian leads from noise to its own spread."""
    flow, _ = made(draw_steps=60)
    spread = flow.scales.spread(0)
    noise = torch.randn(1, 3, 4000, generator=draws())
    point, steps = noise, 200
    for number in range(steps):
        time = torch.full((1,), number / steps)
        point = (
            point + flow.velocities[0].velocity(point, time, spread, nothing(1, 3, 4000)) / steps
        )
    torch.testing.assert_close(point.std((0, 2)), spread, rtol=0.05, atol=0)


def test_one_step_gives_every_scale_gradients_and_finite_losses():
    flow, options = made()
    flow.train()
    told = RecordingFlowObjective(options).losses(
        flow, code_of()[None], torch.zeros(1), step=0, generator=draws()
    )
    assert set(told) == {"loss", "coarse", "middle", "fine"}
    assert 0.5 < told["loss"].item() < 2.0  # about what a line misses
    told["loss"].backward()
    for network_ in flow.velocities:
        gradients = [p.grad for p in network_.parameters() if p.grad is not None]
        assert all(torch.isfinite(one).all() for one in gradients)
        assert any(one.abs().max() > 0 for one in gradients)


def test_stretches_lie_within_one_recording():
    ends = [0, 40, 100]
    rows = _rows(ends, 24 + 16, 8, 200, draws())
    inside = rows[:, 8:-8]
    for low, high in ((0, 40), (40, 100)):
        own = inside[(inside[:, 0] >= low) & (inside[:, 0] < high)]
        assert len(own)
        assert int(own.max()) < high
        assert (own.diff(dim=1) == 1).all()


def test_it_learns_a_pattern():
    """Two chords in turn: after some steps much less is missed than a line misses."""
    code = torch.zeros(ROWS, FRAMES)
    code[5, :] = 0.9
    for begin in range(0, FRAMES, 16):
        code[10, begin : begin + 8], code[20, begin + 8 : begin + 16] = 0.8, 0.7
    flow, options = made(channels=(24, 24, 24), hinted=0.0)
    start(flow, code[None], torch.zeros(1))
    flow.train()
    objective = RecordingFlowObjective(options)
    optimiser = torch.optim.Adam(flow.parameters(), 1e-2)
    losses = []
    for step in range(120):
        told = objective.losses(flow, code[None], torch.zeros(1), step=step, generator=draws(step))
        optimiser.zero_grad()
        told["loss"].backward()
        optimiser.step()
        losses.append(told["loss"].item())
    assert sum(losses[-10:]) < 0.7 * sum(losses[:10])


# --- pieces -------------------------------------------------------------------------------------


def test_a_piece_has_any_length_and_begins_as_shorter_ones_do():
    flow, _ = made()
    short, long = piece(flow, Outline(100))[:, :100], piece(flow, Outline(700))[:, :700]
    assert long.shape == (ROWS, 700)
    torch.testing.assert_close(long[:, :100], short)
    assert not torch.equal(piece(flow, Outline(100), seed=1)[:, :100], short)
    assert 0 <= float(long.min()) <= float(long.max()) <= 1


def test_an_endless_piece_never_ends():
    flow, _ = made()
    parts = flow.improvise(Outline(0), draws())
    first = torch.cat([next(parts), next(parts), next(parts)], dim=1)
    torch.testing.assert_close(first, piece(flow, Outline(first.shape[1])))


def test_what_is_kept_comes_back_whole_and_the_rest_is_drawn():
    flow, _ = made()
    code, kept = code_of(), torch.ones(FRAMES)
    kept[60:100] = 0
    one, other = (piece(flow, Outline(FRAMES, code, kept=kept), seed=s) for s in (0, 1))
    assert torch.equal(one[:, kept > 0], code[:, kept > 0])
    assert not torch.allclose(one[:, 60:100], other[:, 60:100], atol=1e-3)


@pytest.mark.parametrize("gap", [(60, 100), (61, 75), (130, 160)])
def test_what_lies_in_a_hole_tells_nothing_of_what_fills_it(gap):
    flow, _ = made()
    kept = torch.ones(FRAMES)
    kept[slice(*gap)] = 0
    insides = (code_of(seed=1), torch.zeros(()))
    codes = [torch.where(kept > 0, code_of(), inside) for inside in insides]
    one, other = (piece(flow, Outline(FRAMES, code, kept=kept)) for code in codes)
    assert torch.equal(one, other)


def test_nothing_is_learned_from_what_lies_in_a_hole():
    """Neither components nor their sizes nor the loss of any scale."""
    found = []
    for inside in (code_of(seed=1), torch.zeros(())):
        options = RecordingFlowOptions(**SMALL)
        torch.manual_seed(0)
        flow = build(options, DataFacts(ROWS, FRAMES, (), 8000, 1, FRAMES * HOP))
        flow.recording.take([torch.ones(1, FRAMES * HOP)], [(61 * HOP, 93 * HOP)])
        code = torch.where(flow.known_frames() > 0, code_of(), inside)
        start(flow, code[None], torch.zeros(1))
        flow.train()
        objective = RecordingFlowObjective(options)
        told = objective.losses(flow, code[None], torch.zeros(1), step=0, generator=draws())
        found.append((flow.scales.sizes.clone(), *told.values()))
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("amount", [0.0, 1.0])
def test_amounts_go_from_the_code_to_a_new_piece(amount):
    flow, _ = made()
    code = code_of()
    found = piece(flow, Outline(FRAMES, code, amount=amount))
    told = flow.scales.code(flow.scales.of(code)).clamp(0, 1)
    assert torch.allclose(found, told, atol=1e-4) == (amount == 0.0)


def test_more_of_an_amount_departs_further():
    flow, _ = made()
    code = code_of()
    far = [
        float((piece(flow, Outline(FRAMES, code, amount=a)) - code).square().mean())
        for a in (0.0, 0.3, 1.0)
    ]
    assert far[0] < far[1] < far[2]


def test_coarse_scales_stay_where_the_amount_is_small():
    flow, _ = made()
    outline = Outline(FRAMES, code_of(), amount=0.5)
    assert flow._shares(outline) == pytest.approx((0.0, 0.5, 1.0))


def test_a_guide_s_details_are_never_taken_and_its_means_become_the_recording_s():
    flow, _ = made()
    guide = (0.5 * code_of(seed=5) + 0.3).clamp(0, 1)
    components = flow._likened(flow.scales.of(guide))
    assert not components[3:].any()
    torch.testing.assert_close(components[:3].mean(1), flow.scales.first, atol=1e-4, rtol=0)
    assert flow._shares(Outline(FRAMES, guide, amount=0.2, foreign=True)) == (0.2, 1.0, 1.0)


def test_bandwidth_is_told_by_a_dull_copy():
    flow, _ = made()
    given = flow._given(Outline(FRAMES, code_of(), known_hz=1000.0), code_of())
    dull = copies.dulled(code_of(), flow._bin(1000.0), bins=ROWS)
    assert not dull[9:].any()
    assert dull[:8].equal(code_of()[:8])
    torch.testing.assert_close(given.hint, flow.scales.of(dull))


def test_a_noisy_copy_is_louder_and_of_the_level_that_was_drawn():
    code = code_of().expand(16, -1, -1)
    noisy = copies.random_noisy(code, bins=ROWS, range_db=80.0, generator=draws())
    power, loud = (10 ** ((one - 1) * 8) for one in (code, noisy))
    more_db = 10 * (loud.mean((1, 2)) / power.mean((1, 2))).log10()
    assert float(more_db.max()) < 6.5  # noise 5 dB above the sound adds 6.2 dB
    assert float((noisy - code).mean()) > 0.02
    assert 0 <= float(noisy.min()) <= float(noisy.max()) <= 1


def test_cleaning_gives_a_code_of_the_same_shape_always_the_same():
    flow, _ = made()
    one, same = (flow.cleaned(code_of()) for _ in range(2))
    assert one.shape == (ROWS, FRAMES)
    assert torch.equal(one, same)


def test_stretches_of_a_piece_see_what_came_before(monkeypatch):
    """Without a look back the second stretch would not depend on the first."""
    flow, _ = made()
    whole = piece(flow, Outline(600))
    monkeypatch.setattr(network, "CONTEXT", 1)
    assert not torch.allclose(piece(flow, Outline(600))[:, 300:500], whole[:, 300:500])


# --- what a recording decides -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "n_fft"), [(44_100, 2048), (48_000, 2048), (22_050, 1024), (16_000, 1024), (8000, 512)]
)
def test_windows_last_about_as_long_at_every_rate(rate, n_fft):
    found = suited(find("single"), [torch.randn(1, 20 * rate)], rate)
    assert found.sample_rate == min(rate, 44_100)
    assert (found.front_end.n_fft, found.front_end.hop_samples) == (n_fft, n_fft // 4)


def test_a_short_recording_and_another_front_end_are_refused():
    with pytest.raises(TrainingError, match="longer recording"):
        suited(find("single"), [torch.randn(1, 20_000)], 44_100)
    with pytest.raises(TrainingError, match="log_magnitude"):
        suited(find("caw-tiny"), [torch.randn(1, 20_000)], 4000)
    with pytest.raises(RecipeError, match="log_magnitude"):
        build(RecordingFlowOptions(**SMALL), DataFacts(1, 100))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"frames_a_position": (8, 3, 1)}, "divide"),
        ({"frames_a_position": (8, 2, 2)}, "falling to 1"),
        ({"components": (5, 3, 7)}, "rising"),
        ({"blocks": (1, 2)}, "one a scale"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings, says):
    with pytest.raises(ValueError, match=says):
        RecordingFlowOptions(**{**SMALL, **settings})
