"""A generator against a critic: what is frozen, averaged and kept, and what is said of troubles."""

import math

import pytest
import tiny_game as game
import torch
from torch import nn

from timbrel.families import Stage
from timbrel.progress import silent
from timbrel.signal.stft import FrameSpec, magnitude
from timbrel.training import precision as precisions
from timbrel.training.adversarial import AdversarialLearner
from timbrel.training.budget import Budget
from timbrel.training.fitting import fitted, kept_bytes
from timbrel.training.health import AT_FIRST, LOST, Health
from timbrel.training.learner import Learner
from timbrel.training.learns import learner
from timbrel.training.loop import train
from timbrel.training.previews import remade
from timbrel.training.store import from_codes
from timbrel.training.variety import varieties, variety
from timbrel.training.verdict import Course, Game, verdict


def learn(folder, steps, *, objective=None, network=None, report=silent, **settings):
    network = network or game.network()
    summary = train(
        game.recipe(**({"validate_every_steps": 5} | settings)),
        network,
        objective or game.TinyGameObjective(growth=None),
        game.data(),
        folder=folder,
        budget=Budget(steps=steps),
        seed=3,
        report=report,
    )
    return summary, network


class Constant(game.TinyGameObjective):
    """A generator that is rewarded for the same sound, whatever its latent: it collapses."""

    def generator_losses(self, network, code, label, *, stage, step, generator):
        made = self._made(network, code, generator)
        return {"loss": (made - torch.linspace(-0.5, 0.5, game.SAMPLES)).square().mean()}


def test_the_loop_chooses_the_learner():
    options = game.recipe().training
    device = torch.device("cpu")
    for objective, kind in ((game.TinyGameObjective(), AdversarialLearner), (None, Learner)):
        assert isinstance(learner(game.network(), objective, options, seed=0, device=device), kind)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_step_moves_each_player_by_its_own_loss_alone(monkeypatch, precision):
    """The same as plain torch would do, player by player, with nothing left in the other."""
    monkeypatch.setattr(precisions, "counts_in_bfloat16", lambda _kind: True)
    options = game.recipe(optimiser="adam", precision=precision).training
    network, objective = game.network(), game.TinyGameObjective(growth=None)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    learns = AdversarialLearner(network, objective, options, seed=0, device=torch.device("cpu"))
    code, label = game.data().train.batch(range(8)), torch.zeros(8, dtype=torch.int64)
    parts = learns.step(code, label, step=0, rate=1e-3)
    moved = {n for n, tensor in network.state_dict().items() if not torch.equal(tensor, before[n])}
    assert {name.split(".")[0] for name in moved} == {"generator", "critic"}
    assert all(parameter.requires_grad for parameter in network.parameters())
    largest = max((network.state_dict()[n] - before[n]).abs().max().item() for n in moved)
    assert largest == pytest.approx(2e-3, rel=0.3)  # Adam's first steps are the rate each: two
    assert {"critic_real", "critic_fake", "critic_penalty", "generator_loss"} <= set(parts)


def test_it_learns_the_pitches_of_its_sounds(tmp_path):
    settings = {"optimiser": "adam", "beta_1": 0.0, "schedule": "hold", "ema_decay": 0.9}
    summary, _ = learn(tmp_path, 120, learning_rate=1e-2, validate_every_steps=20, **settings)
    assert summary.best_loss < 0.6 * summary.history[0]["validation_loss"]
    assert summary.history[-1]["validation_variety"] > 0.3
    assert "dB of sounds it never heard" in summary.verdict
    assert "collapsed" not in summary.verdict
    assert [row for row in summary.history if row["event"]] == []


def test_only_the_generator_is_averaged(tmp_path):
    network = game.network()
    options = game.recipe(ema_decay=0.9).training
    objective = game.TinyGameObjective(growth=None)
    learns = AdversarialLearner(network, objective, options, seed=0, device=torch.device("cpu"))
    code, label = game.data().train.batch(range(8)), torch.zeros(8, dtype=torch.int64)
    for step in range(4):
        learns.step(code, label, step=step, rate=1e-2)
    live = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with learns.judged() as judged:
        changed = {n for n, t in judged.state_dict().items() if not torch.equal(t, live[n])}
    assert changed
    assert all(name.startswith("generator.") for name in changed)
    assert not [name for name in learns.state() if name.startswith("average.1")]


def test_previews_of_what_cannot_hear_are_sounds_of_its_own():
    network, codes = game.network().eval(), game.data().validation.batch(range(3))
    made = remade(network, codes)
    assert made.shape == codes.shape
    assert torch.equal(made, remade(network, 0 * codes))
    assert not torch.equal(made[0], made[1])


# ---- troubles ----------------------------------------------------------------------------------


def test_a_generator_that_collapses_is_noticed_and_named(tmp_path):
    told = []
    network = game.network()
    nn.init.zeros_(network.generator.layers[2].weight)  # constant output, whatever the latent
    summary, _ = learn(
        tmp_path, 40, objective=Constant(growth=None), network=network, learning_rate=0.02,
        report=lambda p: told.append((p.stage, p.note)),
    )  # fmt: skip
    assert summary.history[-1]["validation_variety"] < 0.05
    assert [note for stage, note in told if stage == "warning" and "nearly alike" in note]
    assert "nearly alike" in "".join(row["event"] for row in summary.history)
    assert "It has collapsed" in summary.verdict


def test_variety_knows_noise_from_copies_and_shifts_from_other_sounds():
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(6, 1, 16_000, generator=generator)
    time = torch.arange(16_000) / 16_000
    pitches = 200 * 2.0 ** torch.arange(6)[:, None]
    tones = torch.sin(2 * math.pi * pitches * time)[:, None]
    shifts = torch.linspace(0, 3, 6)[:, None]
    shifted = torch.sin(2 * math.pi * 440 * time + shifts)[:, None]
    assert variety(tones) > 0.9
    assert variety(shifted) < 0.05
    assert variety(torch.zeros(4, 1, 16_000)) == 0
    assert varieties(noise, tones)["variety"] > 0.15  # noise is never twice the same
    same = noise[:1].expand(6, -1, -1) + 1e-3 * noise
    assert varieties(same, noise)["variety"] < 0.01


def test_variety_is_the_mean_cosine_of_spectra():
    codes = torch.randn(5, 1, 9000, generator=torch.Generator().manual_seed(1))
    spectra = magnitude(codes[:, 0], FrameSpec(1024, 512)).flatten(1)
    pairs = [
        torch.nn.functional.cosine_similarity(spectra[i], spectra[j], dim=0)
        for i in range(5) for j in range(i)
    ]  # fmt: skip
    assert variety(codes) == pytest.approx(1 - float(torch.stack(pairs).mean()), abs=1e-4)


def test_a_collapse_is_said_once_and_taken_back():
    health = Health()
    shares = [0.8, 0.02, 0.03, 0.01, 0.5, 0.6]
    said = [health.see({}, {"loss": 1.0, "variety": share}) for share in shares]
    assert [bool(sentence) for sentence in said] == [False, False, True, False, True, False]
    assert "varied again" in said[4]
    assert not health.collapsed


def test_a_fresh_generator_has_some_time_before_its_likeness_is_a_collapse():
    health = Health()
    said = [health.see({}, {"loss": 1.0, "variety": 0.01}) for _ in range(AT_FIRST + 1)]
    assert [bool(sentence) for sentence in said] == [False] * (AT_FIRST - 1) + [True, False]


def test_a_critic_that_wins_is_noticed_where_nothing_is_gained():
    gaps = [1.0] * 3 + [30.0 + n for n in range(LOST + 2)]

    def watched(losses):
        health = Health()
        rows = zip(gaps, losses, strict=True)
        return [
            health.see({"critic_real": gap, "critic_fake": 0.0}, {"loss": loss})
            for gap, loss in rows
        ]

    stuck = watched([10.0] * len(gaps))
    assert sum(map(bool, stuck)) == 1
    assert "the critic wins" in "".join(stuck)
    assert not any(watched([10.0 - n for n in range(len(gaps))]))


def test_losses_that_are_no_numbers_roll_back(tmp_path):
    class Broken(game.TinyGameObjective):
        def generator_losses(self, *args, step, **rest):
            parts = super().generator_losses(*args, step=step, **rest)
            return {"loss": parts["loss"] * (math.nan if step == 7 else 1)}

    summary, network = learn(tmp_path, 12, objective=Broken(growth=None))
    assert summary.rollbacks == 1
    assert "loss nan: back to step 5" in "".join(row["event"] for row in summary.history)
    assert all(torch.isfinite(p).all() for p in network.parameters())


def test_sounds_that_judge_are_spread_over_all_that_are_held_out():
    """Neighbours are parts of one song: the first few would be a song or two."""
    heard = []

    class Listening(game.TinyGameObjective):
        def validation_losses(self, network, code, label, *, stage, generator):
            heard.extend(code[:, 0, 0].tolist())
            return super().validation_losses(network, code, label, stage=stage, generator=generator)

    options, objective = game.recipe().training, Listening(growth=None)
    device = torch.device("cpu")
    learns = AdversarialLearner(game.network(), objective, options, seed=0, device=device)
    codes = torch.rand(256, 1, game.SAMPLES)
    codes[:, 0, 0] = torch.arange(256) / 256
    learns.validate(from_codes(codes))
    assert heard == [place * 4 / 256 for place in range(64)]


def test_a_level_is_judged_from_where_it_stands_alone():
    fades = [0.0, 0.5, 1.0, 1.0]
    rows = [
        {"step": 10 * n, "validation_loss": 20.0 - n, "level": 2, "fade": fade}
        for n, fade in enumerate(fades)
    ]
    course = Course(rows, 30, 17.0, 0, "steps", 500, standing=Stage(2, 2), game=Game())
    assert "from 18 to 17 dB" in verdict(course)


def test_verdicts_of_games():
    def judged(losses, **game_):
        rows = [{"step": 10 * n, "validation_loss": loss} for n, loss in enumerate(losses)]
        course = Course(rows, 10, min(losses), 0, "steps", 500, game=Game(**game_))
        return verdict(course)

    assert "from 20 to 5 dB" in judged([20, 10, 8, 5])
    assert "still coming nearer" in judged([20, 10, 8, 5])
    assert "of late" in judged([20, 5, 5, 5, 5])
    assert "came no nearer" in judged([5, 6, 7])
    assert "fewer steps of the critic" in judged([5, 6, 7], overwhelmed=True)
    assert "loss on sounds it never saw" not in judged([20, 10, 8, 5])


# ---- memory ------------------------------------------------------------------------------------


def test_what_graphs_keep_is_counted_to_the_byte():
    first, second = nn.Linear(10, 30), nn.Linear(30, 5)
    network = nn.Sequential(first, nn.Sigmoid(), second)
    sound = torch.ones(7, 10)
    # the input (weight gradient), the sigmoid's result (its own slope, and the next layer's input)
    kept = 4 * (7 * 10 + 7 * 30)
    assert kept_bytes(lambda: network(sound).sum(), network) == kept


def test_halving_stops_as_soon_as_it_fits():
    fit = fitted(16, sound_bytes=100, fixed_bytes=50, free=1000, where="level 1 of 2")
    assert fit.batch_size == 4
    assert fit.needed_bytes == 50 + 160 * 4
    assert fitted(16, sound_bytes=100, fixed_bytes=0, free=None, where="x").batch_size == 16
