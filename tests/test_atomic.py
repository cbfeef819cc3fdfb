"""Files and folders are written whole or not at all."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from timbrel import atomic
from timbrel.errors import ExistsError


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "card.md"
    atomic.write_text(target, "old")

    def half_a_file() -> None:
        with atomic.new_file(target) as part:
            part.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_a_file()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_new_file_keeps_its_ending_while_it_is_written(tmp_path: Path) -> None:
    with atomic.new_file(tmp_path / "deep" / "map.png") as part:
        assert part.suffix == ".png"
        part.write_bytes(b"1")
    assert (tmp_path / "deep" / "map.png").read_bytes() == b"1"


def test_a_failed_folder_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "kit"
    with atomic.new_folder(target) as part:
        (part / "one").write_text("1")

    def half_a_folder() -> None:
        with atomic.new_folder(target, force=True) as part:
            (part / "two").write_text("2")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_a_folder()
    assert [file.name for file in target.iterdir()] == ["one"]
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_is_replaced_only_by_force(tmp_path: Path) -> None:
    target = tmp_path / "kit"
    with atomic.new_folder(target) as part:
        (part / "one").write_text("1")
    with pytest.raises(ExistsError, match="--force"), atomic.new_folder(target):
        pass
    with atomic.new_folder(target, force=True) as part:
        (part / "two").write_text("2")
    assert [file.name for file in target.iterdir()] == ["two"]
    assert list(tmp_path.iterdir()) == [target]


def test_an_error_while_the_folder_moves_in_brings_the_old_one_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "kit"
    with atomic.new_folder(target) as part:
        (part / "one").write_text("1")
    replace = os.replace

    def broken(old: Path, new: Path) -> None:
        if new == target and not (old / "one").exists():
            raise OSError(5, "the disk is broken")
        replace(old, new)

    monkeypatch.setattr(os, "replace", broken)

    def moved_in() -> None:
        with atomic.new_folder(target, force=True) as part:
            (part / "two").write_text("2")

    with pytest.raises(OSError, match="broken"):
        moved_in()
    assert [file.name for file in target.iterdir()] == ["one"]
    assert list(tmp_path.iterdir()) == [target]


def test_a_private_file_becomes_as_readable_as_any_other(tmp_path: Path) -> None:
    with atomic.new_file(tmp_path / "weights") as part:
        part.touch(mode=0o600)
    (tmp_path / "any").touch()
    assert (tmp_path / "weights").stat().st_mode == (tmp_path / "any").stat().st_mode


def test_a_folder_may_be_named_by_a_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with atomic.new_folder(Path("new")) as part:
        (part / "one").write_text("1")
    assert Path("new/one").read_text() == "1"


KILLED = """
import os, signal, sys, time
from pathlib import Path
from timbrel import atomic
with atomic.new_folder(Path(sys.argv[1]), force=True) as part:
    (part / "half").write_text("half")
    if len(sys.argv) > 2:  # after the old one stepped aside
        def first_only(old, new, _moved=[]):
            if _moved:
                os.kill(os.getpid(), signal.SIGKILL)
            _moved.append(os.rename(old, new))
        os.replace = first_only
    else:
        print("filling", flush=True)
        time.sleep(60)
"""


def _age(folder: Path, seconds: float = 1e6) -> None:
    then_s = time.time() - seconds
    for one in folder.rglob("*"):
        os.utime(one, (then_s, then_s))


def _make(target: Path, *, force: bool = False) -> None:
    with atomic.new_folder(target, force=force) as part:
        (part / "new").write_text("new")


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked there")
def test_what_a_killed_process_left_is_swept_and_what_a_living_one_writes_is_not(
    tmp_path: Path,
) -> None:
    target = tmp_path / "kit"
    command = [sys.executable, "-c", KILLED, str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        _age(tmp_path)
        _make(target)
        assert len(list(tmp_path.iterdir())) == 2  # it lives
        writer.kill()
    _age(tmp_path, 1)  # it may be of a disk whose locks reach no other machine
    _make(target, force=True)
    assert len(list(tmp_path.iterdir())) == 2  # it may have begun a moment ago
    _age(tmp_path)
    _make(target, force=True)
    assert [one.name for one in tmp_path.iterdir()] == ["kit"]


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked there")
def test_a_kill_between_two_renames_loses_nothing(tmp_path: Path) -> None:
    target = tmp_path / "kit"
    _make(target)
    command = [sys.executable, "-c", KILLED, str(target), "aside"]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert not target.exists()
    with pytest.raises(ExistsError):  # it is back, at once
        _make(target)
    assert (target / "new").read_text() == "new"
    _age(tmp_path)
    atomic.tidy(target)
    assert list(tmp_path.iterdir()) == [target]


def test_what_is_half_removed_is_never_put_back(tmp_path: Path) -> None:
    (tmp_path / ".kit.0123abcd.gone").mkdir()
    atomic.tidy(tmp_path / "kit")
    assert not list(tmp_path.iterdir())


def test_another_process_may_tidy_up_at_the_same_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / ".kit.0123abcd.part"
    monkeypatch.setattr(atomic, "_leftovers", lambda *_: [left])  # gone by now
    _make(tmp_path / "kit")
    assert (tmp_path / "kit" / "new").exists()


def test_half_written_files_that_are_old_go_and_all_others_stay(tmp_path: Path) -> None:
    deep = tmp_path / "kits" / "one"
    deep.mkdir(parents=True)
    half, whole, new = deep / ".0123abcd.part.wav", deep / "kick.wav", deep / ".4567abcd.part.wav"
    for path in (half, whole):
        path.write_bytes(b"x")
    _age(tmp_path)
    new.write_bytes(b"x")
    atomic.tidy_files(tmp_path)
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == {whole, new}
    atomic.tidy_files(tmp_path, alone=True)
    assert not new.exists()
    atomic.tidy_files(tmp_path / "nowhere")


def test_a_folder_that_is_removed_is_gone_at_once_or_whole(tmp_path: Path) -> None:
    _make(tmp_path / "kit")
    atomic.discard(tmp_path / "kit")
    atomic.discard(tmp_path / "kit")  # as often as one likes
    assert not list(tmp_path.iterdir())
