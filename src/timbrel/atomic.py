"""Files and folders that are written whole or not at all: beside, fsync, rename."""

import os
import re
import shutil
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from timbrel.errors import ExistsError

_HALF = ".part"  # a folder that is being filled
_FORMER = ".old"  # what stood in its place, whole, for as long as it takes to put the new one there
_GONE = ".gone"  # what is being removed
_HALF_FILE = re.compile(r"\.[0-9a-f]{8}\.part(\.\w+)?")
_SETTLED_S = 600.0  # what changed since then is never taken for left behind


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
    tidy(place)
    if place.exists() and not force:
        raise ExistsError(f"{path} exists already", advice="choose another name or add --force")
    place.parent.mkdir(parents=True, exist_ok=True)
    part = _beside(place, _HALF)
    part.mkdir()
    claim = None
    try:
        with suppress(BlockingIOError):  # whoever tidies up looks at it for a moment
            claim = _claim(part)
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


def tidy(place: Path, *, alone: bool = False) -> None:
    """Does what a process had no time for that was killed while it wrote or removed a folder.

    What it had half written goes; where it was killed between the two renames that replace a
    folder, the old one comes back. What another process is writing stays. A lock tells which that
    is; where the disk knows none (some network disks, Windows), all that is half written stays.

    Args:
        place: Where the folder stands, or would.
        alone: Whether nobody else can be writing there, as the caller holds a lock. Else what was
            written to in the last ten minutes stays, for the locks of a disk that several machines
            share may not reach from one to another.
    """
    with suppress(OSError):  # another process tidies up as well
        being_written = False
        for half in _leftovers(place, _HALF):
            try:
                claim = _claim(half)
            except BlockingIOError:
                being_written = True
                continue
            if alone or (claim is not None and _has_settled(half, *half.rglob("*"))):
                shutil.rmtree(half, ignore_errors=True)
            _let_go(claim)
        for former in _leftovers(place, _FORMER):
            if place.exists():
                _remove(former, place)
            elif not being_written:
                os.replace(former, place)
        for gone in _leftovers(place, _GONE):
            shutil.rmtree(gone, ignore_errors=True)


def tidy_files(folder: Path, *, alone: bool = False) -> None:
    """Removes the files in a folder, and below, that killed processes left half written.

    Args:
        folder: The folder.
        alone: As for `tidy`.
    """
    for path in folder.rglob(".*"):
        if _HALF_FILE.fullmatch(path.name):
            with suppress(OSError):
                if path.is_file() and (alone or _has_settled(path)):
                    path.unlink(missing_ok=True)


def discard(place: Path) -> None:
    """Removes a folder; a kill never leaves half of it under its name.

    Args:
        place: The folder. Where it cannot be removed it stays whole.
    """
    with suppress(OSError):
        _remove(place, place)


def _remove(folder: Path, place: Path) -> None:
    """What is half removed is never taken for whole: it has another name by then."""
    gone = _beside(place, _GONE)
    os.replace(folder, gone)
    shutil.rmtree(gone, ignore_errors=True)


def _leftovers(place: Path, ending: str) -> list[Path]:
    if not place.parent.is_dir():
        return []
    name = re.compile(rf"\.{re.escape(place.name)}\.[0-9a-f]{{8}}{re.escape(ending)}")
    return [one for one in place.parent.iterdir() if name.fullmatch(one.name)]


def _has_settled(*paths: Path) -> bool:
    return time.time() - max(path.stat().st_mtime for path in paths) > _SETTLED_S


def _claim(folder: Path) -> int | None:
    """Takes a folder for this process, until it lets go or is killed; None where none can be taken.

    Raises:
        BlockingIOError: When another process has it.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    handle = None
    try:
        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        _let_go(handle)
        if isinstance(error, BlockingIOError):
            raise
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
    if aside.exists():
        _remove(aside, path)
