"""The folder of a training under way: one writer at a time, and nothing left lying about."""

import errno
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
        atomic.tidy(run, alone=True)
        atomic.tidy_files(run, alone=True)
        atomic.tidy(workspace.instrument_folder(name))
        yield


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
