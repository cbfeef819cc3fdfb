"""Files brought to the page: what is a sound stays, under a name that harms nobody."""

import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from conftest import told, visitor
from timbrel.library import pool
from timbrel.studio.workbench import uploads
from timbrel.studio.workbench.bench import Bench


@pytest.fixture(scope="module")
def wav(sounds: Path) -> bytes:
    return (sounds / "noise" / "noise 00.wav").read_bytes()


def _send(client: TestClient, *files: tuple[str, bytes]) -> dict[str, list[dict[str, str]]]:
    answer = client.post("/api/uploads", files=[("files", file) for file in files])
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def test_each_file_of_an_upload_is_heard_under_its_own_name(
    client: TestClient, sounds: Path
) -> None:
    paths = [sounds / "noise" / "noise 01.wav", sounds / "tön" / "tön 02.wav"]
    sent = _send(client, *((path.name, path.read_bytes()) for path in paths))
    for path, file in zip(paths, sent["files"], strict=True):
        assert (file["name"], file["duration_s"]) == (path.name, 0.5)
        assert client.get(f"/api/sounds/{file['sound']}").content == path.read_bytes()
    upload = sent["files"][0]["sound"].rpartition("-")[0]
    for number in ("0", "3", "-1", "", "x", "1e3"):
        assert client.get(f"/api/sounds/{upload}-{number}").status_code == 404


def test_what_is_no_sound_is_refused_and_the_rest_stays(client: TestClient, wav: bytes) -> None:
    sent = _send(
        client, ("empty.wav", b""), ("lie.flac", b"no sound " * 99), ("run.exe", b"MZ"),
        ("good.wav", wav), ("page.html", b"<script>"), ("none", wav), ("cut.wav", wav[:30]),
    )  # fmt: skip
    assert [file["name"] for file in sent["files"]] == ["good.wav"]
    assert {refused["name"]: refused["kind"] for refused in sent["refused"]} == {
        **dict.fromkeys(("run.exe", "page.html", "none"), "foreign"),
        **dict.fromkeys(("lie.flac", "cut.wav"), "unreadable"),
        "empty.wav": "empty",
    }
    assert all(refused["reason"] for refused in sent["refused"])


HOSTILE = (
    "../../x.wav", "..\\..\\x.wav", "/etc/x.wav", "C:\\x.wav", "<script>alert(1)</script>.wav",
    "a\0b.wav", "\n.wav", ".wav", "con.wav", "--force.wav", "$(touch x).wav", "ключ 大 é.wav",
    "y" * 4000 + ".wav", "d/" * 60 + "x.wav", "~/x.wav", ".files.json.wav", "a.wav/../../b.wav",
)  # fmt: skip


def test_no_name_leads_out_of_the_upload_s_folder(bare: Bench, wav: bytes) -> None:
    page = visitor(bare)
    root = bare.workspace.root.parent
    before = {path for path in root.rglob("*")}
    sent = _send(page, *((name, wav) for name in HOSTILE))
    assert len(sent["files"]) + len(sent["refused"]) == len(HOSTILE)
    assert len(sent["files"]) >= len(HOSTILE) - 2  # a name may be nothing but an ending
    for file in sent["files"]:
        assert page.get(f"/api/sounds/{file['sound']}").content == wav
    (folder,) = (bare.workspace.studio / "uploads").iterdir()
    added = {path for path in root.rglob("*") if path.is_file()} - before
    assert all(path.is_relative_to(folder) for path in added)
    sounds = [path for path in added if path.name != uploads.LIST]
    assert len(sounds) == len(sent["files"])
    for path in sounds:
        assert len(path.name.encode()) < 200
        assert not set(path.name) & set('<>:"|?*\\\n\0$()')


def test_a_deep_folder_keeps_its_last_names(bare: Bench, wav: bytes) -> None:
    name = "/".join(["A rather long name of a sample library"] * 6 + ["Kicks", "kick.wav"])
    (file,) = _send(visitor(bare), (name, wav))["files"]
    assert file["name"] == "kick.wav"
    (path,) = bare.workspace.studio.rglob("kick.wav")
    assert path.parent.name == "Kicks"


def test_a_decoder_that_dies_costs_only_its_file(
    bare: Bench, wav: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "reader.py"
    script.write_text(
        "import os\n"
        "from timbrel.library import analysis, worker\n"
        "real = analysis.analyse\n"
        "def analyse(path):\n"
        "    if 'deadly' in path.name: os.abort()\n"
        "    return real(path)\n"
        "analysis.analyse = analyse\n"
        "worker.main()\n"
    )
    real = pool.subprocess.Popen

    def popen(_command: list[str], **options: Any) -> Any:
        return real([sys.executable, str(script)], **options)

    monkeypatch.setattr(pool.subprocess, "Popen", popen)
    sent = _send(visitor(bare), ("a.wav", wav), ("deadly.wav", wav), ("c.wav", wav))
    assert [file["name"] for file in sent["files"]] == ["a.wav", "c.wav"]
    assert "crashed" in sent["refused"][0]["reason"]
    assert not list(bare.workspace.studio.rglob("deadly.wav"))


def test_forms_that_are_none_are_refused(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = {"content-type": "multipart/form-data; boundary=x"}
    for content, headers in (
        (b"", {}), (b"{}", {"content-type": "application/json"}), (b"--x", form), (b"", form),
        (b"x", {"content-type": "multipart/form-data"}),
        (b'--x\r\nContent-Disposition: form-data; name="files"\r\n\r\ntext\r\n--x--\r\n', form),
        (b"--x\r\nContent-Disposition: \xff\r\n\r\n\r\n--x--", form),
    ):  # fmt: skip
        told(client.post("/api/uploads", content=content, headers=headers), 400)
    monkeypatch.setattr(uploads, "MOST_FILES", 3)
    many = [("files", (f"{number}.txt", b"x")) for number in range(4)]
    assert "many" in told(client.post("/api/uploads", files=many), 400)["text"]


def test_uploads_do_not_fill_the_disk(
    bare: Bench, wav: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visitor(bare)
    _send(page, ("a.wav", wav))
    monkeypatch.setattr(uploads, "MOST_KEPT_BYTES", len(wav) - 1)
    answer = page.post("/api/uploads", files=[("files", ("b.wav", wav))])
    assert "delete" in told(answer, 429)["advice"]
    monkeypatch.setattr(uploads, "MOST_KEPT_BYTES", 10**9)
    monkeypatch.setattr(uploads, "MOST_FILE_BYTES", len(wav) - 1)
    (refused,) = _send(page, ("c.wav", wav))["refused"]
    assert refused["kind"] == "large"


def test_an_upload_without_a_sound_leaves_nothing(bare: Bench) -> None:
    _send(visitor(bare), ("empty.wav", b""))
    assert not list((bare.workspace.studio / "uploads").iterdir())
