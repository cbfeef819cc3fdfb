"""The divergence guard: explosions are noticed, ordinary losses are left in peace."""

import math

import numpy as np
import pytest
import tiny_family as tiny
import torch
from test_training_resume import Exploding

from timbrel.errors import TrainingError
from timbrel.training.budget import Budget
from timbrel.training.guard import Guard
from timbrel.training.loop import train


@pytest.mark.parametrize("level", [1e-4, 1.0, 3e3, -50.0])
def test_ordinary_noise_is_left_in_peace(rng, level):
    guard = Guard()
    losses = level + abs(level) * 0.3 * rng.standard_normal(2000)
    assert not any(guard.exploded(float(loss)) for loss in losses)


def test_a_falling_loss_and_single_spikes_are_left_in_peace(rng):
    guard = Guard()
    losses = 10 * np.exp(-np.arange(3000) / 400) + 0.05 * rng.random(3000)
    losses[500::97] *= 30
    assert not any(guard.exploded(float(loss)) for loss in losses)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_noticed_at_once(bad):
    assert Guard().exploded(bad)


@pytest.mark.parametrize("level", [1e-4, 1.0, 3e3, -50.0])
def test_an_explosion_is_noticed_within_a_few_steps(rng, level):
    guard = Guard()
    for noise in rng.standard_normal(300):
        guard.exploded(level + abs(level) * 0.1 * float(noise))
    growing = [level + abs(level) * 2.0**step for step in range(20)]
    noticed = [guard.exploded(loss) for loss in growing]
    assert True in noticed
    assert noticed.index(True) <= 8


def test_its_state_survives_a_checkpoint(rng):
    guard = Guard()
    for loss in rng.random(57):
        guard.exploded(float(loss))
    assert Guard.from_table(guard.as_table()) == guard


def learn(folder, objective, steps=60, **settings):
    network = tiny.network()
    summary = train(
        tiny.recipe(**settings),
        network,
        objective,
        tiny.data(),
        folder=folder,
        budget=Budget(steps=steps),
        seed=3,
    )
    return summary, network


def test_one_explosion_is_rolled_back_and_told(tmp_path):
    summary, network = learn(tmp_path, Exploding(at=36))
    assert summary.rollbacks == 1
    assert "exploded once" in summary.verdict
    [event] = [row for row in summary.history if row["event"]]
    assert event["step"] == 37
    assert "back to step 30" in event["event"]
    later = [row for row in summary.history if row["step"] > 37]
    assert all(row["learning_rate"] == pytest.approx(1.5e-3) for row in later)
    assert summary.best_step > 37  # it went on learning
    assert all(torch.isfinite(p).all() for p in network.parameters())


class Runaway(tiny.TinyObjective):
    """A loss whose own gradient blows it up, as a rate far too high does."""

    def losses(self, network, code, label, *, step, generator):
        parts = dict(super().losses(network, code, label, step=step, generator=generator))
        if 25 <= step < 34:
            parts["loss"] = -100 * parts["loss"]
            parts["loss"] = parts["loss"].detach() * -(2.0 ** (step - 24)) + parts["loss"]
        return parts


def test_a_runaway_is_rolled_back_before_it_is_infinite(tmp_path):
    summary, _ = learn(tmp_path, Runaway())
    assert 1 <= summary.rollbacks <= 4
    assert summary.best_loss < 0.7 * summary.history[0]["validation_loss"]


class NoNumber(tiny.TinyObjective):
    """Never gives a number while training."""

    def losses(self, network, code, label, *, step, generator):
        parts = dict(super().losses(network, code, label, step=step, generator=generator))
        return parts | {"loss": parts["loss"] * math.nan} if network.training else parts


def test_a_training_that_cannot_start_says_what_to_do(tmp_path):
    with pytest.raises(TrainingError, match=r"lower training\.learning_rate"):
        learn(tmp_path, NoNumber())


class GoneBad(tiny.TinyObjective):
    """Learns, and from step 25 on gives no number any more."""

    def losses(self, network, code, label, *, step, generator):
        parts = dict(super().losses(network, code, label, step=step, generator=generator))
        bad = network.training and step >= 25
        return parts | {"loss": parts["loss"] * math.nan} if bad else parts


def test_a_training_that_keeps_exploding_ends_with_its_best(tmp_path):
    summary, _ = learn(tmp_path, GoneBad())
    assert summary.stopped_because == "diverged"
    assert summary.best_step == 20
    assert "exploded again and again" in summary.verdict


class NoNumberWhenJudged(tiny.TinyObjective):
    """Gives a number while training, none at one validation."""

    judged = 0

    def losses(self, network, code, label, *, step, generator):
        parts = dict(super().losses(network, code, label, step=step, generator=generator))
        if not network.training:
            self.judged += 1
        bad = not network.training and self.judged in (5, 6)
        return parts | {"loss": parts["loss"] * math.nan} if bad else parts


def test_a_validation_without_a_number_rolls_back_too(tmp_path):
    summary, _ = learn(tmp_path, NoNumberWhenJudged())
    assert summary.rollbacks == 1
    assert summary.stopped_because == "steps"
