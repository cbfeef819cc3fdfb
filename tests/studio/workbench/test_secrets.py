"""What only its owner may know stands in no file of the workspace, no journal and no log."""

import logging
from pathlib import Path

import pytest

from conftest import visitor
from fixtures_command import Command
from timbrel.studio.workbench.bench import Bench
from timbrel.tasks import recipes

TOKEN, KEY = "the-studio's-own-token-4711", "hf_AKeyOfTheHubThatNobodyMaySee"


def files_with(words: str, folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in paths if words.encode() in path.read_bytes()]


def test_the_token_is_written_nowhere(own: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    page = visitor(own, token=TOKEN)
    answers = [page.get("/"), page.get(f"/?token={TOKEN}")]
    assert [answer.status_code for answer in answers] == [401, 200]
    wish = {"kind": "scan", "demo": True}
    answers += [
        page.post("/api/jobs", json=wish),
        page.post("/api/jobs", json={"kind": "scan", "token": TOKEN}),
        page.post("/api/instruments/tiny/pick", json={"at": [[0.5, 0.5]], "projection": "pca"}),
        page.get("/api/state"),
        page.get(f"/api/made/{'0' * 6}"),
    ]
    assert answers[2].status_code == answers[4].status_code == 201
    told = [answer.text for answer in answers if answer.status_code != 422]  # it says what was sent
    assert not [text for text in told if TOKEN in text]
    assert files_with(TOKEN, own.workspace.root) == []
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("http")]
    assert not [line for line in ours if TOKEN in line]  # the client's own log is not ours


def test_the_environment_s_keys_stand_in_no_log(
    timbrel: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "TIMBREL_TOKEN"):
        monkeypatch.setenv(name, KEY)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(recipes, "overview", fails, raising=False)
    monkeypatch.setattr(recipes, "describe", fails)
    ended = timbrel("--json", "recipes", "conv-tiny")
    assert ended.status == 1
    assert list(tmp_path.glob("timbrel-error-*.log"))
    assert files_with("ZeroDivisionError", tmp_path) != []
    assert files_with(KEY, tmp_path) == []
    assert KEY not in ended.out + ended.err
