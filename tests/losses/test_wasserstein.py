"""The losses of a Wasserstein game: known slopes, known scores, gradients where they belong."""

import pytest
import torch
from torch import nn

from timbrel.losses.wasserstein import (
    critic_loss,
    drift,
    generator_loss,
    gradient_penalty,
    interpolated,
)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("slope", [0.25, 1.0, 3.0])
def test_the_penalty_of_a_straight_critic_is_its_slope_less_one_squared(slope):
    direction = nn.functional.normalize(torch.randn(40, generator=seeded(1)), dim=0) * slope
    real, fake = torch.randn(2, 8, 1, 40, generator=seeded(2))
    penalty = gradient_penalty(lambda code: code.flatten(1) @ direction, real, fake, seeded())
    assert float(penalty) == pytest.approx((slope - 1) ** 2, abs=1e-5)


def test_the_penalty_is_found_on_the_line_between_real_and_made():
    # A critic of x^2 / 2 has the slope |x|: between 2 and 2 that is 2, wherever one looks.
    two = torch.full((4, 1, 1), 2.0)
    penalty = gradient_penalty(lambda code: code.square().sum((1, 2)) / 2, two, two, seeded())
    assert float(penalty.detach()) == pytest.approx(1.0, abs=1e-5)
    between = interpolated(torch.zeros(1000, 2), torch.ones(1000, 2), seeded())
    assert torch.equal(between[:, 0], between[:, 1])
    assert 0 <= float(between.min()) < 0.01 < 0.99 < float(between.max()) <= 1
    assert float(between.mean()) == pytest.approx(0.5, abs=0.03)


def test_steps_along_the_penalty_bring_the_slope_to_one():
    critic = nn.Linear(6, 1, bias=False)
    nn.init.constant_(critic.weight, 2.0)
    real, fake = torch.randn(2, 16, 6, generator=seeded(3))
    optimiser = torch.optim.SGD(critic.parameters(), lr=0.1)
    for step in range(200):
        optimiser.zero_grad()
        gradient_penalty(lambda code: critic(code)[:, 0], real, fake, seeded(step)).backward()
        optimiser.step()
    assert float(critic.weight.norm().detach()) == pytest.approx(1.0, abs=1e-3)


def test_the_penalty_leaves_its_codes_alone_and_works_without_gradients():
    critic = nn.Linear(6, 1)
    real, fake = torch.randn(2, 3, 6, generator=seeded(3)).requires_grad_()
    gradient_penalty(lambda code: critic(code)[:, 0], real, fake, seeded()).backward()
    assert critic.weight.grad is not None
    with torch.no_grad():
        quiet = gradient_penalty(lambda code: critic(code)[:, 0], real, fake, seeded())
    assert not quiet.requires_grad


def test_a_critic_without_slope_still_gets_a_finite_gradient():
    critic = nn.Linear(6, 1)
    nn.init.zeros_(critic.weight)
    codes = torch.randn(3, 6, generator=seeded(3))
    flat = gradient_penalty(lambda code: critic(code)[:, 0], codes, -codes, seeded())
    flat.backward()
    assert float(flat.detach()) == pytest.approx(1.0, abs=1e-5)
    assert torch.isfinite(critic.weight.grad).all()


def test_the_game_has_two_sides_of_opposite_sign():
    real, fake = torch.tensor([2.0, 4.0]), torch.tensor([1.0, -3.0])
    assert float(critic_loss(real, fake)) == -4.0
    assert float(generator_loss(fake)) == 1.0
    assert float(drift(real)) == 10.0
    assert critic_loss(real.bfloat16(), fake.bfloat16()).dtype == torch.float32
