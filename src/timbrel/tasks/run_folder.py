"""The folder of a training under way: one writer at a time, and nothing left lying about."""

import errno
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from timbrel import atomic
from timbrel.errors import LibraryError, TrainingError
from timbrel.library import lock
from timbrel.tasks.workspace import Workspace


@contextmanager
def alone(workspace: Workspace, name: str) -> Iterator[None]:
    """Keeps a second training of the same name out, and tidies up after a killed one.

    Args:
        workspace: The workspace.
        name: The name of the instrument to be.

    Yields:
        Nothing.

    Raises:
        TrainingError: When another process trains under this name, or the disk takes no more.
    """
    run = workspace.training_folder(name)
    with ExitStack() as held:
        with writing(run.parent):
            run.parent.mkdir(parents=True, exist_ok=True)
            try:
                held.enter_context(lock.exclusive(run.with_suffix(".lock")))
            except LibraryError:
                raise TrainingError(
                    f"another process trains {name!r}", advice="wait until it has ended"
                ) from None
        atomic.tidy(run)
        _sweep(run)
        _sweep_inside(run)
        if workspace.instrument_folder(name).parent.exists():
            atomic.tidy(workspace.instrument_folder(name), settled_s=0)
        yield


def _sweep(target: Path) -> None:
    """Removes what a process that was killed while writing `target` left beside it."""
    leftover = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{8}}\.part")
    for path in target.parent.iterdir():
        if leftover.fullmatch(path.name):
            shutil.rmtree(path, ignore_errors=True)


def _sweep_inside(run: Path) -> None:
    """Removes half-written files, such as a checkpoint that a kill cut off."""
    leftover = re.compile(r"\.[0-9a-f]{8}\.part(\.\w+)?")
    for path in run.rglob(".*"):
        if leftover.fullmatch(path.name) and path.is_file():
            path.unlink(missing_ok=True)


def discard(run: Path) -> None:
    """Removes the folder of a training; a kill never leaves half of it under its name.

    Args:
        run: The folder. Where it cannot be removed it stays whole.
    """
    aside = run.with_name(f".{run.name}.{uuid.uuid4().hex[:8]}.part")  # swept if left behind
    with suppress(OSError):
        os.replace(run, aside)
    shutil.rmtree(aside, ignore_errors=True)


def stamp(run: Path) -> int | None:
    """Tells the folder of a training from others that stood under its name.

    Args:
        run: The folder.

    Returns:
        A number that a folder made in its place does not have; None where there is none.

    Example:
        >>> stamp(Path("nowhere")) is None
        True
    """
    with suppress(OSError):
        return run.stat().st_ino
    return None


def begun_since(run: Path, before: int | None) -> bool:
    """Tells whether a training has begun a folder of its own, or only one that was there before.

    Args:
        run: The folder.
        before: What `stamp` told of it before the training began.

    Returns:
        Whether it stands there and is another one.

    Example:
        >>> begun_since(Path("nowhere"), None)
        False
    """
    return stamp(run) not in (None, before)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turns what goes wrong while files are written into one clear line.

    Args:
        folder: Where they are written.

    Yields:
        Nothing.

    Raises:
        TrainingError: When the disk takes no more, or the folder is not ours to write to.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise TrainingError(
                f"cannot write to {folder} ({error.strerror})",
                "a folder that can be written to",
                "choose another with --workspace",
            ) from None
        raise TrainingError(
            f"cannot write to {folder} ({error.strerror or error})",
            "a folder with free space",
            "free some space and start again: nothing is lost",
        ) from None
