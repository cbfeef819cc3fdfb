"""Files and folders that are written whole or not at all: beside, fsync, rename."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from timbrel.errors import ExistsError


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")


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
    if path.exists() and not force:
        raise ExistsError(f"{path} exists already", advice="choose another name or add --force")
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = _beside(path)
    part.mkdir()
    try:
        yield part
        for file in part.rglob("*"):
            if file.is_file():
                _readable(file)
                _sync(file)
        if path.exists() and not force:
            raise ExistsError(f"{path} exists by now", advice="choose another name")
        _replace_folder(part, path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _replace_folder(new: Path, path: Path) -> None:
    """A folder cannot be replaced in one step: the old one steps aside until the new one stands."""
    aside = _beside(path)
    if path.exists():
        os.replace(path, aside)
    try:
        os.replace(new, path)
    except OSError:
        if aside.exists():
            os.replace(aside, path)
        raise
    shutil.rmtree(aside, ignore_errors=True)
