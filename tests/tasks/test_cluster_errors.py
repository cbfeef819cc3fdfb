"""What a person reads who has no cluster, or not the one that was said."""

import sys
from collections.abc import Iterator

import pytest

from fixtures_command import Command, timbrel
from task_sounds import make_sounds
from timbrel.errors import LibraryError, UsageError
from timbrel.library.streaming import in_words
from timbrel.tasks.cluster import Cluster, check_workers

__all__ = ["timbrel"]


@pytest.fixture
def commands(tmp_path):
    sounds = make_sounds(tmp_path / "sounds", count=2)
    return {
        "scan": ("scan", sounds),
        "train": ("train", "dense-tiny", "--name", "x", "--workers", 2),
    }


@pytest.mark.parametrize("verb", ["scan", "train"])
def test_without_ray_it_says_how_to_get_it(
    verb: str, commands, timbrel: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    ended = timbrel(*commands[verb], "--cluster", "local", "--quiet")
    assert ended.status == 1
    assert "pip install 'timbrel[cluster]'" in ended.err


@pytest.mark.parametrize("verb", ["scan", "train"])
def test_an_address_where_nothing_answers(verb: str, commands, timbrel: Command) -> None:
    pytest.importorskip("ray")
    ended = timbrel(*commands[verb], "--cluster", "127.0.0.1:1", "--quiet")
    assert ended.status == 1
    assert "no cluster answers at '127.0.0.1:1'" in ended.err
    assert "ray start --head" in ended.err


def test_a_scan_by_a_cluster_that_is_not_there_leaves_no_library(
    commands, timbrel: Command, tmp_path
) -> None:
    pytest.importorskip("ray")
    where = ("--workspace", tmp_path / "ws")
    assert timbrel(*where, *commands["scan"], "--cluster", "127.0.0.1:1", "--quiet").status == 1
    assert not (tmp_path / "ws").exists()


@pytest.mark.parametrize("address", ["nonsense", "ray://host", "host:0", "host:99999999", ":10"])
def test_what_is_no_address(address: str, commands, timbrel: Command) -> None:
    pytest.importorskip("ray")
    ended = timbrel(*commands["scan"], "--cluster", address, "--quiet")
    assert ended.status == 2
    assert repr(address) in ended.err
    assert "HOST:PORT" in ended.err


def test_workers_without_a_cluster(timbrel: Command) -> None:
    ended = timbrel("train", "dense-tiny", "--name", "x", "--workers", 2, "--quiet")
    assert ended.status == 2
    assert "--workers without --cluster" in ended.err


def test_an_estimate_is_of_this_machine(timbrel: Command) -> None:
    ended = timbrel("train", "dense-tiny", "--estimate", "--cluster", "local", "--quiet")
    assert ended.status == 2
    assert "--estimate together with --cluster" in ended.err
    ended = timbrel("train", "dense-tiny", "--estimate", "--workers", 3, "--quiet")
    assert ended.status == 2
    assert "--estimate together with --workers" in ended.err


def test_what_a_cluster_would_not_heed_is_refused(commands, timbrel: Command) -> None:
    ended = timbrel("--threads", 2, *commands["scan"], "--cluster", "local", "--quiet")
    assert ended.status == 2
    assert "--threads together with --cluster" in ended.err
    ended = timbrel(
        "--device", "cuda", "map", "x", "--out", "m.json", "--cluster", "local", "--quiet"
    )
    assert ended.status == 2
    assert "--device cuda together with --cluster" in ended.err


def test_cards_are_counted_for_workers_on_cards() -> None:
    cluster = Cluster(None, ({"CPU": 8.0, "GPU": 1.0}, {"CPU": 8.0}))
    check_workers(cluster, 16, "cpu")
    with pytest.raises(UsageError, match="2 workers on a cluster of 1 graphics cards"):
        check_workers(cluster, 2, "cuda")


@pytest.mark.parametrize(
    ("workers", "threads", "room"), [(1, 9, 0), (3, 5, 2), (5, 3, 4), (1, 4096, 0)]
)
def test_threads_that_no_machine_has_are_refused_and_not_waited_for(
    workers: int, threads: int, room: int
) -> None:
    cluster = Cluster(None, ({"CPU": 8.0}, {"CPU": 8.0}, {"memory": 1.0}))
    if room:
        check_workers(cluster, room, "cpu", threads)
    with pytest.raises(UsageError, match=f"have room for {room}; accepted: at most 8 threads"):
        check_workers(cluster, workers, "cpu", threads)


DIED = """The actor died because of an error raised in its creation task, ray::Listener()
  File "hearing.py", line 111, in __init__
timbrel.errors.InstrumentError: no instrument at drums; accepted: a folder.
Something of Ray's own.
"""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (DIED, "no instrument at drums; accepted: a folder"),
        ("the node\nwas lost\n", "was lost"),
        ("", "RayError"),
    ],
)
def test_what_goes_wrong_on_the_cluster_is_put_into_words(said: str, told: str) -> None:
    exceptions = pytest.importorskip("ray.exceptions")

    def tables() -> Iterator[int]:
        yield 1
        raise exceptions.RayError(said)

    came = in_words(tables())
    assert next(came) == 1
    with pytest.raises(LibraryError) as caught:
        next(came)
    assert f"the cluster could not go on ({told});" in str(caught.value)


@pytest.mark.parametrize("verb", ["scan", "train", "map"])
def test_the_help_tells_of_clusters(verb: str, timbrel: Command) -> None:
    assert "--cluster ADDRESS" in timbrel(verb, "--help").out
