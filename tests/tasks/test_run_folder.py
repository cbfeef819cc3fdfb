"""One training of a name at a time; others go on beside it."""

import errno
import os
from pathlib import Path

import pytest

from timbrel.errors import TrainingError
from timbrel.tasks.run_folder import alone, writing
from timbrel.tasks.workspace import Workspace


def test_a_second_training_of_a_name_is_refused_and_of_another_is_not(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with alone(workspace, "drums"):
        with (
            pytest.raises(TrainingError, match="another process trains 'drums'"),
            alone(workspace, "drums"),
        ):
            pass
        with alone(workspace, "bass"):
            pass
    with alone(workspace, "drums"):
        pass


def test_what_a_killed_training_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    run = workspace.training_folder("drums")
    half = run / "checkpoints" / ".0123abcd.part.safetensors"
    whole = run / "checkpoints" / "last.safetensors"
    beside = run.parent / f".{run.name}.0123abcd.part"
    beside.mkdir(parents=True)
    half.parent.mkdir(parents=True)
    for path in (half, whole):
        path.write_bytes(b"x")
    with alone(workspace, "drums"):
        assert (half.exists(), beside.exists(), whole.exists()) == (False, False, True)


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EACCES, "choose another with --workspace"),
        (errno.EROFS, "choose another with --workspace"),
    ],
)
def test_what_cannot_be_written_is_told_with_what_helps(number: int, advice: str) -> None:
    with pytest.raises(TrainingError, match=advice), writing(Path("instruments")):
        raise OSError(number, os.strerror(number))
