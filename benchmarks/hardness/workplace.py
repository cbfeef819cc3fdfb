"""Real commands to be ended at any moment: forked from a process that has imported what they need.

Starting Python and importing torch takes longer than many of these jobs, so most kills would hit
an import. A forked command runs the command line's own `main` with its own arguments, in a process
and a session of its own; only the imports are done.
"""

import json
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

RATE_HZ = 16_000
IMPORTED = (
    *("torch", "numpy", "scipy.signal", "soundfile", "soxr", "pydantic", "safetensors.torch"),
    *("timbrel.cli.main", "timbrel.tasks.train", "timbrel.tasks.generate", "timbrel.tasks.scan"),
    *("timbrel.tasks.morph", "timbrel.tasks.listen", "timbrel.training.loop", "numba"),
    *("lancedb", "timbrel.library.catalogue", "sklearn.neighbors", "timbrel.tasks.phase_trials"),
    *("fastapi", "uvicorn", "timbrel.studio.listening.app", "timbrel.studio.workbench.app"),
)


def warm() -> None:
    """Imports what commands need."""
    import importlib

    import torch

    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", message="lancedb fork support")  # nothing is under way
    for name in IMPORTED:
        importlib.import_module(name)


def impatient() -> None:
    """Makes a command write as often as it can, so that a kill finds it writing."""
    from timbrel.library import arrivals
    from timbrel.tasks import phase_trials
    from timbrel.training import run

    phase_trials.MOST_SOUNDS = 1  # the trial at the end writes nothing and takes longest

    run.CHECKPOINT_EVERY_S = run.CHECKPOINT_BEST_EVERY_S = 0.05
    arrivals._BATCH_ROWS, arrivals._COMPACT_EVERY = 8, 3
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # one reading process starts sooner


@dataclass
class Command:
    """A command under way or ended."""

    process: int
    out: Path
    err: Path
    status: int | None = None
    begun_s: float = field(default_factory=time.monotonic)

    def wait(self, limit_s: float = 600.0) -> int:
        """Waits for its end; a status below 0 is the signal that ended it."""
        end_s = time.monotonic() + limit_s
        while self.status is None:
            done, status = os.waitpid(self.process, os.WNOHANG)
            if done:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end_s:
                self.kill()
                raise AssertionError(f"it never ends: {self.said()}")
            else:
                time.sleep(0.005)
        return self.status

    def kill(self, *, with_children: bool = False) -> int:
        """Ends it as kill -9 does."""
        with suppress(ProcessLookupError):
            (os.killpg if with_children else os.kill)(self.process, signal.SIGKILL)
        return self.wait()

    def killed_at(self, moment_s: float) -> bool:
        """Lets it run for so long and kills it; False where it had ended before."""
        while time.monotonic() < self.begun_s + moment_s:
            done, status = os.waitpid(self.process, os.WNOHANG)
            if done:
                self.status = os.waitstatus_to_exitcode(status)
                return False
            time.sleep(0.002)
        return self.kill() == -signal.SIGKILL

    def said(self) -> str:
        """What it wrote on standard error."""
        return self.err.read_text(errors="replace")

    def answer(self) -> Any:
        """The JSON document that it wrote."""
        return json.loads(self.out.read_text())


def begin(
    arguments: Sequence[object],
    logs: Path,
    *,
    prepare: Callable[[], None] = impatient,
    user: int | None = None,
) -> Command:
    """Begins a command, `timbrel` with these arguments."""
    logs.mkdir(parents=True, exist_ok=True)
    number = len(list(logs.iterdir()))
    out, err = logs / f"{number:04d}.out", logs / f"{number:04d}.err"
    sys.stdout.flush()
    process = os.fork()
    if process == 0:
        status = 70
        try:
            os.setsid()
            os.dup2(os.open(out, os.O_CREAT | os.O_WRONLY, 0o666), 1)
            os.dup2(os.open(err, os.O_CREAT | os.O_WRONLY, 0o666), 2)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            status = _main([str(one) for one in arguments], prepare, user)
        finally:
            os._exit(status)
    return Command(process, out, err)


def _main(arguments: list[str], prepare: Callable[[], None], user: int | None) -> int:
    from timbrel.cli import main

    prepare()
    if user is not None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    sys.argv = ["timbrel", *arguments]
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", closefd=False, buffering=1)  # noqa: SIM115
    try:
        main.main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def apart(work: Callable[[], Any]) -> Any:
    """Does something in a forked process and gives its result, which JSON can hold."""
    receive, send = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(receive)
        try:
            text = json.dumps({"result": work()})
        except BaseException as error:
            text = json.dumps({"error": f"{type(error).__name__}: {error}"})
        with os.fdopen(send, "w") as file:
            file.write(text)
        os._exit(0)
    os.close(send)
    with os.fdopen(receive) as file:
        text = file.read()
    os.waitpid(process, 0)
    answer = json.loads(text) if text else {"error": "it died"}
    if "error" in answer:
        raise AssertionError(answer["error"])
    return answer["result"]


def sounds(folder: Path, count: int = 32, length_s: float = 0.5) -> Path:
    """Writes half tones, half noises, in a folder each."""
    rng = np.random.default_rng(7)
    times = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    for number in range(count):
        kind = "tone" if number % 2 else "noise"
        raw = np.sin(2 * np.pi * rng.uniform(150, 3000) * times) if number % 2 else 0.0
        raw = raw + (0.01 if number % 2 else 0.4) * rng.standard_normal(len(times))
        (folder / kind).mkdir(parents=True, exist_ok=True)
        sound = 0.5 * raw / np.abs(raw).max() * np.exp(-times * rng.uniform(3, 9))
        soundfile.write(folder / kind / f"{kind} {number:03d}.wav", sound, RATE_HZ)
    return folder


def recording(path: Path, length_s: float = 12.0) -> Path:
    """Writes a recording for recipes that learn from one: notes over some noise."""
    rng = np.random.default_rng(3)
    times = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    hz = np.repeat(rng.choice([220, 277, 330, 440], round(length_s * 2)), RATE_HZ // 2)
    sound = 0.4 * np.sin(2 * np.pi * np.cumsum(hz[: len(times)]) / RATE_HZ)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound + 0.02 * rng.standard_normal(len(times)), RATE_HZ)
    return path


def leftovers(folder: Path) -> list[str]:
    """What a writer that died has left: hidden, half-written files and folders."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob(".*.part*"))


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Writes rows as Markdown."""
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(str(row[name]) for name in names) + " |" for row in rows]
    return "\n".join(lines)
