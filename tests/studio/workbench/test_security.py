"""What a hostile site, name, file or folder meets at the studio's door."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from conftest import HOME, PORT, told, visitor
from timbrel.studio.workbench import app, limits
from timbrel.studio.workbench.bench import Bench

EVENTS = f"ws://127.0.0.1:{PORT}/api/events"
TOKEN = "a-token-of-some-length"


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", f"evil.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}", ""),
        *(f"127.0.0.1:{PORT}@evil.example", f"127.0.0.1.evil.example:{PORT}", f"[::1]:{PORT}"),
    ],
)
def test_requests_to_other_names_are_refused(client: TestClient, host: str) -> None:
    for path in ("/", "/api/state", "/api/openapi.json", "/icon.svg", "/reports/x/y/"):
        told(client.get(path, headers={"host": host}), 421)
    told(client.post("/api/jobs", json={}, headers={"host": host}), 421)
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(EVENTS, headers={"host": host}),
    ):
        pass


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", f"https://127.0.0.1:{PORT}", f"{HOME}.evil.example", ""],
)
def test_requests_of_other_sites_are_refused(
    client: TestClient, shared: Bench, origin: str
) -> None:
    headers = {"origin": origin}
    before = len(shared.jobs.all())
    told(client.post("/api/jobs", json={"kind": "duplicates"}, headers=headers), 403)
    told(client.get("/api/state", headers=headers), 403)
    told(client.delete("/api/jobs/0", headers=headers), 403)
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(EVENTS, headers=headers):
        pass
    assert len(shared.jobs.all()) == before


def test_a_form_of_another_site_s_page_is_no_json(client: TestClient) -> None:
    """What a browser sends without asking first is not taken for a request of ours."""
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        headers = {"content-type": kind}
        answer = client.post("/api/jobs", content='{"kind": "duplicates"}', headers=headers)
        told(answer, 422)


def test_the_page_s_own_socket_hears_what_happens(client: TestClient, shared: Bench) -> None:
    with client.websocket_connect(EVENTS, headers={"origin": HOME}) as socket:
        socket.send_text("hello")
        socket.send_bytes(b"\xff")
        until_heard = {"type": "changed", "what": "library"}
        shared.events.changed("library")
        assert socket.receive_json() == until_heard


def test_every_answer_says_what_browsers_may_do(client: TestClient, library: list[str]) -> None:
    answers = [
        client.get(path)
        for path in ("/", "/icon.svg", "/nothing", "/api/state", "/api/nothing", "/api/made",
                     f"/api/sounds/{library[0]}", "/api/openapi.json", "/api/recipes/no")
    ]  # fmt: skip
    answers.append(client.options("/api/jobs", headers={"access-control-request-method": "POST"}))
    answers.append(client.get("/", headers={"host": "evil.example"}))
    answers.append(client.get("/api/state", headers={"origin": "http://evil.example"}))
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert "server" not in answer.headers
    policy = client.get("/").headers["content-security-policy"]
    assert "script-src 'self'; style-src 'self'; connect-src 'self';" in policy


def test_another_address_asks_for_the_token(shared: Bench) -> None:
    def knocks(path: str, **headers: str) -> int:
        # A page of its own each time: no cookie of an earlier answer helps.
        return visitor(shared, token=TOKEN).get(path, headers=headers).status_code

    assert knocks("/") == knocks("/api/state") == knocks("/icon.svg") == 401
    assert knocks("/api/state", authorization=f"Bearer {TOKEN}") == 200
    assert knocks("/api/state", cookie=f"timbrel={TOKEN}") == 200
    assert knocks(f"/?token={TOKEN}") == 200
    for path in (f"/api/state?token={TOKEN}", f"/icon.svg?token={TOKEN}"):
        assert knocks(path) == 401
    for wrong in (TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "", "*"):
        assert knocks(f"/?token={wrong}") == 401
        assert knocks("/api/state", authorization=f"Bearer {wrong}") == 401
        assert knocks("/api/state", cookie=f"timbrel={wrong}") == 401
    page = visitor(shared, token=TOKEN)
    cookie = page.get(f"/?token={TOKEN}").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert page.get("/api/state").status_code == 200
    with page.websocket_connect(EVENTS, headers={"cookie": f"timbrel={TOKEN}"}):
        pass
    with pytest.raises(WebSocketDisconnect), visitor(shared, token=TOKEN).websocket_connect(EVENTS):
        pass


UP = (
    "..%2f..", "%2e%2e%2f%2e%2e", "..%252f..", "%252e%252e", "..\\..", "..%5c..",
    "%2fetc%2fpasswd", "/etc/passwd", "~", "%00", "%ff", "tiny%00", "tiny%2f..%2ftiny",
    "tiny%2fweights.safetensors", "%2e", "-", "x" * 5000,
)  # fmt: skip
ROOMS = (
    "/api/instruments/{}", "/api/instruments/{}/map", "/api/trainings/{}", "/api/recipes/{}",
    "/api/recipes/{}/warnings", "/api/jobs/{}", "/api/made/{}", "/api/packs/{}", "/api/sounds/{}",
    "/api/sounds/{}/peaks", "/api/sounds/library:{}", "/api/sounds/upload:{}-1",
    "/api/sounds/made:{}", "/api/sounds/training:{}", "/assets/{}", "/{}",
    "/reports/{}/x/", "/reports/SECRET/{}/", "/reports/SECRET/kept/{}",
)  # fmt: skip


@pytest.mark.parametrize("room", ROOMS)
def test_no_path_leads_out(client: TestClient, shared: Bench, room: str) -> None:
    kept = shared.workspace.reports / "kept"
    kept.mkdir(parents=True, exist_ok=True)
    (kept / "index.html").touch()
    (shared.workspace.reports / "secret.txt").write_text("a secret")
    room = room.replace("SECRET", shared.secret)
    for up in UP:
        answer = client.get(room.format(up))
        shows_page = answer.headers["content-type"].startswith("text/html")
        assert answer.status_code in (400, 404, 405, 422) or shows_page, (room, up, answer.text)
        assert "a secret" not in answer.text
        assert "root:" not in answer.text
    for up in UP:
        for wish in ({"method": "POST", "json": {}}, {"method": "DELETE"}):
            status = client.request(url=room.format(up), **wish).status_code
            assert status in (400, 404, 405, 422, 429), (room, up)


def test_a_report_shows_itself_in_a_frame_and_nothing_else(own: Bench, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "index.html").write_text("outside")
    reports = own.workspace.reports
    (reports / "good").mkdir(parents=True)
    (reports / "good" / "index.html").write_text("<script>alert(1)</script>")
    (reports / "good" / "a.sh").write_text("exit")
    (reports / "good" / "link.txt").symlink_to(outside / "index.html")
    (reports / "good" / "folder").symlink_to(outside)
    (reports / "linked").symlink_to(outside)
    page = visitor(own)
    (report,) = page.get("/api/reports").json()["reports"]
    answer = page.get(report["address"])
    assert answer.text == "<script>alert(1)</script>"
    policy = answer.headers["content-security-policy"]
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    begin = f"/reports/{own.secret}"
    # A sandboxed page is of no origin: it fetches its pictures so, under the name it has itself.
    (reports / "good" / "map.png").write_bytes(b"a picture")
    (reports / "good" / "page.html").write_text("a page")
    for host in (f"127.0.0.1:{PORT}", f"localhost:{PORT}"):
        framed = {"origin": "null", "host": host}
        assert page.get(f"{begin}/good/map.png", headers=framed).content == b"a picture"
        policy = page.get(report["address"], headers={"host": host}).headers
        assert f"img-src data: http://{host}{begin}/;" in policy["content-security-policy"]
    assert page.post(f"{begin}/good/map.png", headers=framed).status_code == 403
    assert page.get("/api/state", headers=framed).status_code == 403
    for path in ("good/a.sh", "good/link.txt", "good/folder/index.html", "linked/",
                 "linked/index.html", "good/none", "none/"):  # fmt: skip
        told(page.get(f"{begin}/{path}"), 404)
    told(page.get("/reports/0000000000000000/good/"), 404)
    assert own.secret != Bench(own.workspace.root).secret


@pytest.mark.parametrize(
    "text",
    [
        *("[" * 100_000, '{"verdict": 5}', '{"verdict": null}', '{"verdict": [5, "\\ud800"]}'),
        *('{"title": "\\ud800"}', '{"title": ["<script>"]}', "\udcff", '"text"', ""),
    ],
)
def test_a_report_that_lies_about_itself_is_listed(own: Bench, text: str) -> None:
    folder = own.workspace.reports / "<script>"
    folder.mkdir(parents=True)
    (folder / "index.html").touch()
    (folder / "report.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    unsayable = Path(os.fsdecode(os.fsencode(own.workspace.reports) + b"/\xff"))
    unsayable.mkdir()
    (unsayable / "index.html").touch()
    endless = own.workspace.reports / "endless"
    endless.mkdir()
    (endless / "index.html").touch()
    (endless / "report.json").symlink_to("/dev/zero")
    page = visitor(own)
    reports = page.get("/api/reports").json()["reports"]
    assert {report["name"] for report in reports} == {"<script>", "endless"}
    (shown,) = (report for report in reports if report["name"] == "<script>")
    assert "<" not in shown["address"]
    assert page.get(shown["address"]).status_code == 200


HARMS: dict[str, Any] = {
    "no json": "[" * 200_000,
    "a length that is a word": {"duration_s": "long"},
    "a length that is a list": {"duration_s": [1]},
    "a length without end": '"duration_s": 1e999',
    "half a letter": {"title": "\ud800"},
    "a title that is a list": {"title": [["x"] * 1000]},
    "shapes beyond reason": {"bins": 10**9, "frames": 10**9},
    "a rate beyond reason": {"sample_rate": 10**400},
    "a family that is a path": {"family": "../../../../tmp/evil"},
    "a family that is a module": {"family": "os"},
    "labels that are script": {"labels": ["<script>alert(1)</script>"]},
    "a link": None,
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_hostile_instrument_is_shown_and_never_obeyed(
    own: Bench, tmp_path: Path, harm: str
) -> None:
    name = "<script>alert(1)<"
    folder = own.workspace.instruments / name
    shutil.copytree(own.workspace.instruments / "tiny", folder)
    (folder / "card.md").write_text("<script>alert(1)</script> [x](javascript:alert(1))")
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'obeyed')!r}, 'w')")
    document = folder / "instrument.json"
    wrong, text = HARMS[harm], document.read_text()
    if wrong is None:
        document.rename(tmp_path / "elsewhere.json")
        document.symlink_to(tmp_path / "elsewhere.json")
    elif isinstance(wrong, dict):
        table = json.loads(text)
        inside = {"duration_s", "title"} & set(wrong)
        (table["recipe"] if inside else table).update(wrong)
        document.write_text(json.dumps(table))
    else:
        document.write_text(text.replace('"duration_s": 0.5', wrong) if "e999" in wrong else wrong)
    unsayable = Path(os.fsdecode(os.fsencode(own.workspace.instruments) + b"/\xff"))
    shutil.copytree(folder, unsayable, symlinks=True)
    page = visitor(own)
    state = page.get("/api/state")
    assert state.headers["content-type"] == "application/json"
    listed = {one["name"]: one for one in state.json()["instruments"]}
    assert set(listed) == {"tiny", name, "?"}
    assert listed["tiny"]["problem"] == ""
    for path, wish in (
        ("map", None),
        ("pick", {"at": [[0, 0]], "projection": "pca"}),
        ("play", {}),
    ):
        room = f"/api/instruments/{name}/{path}"
        answer = page.get(room) if wish is None else page.post(room, json=wish)
        assert answer.status_code < 500, answer.text
    detail = page.get(f"/api/instruments/{name}")
    assert detail.status_code in (200, 409)
    assert detail.headers["content-type"] == "application/json"
    assert page.get(f"/api/trainings/{name}").status_code == 400  # no name that a training takes
    assert not (tmp_path / "obeyed").exists()


def test_a_training_shows_only_files_of_its_own(own: Bench, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a secret, 1\n1,2\n")
    tiny = own.workspace.instruments / "tiny"
    (tiny / "previews" / "2-original.wav").symlink_to(tmp_path / "secret")
    (tiny / "history.csv").unlink()
    (tiny / "history.csv").symlink_to(tmp_path / "secret")
    training = visitor(own).get("/api/trainings/tiny").json()
    assert {preview["number"] for preview in training["previews"]} == {1}
    assert training["history"]["columns"] == {}


def test_a_linked_instrument_has_the_name_it_is_found_by(own: Bench) -> None:
    (own.workspace.instruments / "alias").symlink_to(own.workspace.instruments / "tiny")
    page = visitor(own)
    names = [one["name"] for one in page.get("/api/state").json()["instruments"]]
    assert names == ["alias", "tiny"]
    assert page.get("/api/instruments/alias").json()["about"]["name"] == "alias"


def test_bodies_that_are_too_large_are_refused(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"content-type": "application/json"}
    large = app.LARGEST["/api/"] + 1
    told(client.post("/api/jobs", content=b" " * large, headers=headers), 413)

    def parts() -> Any:  # without a length said beforehand
        for _ in range(9):
            yield b" " * 2**20

    told(client.post("/api/jobs", content=parts(), headers=headers), 413)
    told(client.post("/api/jobs", content=b"{}", headers={**headers, "content-length": "-1"}), 413)
    monkeypatch.setitem(app.LARGEST, "/api/uploads", 2**20)
    form = {"content-type": "multipart/form-data; boundary=x"}
    told(client.post("/api/uploads", content=b" " * (2**20 + 1), headers=form), 413)
    told(client.post("/api/uploads", content=parts(), headers=form), 413)


def test_who_asks_too_often_waits(bare: Bench) -> None:
    page = visitor(bare)
    answers = [page.post("/api/jobs", json={}).status_code for _ in range(200)]
    assert set(answers) == {422, 429}
    assert answers[:60] == [422] * 60
    assert told(page.post("/api/jobs", json={}), 429)["advice"]
    assert page.get("/api/jobs").status_code == 200  # looking is free


def test_a_limit_fills_again_and_counts_each_visitor() -> None:
    now_s = [0.0]
    counted = limits.Limits(lambda: now_s[0])
    assert [counted.allows("a", "/api/packs") for _ in range(21)] == [True] * 20 + [False]
    assert counted.allows("b", "/api/packs")
    assert counted.allows("a", "/api/made/1")
    now_s[0] = 2.0
    assert [counted.allows("a", "/api/packs") for _ in range(2)] == [True, False]
    for number in range(3 * limits.MOST_VISITORS):
        counted.allows(str(number), "/api/jobs")
    assert len(counted._left) <= limits.MOST_VISITORS


@pytest.mark.parametrize(
    "content",
    [b"[]", b"{", b"\xff", b"[" * 100_000, b'{"kind": "\\ud800"}', b"null", b'"x"', b"1e999"],
)
def test_bodies_that_are_none_are_told(client: TestClient, content: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = client.post("/api/jobs", content=content, headers=headers)
    assert not told(answer, answer.status_code)["text"].startswith(":")
    assert answer.status_code in (400, 422)
