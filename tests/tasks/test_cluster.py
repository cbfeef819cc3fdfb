"""A real Ray cluster of two nodes, on this machine: scan, training with a loss, encoding."""

import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from fixtures_command import Command, timbrel
from fixtures_store import server, store
from task_sounds import make_sounds
from timbrel.library.catalogue import open_catalogue
from timbrel.library.rows import schema
from timbrel.mapping import layout
from timbrel.signal.files import Sound, write
from timbrel.training import history

pytest.importorskip("ray", reason="NO CLUSTER: pip install 'timbrel[cluster]'")

__all__ = ["server", "store", "timbrel"]

# Ray's own: its drivers leave sockets and files to the end of the process.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]

NODES = 2
PATIENCE_S = 300
TRAINING = (
    "train", "dense-tiny", "--steps", 400, "--device", "cpu", "--threads", 1,
    "--set", "training.previews=0", "--set", "training.batch_size=6",
    "--set", "training.validate_every_steps=50",
)  # fmt: skip


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Two nodes with a processor each."""
    before = dict(os.environ)
    os.environ.update(
        RAY_USAGE_STATS_ENABLED="0",
        RAY_BACKEND_LOG_LEVEL="fatal",
        RAY_worker_niceness="0",
        RAY_agent_register_timeout_ms="300000",  # a crowded machine starts slowly
    )
    os.environ["PYTHONPATH"] = os.pathsep.join(folder for folder in sys.path if folder)
    os.environ["OMP_NUM_THREADS"] = "1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        node = {"num_cpus": 1, "object_store_memory": 100 * 2**20}
        cluster = _started({**node, "include_dashboard": False})
        cluster.add_node(**node)
        cluster.wait_for_nodes()
    yield cluster.address
    cluster.shutdown()
    os.environ.clear()
    os.environ.update(before)


def _started(head: dict[str, Any]) -> Any:
    """A cluster's head; on a crowded machine Ray gives its own processes too little time."""
    from ray.cluster_utils import Cluster

    for _ in range(2):
        with suppress(Exception):
            return Cluster(initialize_head=True, head_node_args=head)
    return Cluster(initialize_head=True, head_node_args=head)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dozen sounds; a copy, a silence, a torn file and an empty one among them."""
    folder = make_sounds(tmp_path_factory.mktemp("geräusche"), count=24)
    good = sorted(folder.rglob("*.wav"))[0]
    (folder / "copy.wav").write_bytes(good.read_bytes())
    (folder / "torn.wav").write_bytes(good.read_bytes()[:30])
    (folder / "empty.flac").write_bytes(b"")
    write(folder / "silent.wav", Sound(torch.zeros(1, 4000), 16_000))
    return folder


def _rows(root: Path) -> list[dict]:
    rows = sorted(open_catalogue(root / "library").records("id <> ''"), key=lambda row: row["id"])
    return [{name: row[name] for name in schema().names} for row in rows]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that all of these fill, one after the other."""
    return tmp_path_factory.mktemp("cluster") / "ws"


def test_a_scan_on_two_nodes_writes_the_rows_of_a_plain_one(
    address: str, sounds: Path, root: Path, timbrel: Command, tmp_path: Path
) -> None:
    plain = timbrel("--workspace", tmp_path / "plain", "scan", sounds, "--json", "--quiet")
    spread = timbrel("--workspace", root, "scan", sounds, "--cluster", address, "--json", "--quiet")
    assert (plain.status, spread.status) == (3, 3)
    assert {**spread.document, "catalogue": plain.document["catalogue"]} == plain.document
    assert spread.document["added"] == 24
    assert len(spread.document["skipped"]) == 4
    assert _rows(root) == _rows(tmp_path / "plain")

    again = timbrel("--workspace", root, "scan", sounds, "--cluster", address, "--json", "--quiet")
    assert (again.document["added"], again.document["unchanged"]) == (0, 24)


def test_its_table_may_lie_in_a_store_of_objects(
    address: str, sounds: Path, root: Path, store: str, timbrel: Command, tmp_path: Path
) -> None:
    command = ("--workspace", tmp_path / "ws", "scan", sounds, "--cluster", address, "--json")
    done = timbrel(*command, "--catalogue", store, "--quiet")
    assert (done.status, done.document["added"]) == (3, 24)
    assert done.document["catalogue"] == store
    assert not list((tmp_path / "ws").rglob("*.lance"))
    assert _rows(tmp_path / "ws") == _rows(root)


def _workers() -> list[int]:
    """The processes of the training workers."""
    from ray._private import state

    actors = state.actors().values()
    return [
        actor["Pid"]
        for actor in actors
        if actor["ActorClassName"] == "RayTrainWorker" and actor["State"] == "ALIVE"
    ]


def _kill_one(root: Path, killed: list[int]) -> None:
    """Kills one of the workers as soon as some steps were judged."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and not killed:
        rows = history.read(root / "instruments" / ".spread.training" / "history.csv")
        if rows and rows[-1]["step"] >= 100:
            worker = max(_workers())
            os.kill(worker, signal.SIGKILL)
            killed.append(worker)
        time.sleep(0.05)


def test_two_workers_one_of_which_is_killed_learn_what_one_learns(
    address: str, root: Path, timbrel: Command
) -> None:
    at = ("--workspace", root, "--quiet", "--json")
    killed: list[int] = []
    killer = threading.Thread(target=_kill_one, args=(root, killed), daemon=True)
    killer.start()
    spread = timbrel(*at, *TRAINING, "--name", "spread", "--cluster", address, "--workers", 2)
    assert spread.status == 0, spread.err
    assert killed
    assert spread.document["steps"] == 400
    plain = timbrel(*at, *TRAINING, "--name", "plain")
    losses = [
        [
            row["validation_loss"]
            for row in history.read(root / "instruments" / name / "history.csv")
        ]
        for name in ("plain", "spread")
    ]
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    assert spread.document["best_loss"] == pytest.approx(plain.document["best_loss"], rel=1e-4)
    assert not list((root / "cache").glob("ray-*"))
    assert not (root / "instruments" / ".spread.training").exists()


def test_two_nodes_place_new_sounds_where_one_machine_does(
    address: str, root: Path, timbrel: Command, tmp_path: Path
) -> None:
    import shutil

    more = make_sounds(tmp_path / "more", count=4)
    for number, path in enumerate(sorted(more.rglob("*.wav"))):
        path.write_bytes(path.read_bytes()[: -2000 * (number + 1)])  # others than those before
    assert timbrel("--workspace", root, "scan", more, "--quiet").status == 0
    next(more.rglob("*.wav")).unlink()
    shutil.copytree(root, tmp_path / "plain")
    drawn = [
        timbrel("--workspace", place, "map", "spread", "--projection", "pca", "--quiet", "--json",
                "--out", tmp_path / f"{place.name}.json", *more_options)
        for place, more_options in ((tmp_path / "plain", ()), (root, ("--cluster", address)))
    ]  # fmt: skip
    assert [one.status for one in drawn] == [0, 0]
    assert drawn[1].document["added"] == drawn[0].document["added"] > 0
    assert drawn[1].document["left_off"] == drawn[0].document["left_off"] != []
    plain, spread = (
        layout.open_map(next((place / "maps").glob("*.safetensors")))
        for place in (tmp_path / "plain", root)
    )
    np.testing.assert_allclose(spread.latents, plain.latents, atol=1e-5)
    assert spread.ids == plain.ids


def test_more_workers_than_the_cluster_has_are_refused(
    address: str, root: Path, timbrel: Command
) -> None:
    ended = timbrel(
        "--workspace", root, "--quiet", *TRAINING, "--name", "x", "--cluster", address,
        "--workers", 3,
    )  # fmt: skip
    assert ended.status == 2
    assert "3 workers on a cluster of 2 processors; accepted: at most 2 workers" in ended.err
