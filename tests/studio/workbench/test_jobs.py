"""Jobs: one at a time, in order; they outlive the server, and a damaged journal harms nobody."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from conftest import told, visitor
from timbrel.studio.workbench import processes
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.jobs import JobList
from timbrel.studio.workbench.journal import JOURNAL, Plan
from timbrel.studio.workbench.models.workspace import Job

# Stands for timbrel: it tells that it began, then waits for a file of its name to end.
COMMAND = """
import json, os, signal, sys, time
name, stubborn = sys.argv[1], "stubborn" in sys.argv
def stop(*_):
    if not stubborn:
        print(json.dumps({"error": {"message": "stopped", "exit_status": 130}}), flush=True)
        os._exit(130)
signal.signal(signal.SIGINT, stop)
print(json.dumps({"progress": {"stage": "working", "done": 1, "total": 2,
    "seconds_left": 3, "note": ""}}), file=sys.stderr, flush=True)
with open(name + ".began", "a") as file:
    file.write(" ".join(sys.argv[2:]) + "\\n")
while not os.path.exists(name + ".end"):
    time.sleep(0.01)
print(json.dumps({"did": sys.argv[2:]}))
"""
LONGEST_S = 60.0  # a test that waits for longer hangs


def until(happened: Callable[[], Any]) -> Any:
    """Waits for what must happen; how fast decides nothing."""
    end_s = time.monotonic() + LONGEST_S
    while not (found := happened()):
        assert time.monotonic() < end_s, "it never happened"
        time.sleep(0.02)
    return found


@dataclass
class Work:
    """A place of jobs whose commands end when they are told to."""

    folder: Path
    lists: list[JobList] = field(default_factory=list)
    told: list[Job] = field(default_factory=list)
    ended: list[Plan] = field(default_factory=list)
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def server(self, *, start: bool = True) -> JobList:
        def ended(plan: Plan, _answer: dict[str, Any]) -> list[str]:
            self.ended.append(plan)
            return []

        jobs = JobList(self.folder / "jobs", tell=self.told.append, ended=ended)
        if start:
            jobs.start()
            self.lists.append(jobs)
        return jobs

    def plan(self, name: str, kind: Any = "scan", *more: str, **options: Any) -> Plan:
        place = str(self.folder / name)
        return Plan(kind, name, (place, "first", *more), "timbrel", **options)

    def began(self, name: str) -> list[str]:
        path = self.folder / f"{name}.began"
        return path.read_text().splitlines() if path.exists() else []

    def end(self, name: str) -> None:
        (self.folder / f"{name}.end").touch()

    def pid(self, job: Job) -> int:
        told = (self.folder / "jobs" / job.id / processes.PROCESS).read_text()
        return int(json.loads(told)["pid"])

    def abandoned(self, plan: Plan) -> Job:
        """A job as a server leaves it that is killed while the job runs."""
        job = self.server(start=False).add(plan)
        folder = self.folder / "jobs" / job.id
        processes.begin(folder, plan.arguments)
        until(lambda: self.began(plan.title))
        entry = json.loads((folder / JOURNAL).read_text())
        (folder / JOURNAL).write_text(json.dumps({**entry, "state": "running", "turns": 1}))
        return job


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    script = tmp_path / "command.py"
    script.write_text(COMMAND)
    real = subprocess.Popen

    work = Work(tmp_path)

    def popen(command: list[str], **options: Any) -> Any:
        child = real([sys.executable, "-S", str(script), *command[3:]], **options)
        work.children.append(child)
        return child

    monkeypatch.setattr(processes.subprocess, "Popen", popen)
    yield work
    for jobs in work.lists:
        for job in jobs.all():
            Path(tmp_path / f"{job.title}.end").touch()
        jobs.close()
    for child in work.children:
        child.wait()


def test_one_at_a_time_in_order_and_an_estimate_passes_by(work: Work) -> None:
    jobs = work.server()
    first, second, third = (jobs.add(work.plan(name)) for name in "abc")
    beside = jobs.add(work.plan("e", "estimate"))
    until(lambda: work.began("a") and work.began("e"))
    assert not work.began("b")
    assert [jobs.one(job.id).position for job in (second, third)] == [1, 2]  # not the estimate
    work.end("e")
    until(lambda: jobs.one(beside.id).state == "done")
    work.end("c")
    work.end("a")
    until(lambda: work.began("b"))
    assert [jobs.one(job.id).state for job in (first, second, third)] == [
        "done", "running", "queued",
    ]  # fmt: skip
    work.end("b")
    until(lambda: jobs.one(third.id).state == "done")
    assert [plan.title for plan in work.ended] == ["e", "a", "b", "c"]
    assert jobs.one(first.id).result == {"did": ["first"]}
    moments = [job.progress for job in work.told if job.progress]
    assert {(moment.done, moment.seconds_left) for moment in moments} == {(1, 3)}


def test_a_job_is_stopped_before_it_runs_while_it_runs_and_at_once(work: Work) -> None:
    jobs = work.server()
    stubborn, waiting = jobs.add(work.plan("a", "scan", "stubborn")), jobs.add(work.plan("b"))
    assert jobs.cancel(waiting.id).state == "stopped"
    until(lambda: work.began("a"))
    assert jobs.cancel(stubborn.id).state == "running"
    jobs.cancel(stubborn.id)
    until(lambda: jobs.one(stubborn.id).state == "stopped")
    assert not work.began("b")
    gentle = jobs.add(work.plan("c"))
    until(lambda: work.began("c"))
    jobs.cancel(gentle.id)
    until(lambda: jobs.one(gentle.id).state == "stopped")
    for job in (stubborn, waiting, gentle):
        jobs.forget(job.id)
    assert jobs.all() == []
    assert list((work.folder / "jobs").iterdir()) == []


@pytest.mark.parametrize(("there", "turn"), [(True, "again"), (False, "first")])
def test_a_job_goes_on_with_what_it_kept_or_begins_anew(work: Work, there: bool, turn: str) -> None:
    jobs, kept = work.server(), work.folder / "kept"
    place = str(work.folder / "a")
    job = jobs.add(work.plan("a", again=(place, "again"), kept=str(kept)))
    until(lambda: work.began("a"))
    if there:
        kept.mkdir()
    jobs.cancel(job.id)
    until(lambda: jobs.one(job.id).resumable)
    jobs.resume(job.id)
    until(lambda: len(work.began("a")) == 2)
    assert work.began("a") == ["first", turn]


def test_a_server_that_ends_lets_its_job_go_on_under_the_next(work: Work) -> None:
    jobs = work.server()
    job = jobs.add(work.plan("a", again=(str(work.folder / "a"), "again")))
    until(lambda: work.began("a"))
    jobs.close()
    assert work.server(start=False).one(job.id).state == "queued"
    for turn in range(2, 9):  # as often as a person closes the studio
        later = work.server()
        until(lambda turn=turn: len(work.began("a")) == turn)
        later.close()
    last = work.server()
    work.end("a")
    until(lambda: last.one(job.id).state == "done")
    assert set(work.began("a")[1:]) == {"again"}


def test_what_ends_while_the_server_ends_is_done(work: Work) -> None:
    jobs = work.server()
    job = jobs.add(work.plan("a", "scan", "stubborn"))
    until(lambda: work.began("a"))
    work.end("a")
    jobs.close()
    assert work.server(start=False).one(job.id).state == "done"


def test_a_job_that_lived_on_is_found_again(work: Work) -> None:
    job = work.abandoned(work.plan("a"))
    jobs = work.server()
    later = jobs.add(work.plan("b"))
    assert jobs.one(job.id).state == "running"
    work.end("a")
    work.end("b")
    until(lambda: jobs.one(later.id).state == "done")
    assert jobs.one(job.id).state == "done"
    assert work.began("a") == ["first"]  # it was not begun twice


def test_a_job_that_died_with_its_server_goes_on_but_not_for_ever(work: Work) -> None:
    job = work.abandoned(work.plan("a", again=(str(work.folder / "a"), "again")))
    work.children[-1].kill()
    work.children[-1].wait()
    jobs = work.server()
    for turn in range(2, 6):
        until(lambda turn=turn: len(work.began("a")) == turn)
        work.children[-1].kill()
    until(lambda: jobs.one(job.id).state == "failed")
    assert work.began("a") == ["first", *["again"] * 4]
    error = jobs.one(job.id).error
    assert error
    assert "5 times" in error.text


def test_a_damaged_journal_is_passed_over(work: Work) -> None:
    jobs = work.server(start=False)
    job = jobs.add(work.plan("a"))
    good = json.loads((work.folder / "jobs" / job.id / JOURNAL).read_text())
    damages = [
        "", "{", "[]", "null", "[" * 100_000, '{"id": "a"}', "\udcff",
        *(json.dumps({**good, **wrong}) for wrong in (
            {"state": "bogus"}, {"state": 5}, {"turns": "x"}, {"made": 3}, {"plan": None},
            {"error": "text"}, {"plan": {**good["plan"], "kind": "rm"}},
            {"plan": {**good["plan"], "arguments": "--force"}}, {"id": "../../a"},
        )),
    ]  # fmt: skip
    for number, text in enumerate(damages):
        folder = work.folder / "jobs" / f"bad{number}"
        folder.mkdir()
        (folder / JOURNAL).write_bytes(text.encode("utf-8", "surrogateescape"))
    (work.folder / "jobs" / "stray.txt").touch()
    again = work.server(start=False)
    assert [one.id for one in again.all()] == [job.id]


@pytest.mark.parametrize("pid", [-1, 0, 1, 2**40])
def test_a_journal_of_a_stranger_stops_no_process_of_the_machine(
    work: Work, monkeypatch: pytest.MonkeyPatch, pid: int
) -> None:
    job = work.server(start=False).add(work.plan("a"))
    folder = work.folder / "jobs" / job.id
    entry = json.loads((folder / JOURNAL).read_text())
    (folder / JOURNAL).write_text(json.dumps({**entry, "state": "running", "turns": 1}))
    (folder / processes.PROCESS).write_text(json.dumps({"pid": pid, "began": ""}))
    struck: list[int] = []
    with monkeypatch.context() as watched:
        watched.setattr(processes.os, "kill", lambda number, _signal: struck.append(number))
        jobs = work.server()
        jobs.cancel(job.id)
        until(lambda: jobs.one(job.id).state in ("stopped", "running"))
    assert pid not in struck
    work.end("a")


def test_a_command_that_cannot_be_begun_does_not_end_the_queue(work: Work) -> None:
    jobs = work.server()
    wrong = jobs.add(replace(work.plan("a"), arguments=("a\0b",)))
    work.end("b")
    right = jobs.add(work.plan("b"))
    until(lambda: jobs.one(right.id).state == "done")
    assert jobs.one(wrong.id).state == "failed"
    assert jobs.one(wrong.id).error


def test_what_is_no_text_is_no_part_of_a_command(own: Bench) -> None:
    page = visitor(own)
    for wish in (
        {"kind": "generate", "instrument": "tiny", "count": 1, "label": "a\0b"},
        {"kind": "train", "name": "n", "recipe": "sample-vae-tiny", "settings": ["a\0=1"]},
        {"kind": "scan", "path": "/tmp\0/x"},
    ):
        told(page.post("/api/jobs", json=wish), 400)
    assert own.jobs.all() == []


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"kind": "scan", "path": "/nowhere/at/all"}, 400),
        ({"kind": "scan", "path": "/" + "x" * 4000}, 400),
        ({"kind": "scan", "path": "~nobody-of-that-name/x"}, 400),
        ({"kind": "scan"}, 400),
        ({"kind": "scan", "demo": True, "path": "/tmp"}, 400),
        ({"kind": "scan", "upload": "0"}, 404),
        ({"kind": "train", "name": "--force", "recipe": "sample-vae-tiny"}, 400),
        ({"kind": "train", "name": "../x", "recipe": "sample-vae-tiny"}, 400),
        ({"kind": "train", "name": "x", "recipe": "./recipe.toml"}, 404),
        ({"kind": "train", "name": "x", "recipe": "/etc/passwd"}, 404),
        ({"kind": "train", "name": "x", "recipe": "--help"}, 404),
        ({"kind": "train", "name": "x"}, 400),
        ({"kind": "map", "instrument": "no"}, 404),
        ({"kind": "map", "instrument": "--fresh"}, 400),
        ({"kind": "evaluate", "instruments": ["tiny", "--force"]}, 400),
        ({"kind": "listen", "name": "../x", "systems": {"a": ["library:0"]}}, 400),
        ({"kind": "listen", "name": "x", "systems": {"a=/etc": ["library:0"]}}, 400),
        ({"kind": "rm"}, 422),
        ({"kind": "scan", "path": "/tmp", "command": "rm"}, 422),
    ],
)
def test_jobs_that_cannot_be_are_refused(own: Bench, wish: dict[str, Any], status: int) -> None:
    folder = own.workspace.instruments / "--force"
    folder.mkdir()
    folder.with_name("--fresh").mkdir()
    told(visitor(own).post("/api/jobs", json=wish), status)
    assert own.jobs.all() == []


def test_a_setting_stays_one_argument_whatever_is_in_it(own: Bench) -> None:
    setting = "training.batch_size=4\n--force --out /etc '$(touch x)'"
    wish = {"kind": "train", "name": "n", "recipe": "sample-vae-tiny", "settings": [setting]}
    job = visitor(own).post("/api/jobs", json=wish).json()
    journal = json.loads((own.workspace.studio / "jobs" / job["id"] / JOURNAL).read_text())
    assert journal["plan"]["arguments"].count(f"--set={setting}") == 1
    assert not {"--force", "--out"} & set(journal["plan"]["arguments"])


def test_sounds_that_are_made_after_all_are_those_that_were_asked_for(own: Bench) -> None:
    wish = {"kind": "generate", "instrument": "tiny", "count": 2, "seed": 7}
    job = visitor(own).post("/api/jobs", json=wish).json()
    plan = json.loads((own.workspace.studio / "jobs" / job["id"] / JOURNAL).read_text())["plan"]
    for arguments in (plan["arguments"], plan["again"]):
        assert arguments[arguments.index("--seed") + 1] == "7"
