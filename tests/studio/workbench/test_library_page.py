"""The library as the page sees it: table, sounds, search and labels."""

import json
import shutil
import struct
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from fastapi.testclient import TestClient

from conftest import visitor
from timbrel.library.similarity import Match
from timbrel.studio.workbench import finding
from timbrel.studio.workbench.bench import Bench
from timbrel.tasks.scan import scan
from timbrel.tasks.search import search
from timbrel.tasks.workspace import Workspace

SOUNDS = "/api/library/sounds"


def _names(client: TestClient, **asked: object) -> list[str]:
    answer = client.get(SOUNDS, params=asked)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()["sounds"]]


def test_the_page_begins_with_what_there_is(client: TestClient) -> None:
    state = client.get("/api/state").json()
    assert state["library"]["labels"] == {"noise": 16, "tön": 16}
    assert (state["library"]["count"], state["workspace"]) == (32, "ws")
    (tiny,) = state["instruments"]
    assert (tiny["name"], tiny["has_map"], tiny["problem"]) == ("tiny", True, "")


def test_an_empty_workspace_has_nothing_and_says_so(bare: Bench) -> None:
    page = visitor(bare)
    state = page.get("/api/state").json()
    assert (state["library"], state["instruments"]) == (None, [])
    assert page.get(SOUNDS).json()["error"]["advice"] == "run `timbrel scan FOLDER` first"
    for room in ("made", "jobs", "reports", "tests", "trainings"):
        assert page.get(f"/api/{room}").json()[room] == []


def test_pages_of_the_table_join_to_the_whole(client: TestClient) -> None:
    whole = _names(client, order="name")
    assert whole == sorted(whole)
    parts = [_names(client, order="name", start=start, count=10) for start in (0, 10, 20, 30)]
    assert [len(part) for part in parts] == [10, 10, 10, 2]
    assert [name for part in parts for name in part] == whole
    assert _names(client, order="name", down=True) == whole[::-1]
    assert _names(client, start=32) == _names(client, start=10**9) == []


@pytest.mark.parametrize(
    "order",
    ["label", "duration_s", "pitch_semitones", "loudness_lufs", "peak_db", "sample_rate", "folder"],
)
def test_a_column_is_in_order_and_what_is_unknown_comes_last(
    client: TestClient, order: str
) -> None:
    for down in (False, True):
        answer = client.get(SOUNDS, params={"order": order, "down": down}).json()
        found = [row[order] for row in answer["sounds"]]
        known = [value for value in found if value is not None]
        assert len(found) == answer["total"] == 32
        assert known == sorted(known, reverse=down)
        assert found == known + [None] * (len(found) - len(known))


def test_words_find_names_in_any_case_order_and_spelling(client: TestClient) -> None:
    assert _names(client, words="TÖN 03") == _names(client, words="03 tön") == ["tön 03.wav"]
    assert _names(client, words=unicodedata.normalize("NFD", "tön 03")) == ["tön 03.wav"]
    assert len(_names(client, words="NOISE")) == len(_names(client, label="noise")) == 16
    assert (
        _names(client, words="%") == _names(client, words=".*") == _names(client, words="ß") == []
    )


def test_a_name_of_another_system_is_found_as_it_is_typed(own: Bench, sounds: Path) -> None:
    folder = own.workspace.root.parent / "from a Mac"
    folder.mkdir()
    name = unicodedata.normalize("NFD", "Straße größer.wav")
    soundfile.write(folder / name, 0.3 * np.sin(np.arange(9000) * 0.3), 16_000)
    scan(own.workspace, [folder])
    for words in ("Straße größer", "STRASSE", "STRAßE GRÖßER"):
        found = _names(visitor(own), words=words)
        assert found == ([] if words == "STRASSE" else [name])


def test_sounds_that_do_not_exist_are_not_in_the_table(client: TestClient) -> None:
    assert "did you mean" in client.get(SOUNDS, params={"label": "nois"}).json()["error"]["text"]
    for wrong in ({"order": "size"}, {"start": -1}, {"count": 0}, {"count": 1001}):
        assert client.get(SOUNDS, params=wrong).status_code == 422


def test_a_sound_is_given_whole_and_in_parts(client: TestClient, library: list[str]) -> None:
    whole = client.get(f"/api/sounds/{library[0]}")
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
    assert whole.headers["accept-ranges"] == "bytes"
    length = len(whole.content)
    for asked, expected in (
        ("bytes=0-3", b"RIFF"), ("bytes=100-199", whole.content[100:200]),
        ("bytes=-10", whole.content[-10:]), (f"bytes={length - 5}-", whole.content[-5:]),
    ):  # fmt: skip
        part = client.get(f"/api/sounds/{library[0]}", headers={"range": asked})
        assert (part.status_code, part.content) == (206, expected)
        assert part.headers["content-range"].endswith(f"/{length}")
    beyond = client.get(f"/api/sounds/{library[0]}", headers={"range": f"bytes={length}-"})
    assert beyond.status_code == 416


def test_no_browser_plays_aiff_so_it_comes_as_wav(own: Bench, tmp_path: Path) -> None:
    wave = (0.5 * np.sin(np.arange(8000) * 0.2)).astype(np.float32)
    (tmp_path / "aiff").mkdir()
    soundfile.write(tmp_path / "aiff" / "old.aiff", wave, 16_000, subtype="PCM_16")
    scan(own.workspace, [tmp_path / "aiff"])
    page = visitor(own)
    (row,) = page.get(SOUNDS, params={"words": "old"}).json()["sounds"]
    for _ in range(2):  # once made, once kept
        answer = page.get(f"/api/sounds/{row['sound']}", params={"download": True})
        assert answer.headers["content-type"] == "audio/wav"
        assert 'filename="old.wav"' in answer.headers["content-disposition"]
        (tmp_path / "got.wav").write_bytes(answer.content)
        read, rate = soundfile.read(tmp_path / "got.wav")
        assert rate == 16_000
        np.testing.assert_allclose(read, wave, atol=1 / 2**15)  # 16 bits on the way


def test_peaks_are_the_sound_s_outline(client: TestClient, library: list[str]) -> None:
    outline = client.get(f"/api/sounds/{library[0]}/peaks", params={"count": 7}).json()
    assert (len(outline["peaks"]), outline["channels"]) == (7, 1)
    assert outline["duration_s"] == pytest.approx(0.5)
    assert max(outline["peaks"]) == pytest.approx(0.6, abs=1e-3)  # as it was made
    assert outline["peaks"][0] > outline["peaks"][-1]  # it dies away
    more = client.get(f"/api/sounds/{library[0]}/peaks", params={"count": 4000}).json()
    assert len(more["peaks"]) == 4000


def test_a_sound_is_nearest_to_itself(client: TestClient, library: list[str]) -> None:
    found = client.post("/api/search", json={"sound": library[3], "top": 4}).json()["matches"]
    assert found[0]["sound"]["sound"] == library[3]
    distances = [match["distance"] for match in found]
    assert distances == sorted(distances)
    assert distances[0] == pytest.approx(0, abs=1e-6)
    own = client.post("/api/search", json={"sound": library[3], "label": "tön", "top": 500})
    assert {match["sound"]["label"] for match in own.json()["matches"]} == {"tön"}
    assert own.json()["approximate"] is False  # a small library has no index


def test_what_the_index_found_is_said_to_be_approximate(
    client: TestClient, library: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_the_index(*given: Any, **options: Any) -> list[Match]:
        return [replace(match, approximate=True) for match in search(*given, **options)]

    monkeypatch.setattr(finding.search, "search", by_the_index)
    found = client.post("/api/search", json={"sound": library[3], "top": 4}).json()
    assert found["approximate"] is True


def test_a_file_that_is_gone_is_told_as_gone(own: Bench, sounds: Path, tmp_path: Path) -> None:
    shutil.copytree(sounds / "noise", tmp_path / "gone")
    for path in (tmp_path / "gone").iterdir():
        samples, rate = soundfile.read(path)
        soundfile.write(path, samples[::-1], rate)
    scan(own.workspace, [tmp_path / "gone"])
    page = visitor(own)
    row = page.get(SOUNDS, params={"words": "gone"}).json()["sounds"][0]
    shutil.rmtree(tmp_path / "gone")
    for ending in ("", "/peaks"):
        error = page.get(f"/api/sounds/{row['sound']}{ending}").json()["error"]
        assert (row["name"] in error["given"], error["advice"]) == (True, "scan its folder again")
    assert page.post("/api/search", json={"sound": row["sound"]}).status_code == 409


def test_one_label_and_many_and_both_stay_after_a_scan(
    own: Bench, sounds: Path, typed: Callable[[str], Path]
) -> None:
    page = visitor(own)
    first = page.get(SOUNDS).json()["sounds"][0]["sound"]
    one = page.post("/api/library/labels", json={"sounds": [first], "label": " hi  hat "}).json()
    assert one["changed"] == 1
    assert len(_names(page, label="hi hat")) == 1
    words = {"every": True, "words": "TÖN 0.wav", "label": "bell"}
    many = page.post("/api/library/labels", json=words).json()
    assert many["changed"] == len(_names(page, label="bell")) == 2
    scan(own.workspace, [sounds])
    assert page.get("/api/state").json()["library"]["labels"] == {
        "bell": 2, "hi hat": 1, "noise": 15, "tön": 14,
    }  # fmt: skip
    # The commands do the same in a workspace where the page did nothing.
    fresh = Workspace(own.workspace.root.parent / "fresh")
    scan(fresh, [sounds])
    for command in (one["command"], many["command"]):
        typed(command.replace(str(own.workspace.root), str(fresh.root)))
    again = visitor(Bench(fresh.root)).get("/api/state").json()["library"]["labels"]
    assert again == {"bell": 2, "hi hat": 1, "noise": 15, "tön": 14}


def test_all_labels_go_with_the_command_the_page_shows(
    own: Bench, typed: Callable[[str], Path]
) -> None:
    page = visitor(own)
    some = page.post("/api/library/labels", json={"every": True, "label_is": "tön", "label": "-x"})
    typed(some.json()["command"].replace("tön", "noise", 1))
    assert page.get("/api/state").json()["library"]["labels"] == {"-x": 32}
    none = page.post("/api/library/labels", json={"every": True, "label": ""}).json()
    assert none["changed"] == 32
    assert len(_names(page, label="")) == 32
    typed(page.post("/api/library/labels", json={"every": True, "label": "a"}).json()["command"])


def test_labels_given_in_bulk_are_taken_back_once(own: Bench, typed: Callable[[str], Path]) -> None:
    page = visitor(own)
    before = page.get("/api/state").json()["library"]["labels"]
    assert len(before) > 1
    given = page.post("/api/library/labels", json={"every": True, "label": "one"}).json()
    assert page.get("/api/state").json()["library"]["labels"] == {"one": given["changed"]}
    taken = page.post("/api/library/labels/undo", json={"undo": given["undo"]})
    assert taken.json()["changed"] == given["changed"]
    assert page.get("/api/state").json()["library"]["labels"] == before
    again = page.post("/api/library/labels/undo", json={"undo": given["undo"]})
    assert (again.status_code, "last eight" in again.json()["error"]["advice"]) == (404, True)
    # The commands do the same: one for each label that sounds had.
    page.post("/api/library/labels", json={"every": True, "label": "one"})
    for command in taken.json()["command"].splitlines():
        typed(command)
    assert page.get("/api/state").json()["library"]["labels"] == before


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"label": "x"}, 400),
        ({"label": "x", "every": True, "sounds": ["library:0"]}, 400),
        ({"label": "x", "sounds": ["made:1"]}, 400),
        ({"label": "x", "sounds": ["library:nothing"]}, 400),
        ({"label": "two\nlines", "every": True}, 200),  # blanks are one blank
        ({"label": "\x1b[2J", "every": True}, 400),
        ({"label": "x" * 121, "every": True}, 422),
        ({"label": "\ud800", "every": True}, 422),
        ({"label": "x", "every": True, "words": "\ud800"}, 422),
        ({"label": "x", "every": True, "label_is": "nois"}, 404),
    ],
)
def test_labels_that_cannot_be_are_refused(
    mine: TestClient, wish: dict[str, object], status: int
) -> None:
    headers = {"content-type": "application/json"}
    answer = mine.post("/api/library/labels", content=json.dumps(wish), headers=headers)
    assert answer.status_code == status, answer.text
    if status != 200:
        assert set(mine.get("/api/state").json()["library"]["labels"]) == {"noise", "tön"}


def test_what_was_left_out_is_told(own: Bench, tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "<b>lie.wav").write_bytes(b"RIFF" + struct.pack("<I", 2**31) + b"WAVE")
    scan(own.workspace, [tmp_path / "bad"])
    (refused,) = visitor(own).get("/api/library/refused").json()["files"]
    assert (Path(refused["name"]).name, refused["kind"]) == ("<b>lie.wav", "unreadable")
    assert refused["reason"]


def test_a_library_that_cannot_be_read_says_so_where_it_would_be_shown(own: Bench) -> None:
    client = visitor(own)
    assert client.get("/api/state").json()["library"]["count"] == 32
    note = own.workspace.library / "elsewhere.json"
    note.write_text('{"catalogue": "no address"}')
    shown = client.get("/api/state").json()["library"]
    assert shown["count"] == 0
    [warning] = shown["warnings"]
    assert "elsewhere.json cannot be used" in warning
    note.unlink()
    assert client.get("/api/state").json()["library"]["count"] == 32
