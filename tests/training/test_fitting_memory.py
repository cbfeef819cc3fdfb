"""Memory: graphs are measured and let go, limits are read where they stand, trials end in time."""

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_game as game
import torch
from torch import Tensor, nn

from timbrel.errors import TrainingError
from timbrel.families import Growth, Level
from timbrel.training import fitting, trial
from timbrel.training.fitting import check_room, free_bytes, has_room, kept_bytes
from timbrel.training.learns import learner
from timbrel.training.trial import Material

CPU = torch.device("cpu")
GB = 10**9
CHANNELS, LENGTH, BATCH = 8, 300, 3


class Exponential(nn.Module):
    def forward(self, sound: Tensor) -> Tensor:
        return torch.exp(-sound.square())


def chain(depth: int, between: Callable[[], nn.Module] = nn.Tanh) -> nn.Sequential:
    pairs = [(nn.Conv1d(CHANNELS, CHANNELS, 9, padding=4), between()) for _ in range(depth)]
    return nn.Sequential(*(layer for pair in pairs for layer in pair))


def sound(batch: int = BATCH, length: int = LENGTH) -> Tensor:
    draws = torch.Generator().manual_seed(4)
    return torch.randn(batch, CHANNELS, length, generator=draws).requires_grad_()


def penalty(network: nn.Module, heard: Tensor) -> Tensor:
    """What critics are told beside their loss: a gradient that has a gradient."""
    (slope,) = torch.autograd.grad(network(heard).sum(), heard, create_graph=True)
    return torch.as_tensor((slope.flatten(1).norm(dim=1) - 1).square().mean())


def plain(network: nn.Module, heard: Tensor) -> Tensor:
    return torch.as_tensor(network(heard)).sum()


# --- what graphs keep ---------------------------------------------------------------------------


@pytest.mark.parametrize("between", [nn.Tanh, nn.Sigmoid, nn.GELU, nn.Softplus, Exponential])
@pytest.mark.parametrize("loss", [plain, penalty])
def test_nothing_stays_alive_after_it_was_measured(
    between: Callable[[], nn.Module], loss: Callable[[nn.Module, Tensor], Tensor]
) -> None:
    """Not even where nodes keep what they themselves made, in a graph of a graph."""
    network, seen = chain(3, between), []

    def note(_module: nn.Module, _given: object, made: Tensor) -> None:
        seen.append(weakref.ref(made))

    for layer in network:
        layer.register_forward_hook(note)

    def work() -> None:
        made = loss(network, sound())
        assert made.requires_grad
        seen.append(weakref.ref(made))

    assert kept_bytes(work, network) > 0
    gc.collect()
    assert len(seen) == 7
    assert not [each for each in seen if each() is not None]
    assert all(weight.grad is None for weight in network.parameters())


@pytest.mark.parametrize("depth", [1, 4, 10])
def test_of_a_chain_it_counts_what_goes_from_layer_to_layer(depth: int) -> None:
    """The input and what each pair of layers makes: a convolution keeps what it heard."""
    network = chain(depth)
    known = (depth + 1) * BATCH * CHANNELS * LENGTH * 4
    assert known / 2 < kept_bytes(lambda: plain(network, sound()), network) < 2 * known


def test_it_grows_with_batch_and_length_and_with_what_is_asked_of_gradients() -> None:
    network = chain(4)

    def kept(batch: int, length: int, loss: Callable[[nn.Module, Tensor], Tensor] = plain) -> int:
        return kept_bytes(lambda: loss(network, sound(batch, length)), network)

    one = kept(2, 400)
    assert kept(6, 400) == pytest.approx(3 * one, rel=0.05)
    assert kept(2, 1600) == pytest.approx(4 * one, rel=0.05)
    assert kept(2, 400, penalty) > 1.5 * one


def test_weights_are_not_counted_and_what_shares_memory_is_counted_once() -> None:
    layer, heard = nn.Linear(1000, 2), torch.ones(1, 1000)
    assert kept_bytes(lambda: layer(heard), layer) == 4 * 1000
    assert kept_bytes(lambda: layer(heard) + layer(heard[:, :]), layer) == 4 * 1000


def test_the_work_is_done_once_whatever_surrounds_it() -> None:
    calls, network = [], chain(2)

    def work() -> None:
        calls.append(plain(network, sound()).requires_grad)

    measured = kept_bytes(work, network)
    with torch.no_grad():
        assert kept_bytes(work, network) == measured
    assert calls == [True, True]


def test_what_goes_wrong_in_it_is_told_and_leaves_no_hooks() -> None:
    def broken() -> None:
        raise RuntimeError("no memory")

    network = chain(1)
    with pytest.raises(RuntimeError, match="no memory"):
        kept_bytes(broken, network)
    made = plain(network, sound())
    made.backward()  # type: ignore[no-untyped-call]
    assert all(weight.grad is not None for weight in network.parameters())


# --- what is free -------------------------------------------------------------------------------


def test_nine_tenths_of_what_is_free_may_be_taken() -> None:
    assert has_room(9 * GB, 10 * GB)
    assert not has_room(9 * GB + 1, 10 * GB)
    assert not has_room(1, 0)
    assert has_room(10**6 * GB, None)


@pytest.mark.parametrize(("needed", "free"), [(9 * GB, 10 * GB), (0, 0), (10**6 * GB, None)])
def test_what_fits_is_let_pass(needed: int, free: int | None) -> None:
    check_room(needed, free, "level 1 of 2")


@pytest.mark.parametrize(
    ("needed", "free", "says"),
    [
        (9.5 * GB, 10 * GB, "needs about 9.5 GB and 10 GB of memory are free"),
        (3 * GB, 20_000_000, "needs about 3 GB and 20 MB of memory are free"),
        (1, 0, "and 0 MB of memory are free"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_helps(needed: float, free: int, says: str) -> None:
    with pytest.raises(TrainingError) as refused:
        check_room(needed, free, "level 1 of 2")
    told = str(refused.value)
    assert told.startswith("level 1 of 2: a step on one sound")
    assert says in told
    assert "accepted: a machine with more memory, a shorter recording, or a narrower net" in told
    assert "--resume" in told


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with 8 GB to take, of which the system tells in files."""
    told = (
        "MemTotal: 16000000 kB\nMemFree: 1000000 kB\nMemAvailable:    8000000 kB\nBuffers: 5 kB\n"
    )
    (tmp_path / "meminfo").write_text(told)
    names = ("memory.max", "memory.current")
    monkeypatch.setattr(fitting, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(fitting, "_LIMITS", [(tmp_path, *names), (tmp_path / "old", *names)])
    return tmp_path


def limit(folder: Path, most: object, taken: int, remembered: int) -> None:
    """Of what a group of processes has taken, files that are only remembered can be given back."""
    folder.mkdir(exist_ok=True)
    (folder / "memory.max").write_text(f"{most}\n")
    (folder / "memory.current").write_text(f"{taken}\n")
    (folder / "memory.stat").write_text(f"anon 7\ninactive_file {remembered}\nactive_file 9\n")


def test_without_limits_all_that_the_machine_has_is_free(machine: Path) -> None:
    assert free_bytes(CPU) == 8_000_000 * 1024
    limit(machine, "max", 2 * GB, GB)
    assert free_bytes(CPU) == 8_000_000 * 1024


def test_the_narrowest_limit_counts(machine: Path) -> None:
    limit(machine, 6 * GB, 3 * GB, GB)
    assert free_bytes(CPU) == 4 * GB
    limit(machine / "old", 2 * GB, GB, GB // 2)
    assert free_bytes(CPU) == 3 * GB // 2
    limit(machine / "old", GB, 2 * GB, 0)
    assert free_bytes(CPU) == 0
    limit(machine / "old", 10**6 * GB, GB, 0)
    assert free_bytes(CPU) == 4 * GB


def test_where_nobody_tells_nobody_knows(machine: Path) -> None:
    (machine / "meminfo").write_text("MemTotal: 16000000 kB\n")
    assert free_bytes(CPU) is None
    (machine / "meminfo").unlink()
    assert free_bytes(CPU) is None
    limit(machine, 6 * GB, 3 * GB, 0)
    assert free_bytes(CPU) == 3 * GB


# --- trials of levels ---------------------------------------------------------------------------


def levels(
    *shares: float, monkeypatch: pytest.MonkeyPatch, step_s: float
) -> tuple[trial._Times, list[float], set[int]]:
    """Tries levels whose steps take the given time; tells what came out and which were tried."""
    growth = Growth(
        tuple(Level(min(number, 1), 2, 4, bytes_share=share) for number, share in enumerate(shares))
    )
    objective = game.TinyGameObjective(growth)
    recipe = game.recipe(batch_size=4)
    learns = learner(game.network(), objective, recipe.training, seed=0, device=CPU)

    def timed(work: Callable[[], object]) -> float:
        work()
        return step_s

    monkeypatch.setattr(trial, "_timed", timed)
    material = Material(recipe, 24, 0.1, 0, adversarial=True, growth=growth)
    times = trial._time_levels(learns, learns.items(game.data().train), material)
    per_level = [
        dict(zip([span.level for span in material.spans], times.steps_s, strict=True))[level]
        for level in range(1, len(shares) + 1)
    ]
    return times, per_level, {seen[2] for seen in objective.seen}


def test_short_levels_are_all_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    _, steps_s, tried = levels(1, 3, 9, monkeypatch=monkeypatch, step_s=0.1)
    assert tried == {1, 2, 3}
    assert steps_s == pytest.approx([0.4, 0.4, 0.4])  # of batches of four


def test_levels_that_would_take_long_are_reckoned_from_the_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trial, "_LONGEST_S", 5.0)
    _, steps_s, tried = levels(1, 3, 9, monkeypatch=monkeypatch, step_s=2.0)
    assert tried == {1}
    assert steps_s == pytest.approx([8.0, 24.0, 72.0])
    _, steps_s, tried = levels(1, 2, 5.2, monkeypatch=monkeypatch, step_s=2.0)
    assert tried == {1, 2}
    assert steps_s == pytest.approx([8.0, 8.0, 20.8])


def test_levels_of_unknown_work_are_tried_however_long_they_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trial, "_LONGEST_S", 5.0)
    _, steps_s, tried = levels(0, 0, 0, monkeypatch=monkeypatch, step_s=60.0)
    assert tried == {1, 2, 3}
    assert steps_s == pytest.approx([240.0] * 3)


def test_levels_that_do_not_fit_into_memory_are_reckoned_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the first level's step leaves no room for a larger one, none is tried."""
    whole, _, _ = levels(1, 1, 1, monkeypatch=monkeypatch, step_s=0.1)
    one_sound = whole.unseen_bytes / 3  # beside the one sound that the trial saw
    monkeypatch.setattr(trial, "free_bytes", lambda device: round(5 * one_sound))
    times, steps_s, tried = levels(1, 100, 300, monkeypatch=monkeypatch, step_s=0.001)
    assert tried == {1}
    assert steps_s == pytest.approx([0.004, 0.4, 1.2])
    assert times.unseen_bytes > 250 * one_sound
