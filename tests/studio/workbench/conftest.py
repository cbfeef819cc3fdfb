"""One library and one tiny instrument for all, and the studio that serves a copy of them."""

import json
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from fixtures_command import timbrel
from task_sounds import make_sounds
from timbrel.cli.main import run
from timbrel.studio.workbench.app import make_app
from timbrel.studio.workbench.bench import Bench
from timbrel.tasks.instruments import open_named
from timbrel.tasks.layouts import layout_of
from timbrel.tasks.scan import scan
from timbrel.tasks.train import train
from timbrel.tasks.workspace import Workspace

__all__ = ["timbrel"]

PORT = 8765
HOME = f"http://127.0.0.1:{PORT}"
PAGE = {"index.html": b"<p>the page</p>", "icon.svg": b"<svg/>"}
# Cheap, and still all of it.
SETTINGS = (
    *("training.previews=1", "training.batch_size=4", "network.hidden_size=16"),
    "phase.iterations=4",
)


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of made sounds; no test changes it."""
    return make_sounds(tmp_path_factory.mktemp("klänge"))


@pytest.fixture(scope="session")
def made_once(sounds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a library, the instrument "tiny" and its map; no test changes it."""
    workspace = Workspace(tmp_path_factory.mktemp("studio") / "ws")
    scan(workspace, [sounds])
    train(workspace, "sample-vae-tiny", name="tiny", steps=20, settings=SETTINGS)
    layout_of(workspace, open_named(workspace, "tiny"), projection="pca")
    return workspace.root


@pytest.fixture(scope="session")
def shared(made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A bench for tests that add to it and take nothing away."""
    root = tmp_path_factory.mktemp("shared") / "ws"
    shutil.copytree(made_once, root)
    return Bench(root)


@pytest.fixture
def client(shared: Bench) -> TestClient:
    return visitor(shared)


@pytest.fixture
def own(made_once: Path, tmp_path: Path) -> Iterator[Bench]:
    """A bench of one's own, to change."""
    shutil.copytree(made_once, tmp_path / "ws")
    bench = Bench(tmp_path / "ws")
    yield bench
    bench.close()


@pytest.fixture
def mine(own: Bench) -> TestClient:
    return visitor(own)


@pytest.fixture
def bare(tmp_path: Path) -> Bench:
    """A bench of an empty workspace."""
    return Bench(tmp_path / "empty")


def visitor(bench: Bench, **options: Any) -> TestClient:
    """A page that asks a bench; what is unforeseen fails the test."""
    return TestClient(make_app(bench, port=PORT, page=PAGE, **options), base_url=HOME)


@pytest.fixture
def library(client: TestClient) -> list[str]:
    """The sounds of the library, as the page names them."""
    return [row["sound"] for row in client.get("/api/library/sounds").json()["sounds"]]


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Runs a command of the page as a person pastes it; gives the folder it ran in."""

    def paste(command: str) -> Path:
        folder = tmp_path / "typed"
        folder.mkdir(exist_ok=True)
        monkeypatch.chdir(folder)
        first, *arguments = shlex.split(command)
        assert (first, run(arguments)) == ("timbrel", 0)
        return folder

    return paste


def told(answer: Any, status: int) -> dict[str, str]:
    """What an error says, which is in words and without a trace of the inside."""
    assert answer.status_code == status, answer.text
    error: dict[str, str] = answer.json()["error"]
    assert set(error) == {"text", "given", "accepted", "advice"}
    assert error["text"]
    for inside in ("Traceback", 'File "', "site-packages", ".py", "timbrel.errors"):
        assert inside not in json.dumps(error)
    return error
