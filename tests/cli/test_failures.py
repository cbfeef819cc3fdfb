"""Failures: one clear line, an exit status, never a traceback."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from fixtures_command import Command
from timbrel.cli.failures import CommandFault
from timbrel.cli.main import app
from timbrel.tasks import recipes as task


def _raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def overview() -> None:
        raise error

    monkeypatch.setattr(task, "overview", overview)


def test_ctrl_c_ends_with_130_and_tells_how_to_go_on(
    timbrel: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    _raising(monkeypatch, KeyboardInterrupt())
    ended = timbrel("recipes")
    assert ended.status == 130
    assert "--resume" in ended.err


@pytest.mark.parametrize(
    ("number", "helps"), [(errno.ENOSPC, "make room"), (errno.EACCES, "may write to")]
)
def test_the_systems_refusals_are_told_with_what_helps(
    timbrel: Command, monkeypatch: pytest.MonkeyPatch, number: int, helps: str
) -> None:
    _raising(monkeypatch, OSError(number, os.strerror(number), "some/file"))
    ended = timbrel("recipes")
    assert ended.status == 1
    assert ended.err.startswith(f"timbrel: some/file: {os.strerror(number)}")
    assert helps in ended.err


def test_what_nobody_foresaw_is_one_line_and_a_log(
    timbrel: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    _raising(monkeypatch, ZeroDivisionError("by\nnothing"))
    ended = timbrel("--json", "recipes")
    assert ended.status == 1
    assert len(ended.err.splitlines()) == 1
    assert "Traceback" not in ended.err + ended.out
    assert ended.document["error"]["kind"] == "ZeroDivisionError"
    found = re.search(r"the log (\S+\.log)", ended.err)
    assert found
    log = Path(found.group(1))
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")
    log.unlink()


def test_each_fault_in_a_command_is_of_the_kind_that_is_told() -> None:
    assert issubclass(typer.BadParameter, CommandFault)
    for words in (["scna"], ["library", "--lable"], ["scan"], ["--seed", "x", "library"]):
        with pytest.raises(CommandFault) as caught:
            app(args=words, standalone_mode=False)
        assert caught.value.ctx is not None
        assert caught.value.format_message()
        assert caught.value.exit_code == 2


def test_a_used_up_memory_is_said(timbrel: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    _raising(monkeypatch, MemoryError())
    ended = timbrel("recipes")
    assert ended.status == 1
    assert "memory" in ended.err


def test_a_reader_that_has_enough_is_no_error() -> None:
    code = "import sys; from timbrel.cli.main import main; sys.argv[1:] = ['--help']; main()"
    read, written = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=written, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(written)
    assert done.stderr == ""
    assert done.returncode == 1


def test_threads_reach_torch_and_huge_pages_are_asked_for() -> None:
    code = (
        "import os, sys\n"
        "from timbrel.cli import main as cli\n"
        "sys.argv[1:] = ['--threads', '1', 'recipes', 'sample-vae-tiny']\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "import torch; print(torch.get_num_threads(), os.environ['THP_MEM_ALLOC_ENABLE'])"
    )
    clean = {k: v for k, v in os.environ.items() if not k.endswith("NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=clean
    )
    assert done.stdout.splitlines()[-1] == "1 1"
