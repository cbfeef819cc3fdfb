"""Several processes that share each batch, joined by gloo on this machine."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from task_sounds import make_sounds
from timbrel.errors import RecipeError, UnknownNameError, UsageError
from timbrel.tasks import learning
from timbrel.tasks.scan import scan
from timbrel.tasks.train import train
from timbrel.tasks.workspace import Workspace
from timbrel.tasks.worlds import Joined, backend_for, goes_on, joined
from timbrel.training import history
from timbrel.training.world import (
    LONG_PATIENCE,
    PATIENCE,
    Alone,
    Group,
    Told,
    buckets,
    check_shared,
)

RECIPE = "dense-tiny"  # nothing in its losses is drawn, so that equal batches give equal losses
SETTINGS = ("training.previews=0", "training.batch_size=5", "training.validate_every_steps=4")
PATIENCE_S = 240


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A library of a few sounds, and the instrument that one process makes of them."""
    root = tmp_path_factory.mktemp("workers")
    place = Workspace(root / "ws")
    scan(place, [make_sounds(root / "sounds")], workers=1)
    train(place, RECIPE, name="alone", steps=12, settings=SETTINGS)
    return place


def _command(workspace: Workspace, name: str, *more: str) -> list[str]:
    settings = [part for one in SETTINGS for part in ("--set", one)]
    command = ["-m", "timbrel", "--workspace", str(workspace.root), "train"]
    return [*command, RECIPE, "--name", name, "--quiet", "--device", "cpu", *settings, *more]


def _environment(**more: str) -> dict[str, str]:
    folders = os.pathsep.join(folder for folder in sys.path if folder)
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": folders, **more}


def _losses(workspace: Workspace, name: str) -> np.ndarray:
    rows = history.read(workspace.instrument_folder(name) / "history.csv")
    return np.array([row["validation_loss"] for row in rows])


def test_two_workers_that_torchrun_starts_learn_what_one_learns(workspace):
    ended = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2",
         *_command(workspace, "two", "--steps", "12")],
        env=_environment(), capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("instrument 'two': 12 steps") == 1  # the first alone speaks
    alone, two = _losses(workspace, "alone"), _losses(workspace, "two")
    assert len(alone) == 4
    assert two == pytest.approx(alone, rel=1e-5)
    assert two != pytest.approx(alone * 1.001, rel=1e-5)


def _port() -> str:
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        return str(some.getsockname()[1])


@pytest.fixture
def two(workspace: Workspace) -> Iterator[list[subprocess.Popen[str]]]:
    """Two workers of a training that would last for days, as a launcher would start them."""
    port = _port()
    workers = [
        subprocess.Popen(
            [sys.executable, *_command(workspace, "torn", "--steps", "1000000")],
            env=_environment(
                RANK=str(rank), WORLD_SIZE="2", MASTER_ADDR="127.0.0.1", MASTER_PORT=port
            ),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for rank in (0, 1)
    ]  # fmt: skip
    yield workers
    for worker in workers:
        worker.kill()
        worker.communicate()


def _steps_written(workspace: Workspace, name: str) -> int:
    rows = history.read(workspace.training_folder(name) / "history.csv")
    return int(rows[-1]["step"]) if rows else 0


@pytest.mark.slow
def test_a_lost_worker_is_told_and_one_alone_goes_on(workspace, two):
    until = time.monotonic() + PATIENCE_S
    while _steps_written(workspace, "torn") < 12:
        assert time.monotonic() < until
        assert [worker.poll() for worker in two] == [None, None]
        time.sleep(0.1)
    two[1].kill()
    _, said = two[0].communicate(timeout=PATIENCE_S)
    assert two[0].returncode == 1
    assert "another worker of this training was lost" in said
    assert "go on with --resume" in said
    assert "Traceback" not in said
    kept = workspace.training_folder("torn") / "checkpoints" / "last.safetensors"
    assert kept.is_file()

    made = train(workspace, None, name="torn", resume=True, steps=20)
    assert made.summary.stopped_because == "steps"
    first = _losses(workspace, "torn")[:4]
    assert first == pytest.approx(_losses(workspace, "alone"), rel=1e-5)


@pytest.mark.slow
def test_what_the_first_says_of_an_error_others_do_not_repeat(workspace):
    ended = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2",
         *_command(workspace, "alone", "--steps", "12")],
        env=_environment(), capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert ended.returncode == 1  # torchrun's, for any worker that fails
    assert ended.stderr.count("there is an instrument 'alone' already") == 1


def test_more_workers_than_sounds_in_a_batch_are_refused():
    class Three(Alone):
        size = 3

    weights = [torch.nn.Parameter(torch.ones(1))]
    check_shared(Three(), 3, weights)
    with pytest.raises(UsageError, match="3 workers for batches of 2 sounds"):
        check_shared(Three(), 2, weights)
    with pytest.raises(UsageError, match="fitted at once"):
        check_shared(Three(), 3, [])


def test_a_recording_is_not_shared(tmp_path):
    class Two(Alone):
        size = 2

    sound = next(make_sounds(tmp_path / "sounds", count=2).rglob("*.wav"))
    with pytest.raises(UsageError, match="learns from recordings"):
        train(
            Workspace(tmp_path / "ws"), "single-tiny", name="a", sounds=[sound], steps=1,
            world=Two(),
        )  # fmt: skip


def test_no_launcher_means_alone():
    with joined({"RANK": "0", "WORLD_SIZE": "1"}, "cpu") as here:
        assert (here.world.size, here.device, here.again) == (1, "cpu", False)


def test_several_workers_need_a_way_for_gradients():
    with pytest.raises(UsageError, match="several workers on mps"):
        backend_for("mps")


@pytest.mark.parametrize("error", [UnknownNameError("recipe", "a", ["b"]), RecipeError("x", "y")])
def test_errors_travel_between_processes(error):
    import pickle

    told = pickle.loads(pickle.dumps(Told(error)))
    assert (str(told), told.exit_code) == (str(error), 2)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.given) == (type(error), str(error), error.given)


def test_buckets_keep_kinds_and_order():
    tensors = [torch.ones(3), torch.ones(2).double(), torch.ones(1).double()]
    assert [[len(one) for one in some] for some in buckets(tensors)] == [[3], [2, 1]]


def test_what_a_launcher_begins_again_goes_on_with_its_own_folder_alone(tmp_path):
    launcher = torch.distributed.HashStore()
    first = Joined(Alone(), "cpu", again=False, launcher=launcher)
    again = Joined(Alone(), "cpu", again=True, launcher=launcher)
    run = tmp_path / "run"
    assert not goes_on(again, run)  # nothing was begun
    run.mkdir()
    assert not goes_on(first, run)
    assert not goes_on(again, run)  # it stood there before
    run.rename(tmp_path / "aside")
    run.mkdir()
    assert goes_on(again, run)
    assert not goes_on(Joined(Alone(), "cpu", again=True), run)  # whose it is, nobody says


@pytest.mark.parametrize(("first", "done"), [(True, ["begins", "prepares", "tells"]),
                                             (False, ["hears", "prepares"])])  # fmt: skip
def test_the_first_worker_prepares_and_the_others_after_it(first, done, monkeypatch):
    steps = []

    class OneOfTwo(Alone):
        size = 2

        def told(self, say, *, patient=False):
            assert patient
            if not first:
                return steps.append("hears")
            steps.append("begins")
            said = say()
            steps.append("tells")
            return said

    monkeypatch.setattr(learning, "_data", lambda work: steps.append("prepares") or ("data", []))
    assert learning._prepared(SimpleNamespace(world=OneOfTwo())) == ("data", [])
    assert steps == done


def test_a_step_waits_ten_minutes_and_what_is_prepared_for_days(monkeypatch):
    waited = []
    fakes = {
        "get_rank": lambda: 0,
        "get_world_size": lambda: 2,
        "new_group": lambda backend, timeout: timeout,
        "broadcast_object_list": lambda box, src, group: waited.append(group),
        "all_reduce": lambda sums, group: waited.append(group),
        "all_gather_object": lambda every, mine, group: waited.append(group) or every.clear(),
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(torch.distributed, name, fake)
    group = Group()
    group.told(lambda: 1)
    group.mean({"loss": 1.0}, weight=1)
    group.total({"loss": 1.0})
    group.told(lambda: 1, patient=True)
    assert waited == [PATIENCE] * 3 + [LONG_PATIENCE]
