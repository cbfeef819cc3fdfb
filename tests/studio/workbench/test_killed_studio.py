"""A studio that is killed: what it did goes on under the next, and two never share a workspace."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import SETTINGS
from timbrel.studio.workbench import processes

LONGEST_S = 240.0  # a test that waits for longer hangs


def until(happened: Callable[[], Any]) -> Any:
    """Waits for what must happen; how fast decides nothing."""
    end_s = time.monotonic() + LONGEST_S
    while not (found := happened()):
        assert time.monotonic() < end_s, "it never happened"
        time.sleep(0.05)
    return found


class Studio:
    """A real studio, in a process of its own."""

    def __init__(self, root: Path) -> None:
        command = [sys.executable, "-m", "timbrel", "--json", "--workspace", str(root)]
        self._jobs = root / "studio" / "jobs"
        self.process = subprocess.Popen(
            [*command, "studio", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def begin(self) -> "Studio":
        assert self.process.stdout
        text = ""
        while not text.rstrip().endswith("}"):
            line = self.process.stdout.readline().decode()
            assert line, self.process.stderr and self.process.stderr.read().decode()
            text += line
        self._address = json.loads(text)["address"]
        return self

    def asked(self, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(
            f"{self._address}api/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def state(self, job: str) -> str:
        return str(self.asked(f"jobs/{job}")["state"])

    def pid(self, job: str) -> int:
        kept = self._jobs / job / processes.PROCESS
        until(kept.is_file)
        return int(json.loads(kept.read_text())["pid"])

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Callable[[], Studio]]:
    begun: list[Studio] = []

    def begin() -> Studio:
        begun.append(Studio(tmp_path / "ws"))
        return begun[-1].begin()

    yield begin
    for one in begun:
        one.kill()
    for kept in tmp_path.rglob(processes.PROCESS):  # where the test failed, a job may live on
        process = processes.Process(kept.parent)
        process.stop(at_once=True)


@pytest.mark.slow
def test_kill_9_during_a_scan_and_a_training_and_both_end_as_done(
    studio: Callable[[], Studio], sounds: Path, tmp_path: Path
) -> None:
    first = studio()
    scan = first.asked("jobs", {"kind": "scan", "path": str(sounds)})["id"]
    train = {
        "kind": "train", "name": "n", "recipe": "sample-vae-tiny", "steps": 20,
        "settings": list(SETTINGS),
    }  # fmt: skip
    training = first.asked("jobs", train)["id"]
    until(lambda: first.state(scan) == "running")
    os.kill(first.pid(scan), signal.SIGSTOP)  # so that it cannot end too early
    first.kill()

    second = studio()
    assert second.state(scan) == "running"
    other = Studio(tmp_path / "ws")
    said = other.process.communicate()[1].decode()
    assert other.process.returncode == 1
    assert "Traceback" not in said
    assert "another studio serves" in said
    os.kill(second.pid(scan), signal.SIGCONT)
    until(lambda: second.state(scan) == "done")
    assert second.asked("state")["library"]["count"] == 32
    until(lambda: second.state(training) == "running")
    process = second.pid(training)
    os.kill(process, signal.SIGSTOP)
    second.kill()
    os.kill(process, signal.SIGKILL)

    third = studio()
    until(lambda: third.state(training) == "done")
    (made,) = third.asked("state")["instruments"]
    assert (made["name"], made["problem"]) == ("n", "")
    assert third.asked("trainings/n")["history"]["columns"]["step"][-1] == 20
    third.process.send_signal(signal.SIGINT)  # and Ctrl-C ends it in order
    said = third.process.communicate()[1].decode()
    assert (third.process.returncode in (0, 130), "Traceback" in said) == (True, False)
