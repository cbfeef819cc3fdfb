"""Order, rate, averages, verdict, latents, previews and estimate, each by itself."""

import math

import matplotlib.image
import numpy as np
import pytest
import tiny_family as tiny
import torch

from timbrel import recipes
from timbrel.errors import TrainingError, UsageError
from timbrel.families import DataFacts
from timbrel.families.sample_vae import FAMILY
from timbrel.recipes import TrainingOptions
from timbrel.signal import files
from timbrel.training.budget import Budget
from timbrel.training.ema import Average
from timbrel.training.estimate import estimate
from timbrel.training.history import read
from timbrel.training.latents import encode_all
from timbrel.training.loop import train
from timbrel.training.memory import MemoryWatch
from timbrel.training.order import Balanced, Epochs, order_of
from timbrel.training.previews import Previewer, chosen, decoder
from timbrel.training.schedule import Plateau, learning_rate
from timbrel.training.store import TrainingData, from_codes
from timbrel.training.verdict import Course, gain_by_doubling, verdict

# ---- order -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "batch"), [(10, 3), (7, 7), (5, 64), (1, 8), (100, 33)])
def test_every_sound_is_seen_equally_often(count, batch):
    order = Epochs(count, batch_size=batch, seed=1)
    steps = count * 3
    seen = np.concatenate([order.at(step) for step in range(steps)])
    assert (
        np.bincount(seen, minlength=count).tolist() == [steps * order.batch_size // count] * count
    )


def test_epochs_differ_and_any_step_can_be_asked_first():
    order, again = Epochs(50, batch_size=10, seed=1), Epochs(50, batch_size=10, seed=1)
    assert np.array_equal(order.at(17), again.at(17))
    assert not np.array_equal(order.at(0), order.at(5))
    assert not np.array_equal(order.at(0), Epochs(50, batch_size=10, seed=2).at(0))


def test_balanced_labels_are_equally_often_heard():
    labels = np.array([0] * 90 + [1] * 9 + [-1])
    order = Balanced(labels, batch_size=30, seed=4)
    drawn = labels[np.concatenate([order.at(step) for step in range(300)])]
    shares = [(drawn == label).mean() for label in (-1, 0, 1)]
    assert shares == pytest.approx([1 / 3] * 3, abs=0.02)
    assert np.array_equal(order.at(7), Balanced(labels, batch_size=30, seed=4).at(7))


# ---- rate --------------------------------------------------------------------------------------


def rate(step=0, fraction=0.0, cuts=0, scale=1.0, **settings) -> float:
    options = TrainingOptions(learning_rate=0.1, learning_rate_end=0.001, **settings)
    return learning_rate(options, step=step, fraction=fraction, cuts=cuts, scale=scale)


def test_schedules():
    assert rate(schedule="hold", fraction=0.9) == 0.1
    assert rate(schedule="cosine", fraction=0.0) == pytest.approx(0.1)
    assert rate(schedule="cosine", fraction=0.5) == pytest.approx((0.1 + 0.001) / 2)
    assert rate(schedule="cosine", fraction=1.0) == pytest.approx(0.001)
    assert rate(schedule="plateau", plateau_factor=0.5, cuts=2) == pytest.approx(0.025)
    assert rate(schedule="plateau", plateau_factor=0.5, cuts=99) == 0.001
    assert rate(schedule="hold", warmup_steps=10, step=4) == pytest.approx(0.05)
    assert rate(schedule="hold", scale=0.25) == pytest.approx(0.025)


def test_the_cosine_is_torch_s():
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.SGD([parameter], lr=0.1)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 40, eta_min=0.001)
    for step in range(40):
        assert rate(schedule="cosine", fraction=step / 40) == pytest.approx(
            theirs.get_last_lr()[0], rel=1e-6
        )
        optimiser.step()
        theirs.step()


def test_a_loss_below_zero_can_gain_too():
    watch = Plateau()
    for loss in (-1.0, -2.0, -3.0):
        watch.see(loss, patience=1)
    assert watch.cuts == 0
    watch.see(-3.0, patience=1)
    assert watch.cuts == 1


@pytest.mark.parametrize(
    "bad", [{"minutes": 0}, {"minutes": -1}, {"minutes": math.nan}, {"steps": 0}]
)
def test_a_budget_of_nothing_is_refused(bad):
    with pytest.raises(UsageError, match="a budget of"):
        Budget(**bad)


# ---- averaged weights --------------------------------------------------------------------------


def test_the_average_is_that_of_torch():
    network, decay = tiny.network(), 0.7
    ours = Average(network, decay)
    theirs = torch.optim.swa_utils.AveragedModel(
        network,
        avg_fn=lambda mean, new, count: (
            mean + (1 - min(decay, (1 + count) / (10 + count))) * (new - mean)
        ),
    )
    theirs.n_averaged += 1  # it takes the first weights as they are; ours begins from the start
    for step in range(12):
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.add_(0.1 * step)
        ours.updates = int(theirs.n_averaged)
        ours.update()
        theirs.update_parameters(network)
    expected = dict(theirs.module.named_parameters())
    for name, tensor in ours.tensors().items():
        assert torch.allclose(tensor, expected[name], atol=1e-5)


def test_averaged_weights_are_put_in_and_taken_out():
    network = tiny.network()
    average = Average(network, 0.9)
    start = network.up.weight.detach().clone()
    with torch.no_grad():
        network.up.weight.add_(1.0)
    with average.applied():
        assert torch.equal(network.up.weight, start)
    assert torch.equal(network.up.weight, start + 1.0)


# ---- verdict -----------------------------------------------------------------------------------


def judged(losses, *, because="steps", rollbacks=0, sounds=1000) -> str:
    rows = [{"step": 100 * n, "validation_loss": loss} for n, loss in enumerate(losses)]
    best = min(range(len(losses)), key=losses.__getitem__)
    return verdict(Course(rows, 100 * best, losses[best], rollbacks, because, sounds))


def test_verdicts():
    assert "twice the time" in judged([1.0, 0.5, 0.4, 0.3, 0.25])
    assert "settled" in judged([1.0, 0.3, 0.2501, 0.25, 0.25, 0.25])
    assert "by heart" in judged([1.0, 0.3, 0.25, 0.4, 0.6])
    assert "not learned anything" in judged([1.0, 1.1, 1.2])
    assert "exploded 3 times" in judged([1.0, 0.5, 0.25], rollbacks=3)
    assert "40 sounds are few" in judged([1.0, 0.5, 0.25], sounds=40)
    assert "too seldom" in judged([1.0, 0.5])
    rows = [{"step": 100 * n, "validation_loss": loss} for n, loss in enumerate((1.0, 0.5, 0.25))]
    own = verdict(Course(rows, 200, 0.25, 0, "steps", 1, one_recording=True))
    assert "loss on its own recording fell by 75 %" in own
    assert "few" not in own
    assert "odd sounds" in judged([1.0, 0.5, 0.4], because="diverged", rollbacks=10)


def test_a_rollback_row_does_not_disturb_the_curve():
    rows = [
        {"step": 0, "validation_loss": 1.0},
        {"step": 5, "validation_loss": "", "event": "back"},
        {"step": 10, "validation_loss": 0.5},
    ]
    assert "learned something" in verdict(Course(rows, 10, 0.5, 1, "steps", 1000))
    assert gain_by_doubling([(0, 1.0), (10, 0.5)]) is None


def test_a_history_that_was_cut_off_is_read_to_its_last_whole_line(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("step,validation_loss,event\n0,1.5,\n10,0.5,back\n20,0.")
    assert read(path) == [
        {"step": 0, "validation_loss": 1.5, "event": ""},
        {"step": 10, "validation_loss": 0.5, "event": "back"},
    ]


# ---- latents -----------------------------------------------------------------------------------


def test_latents_do_not_depend_on_the_batches():
    network, store = tiny.network(), tiny.store(25, 1)
    network.train()
    latents = encode_all(network, store, batch_size=4)
    assert latents.shape == (25, 16)
    assert latents.dtype == np.float32
    assert np.allclose(latents, encode_all(network, store, batch_size=25), atol=1e-5)
    assert network.training


def test_a_network_without_an_encoder_has_no_latents():
    with pytest.raises(TrainingError, match="a network that encodes"):
        encode_all(torch.nn.Linear(2, 2), tiny.store(5, 1))


# ---- previews ----------------------------------------------------------------------------------


def family_network(recipe, labels=()):
    bins, frames = recipe.front_end.code_shape(recipe.length_samples)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return FAMILY.build(recipe.network, DataFacts(bins, frames, labels))


def family_store(recipe, count, seed=0):
    bins, frames = recipe.front_end.code_shape(recipe.length_samples)
    generator = torch.Generator().manual_seed(seed)
    return from_codes(torch.rand(count, bins, frames, generator=generator), labels=[0] * count)


def test_previews_can_be_heard_and_seen(tmp_path):
    recipe = recipes.find("sample-vae-tiny")
    store = family_store(recipe, 9)
    sounds = chosen(store, 2, names=[f"kick $\\x_{n}$" for n in range(9)])
    write = Previewer(tmp_path, sounds, decode=decoder(recipe), sample_rate=recipe.sample_rate)
    network = family_network(recipe).eval()
    write(network, 0)
    write(network, 400)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [
        "1-original.wav",
        "1-step-000000.wav",
        "1-step-000400.wav",
        "2-original.wav",
        "2-step-000000.wav",
        "2-step-000400.wav",
        "step-000000.png",
        "step-000400.png",
    ]
    heard = files.read(tmp_path / "1-step-000400.wav")
    assert heard.samples.shape == (1, recipe.length_samples)
    assert heard.sample_rate == recipe.sample_rate
    assert heard.samples.abs().max() > 0
    assert matplotlib.image.imread(tmp_path / "step-000400.png").std() > 0.05


def test_previews_choose_from_all_labels():
    store = from_codes(torch.rand(30, 2, 2), labels=[0] * 20 + [1] * 10)
    rows = [int(name) for name in chosen(store, 3).names]
    assert sorted({int(store.labels[row]) for row in rows}) == [0, 1]
    assert len(chosen(store, 99).names) == 30
    assert len(chosen(store, 0).names) == 0


# ---- estimate ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_estimate_comes_true(tmp_path):
    """Disk exactly enough, memory within 1.5; time is a matter of benchmarks, not of tests."""
    recipe = recipes.find("sample-vae-tiny")
    objective = FAMILY.objective(recipe.network)
    network = family_network(recipe)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    expected = estimate(recipe, network, objective, 45, budget=Budget(steps=20), threads=1)
    after = network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert expected.steps == 20
    assert expected.seconds > expected.prepare_seconds > 0
    data = TrainingData(family_store(recipe, 40), family_store(recipe, 5, 1))
    with MemoryWatch(torch.device("cpu")) as watch:
        train(recipe, network, objective, data, folder=tmp_path, budget=Budget(steps=20), seed=0)
    assert expected.memory_bytes / watch.peak_bytes == pytest.approx(1, abs=0.4)
    kept = sum(path.stat().st_size for path in (tmp_path / "checkpoints").iterdir())
    weights = sum(v.numel() * v.element_size() for v in network.state_dict().values())
    disk = kept + data.train.frames.nbytes + data.validation.frames.nbytes + weights
    assert expected.disk_bytes / disk == pytest.approx(1, abs=0.1)


def test_an_estimate_of_minutes_counts_steps():
    recipe = recipes.find("sample-vae-tiny")
    objective = FAMILY.objective(recipe.network)
    expected = estimate(recipe, family_network(recipe), objective, 45, budget=Budget(minutes=2))
    assert expected.seconds - expected.prepare_seconds == pytest.approx(120)
    assert expected.steps * expected.step_seconds == pytest.approx(120, rel=0.5)
    assert torch.get_num_threads() >= 1
    assert expected.as_dict()["card_bytes"] == 0


def test_lengths_are_exchanged_among_few_steps_and_no_sound_is_lost() -> None:
    lengths = np.random.default_rng(0).integers(1, 400, 100)
    plain = order_of(np.zeros(100, np.int64), batch_size=8, seed=3, balance=False)
    alike = order_of(np.zeros(100, np.int64), batch_size=8, seed=3, balance=False, lengths=lengths)
    for block in range(3):
        steps = range(8 * block, 8 * block + 8)
        seen = np.concatenate([alike.at(step) for step in steps])
        assert sorted(seen) == sorted(np.concatenate([plain.at(step) for step in steps]))
    padded = [sum(int(lengths[o.at(s)].max()) for s in range(80)) for o in (alike, plain)]
    assert padded[0] < 0.75 * padded[1]


def test_codes_are_kept_without_their_silent_end() -> None:
    codes = torch.rand(3, 4, 10)
    codes[0, :, 6:] = 0
    codes[1] = 0
    store = from_codes(codes)
    assert store.lengths.tolist() == [6, 0, 10]
    assert store.frames.shape == (16, 4)
    assert torch.equal(store.batch([0, 1, 2]), codes.half().float())
    assert torch.equal(store.batch([0, 1], shortened=True), codes[:2, :, :6].half().float())
