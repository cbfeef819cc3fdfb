"""What a worker of a cluster does, beginning, beginning again, and when something is wrong."""

import multiprocessing
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from timbrel.errors import TimbrelError, TrainingError, UsageError
from timbrel.progress import Progress
from timbrel.tasks import cluster_training
from timbrel.tasks.cluster import Cluster
from timbrel.tasks.cluster_training import Line, Wanted, labour
from timbrel.tasks.run_folder import stamp
from timbrel.tasks.workspace import Workspace
from timbrel.training.world import Told, WorkerLost, World


class _Remote:
    """A line whose calls are answered at once, as Ray would answer them later."""

    def __init__(self, line: Line) -> None:
        self.line = line

    def __getattr__(self, name: str) -> Any:
        return SimpleNamespace(remote=getattr(self.line, name))


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    """The line of one worker, in a world without Ray."""
    modules = {
        "ray": SimpleNamespace(get=lambda answer: answer),
        "ray.train": SimpleNamespace(get_context=lambda: SimpleNamespace(get_world_size=lambda: 1)),
    }
    monkeypatch.setattr(cluster_training, "import_module", modules.__getitem__)
    monkeypatch.setattr(cluster_training.os, "chdir", lambda _: None)
    return Line()


def _settings(
    line: "Line | _Remote", work: Callable[..., Any], run: Path, **more: Any
) -> dict[str, Any]:
    return {
        "work": work, "line": _Remote(line) if isinstance(line, Line) else line,
        "device": "cpu", "resume": False, "force": False, "run": run, "before": None,
        "folder": run.parent, "threads": 1, **more,
    }  # fmt: skip


def _raises(error: Exception) -> Callable[..., Any]:
    def work(**_: Any) -> Any:
        raise error

    return work


def test_what_came_of_it_is_told(line: Line, tmp_path: Path) -> None:
    seen: dict[str, Any] = {}

    def work(**given: Any) -> str:
        seen.update(given)
        given["report"](Progress("training", 1, 2))
        return "an instrument"

    labour(_settings(line, work, tmp_path / "run"))
    assert line.result() == "an instrument"
    assert (seen["resume"], seen["device"], seen["world"].size) == (False, "cpu", 1)
    assert [one.stage for one in line.fetch()] == ["training"]
    assert line.fetch() == []


def test_what_is_wrong_is_told_and_not_tried_again(line: Line, tmp_path: Path) -> None:
    labour(_settings(line, _raises(UsageError("a bad name")), tmp_path / "run"))
    assert str(line.result()) == "a bad name."


class _Gloo(_Remote):
    """A line that writes what comes of it to a file, for it lies in another process."""

    def __init__(self, file: Path) -> None:
        super().__init__(Line())
        self.file = file

    def __getattr__(self, name: str) -> Any:
        if name == "end":
            return SimpleNamespace(remote=lambda came: self.file.write_text(str(came)))
        return super().__getattr__(name)


def _one_of_two(rank: int, folder: Path) -> None:
    """A worker; the second one alone finds something wrong while the first waits for it."""
    torch.distributed.init_process_group(
        "gloo", store=torch.distributed.FileStore(str(folder / "store"), 2), rank=rank, world_size=2
    )

    def work(world: World, **_: Any) -> Any:
        if world.rank == 1:
            raise TrainingError("worker 1 sees other sounds")
        return world.total({"loss": 1.0})

    modules = {
        "ray": SimpleNamespace(get=lambda answer: answer),
        "ray.train": SimpleNamespace(get_context=lambda: SimpleNamespace(get_world_size=lambda: 2)),
    }
    cluster_training.import_module = modules.__getitem__
    try:
        labour(_settings(_Gloo(folder / f"ended{rank}"), work, folder / "run"))
    except TimbrelError as error:
        (folder / f"raised{rank}").write_text(type(error).__name__)


@pytest.mark.slow
def test_what_one_of_two_finds_wrong_ends_both_and_is_told(tmp_path: Path) -> None:
    several = multiprocessing.get_context("spawn")
    two = [several.Process(target=_one_of_two, args=(rank, tmp_path)) for rank in (0, 1)]
    for one in two:
        one.start()
    for one in two:
        one.join(60)
        one.kill()
    assert (tmp_path / "raised1").read_text() == "TrainingError"
    assert (tmp_path / "ended1").read_text() == "worker 1 sees other sounds."
    assert (tmp_path / "raised0").read_text() == "WorkerLost"
    assert not (tmp_path / "ended0").exists()


def test_what_was_wrong_first_is_told(line: Line) -> None:
    line.end(UsageError("the first"))
    line.end(UsageError("what followed from it"))
    assert str(line.result()) == "the first."


def test_what_the_first_worker_says_the_others_do_not(line: Line, tmp_path: Path) -> None:
    labour(_settings(line, _raises(Told(UsageError("a bad name"))), tmp_path / "run"))
    assert line.result() is None


def test_a_lost_worker_makes_ray_begin_again(line: Line, tmp_path: Path) -> None:
    with pytest.raises(WorkerLost):
        labour(_settings(line, _raises(WorkerLost("gone")), tmp_path / "run"))
    assert line.result() is None


@pytest.mark.parametrize("begun", [True, False])
def test_beginning_again_goes_on_where_there_is_something(
    begun: bool, line: Line, tmp_path: Path
) -> None:
    line.begin()
    if begun:
        (tmp_path / "run").mkdir()
    seen: list[bool] = []
    labour(_settings(line, lambda **given: seen.append(given["resume"]), tmp_path / "run"))
    assert seen == [begun]
    assert [one.note for one in line.fetch()] == [
        "a worker was lost, loss 1 of 5: all go on from the last checkpoint"
    ]


@pytest.mark.parametrize("own", [True, False])
def test_only_a_folder_of_this_training_is_gone_on_with(
    own: bool, line: Line, tmp_path: Path
) -> None:
    line.begin()
    run = tmp_path / "run"
    run.mkdir()
    before = None if own else stamp(run)
    seen: list[tuple[bool, bool]] = []

    def work(**given: Any) -> None:
        seen.append((given["resume"], given["force"]))

    labour(_settings(line, work, run, force=True, before=before))
    assert seen == [(own, not own)]  # never both at once, which a training refuses


def test_what_is_made_is_not_made_again(line: Line, tmp_path: Path) -> None:
    line.begin()
    line.end(UsageError("stands for anything"))
    labour(_settings(line, _raises(AssertionError("it worked again")), tmp_path / "run"))


def test_a_wish_to_stop_reaches_the_worker(line: Line, tmp_path: Path) -> None:
    seen: list[bool] = []

    def work(**given: Any) -> None:
        line.wish()
        seen.append(given["should_stop"]())

    labour(_settings(line, work, tmp_path / "run"))
    assert seen == [True]


@pytest.mark.parametrize(
    ("workers", "threads", "each"), [(2, None, 8), (3, None, 4), (4, None, 4), (2, 3, 3)]
)
def test_a_machine_is_divided_among_its_workers(
    workers: int, threads: int | None, each: int
) -> None:
    cluster = Cluster(None, ({"CPU": 8.0}, {"CPU": 16.0}))
    wanted = Wanted("local", workers, "cpu", threads)
    assert cluster_training._threads(cluster, wanted) == each


def test_a_head_that_works_for_nobody_is_no_machine_to_divide() -> None:
    cluster = Cluster(None, ({"memory": 1.0}, {"CPU": 0.0}, {"CPU": 8.0}, {"CPU": 8.0}))
    assert cluster_training._threads(cluster, Wanted("local", 4, "cpu")) == 4


def test_uneven_cards_are_no_more_workers_than_there_is_room_for() -> None:
    cluster = Cluster(None, ({"CPU": 16.0, "GPU": 8.0}, {"CPU": 16.0, "GPU": 1.0}, {"CPU": 2.0}))
    assert cluster_training._threads(cluster, Wanted("local", 9, "cuda")) == 2


@pytest.mark.parametrize(
    ("failures", "told"),
    [([], "it said nothing"), ([ValueError()], "ValueError"), ([ValueError("a\nb ")], "b")],
)
def test_a_failure_without_text_is_told_by_its_kind(failures: list[Exception], told: str) -> None:
    assert cluster_training._reason(failures) == told


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_ray_noted_down_goes_however_it_ends(
    error: type[BaseException], tmp_path: Path
) -> None:
    noting = cluster_training._scratch(Workspace(tmp_path))
    noting.__enter__().mkdir(parents=True)
    assert list((tmp_path / "cache").glob("ray-*"))
    assert not noting.__exit__(error, error(), None)
    assert not list((tmp_path / "cache").glob("ray-*"))


def test_cards_are_taken_where_there_are_enough() -> None:
    cluster = Cluster(None, ({"CPU": 8.0, "GPU": 2.0},))
    taken = [
        cluster_training._settled(Wanted("local", workers, "auto"), cluster).device
        for workers in (2, 3)
    ]
    assert taken == ["cuda", "cpu"]
