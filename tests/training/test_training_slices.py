"""Sequence networks learn from slices: windows of codes from all places of all sounds."""

import os
import sys

import numpy as np
import pytest
import tiny_family as tiny
import torch
from torch import nn
from torch.nn import functional

from timbrel import plugins
from timbrel.training import checkpoints
from timbrel.training.budget import Budget
from timbrel.training.estimate import estimate
from timbrel.training.items import Slices, items_of, validated
from timbrel.training.latents import encode_all
from timbrel.training.loop import train
from timbrel.training.memory import resident_bytes
from timbrel.training.store import CodeStore, TrainingData, from_codes

LENGTHS = (9, 1, 4, 2, 7)


class SliceNetwork(nn.Module):
    """Three frames in, three frames out; a sound's latent is the mean over its frames."""

    any_length = True
    slice_frames = 3

    def __init__(self, bins: int = tiny.BINS) -> None:
        super().__init__()
        self.down, self.up = nn.Linear(bins, 4), nn.Linear(4, bins)
        self.dropout = nn.Dropout(0.1)

    def encode(self, code):
        return self.down(code.transpose(1, 2)).mean(1)

    def forward(self, code):
        return self.up(self.dropout(self.down(code.transpose(1, 2)))).transpose(1, 2)


class SliceObjective:
    """Squared error; notes the slices that it saw."""

    def __init__(self) -> None:
        self.seen: list[torch.Tensor] = []
        self.judged: list[torch.Tensor] = []

    def losses(self, network, code, label, *, step, generator):
        (self.seen if network.training else self.judged).append(code.clone())
        return {"loss": functional.mse_loss(network(code).float(), code)}


def ragged(lengths=LENGTHS, bins=tiny.BINS, seed=0, labels=None) -> CodeStore:
    generator = torch.Generator().manual_seed(seed)
    codes = torch.rand(len(lengths), bins, max(9, *lengths), generator=generator)
    for code, length in zip(codes, lengths, strict=True):
        code[:, length:] = 0
    return from_codes(codes, labels=labels)


def windows(store: CodeStore, frames: int) -> list[torch.Tensor]:
    """The slices by their definition, one sound after the other."""
    found = []
    for row, length in enumerate(store.lengths.tolist()):
        code = functional.pad(store.batch([row])[0], (0, frames))
        found += [code[:, n : n + frames] for n in range(max(1, length - frames + 1))]
    return found


def fresh(seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return SliceNetwork()


def learn(folder, *, steps=None, data=None, stop_at=None, resume=False, **settings):
    asked, objective = iter(range(10**9)), SliceObjective()
    network = fresh(8 if resume else 0)
    summary = train(
        tiny.recipe(**({"batch_size": 4, "validate_every_steps": 0} | settings)),
        network,
        objective,
        data or TrainingData(ragged(), ragged((5, 3), seed=1)),
        folder=folder,
        budget=Budget(steps=steps),
        seed=3,
        resume=resume,
        should_stop=lambda: stop_at is not None and next(asked) >= stop_at,
    )
    return summary, network, objective


@pytest.mark.parametrize("frames", [1, 2, 3, 5, 12])
def test_slices_are_exactly_the_windows_of_the_codes(frames):
    store = ragged()
    expected = windows(store, frames)
    assert store.slice_count(frames) == len(expected)
    numbers = np.random.default_rng(0).permutation(len(expected))
    slices = store.slices(numbers, frames)
    assert slices.shape == (len(expected), tiny.BINS, frames)
    assert slices.is_contiguous()
    assert all(
        torch.equal(found, expected[n]) for found, n in zip(slices, numbers.tolist(), strict=True)
    )


def test_a_slice_of_a_sound_without_frames_is_silent():
    store = from_codes(torch.zeros(2, 4, 6))
    assert store.slice_count(3) == 2
    assert torch.equal(store.slices([0, 1], 3), torch.zeros(2, 4, 3))


def test_every_slice_is_learned_from_once_an_epoch_each_epoch_in_a_new_order(tmp_path):
    data = TrainingData(ragged(), ragged((5, 3), seed=1))
    expected = {window.numpy().tobytes() for window in windows(data.train, 3)}
    assert len(expected) == 16  # 7 + 1 + 2 + 1 + 5
    _, _, objective = learn(tmp_path, steps=8, data=data)
    seen = [code.numpy().tobytes() for batch in objective.seen for code in batch]
    assert set(seen[:16]) == set(seen[16:]) == expected
    assert seen[:16] != seen[16:]


def test_labels_are_balanced_over_slices():
    store = ragged((200, 3, 3), labels=[0, 0, 1])
    slices = Slices(store, 3)
    options = tiny.recipe(batch_size=8, balance_labels=True).training
    order = slices.order(options, 0)
    labels = torch.cat([slices.batch(order.at(step))[1] for step in range(100)])
    assert 0.4 < labels.float().mean() < 0.6


def test_epochs_are_the_budget_and_are_validated(tmp_path):
    summary, _, _ = learn(tmp_path, epochs=3, batch_size=5)
    assert summary.steps == 10  # 3 x 16 slices are 9.6 batches of 5
    assert summary.stopped_because == "steps"
    rows = [row for row in summary.history if row["validation_loss"] != ""]
    assert [row["step"] for row in rows] == [0, 4, 7, 10]
    assert [row["epoch"] for row in rows] == pytest.approx([0, 1.25, 2.1875, 3.125])


def test_patience_counts_epochs(tmp_path):
    summary, _, _ = learn(tmp_path, epochs=50, patience_validations=2, learning_rate=0.0)
    assert summary.stopped_because == "patience"
    assert summary.history[-1]["epoch"] == 3  # the first sets the mark


def test_validation_judges_slices_in_wide_batches(tmp_path):
    _, _, objective = learn(tmp_path, steps=1, batch_size=1)
    assert [len(code) for code in objective.judged] == [4] * 2  # 3 + 1 slices, twice
    assert len(validated(Slices(ragged((9_000,)), 3))) == 8_192


@pytest.mark.parametrize("balance", [False, True])
def test_interrupted_or_not_the_weights_are_the_same_bytes(tmp_path, balance):
    settings = {"balance_labels": balance, "ema_decay": 0.9, "optimiser": "adam", "epochs": 5}
    _, whole, _ = learn(tmp_path / "whole", **settings)
    learn(tmp_path / "parts", stop_at=5, **settings)
    learn(tmp_path / "parts", stop_at=6, resume=True, **settings)
    _, parts, _ = learn(tmp_path / "parts", resume=True, **settings)
    ours, theirs = whole.state_dict(), parts.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    one, other = (
        checkpoints.load(checkpoints.path_in(tmp_path / name)) for name in ("whole", "parts")
    )
    assert one.tensors["now"].keys() == other.tensors["now"].keys()
    assert all(torch.equal(t, other.tensors["now"][n]) for n, t in one.tensors["now"].items())


def test_networks_without_slices_see_whole_sounds():
    assert items_of(tiny.store(4, 0), tiny.network()).batch([0, 1])[0].shape == (2, 8, 6)
    assert items_of(ragged(), fresh()).batch([0, 1])[0].shape == (2, 8, 3)


def test_latents_of_long_sounds_come_in_small_batches(monkeypatch):
    sizes = []
    network = fresh()
    encode = network.encode
    monkeypatch.setattr(network, "encode", lambda code: sizes.append(len(code)) or encode(code))
    store = ragged((300, 300, 300, 900, 20, 20, 2000, 5))
    latents = torch.from_numpy(encode_all(network, store))
    assert sizes == [3, 1, 2, 1, 1]  # 1,024 frames at once, or one sound
    alone = torch.cat([encode(store.batch([row], shortened=True)) for row in (0, 3, 6)])
    assert torch.allclose(latents[[0, 3, 6]], alone.detach(), atol=1e-6)


# ---- networks without steps --------------------------------------------------------------------


class Fitted(nn.Module):
    """Knows the mean frame, which it was told before the first step; nothing is learned."""

    any_length = True
    slice_frames = 1

    def __init__(self, bins: int = tiny.BINS) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(bins))

    def encode(self, code):
        return code.mean(2) - self.mean


class FittedObjective:
    def losses(self, network, code, label, *, step, generator):
        return {"loss": (code - network.mean[:, None]).square().mean()}


@pytest.mark.parametrize("more", [{}, {"ema_decay": 0.9, "epochs": 3, "precision": "bfloat16"}])
def test_a_network_without_weights_takes_no_steps_and_says_so(tmp_path, more):
    data = TrainingData(ragged(), ragged((5, 3), seed=1))
    network = Fitted()
    network.mean.copy_(data.train.batch(range(5)).mean((0, 2)))
    told = network.mean.clone()

    def go(resume):
        return train(
            tiny.recipe(**more), network, FittedObjective(), data,
            folder=tmp_path, budget=Budget(), seed=0, resume=resume,
        )  # fmt: skip

    summary = go(resume=False)
    assert (summary.steps, summary.parameters, summary.stopped_because) == (0, 0, "fitted")
    assert [row["step"] for row in summary.history] == [0]
    expected = (data.validation.slices(range(8), 1) - told[:, None]).square().mean()
    assert summary.best_loss == pytest.approx(expected.item(), rel=1e-2)
    assert "takes no steps" in summary.verdict
    assert "longer" not in summary.verdict
    network.mean.zero_()  # as a fresh network would have it
    again = go(resume=True)
    assert torch.equal(network.mean, told)
    assert again.best_loss == summary.best_loss
    assert encode_all(network, data.train).shape == (5, tiny.BINS)


# ---- what is recorded --------------------------------------------------------------------------


def test_the_summary_records_what_a_comparison_needs(tmp_path):
    heavy = torch.zeros(2**26)  # 256 MB that are gone before training begins
    heavy += 1
    del heavy
    before = resident_bytes()
    summary, network, _ = learn(tmp_path, epochs=4)
    assert summary.epochs == 4
    assert summary.parameters == sum(p.numel() for p in network.parameters())
    assert 0 < summary.epoch_seconds < summary.seconds
    assert before / 2 < summary.memory_bytes
    assert summary.card_bytes == 0
    if sys.platform == "linux" and os.access("/proc/self/clear_refs", os.W_OK):
        assert summary.memory_bytes < before + 2**27


def test_adam_is_torch_s_adam_with_its_coupled_decay(tmp_path):
    """One batch of all slices, so that a plain loop takes the same steps."""
    data = TrainingData(ragged(), ragged((5, 3), seed=1))
    settings = {"weight_decay": 0.3, "learning_rate": 0.01, "schedule": "hold", "batch_size": 99}
    ends = {}
    for name in ("adam", "adamw"):
        network = fresh()
        network.dropout = nn.Dropout(0.0)
        train(
            tiny.recipe(optimiser=name, validate_every_steps=5, **settings),
            network, SliceObjective(), data,
            folder=tmp_path / name, budget=Budget(steps=5), seed=0,
        )  # fmt: skip
        ends[name] = network
    plain = fresh()
    optimiser = torch.optim.Adam(plain.parameters(), lr=0.01, weight_decay=0.3)
    every = torch.stack(windows(data.train, 3))
    plain.dropout = nn.Dropout(0.0)
    for _ in range(5):
        optimiser.zero_grad()
        functional.mse_loss(plain(every), every).backward()
        optimiser.step()
    kept = plain.state_dict()
    for name, weight in ends["adam"].state_dict().items():
        assert torch.allclose(weight, kept[name], atol=1e-5)
    assert not torch.allclose(ends["adamw"].up.weight, plain.up.weight, atol=1e-3)


# ---- estimate ----------------------------------------------------------------------------------


def estimated(network, objective, **training):
    """Of 9 sounds of 0.1 s, 8 to learn from: 8 frames each."""
    front_end = plugins.load("signal.frontends", "log_magnitude")(n_fft=512, hop_samples=256)
    recipe = tiny.recipe(**training).model_copy(update={"front_end": front_end})
    return recipe, estimate(recipe, network, objective, 9, budget=Budget(), threads=1)


def test_an_estimate_counts_slices():
    recipe, expected = estimated(SliceNetwork(257), SliceObjective(), epochs=10, batch_size=4)
    assert recipe.front_end.code_shape(recipe.length_samples) == (257, 8)
    assert expected.steps == 10 * 8 * 6 / 4
    assert expected.seconds > expected.prepare_seconds + 100 * expected.step_seconds
    _, fitted = estimated(Fitted(257), FittedObjective())
    assert fitted.steps == 0
    assert fitted.seconds > fitted.prepare_seconds
