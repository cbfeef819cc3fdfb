"""The loop learns, keeps the best, stops when it should, and honours every setting."""

import math
import threading

import pytest
import tiny_family as tiny
import torch
from torch import nn

from timbrel.errors import ExistsError, TrainingError, UsageError
from timbrel.training import precision
from timbrel.training import run as run_module
from timbrel.training.budget import Budget
from timbrel.training.history import read
from timbrel.training.learner import Learner
from timbrel.training.loop import train
from timbrel.training.store import TrainingData, from_codes


def learn(folder, steps=40, *, network=None, objective=None, seed=3, data=None, **settings):
    keys = {"report", "resume", "should_stop", "preview", "budget", "device"}
    arguments = {"budget": Budget(steps=steps)} | {k: settings.pop(k) for k in keys & {*settings}}
    network = network or tiny.network()
    summary = train(
        tiny.recipe(**settings),
        network,
        objective or tiny.TinyObjective(),
        data or tiny.data(),
        folder=folder,
        seed=seed,
        **arguments,
    )
    return summary, network


def same(one: nn.Module, other: nn.Module) -> bool:
    ours, theirs = one.state_dict(), other.state_dict()
    return all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_learns_and_says_so(tmp_path):
    summary, network = learn(tmp_path, 150)
    first, last = summary.history[0], summary.history[-1]
    assert last["validation_error"] < 0.2 * first["validation_error"]
    assert summary.stopped_because == "steps"
    assert summary.steps == 150
    assert "learned a lot" in summary.verdict
    assert not network.training
    assert "history" not in summary.as_dict()


def test_the_network_ends_with_the_best_weights(tmp_path):
    data = tiny.data()
    summary, network = learn(tmp_path, 60, data=data, learning_rate=0.05)
    learner = Learner(
        network,
        tiny.TinyObjective(),
        tiny.recipe().training,
        seed=3,
        device=torch.device("cpu"),
    )
    losses = [row["validation_loss"] for row in summary.history]
    assert summary.best_loss == min(losses)
    assert learner.validate(data.validation)["loss"] == summary.best_loss


def test_same_seed_same_weights_other_seed_other_weights(tmp_path):
    _, one = learn(tmp_path / "1")
    _, two = learn(tmp_path / "2")
    _, three = learn(tmp_path / "3", seed=4)
    assert same(one, two)
    assert not same(one, three)


def test_the_outer_random_state_is_left_alone(tmp_path):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    learn(tmp_path, 5)
    assert torch.equal(torch.rand(3), expected)


def test_history_is_a_table_of_all_losses(tmp_path):
    summary, _ = learn(tmp_path, 25)
    rows = read(tmp_path / "history.csv")
    assert [row["step"] for row in rows] == [0, 10, 20, 25]
    assert [r["validation_loss"] for r in rows] == [r["validation_loss"] for r in summary.history]
    assert {"train_error", "train_size", "validation_size", "learning_rate"} <= set(rows[1])
    assert rows[1]["epoch"] == pytest.approx(10 * 16 / 60)


def test_tensorboard_tells_the_same(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    summary, _ = learn(tmp_path, 20)
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    shown = [event.value for event in events.Scalars("validation_loss")]
    assert shown == pytest.approx([row["validation_loss"] for row in summary.history])


def test_a_budget_in_minutes_ends_in_time(tmp_path):
    summary, _ = learn(tmp_path, budget=Budget(minutes=1 / 60), schedule="cosine")
    assert summary.stopped_because == "minutes"
    rates = [row["learning_rate"] for row in summary.history]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.1 * rates[0]  # the cosine follows the clock down to its end


def test_early_stop(tmp_path):
    frozen = {"learning_rate": 0.0, "learning_rate_end": 0.0, "patience_validations": 3}
    network = tiny.network(dropout=0.0)
    network.norm.momentum = 0.0
    summary, _ = learn(tmp_path, 500, network=network, **frozen)
    assert summary.stopped_because == "patience"
    assert summary.steps == 40  # the first validation counts as a gain, then three without


def test_a_plateau_lowers_the_rate(tmp_path):
    network = tiny.network(dropout=0.0)
    network.norm.momentum = 0.0
    for parameter in network.parameters():
        parameter.requires_grad = False
    network.scale.requires_grad = True
    network.up.weight.data.zero_()
    network.up.bias.data.zero_()  # the scale has nothing to act on: the loss stands still
    summary, _ = learn(
        tmp_path,
        60,
        network=network,
        plateau_patience=2,
        plateau_factor=0.5,
        learning_rate_end=1e-3,
    )
    rates = [row["learning_rate"] for row in summary.history]
    assert rates[0] == 3e-3
    assert 1.5e-3 in rates
    assert rates[-1] == 1e-3


def test_stopping_keeps_the_best_so_far(tmp_path):
    asked = iter(range(10_000))
    summary, _ = learn(tmp_path, 1000, should_stop=lambda: next(asked) >= 33)
    assert summary.stopped_because == "interrupted"
    assert summary.steps == 33
    assert summary.best_loss == min(row["validation_loss"] for row in summary.history)
    assert (tmp_path / "checkpoints" / "last.safetensors").is_file()


def test_ctrl_c_is_a_wish_to_stop(tmp_path):
    import os
    import signal

    before = signal.getsignal(signal.SIGINT)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    summary, _ = learn(tmp_path, 10_000_000)
    assert summary.stopped_because == "interrupted"
    assert signal.getsignal(signal.SIGINT) is before


def test_a_keyboard_interrupt_from_a_callback_ends_it_gently(tmp_path):
    def report(progress):
        if progress.done > 5:
            raise KeyboardInterrupt

    summary, _ = learn(tmp_path, 100_000, report=report)
    assert summary.stopped_because == "interrupted"


def test_it_works_outside_the_main_thread(tmp_path):
    found = []
    thread = threading.Thread(target=lambda: found.append(learn(tmp_path, 5)[0]))
    thread.start()
    thread.join()
    assert found[0].steps == 5


def test_progress_tells_loss_speed_and_time_left(tmp_path):
    seen = []
    learn(tmp_path, 2000, report=seen.append, budget=Budget(minutes=0.02))
    assert seen[-1].stage == "training"
    assert "loss" in seen[-1].note
    assert "steps/s" in seen[-1].note
    left = [p.seconds_left for p in seen]
    assert left == sorted(left, reverse=True)
    assert seen[-1].total == pytest.approx(1.2)


def test_previews_hear_the_network_as_it_would_be_kept(tmp_path):
    seen = []

    def preview(network, step):
        seen.append(step)
        assert not network.training

    learn(tmp_path, 100, preview=preview)
    assert seen == [0, 10, 30, 70, 100]


def test_nothing_is_overwritten(tmp_path):
    learn(tmp_path, 5)
    with pytest.raises(ExistsError, match="--resume"):
        learn(tmp_path, 5)


def test_an_empty_split_is_refused(tmp_path):
    empty = from_codes(torch.zeros(0, tiny.BINS, tiny.FRAMES))
    with pytest.raises(TrainingError, match="validation split holds no sound"):
        learn(tmp_path, data=TrainingData(tiny.store(5, 1), empty))
    with pytest.raises(TrainingError, match="training split holds no sound"):
        learn(tmp_path, data=TrainingData(empty, tiny.store(5, 1)))


def test_codes_of_two_shapes_are_refused(tmp_path):
    other = from_codes(torch.zeros(4, tiny.BINS, tiny.FRAMES + 1))
    with pytest.raises(TrainingError, match="same recipe"):
        learn(tmp_path, data=TrainingData(tiny.store(5, 1), other))


def test_one_sound_is_enough_to_run(tmp_path):
    summary, _ = learn(tmp_path, 5, data=TrainingData(tiny.store(2, 1), tiny.store(1, 2)))
    assert "2 sounds are few" in summary.verdict


@pytest.mark.parametrize("name", ["tpu", "cuda:99", "gpu"])
def test_a_device_that_is_not_there(tmp_path, name):
    with pytest.raises(UsageError, match="is not there"):
        learn(tmp_path, device=name)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no graphics card here")
def test_a_graphics_card_is_used(tmp_path):
    summary, network = learn(tmp_path, 60, device="cuda", ema_decay=0.9)
    assert next(network.parameters()).is_cuda
    assert summary.best_loss < 0.3 * summary.history[0]["validation_loss"]


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TrainingError, match="cannot write"):
        learn(tmp_path / "file" / "run")


def test_a_full_disk_keeps_the_checkpoint_before(tmp_path, monkeypatch):
    monkeypatch.setattr(run_module, "CHECKPOINT_BEST_EVERY_S", 0.0)
    calls = []

    def fsync(handle, real=run_module.checkpoints.atomic.os.fsync):
        calls.append(handle)
        if len(calls) > 4:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr("timbrel.atomic.os.fsync", fsync)
    with pytest.raises(TrainingError, match="free some space and resume"):
        learn(tmp_path, 100)
    monkeypatch.undo()
    summary, _ = learn(tmp_path, 100, resume=True)
    assert summary.steps == 100


# ---- every setting does what it says ---------------------------------------------------------


def changed_by(tmp_path, steps=20, **settings) -> bool:
    _, plain = learn(tmp_path / "plain", steps)
    _, other = learn(tmp_path / "other", steps, **settings)
    return not same(plain, other)


@pytest.mark.parametrize(
    "settings",
    [
        {"batch_size": 8},
        {"learning_rate": 1e-3},
        {"schedule": "cosine"},
        {"warmup_steps": 10},
        {"weight_decay": 0.1},
        {"beta_1": 0.5},
        {"beta_2": 0.9},
        {"gradient_clip": 1e-3},
        {"ema_decay": 0.9},
        {"balance_labels": True},
    ],
)
def test_a_setting_changes_what_is_learned(tmp_path, settings):
    assert changed_by(tmp_path, **settings)


@pytest.mark.parametrize("there", [True, False])
def test_half_precision_changes_what_is_learned_where_the_machine_has_it(
    tmp_path, monkeypatch, there
):
    monkeypatch.setattr(precision, "counts_in_bfloat16", lambda _kind: there)
    assert changed_by(tmp_path, precision="bfloat16") == there


def test_the_recipe_s_steps_hold_where_no_budget_is_set(tmp_path):
    recipe = tiny.recipe(steps=7)
    summary = train(
        recipe,
        tiny.network(),
        tiny.TinyObjective(),
        tiny.data(),
        folder=tmp_path,
        budget=Budget(),
        seed=0,
    )
    assert summary.steps == 7


def test_weight_decay_shrinks_weights_apart_from_gradients(tmp_path):
    settings = {"weight_decay": 0.5, "learning_rate": 0.1, "schedule": "hold"}
    network = tiny.network()
    network.unused = nn.Linear(2, 2)
    with torch.no_grad():
        network.unused.weight.fill_(1.0)
    objective = tiny.TinyObjective()
    plain = objective.losses

    def losses(network, *rest, **more):
        parts = dict(plain(network, *rest, **more))
        parts["loss"] = parts["loss"] + 0.0 * network.unused.weight.sum()
        return parts

    objective.losses = losses
    options = tiny.recipe(**settings).training
    learner = Learner(network, objective, options, seed=0, device=torch.device("cpu"))
    data = tiny.data()
    learner.step(data.train.batch([0, 1]), data.train.labels_of([0, 1]), step=0, rate=0.1)
    assert network.unused.weight.mean().item() == pytest.approx(1 - 0.1 * 0.5)


def test_gradient_clipping_bounds_the_step():
    options = tiny.recipe(gradient_clip=1e-3).training
    network = tiny.network()
    learner = Learner(network, tiny.TinyObjective(), options, seed=0, device=torch.device("cpu"))
    data = tiny.data()
    learner.step(data.train.batch([0, 1]), data.train.labels_of([0, 1]), step=0, rate=0.1)
    norm = math.sqrt(sum(float(p.grad.square().sum()) for p in network.parameters()))
    assert norm <= 1e-3 * 1.001


def test_compile_compiles_the_parts_and_changes_nothing(tmp_path, monkeypatch):
    compiled = []

    def pretend(call, *_args, **_kwargs):
        compiled.append(call)
        return call

    monkeypatch.setattr(torch, "compile", pretend)
    _, other = learn(tmp_path / "compiled", 10, compile=True)
    _, plain = learn(tmp_path / "plain", 10)
    assert len(compiled) == 5  # each child of the tiny network
    assert same(plain, other)
    assert all(module._compiled_call_impl is None for module in other.modules())


def test_a_network_may_ask_for_a_memory_layout(tmp_path):
    network = tiny.network()
    network.memory_format = torch.channels_last
    layouts = []
    network.convolution.weight.data = torch.randn(4, 3, 3, 3)[:, :1].contiguous()

    def preview(network, step):
        weight = network.convolution.weight
        layouts.append(weight.is_contiguous(memory_format=torch.channels_last))

    _, network = learn(tmp_path, 5, network=network, preview=preview)
    assert all(layouts)
    assert network.convolution.weight.is_contiguous()
