"""One library and one trained instrument for all; a test copies what it changes."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from task_sounds import make_sounds
from timbrel.tasks import phase_trials
from timbrel.tasks.scan import scan
from timbrel.tasks.train import train
from timbrel.tasks.workspace import Workspace


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of made sounds; no test changes it."""
    return make_sounds(tmp_path_factory.mktemp("klänge"))


@pytest.fixture(scope="session")
def scanned(sounds: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with a library and no instrument; no test changes it."""
    workspace = Workspace(tmp_path_factory.mktemp("библиотека"))
    scan(workspace, [sounds])
    return workspace


@pytest.fixture(scope="session")
def trained(scanned: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with the instrument "tiny"; no test changes its library or instrument."""
    root = tmp_path_factory.mktemp("trained") / "ws"
    shutil.copytree(scanned.root, root)
    workspace = Workspace(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phase_trials, "MOST_SOUNDS", 24)  # as shipped
        train(workspace, "sample-vae-tiny", name="tiny", steps=20, settings=SETTINGS)
    return workspace


# Cheap, and still all of it: one preview sound, a small network.
SETTINGS = (
    "training.previews=1",
    "training.batch_size=4",
    "network.hidden_size=16",
    "phase.iterations=4",
)


@pytest.fixture
def fresh(scanned: Workspace, tmp_path: Path) -> Workspace:
    """A workspace of one's own with the library and no instrument."""
    shutil.copytree(scanned.root, tmp_path / "ws")
    return Workspace(tmp_path / "ws")


@pytest.fixture
def train_tiny() -> Callable[..., object]:
    """Trains the tiny recipe with cheap settings."""

    def run(workspace: Workspace, **options: object) -> object:
        given = {"name": "tiny", "steps": 10, "settings": SETTINGS, **options}
        return train(workspace, "sample-vae-tiny", **given)  # type: ignore[arg-type]

    return run
