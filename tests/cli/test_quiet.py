"""Decoders keep their opinions for themselves, and nobody else is silenced."""

import os
import subprocess
import sys
from pathlib import Path
from threading import Barrier, Thread

import numpy as np
import pytest
import soundfile

from timbrel.signal._quiet import quiet
from timbrel.signal.files import read


def _damaged(path: Path) -> Path:
    """An MP3 with a hole, over which the decoder complains aloud."""
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(66_150) / 44_100)
    soundfile.write(path, tone, 44_100, format="MP3")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 600] = bytes(600)
    path.write_bytes(content)
    return path


def test_a_damaged_mp3_is_read_without_a_word(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = _damaged(tmp_path / "a.mp3")
    soundfile.read(path)
    assert "Illegal Audio-MPEG-Header" in capfd.readouterr().err
    read(path)
    assert capfd.readouterr().err == ""
    os.write(2, b"back")
    assert capfd.readouterr().err == "back"


def test_the_last_of_several_threads_gives_the_stream_back(
    capfd: pytest.CaptureFixture[str],
) -> None:
    both, later = Barrier(2), Barrier(2)

    def longer() -> None:
        with quiet():
            both.wait()
            later.wait()
            os.write(2, b"still nothing")

    thread = Thread(target=longer)
    thread.start()
    with quiet():
        both.wait()
    os.write(2, b"nothing")
    later.wait()
    thread.join()
    os.write(2, b"back")
    assert capfd.readouterr().err == "back"


def test_an_error_gives_the_stream_back(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError), quiet():
        raise ZeroDivisionError
    os.write(2, b"back")
    assert capfd.readouterr().err == "back"


def test_what_the_tool_says_itself_is_heard_meanwhile() -> None:
    code = (
        "import os, sys\n"
        "from timbrel.cli.main import _own_stderr\n"
        "from timbrel.signal._quiet import quiet\n"
        "_own_stderr()\n"
        "with quiet():\n"
        "    os.write(2, b'noise')\n"
        "    print('3 of 4', file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "3 of 4\n"


def test_without_a_stderr_nothing_is_touched() -> None:
    code = (
        "import os, sys\n"
        "from timbrel.signal._quiet import quiet\n"
        "mine = os.open(sys.argv[1], os.O_RDONLY)\n"
        "with quiet(): same = os.fstat(mine) == os.stat(sys.argv[1])\n"
        "print(mine, same)\n"
    )
    done = subprocess.run(
        ["sh", "-c", f"exec '{sys.executable}' -c \"$0\" \"$1\" 2>&-", code, __file__],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "2 True\n"
