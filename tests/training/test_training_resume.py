"""An interrupted training goes on as if nothing had happened: the same weights, bit for bit."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
import tiny_family as tiny
import torch
from safetensors import safe_open

from timbrel.errors import TrainingError
from timbrel.training import checkpoints
from timbrel.training.budget import Budget
from timbrel.training.checkpoints import Checkpoint
from timbrel.training.history import read
from timbrel.training.loop import train

# Everything at once that has a state: averages, plateaus, warm-up, dropout, clipping.
SETTINGS = {
    "ema_decay": 0.95,
    "plateau_patience": 1,
    "plateau_factor": 0.7,
    "warmup_steps": 15,
    "weight_decay": 0.01,
    "gradient_clip": 1.0,
    "learning_rate": 0.02,
}


class Exploding(tiny.TinyObjective):
    """Gives no number at one step or some, as a training that diverges."""

    def __init__(self, at: int | range) -> None:
        self.at = range(at, at + 1) if isinstance(at, int) else at

    def losses(self, network, code, label, *, step, generator):
        parts = dict(super().losses(network, code, label, step=step, generator=generator))
        if step in self.at:
            parts["loss"] = parts["loss"] * float("nan")
        return parts


def run(folder, steps, *, stop_at=None, resume=False, objective=None, seed=3, data=None, **more):
    asked = iter(range(10**9))
    network = tiny.network(seed=0 if not resume else 8)  # what it begins with must not matter
    summary = train(
        tiny.recipe(**(SETTINGS | more)),
        network,
        objective or tiny.TinyObjective(),
        data or tiny.data(),
        folder=folder,
        budget=Budget(steps=steps),
        seed=seed,
        resume=resume,
        should_stop=lambda: stop_at is not None and next(asked) >= stop_at,
    )
    return summary, network


def last_state(folder: Path) -> dict[str, torch.Tensor]:
    kept = checkpoints.load(checkpoints.path_in(folder))
    return {f"{g}/{n}": t for g, tensors in kept.tensors.items() for n, t in tensors.items()}


def assert_same_state(one: Path, other: Path) -> None:
    ours, theirs = last_state(one), last_state(other)
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if not torch.equal(ours[name], theirs[name])] == []


def without_times(folder: Path) -> list[dict]:
    times = {"seconds", "steps_per_s"}
    rows = read(folder / "history.csv")
    return [{k: v for k, v in row.items() if k not in times} for row in rows]


@pytest.mark.parametrize("balance", [False, True])
def test_interrupted_twice_or_not_at_all(tmp_path, balance):
    whole, one = run(tmp_path / "whole", 75, balance_labels=balance)
    run(tmp_path / "parts", 75, stop_at=13, balance_labels=balance)
    run(tmp_path / "parts", 75, stop_at=27, resume=True, balance_labels=balance)
    parts, other = run(tmp_path / "parts", 75, resume=True, balance_labels=balance)
    assert whole.best_step == parts.best_step
    assert whole.best_loss == parts.best_loss
    ours, theirs = one.state_dict(), other.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert_same_state(tmp_path / "whole", tmp_path / "parts")
    assert without_times(tmp_path / "whole") == without_times(tmp_path / "parts")


def test_interrupted_before_a_divergence(tmp_path):
    run(tmp_path / "whole", 50, objective=Exploding(at=36))
    run(tmp_path / "parts", 50, stop_at=33, objective=Exploding(at=36))
    summary, _ = run(tmp_path / "parts", 50, resume=True, objective=Exploding(at=36))
    assert summary.rollbacks == 1
    assert_same_state(tmp_path / "whole", tmp_path / "parts")


def test_a_larger_budget_goes_on_from_the_end(tmp_path):
    run(tmp_path / "whole", 55)
    first, _ = run(tmp_path / "parts", 35)
    assert first.history[-1]["step"] == 35  # judged once more at its end
    run(tmp_path / "parts", 55, resume=True)
    assert_same_state(tmp_path / "whole", tmp_path / "parts")
    assert without_times(tmp_path / "whole") == without_times(tmp_path / "parts")


def test_resuming_what_is_done_changes_nothing(tmp_path):
    first, one = run(tmp_path, 30)
    again, other = run(tmp_path, 30, resume=True)
    assert again.steps == 30
    assert again.best_loss == first.best_loss
    ours, theirs = one.state_dict(), other.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_resuming_where_nothing_was_kept_begins(tmp_path):
    summary, _ = run(tmp_path, 12, resume=True)
    assert summary.steps == 12


def test_seconds_are_carried_over(tmp_path):
    first, _ = run(tmp_path, 30, stop_at=20)
    second, _ = run(tmp_path, 30, resume=True)
    assert second.seconds > first.seconds


@pytest.mark.parametrize("why", ["patience", "diverged"])
def test_a_training_that_ended_by_itself_goes_on_with_another_budget(tmp_path, why):
    more = {"learning_rate": 0.0, "learning_rate_end": 0.0, "patience_validations": 1}
    if why == "diverged":
        more = {"objective": Exploding(at=range(12, 34))}
    first, _ = run(tmp_path, 60, **more)
    assert first.stopped_because == why
    same, _ = run(tmp_path, 60, resume=True, **more)
    assert (same.steps, same.stopped_because) == (first.steps, why)
    second, _ = run(tmp_path, 70, resume=True, **more)
    assert second.steps > first.steps


KILLED = """
    import sys
    sys.path.insert(0, {tests!r})
    from pathlib import Path
    from timbrel.training import run as run_module
    run_module.CHECKPOINT_EVERY_S = run_module.CHECKPOINT_BEST_EVERY_S = 0.0
    import test_training_resume as these
    print("ready", flush=True)
    these.run(Path({folder!r}), 100_000)
"""


FINISHED = """
    import sys
    sys.path.insert(0, {tests!r})
    from pathlib import Path
    import test_training_resume as these
    these.run(Path({folder!r}), {target}, resume=True)
    these.run(Path({folder!r}) / "whole", {target})
"""


@pytest.mark.slow
def test_killed_in_the_middle(tmp_path):
    """Killed by -9 while checkpoints are written without pause: one is always whole.

    All three trainings run in processes of their own, alike in threads and in all else that a
    process sets once and that decides about the last bit of a sum.
    """
    script = textwrap.dedent(KILLED.format(tests=str(Path(__file__).parent), folder=str(tmp_path)))
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    path = checkpoints.path_in(tmp_path)
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline and _step(path) < 23:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    reached = _step(path)
    assert reached >= 23
    target = reached + 10
    script = FINISHED.format(tests=str(Path(__file__).parent), folder=str(tmp_path), target=target)
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True)
    assert_same_state(tmp_path, tmp_path / "whole")
    assert without_times(tmp_path) == without_times(tmp_path / "whole")


def _step(path: Path) -> int:
    return checkpoints.load(path).table["step"] if path.is_file() else -1


# ---- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"learning_rate": 0.01}, "training.learning_rate"),
        ({"seed": 4}, "seed"),
        ({"data": tiny.data(50)}, "the sounds"),
    ],
)
def test_another_training_is_refused(tmp_path, more, name):
    run(tmp_path, 5)
    with pytest.raises(TrainingError, match=f"{name} changed since this training began"):
        run(tmp_path, 10, resume=True, **more)


def test_another_network_is_refused(tmp_path):
    run(tmp_path, 5)
    with pytest.raises(TrainingError, match="another network"):
        train(
            tiny.recipe(**SETTINGS),
            tiny.network(width=17),
            tiny.TinyObjective(),
            tiny.data(),
            folder=tmp_path,
            budget=Budget(steps=10),
            seed=3,
            resume=True,
        )


@pytest.mark.parametrize("damage", ["cut", "noise", "empty", "foreign", "newer"])
def test_a_damaged_checkpoint_is_refused_with_the_reason(tmp_path, damage):
    run(tmp_path, 5)
    path = checkpoints.path_in(tmp_path)
    content = path.read_bytes()
    if damage == "foreign":
        from safetensors.torch import save_file

        save_file({"x": torch.zeros(1)}, path)
    elif damage == "newer":
        path.write_bytes(content.replace(b'\\"format\\": 1', b'\\"format\\": 2'))
    else:
        bad = {"cut": content[: len(content) // 2], "noise": b"\x93" * 99, "empty": b""}
        path.write_bytes(bad[damage])
    with pytest.raises(TrainingError, match="checkpoint"):
        run(tmp_path, 10, resume=True)


def test_a_checkpoint_is_plain_data(tmp_path):
    run(tmp_path, 5)
    with safe_open(checkpoints.path_in(tmp_path), framework="pt") as file:
        names = set(file.keys())
    assert "now/optimiser.0.exp_avg" in names
    assert "best/network.convolution.weight" in names


def test_tied_weights_can_be_kept(tmp_path):
    weight = torch.rand(3)
    tensors = {"now": {"a": weight, "b": weight, "c": weight.view(1, 3)}}
    checkpoints.save(tmp_path / "x.safetensors", Checkpoint({"step": 1}, tensors))
    kept = checkpoints.load(tmp_path / "x.safetensors")
    assert kept.table == {"step": 1}
    assert torch.equal(kept.tensors["now"]["b"], weight)


def test_what_training_does_not_change_is_written_once(tmp_path):
    network = tiny.network()
    network.register_buffer("basis", torch.rand(100_000))
    summary = train(
        tiny.recipe(),
        network,
        tiny.TinyObjective(),
        tiny.data(),
        folder=tmp_path,
        budget=Budget(steps=25),
        seed=3,
    )
    state = last_state(tmp_path)
    assert not [name for name in state if name.endswith("basis")]
    assert "best/network.norm.running_mean" in state
    again = tiny.network()
    again.register_buffer("basis", torch.zeros(100_000))
    resumed = train(
        tiny.recipe(),
        again,
        tiny.TinyObjective(),
        tiny.data(),
        folder=tmp_path,
        budget=Budget(steps=25),
        seed=3,
        resume=True,
    )
    assert resumed.best_loss == summary.best_loss
    assert torch.equal(again.basis, network.basis)
