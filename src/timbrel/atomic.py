"""Files and folders that are written whole or not at all: beside, fsync, rename."""

import os
import re
import shutil
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from timbrel.errors import ExistsError

_HALF = ".part"  # a folder that is being filled
_SETTLED_S = 60.0  # so long nobody takes a folder of another process for left behind
_FORMER = ".old"  # what stood in its place, for as long as it takes to put the new one there


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}{ending}")


def _readable(path: Path) -> None:
    """Gives a file the rights that any new file gets here: some writers make private ones."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Gives a path beside `path` to write to, and moves it into place when all went well.

    A reader sees the old content or the new, never half of it; a failure leaves the old.

    Args:
        path: Where the file shall stand; missing parent folders are made.

    Yields:
        The path to write to. It keeps the ending of `path`.

    Example:
        >>> import pathlib, tempfile
        >>> target = pathlib.Path(tempfile.mkdtemp()) / "card.md"
        >>> with new_file(target) as part:
        ...     _ = part.write_text("a kick")
        >>> target.read_text()
        'a kick'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{uuid.uuid4().hex[:8]}.part{path.suffix}")
    try:
        yield part
        _readable(part)
        _sync(part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Writes a UTF-8 text file whole or not at all.

    Args:
        path: Where the file shall stand.
        text: Its content.
    """
    with new_file(path) as part:
        part.write_text(text, encoding="utf-8")


@contextmanager
def new_folder(path: Path, *, force: bool = False) -> Iterator[Path]:
    """Gives an empty folder beside `path` to fill, and moves it into place when all went well.

    Args:
        path: Where the folder shall stand.
        force: Whether an existing folder is replaced; otherwise it is an error.

    Yields:
        The folder to fill.

    Raises:
        ExistsError: When `path` exists and `force` is false.
    """
    place = path.resolve()
    _tidy(place)
    if place.exists() and not force:
        raise ExistsError(f"{path} exists already", advice="choose another name or add --force")
    place.parent.mkdir(parents=True, exist_ok=True)
    part = _beside(place, _HALF)
    part.mkdir()
    claim = _claim(part)
    try:
        yield part
        for file in part.rglob("*"):
            if file.is_file():
                _readable(file)
                _sync(file)
        if place.exists() and not force:
            raise ExistsError(f"{path} exists by now", advice="choose another name")
        _replace_folder(part, place)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        _let_go(claim)


def _tidy(place: Path) -> None:
    """Does what a process had no time for that was killed while it wrote this folder."""
    for half in _leftovers(place, _HALF):
        claim = _claim(half) if time.time() - half.stat().st_mtime > _SETTLED_S else None
        if claim is None:
            return  # another process is at it, or was a moment ago
        shutil.rmtree(half, ignore_errors=True)
        _let_go(claim)
    for former in _leftovers(place, _FORMER):
        if place.exists():
            shutil.rmtree(former, ignore_errors=True)
        else:  # killed between two renames: what was there before is whole
            os.replace(former, place)


def _leftovers(place: Path, ending: str) -> list[Path]:
    if not place.parent.is_dir():
        return []
    name = re.compile(rf"\.{re.escape(place.name)}\.[0-9a-f]{{8}}{re.escape(ending)}")
    return [one for one in place.parent.iterdir() if name.fullmatch(one.name)]


def _claim(folder: Path) -> int | None:
    """Takes a folder for this process, until it lets go or is killed.

    None where another process has it, or where folders cannot be taken (then nothing that was left
    behind is ever told from what is being written).
    """
    if sys.platform == "win32":
        return None
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _let_go(claim: int | None) -> None:
    if claim is not None:
        os.close(claim)


def _replace_folder(new: Path, path: Path) -> None:
    """A folder cannot be replaced in one step: the old one steps aside until the new one stands."""
    aside = _beside(path, _FORMER)
    if path.exists():
        os.replace(path, aside)
    try:
        os.replace(new, path)
    except OSError:
        if aside.exists():
            os.replace(aside, path)
        raise
    shutil.rmtree(aside, ignore_errors=True)
