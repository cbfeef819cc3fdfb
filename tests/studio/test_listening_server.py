"""The server of a listening test: what it gives, to whom, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from fixtures_listening import opened
from timbrel.evaluation.listening.description import read_key
from timbrel.studio._guard import LARGEST_BODY_BYTES
from timbrel.studio.listening.app import make_app
from timbrel.tasks.listen import Opened, Options

PORT = 8737
HOME = f"http://127.0.0.1:{PORT}"
FULL = {"real": "real", "musicality": 4, "inspiring": "no"}
SAID: dict[str, Any] = {"given": FULL, "plays": [2], "seconds": 4.5}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    root = tmp_path_factory.mktemp("served")
    return opened(root, "questionnaire", options=Options(items=6, title="<b>Real & fake</b>"))


@pytest.fixture
def test(built: Opened) -> Opened:
    built.results.path.unlink(missing_ok=True)
    return built


@pytest.fixture
def client(test: Opened) -> TestClient:
    return TestClient(make_app(test, port=PORT), base_url=HOME)


def _begin(client: TestClient) -> dict[str, str]:
    """A new listener: the header by which the server knows them."""
    return {"x-listener": client.post("/api/listener").json()["token"]}


def test_a_test_is_taken_from_begin_to_end(client: TestClient, test: Opened) -> None:
    me = _begin(client)
    for place in range(6):
        page = client.get(f"/api/pages/{place}", headers=me).json()
        assert (page["place"], page["count"], len(page["sounds"])) == (place, 6, 1)
        assert client.get(f"/sounds/{page['sounds'][0]}").content[:4] == b"RIFF"
        state = client.put(f"/api/pages/{place}", json=SAID, headers=me).json()
        assert state["done"] == place + 1
        (listener,) = test.results.everybody()
        assert len(listener.answers) == place + 1  # kept at each answer
    assert not state["ended"]
    ended = client.put("/api/closing", json={"given": {"helps": "no"}}, headers=me).json()
    assert ended["ended"]
    (listener,) = test.results.everybody()
    assert (listener.closing, listener.answers[0].plays) == ({"helps": "no"}, [2])
    assert listener.answers[0].seconds == 4.5


def test_who_leaves_goes_on_at_the_same_page_in_the_same_order(
    client: TestClient, test: Opened
) -> None:
    me = _begin(client)
    first = [client.get("/api/pages/0", headers=me).json()]
    for place in range(3):
        client.put(f"/api/pages/{place}", json=SAID, headers=me)
        first.append(client.get(f"/api/pages/{place + 1}", headers=me).json())
    # Another process, another browser, the code typed by hand.
    again = TestClient(make_app(test, port=PORT), base_url=HOME)
    typed = {"x-listener": me["x-listener"].upper().replace("-", " ")}
    assert again.get("/api/listener", headers=typed).json()["done"] == 3
    for place in range(4):
        page = again.get(f"/api/pages/{place}", headers=typed).json()
        assert page["sounds"] == first[place]["sounds"]
    assert again.get("/api/pages/2", headers=typed).json()["given"] == FULL
    assert again.get("/api/pages/3", headers=typed).json()["given"] is None


def test_two_listeners_have_orders_of_their_own(client: TestClient) -> None:
    orders = set()
    for _ in range(4):
        me = _begin(client)
        order = []
        for place in range(6):
            order += client.get(f"/api/pages/{place}", headers=me).json()["sounds"]
            client.put(f"/api/pages/{place}", json=SAID, headers=me)
        orders.add(tuple(order))
    assert len(orders) > 1
    assert len({frozenset(order) for order in orders}) == 1


def test_an_answer_can_be_changed_and_that_is_told(client: TestClient, test: Opened) -> None:
    me = _begin(client)
    client.put("/api/pages/0", json=SAID, headers=me)
    client.put("/api/pages/0", json=SAID | {"given": FULL | {"musicality": 9}}, headers=me)
    (answer,) = test.results.everybody()[0].answers
    assert (answer.given["musicality"], answer.changes) == (9, 1)


def test_who_deletes_is_unknown_afterwards(client: TestClient, test: Opened) -> None:
    me, other = _begin(client), _begin(client)
    client.put("/api/pages/0", json=SAID, headers=me)
    assert client.delete("/api/listener", headers=me).json() == {"deleted": True}
    for answer in (
        client.get("/api/listener", headers=me),
        client.get("/api/pages/0", headers=me),
        client.put("/api/pages/0", json=SAID, headers=me),
        client.delete("/api/listener", headers=me),
    ):
        assert answer.status_code == 404
        assert "belongs to no listener" in answer.json()["error"]
    assert client.get("/api/listener", headers=other).status_code == 200
    assert len(test.results.everybody()) == 1


def test_nothing_that_is_served_holds_anything_of_the_key(client: TestClient, test: Opened) -> None:
    key = read_key(test.folder, test.description)
    words = {"kick", "reconstructed", key.test and "granular"}
    words |= {source.name for source in key.sounds.values()}
    me = _begin(client)
    served = [client.get("/").text, client.get("/api/test").text]
    served += [client.get(f"/page/{path.name}").text for path in _page_files()]
    for place in range(6):
        page = client.get(f"/api/pages/{place}", headers=me)
        served += [page.text, str(page.headers)]
        for name in page.json()["sounds"]:
            sound = client.get(f"/sounds/{name}")
            served.append(str(sound.headers))
            assert all(word.encode() not in sound.content for word in words)
        served.append(client.put(f"/api/pages/{place}", json=SAID, headers=me).text)
    assert not [word for word in words for text in served if word in text]
    for text in served[2 + len(_page_files()) :]:  # what is told page by page
        assert '"original"' not in text
        assert '"one"' not in text
        assert "x_is" not in text


def _page_files() -> list[Path]:
    import timbrel.studio.listening

    folder = Path(timbrel.studio.listening.__file__).parent / "page"
    return sorted(path for path in folder.iterdir() if path.is_file())


def test_headers_of_sounds_are_the_same_for_all(client: TestClient, test: Opened) -> None:
    told = set()
    for name in test.sounds:
        headers = dict(client.get(f"/sounds/{name}").headers)
        assert headers.pop("etag") == f'"{name}"'
        told.add(json.dumps(headers))
    assert len(told) == 1


def test_a_range_of_a_sound_is_that_range(client: TestClient, test: Opened) -> None:
    name, path = next(iter(test.sounds.items()))
    whole = path.read_bytes()
    part = client.get(f"/sounds/{name}", headers={"range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole)}"
    beyond = client.get(f"/sounds/{name}", headers={"range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416


@pytest.mark.parametrize(
    "path",
    [
        *("/sounds/../key.json", "/sounds/..%2fkey.json", "/sounds/%2e%2e/key.json"),
        *("/sounds/key.json", "/sounds/" + "0" * 32, "/sounds/", "/key.json", "/test.json"),
        *("/page/../app.py", "/page/..%2fapp.py", "/page/app.py", "/page/__init__.py"),
        *("/results.sqlite", "/docs", "/openapi.json", "/sounds/%00", "/page/" + "x" * 5000),
    ],
)
def test_no_path_leads_to_anything_else(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (404, 405)


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", f"evil.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}", ""),
        *("127.0.0.1.evil.example:8737", f"localhost.evil.example:{PORT}", f"[::1]:{PORT}"),
        *(f"127.0.0.1:{PORT}@evil.example", f"user@127.0.0.1:{PORT}", f"0.0.0.0:{PORT}"),
    ],
)
def test_requests_to_other_names_are_refused(client: TestClient, host: str) -> None:
    for path in ("/", "/api/test", "/page/main.js"):
        assert client.get(path, headers={"host": host}).status_code == 421
    assert client.post("/api/listener", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", [f"localhost:{PORT}", f"LOCALHOST:{PORT}"])
def test_this_machine_s_own_name_will_do(client: TestClient, host: str) -> None:
    assert client.get("/api/test", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        *("http://evil.example", "null", f"https://127.0.0.1:{PORT}", "http://127.0.0.1"),
        *(f"http://127.0.0.1:{PORT + 1}", f"http://localhost:{PORT}", f"{HOME}.evil.example", ""),
    ],
)
def test_requests_of_other_sites_are_refused(client: TestClient, test: Opened, origin: str) -> None:
    me = _begin(client)
    from_there = {**me, "origin": origin}
    assert client.post("/api/listener", headers=from_there).status_code == 403
    assert client.put("/api/pages/0", json=SAID, headers=from_there).status_code == 403
    assert client.delete("/api/listener", headers=from_there).status_code == 403
    assert client.get("/api/listener", headers=from_there).status_code == 403
    assert len(test.results.everybody()) == 1


def test_no_other_site_is_ever_allowed(client: TestClient) -> None:
    asked = client.options(
        "/api/listener",
        headers={"origin": HOME, "access-control-request-method": "DELETE"},
    )
    for answer in (asked, client.get("/", headers={"origin": HOME}), client.get("/nothing")):
        assert not [name for name in answer.headers if name.startswith("access-control")]
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    refused = client.get("/", headers={"host": "evil.example"})
    assert "content-security-policy" in refused.headers


def test_too_much_is_refused(client: TestClient, test: Opened) -> None:
    me = _begin(client)
    large = b'{"given": "' + b"x" * LARGEST_BODY_BYTES + b'"}'
    assert client.put("/api/pages/0", content=large, headers=me).status_code == 413

    def parts() -> Any:  # without a length said beforehand
        for _ in range(40):
            yield b"x" * 4096

    assert client.put("/api/pages/0", content=parts(), headers=me).status_code in (400, 413)
    lying = {**me, "content-length": "-1"}
    assert client.put("/api/pages/0", content=b"{}", headers=lying).status_code == 413
    assert test.results.everybody()[0].answers == ()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"given": {}, "plays": [1], "seconds": 1}, 400),
        (SAID | {"given": FULL | {"musicality": 99}}, 400),
        (SAID | {"plays": [1, 1]}, 400),
        (SAID | {"plays": [-1]}, 422),
        (SAID | {"plays": [1] * 99}, 422),
        (SAID | {"seconds": -1}, 422),
        (SAID | {"seconds": "NaN"}, 422),
        (SAID | {"system": "one"}, 422),
    ],
)
def test_answers_that_do_not_fit_are_not_kept(
    client: TestClient, test: Opened, body: dict[str, Any], status: int
) -> None:
    answer = client.put("/api/pages/0", json=body, headers=_begin(client))
    assert answer.status_code == status
    assert answer.json()["error"]
    assert test.results.everybody()[0].answers == ()


def test_nobody_skips_a_page(client: TestClient) -> None:
    me = _begin(client)
    for place in (1, 5, 6, -1):
        assert client.get(f"/api/pages/{place}", headers=me).status_code == 400
        assert client.put(f"/api/pages/{place}", json=SAID, headers=me).status_code == 400
    assert client.get("/api/pages/x", headers=me).status_code == 422
    early = client.put("/api/closing", json={"given": {}}, headers=me)
    assert (early.status_code, "6 pages" in early.json()["error"]) == (400, True)


@pytest.mark.parametrize("token", ["", "x", "abcd-efgh-ijkl-mnop", "' OR 1=1 --", "é"])
def test_who_has_no_token_is_told_nothing(client: TestClient, token: str) -> None:
    _begin(client)
    headers = {"x-listener": token.encode()}
    assert client.get("/api/listener", headers=headers).status_code == 404
    assert client.get("/api/pages/0", headers=headers).status_code == 404
    assert client.get("/api/pages/0").status_code == 422
    assert client.get("/api/listener", headers={"x-listener": "a" * 65}).status_code == 422


def test_the_headphone_check_is_kept_whatever_came_out(client: TestClient, test: Opened) -> None:
    me = _begin(client)
    found = {"headphones": "failed", "sides": "right", "right": 1, "asked": 3}
    assert not client.get("/api/listener", headers=me).json()["checked"]
    assert client.put("/api/check", json=found, headers=me).json()["checked"]
    assert test.results.everybody()[0].checks == found
    wrong = client.put("/api/check", json={"headphones": "maybe"}, headers=me)
    assert wrong.status_code == 422


def test_the_page_needs_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/").text
    assert "<b>Real" not in page  # the title comes as data and is never markup
    assert client.get("/api/test").json()["title"] == "<b>Real & fake</b>"
    texts = {path.name: path.read_text("utf-8") for path in _page_files()}
    for name, text in texts.items():
        for word in ("https://", "//cdn", "innerHTML", "eval(", 'onclick="', 'style="'):
            assert word not in text, name
    for name in texts:
        assert client.get(f"/page/{name}").status_code == 200
        assert client.get(f"/page/{name}").headers["content-type"]


@pytest.mark.parametrize(("kind", "plays"), [("abx", 3), ("mushra", 5), ("preference", 2)])
def test_versions_are_given_without_a_word_which_is_which(
    tmp_path: Path, kind: str, plays: int
) -> None:
    test = opened(tmp_path, kind, count=2)
    client = TestClient(make_app(test, port=PORT), base_url=HOME)
    me = _begin(client)
    page = client.get("/api/pages/0", headers=me).json()
    names = [*page["sounds"], *filter(None, (page["reference"], page["x"]))]
    assert len(names) == len(set(names)) == plays
    assert set(page) == {"place", "count", "sounds", "reference", "x", "given", "plays", "ahead"}
    key = read_key(test.folder, test.description)
    if kind == "abx":
        assert sum(key.sounds[name] == key.sounds[page["x"]] for name in page["sounds"]) == 1
    if kind == "mushra":
        assert key.sounds[page["reference"]].role == "original"
    given = {"ratings": [50] * 4} if kind == "mushra" else {"choice": "b"}
    said = {"given": given, "plays": [1] * plays, "seconds": 1}
    assert client.put("/api/pages/0", json=said, headers=me).json()["done"] == 1
