"""What the page makes at once is what its command makes, and the history keeps all of it."""

import base64
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile
from fastapi.testclient import TestClient

from conftest import told, visitor
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.history import JOURNAL, MadeHistory
from timbrel.studio.workbench.models.made import MadeChange

TINY = "/api/instruments/tiny"
Typed = Callable[[str], Path]
WISHES: list[tuple[str, dict[str, Any]]] = [
    ("pick", {"at": [[0.31234567890123456, 0.7]], "seed": 0}),
    ("pick", {"at": [[0.1, 0.2], [0.9, 1]], "weights": [1 / 3, 2 / 3]}),
    ("pick", {"at": [[1 / 3, 0]], "sounds": 2, "weights": [1, -0.3, 0.1]}),
    ("path", {"points": [[0, 0], [1 / 3, 1], [1, 1]], "steps": 3, "seconds": 1 / 3}),
    ("path", {"points": [[0.5, 0.5], [0.5, 0.5]]}),
    ("play", {"count": 2, "seed": 4_294_967_295}),
    ("play", {"label": "tön", "seconds": 1 / 3, "seed": 3}),
    ("morph", {"sounds": 2, "steps": 3}),
    ("morph", {"sounds": 3, "weights": [1 / 3, 1 / 7, 11 / 21]}),
]


@pytest.fixture
def mapped(client: TestClient) -> list[str]:
    """The sounds of the instrument's map."""
    found = client.get(f"{TINY}/map", params={"projection": "pca"}).json()["sounds"]
    assert len(found) == 24  # the others are kept back to judge by
    return found  # type: ignore[no-any-return]


def _wish(kind: str, wish: dict[str, Any], sounds: list[str]) -> dict[str, Any]:
    named = {"sounds": sounds[: wish["sounds"]]} if "sounds" in wish else {}
    return {**wish, **named, **({"projection": "pca"} if kind in ("pick", "path") else {})}


def _made(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 201, answer.text
    made = answer.json()["made"]
    return made if isinstance(made, list) else [made]


def _samples(content: bytes | Path) -> np.ndarray:
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    return soundfile.read(source, always_2d=True)[0]


@pytest.mark.parametrize(("kind", "wish"), WISHES)
def test_the_command_that_is_shown_makes_the_same_samples(
    client: TestClient, mapped: list[str], typed: Typed, kind: str, wish: dict[str, Any]
) -> None:
    made = _made(client.post(f"{TINY}/{kind}", json=_wish(kind, wish, mapped)))
    folder = typed(made[0]["command"])
    files = sorted(folder.rglob("*.wav"))
    assert len(files) == len(made)
    for sound, file in zip(made, files, strict=True):
        samples = _samples(client.get(f"/api/sounds/{sound['sound']}").content)
        assert np.isfinite(samples).all()
        assert np.abs(samples).max() > 0.01
        np.testing.assert_array_equal(samples, _samples(file))


@pytest.mark.parametrize("number", [0, 3, 5, 7])
def test_a_sound_made_again_is_the_same_to_the_last_bit(
    client: TestClient, mapped: list[str], number: int
) -> None:
    kind, wish = WISHES[number]
    last = _made(client.post(f"{TINY}/{kind}", json=_wish(kind, wish, mapped)))[-1]
    again = client.post(f"/api/made/{last['id']}/again").json()
    assert (again["same"], again["job"]) == (True, None)
    assert again["made"]["id"] != last["id"]


def test_a_sound_that_a_killed_studio_left_is_in_nobody_s_way(own: Bench, sounds: Path) -> None:
    renders = own.workspace.renders / "studio"
    renders.mkdir(parents=True, exist_ok=True)
    for left, number in (("tiny-pick-00013b.wav", 0x13B), ("tiny-generate-000140", 0x140)):
        (renders / left).write_bytes(b"")  # written, and never noted down
        again = MadeHistory(own.workspace.studio, own.workspace.root, lambda: None)
        assert int(again.next_id(), 16) == number + 1
    own.history = again
    wish = {"count": 1, "seed": 1}
    (made,) = _made(visitor(own).post(f"{TINY}/play", json=wish))
    assert int(made["id"], 16) > 0x141


def test_a_map_that_is_not_laid_out_is_told_so_and_not_waited_for(client: TestClient) -> None:
    asked = {"projection": "pca", "seed": 5}
    assert not client.get(f"{TINY}/map", params=asked).json()["ready"]
    point = {"at": [[0.5, 0.5]], **asked}
    way = {"points": [[0, 0], [1, 1]], **asked}
    for room, wish in (("pick", point), ("path", way)):
        assert "job map" in told(client.post(f"{TINY}/{room}", json=wish), 409)["advice"]


def test_a_map_is_columns_of_one_length(
    client: TestClient, library: list[str], mapped: list[str]
) -> None:
    found = client.get(f"{TINY}/map", params={"projection": "pca"}).json()
    assert found["ready"]
    count = len(mapped)
    for column in ("sounds", "names", "group", "starts_s", "duration_s", "pitch_semitones",
                   "loudness_lufs"):  # fmt: skip
        assert len(found[column]) == count, column
    positions = np.frombuffer(base64.b64decode(found["positions"]), "<f4").reshape(count, 2)
    assert ((positions >= 0) & (positions <= 1)).all()
    assert set(found["sounds"]) <= set(library)
    assert len(found["colours"]) == len(found["groups"]) > max(found["group"])
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in found["colours"])


def test_a_copy_is_told_from_what_is_new(client: TestClient, library: list[str]) -> None:
    near = client.get(f"/api/sounds/{library[0]}/neighbours", params={"count": 3}).json()
    assert near["copied"]
    assert near["neighbours"][0]["sound"]["sound"] == library[0]
    (made,) = _made(client.post(f"{TINY}/play", json={"seed": 11}))
    new = client.get(f"/api/sounds/{made['sound']}/neighbours").json()
    assert len(new["neighbours"]) == 8
    assert new["text"]


@pytest.mark.parametrize(
    ("room", "wish", "status"),
    [
        ("pick", {"at": []}, 400),
        ("pick", {"at": [[2, 0]]}, 422),
        ("pick", {"at": [[0, 0]], "weights": [1, 2]}, 400),
        ("pick", {"sounds": ["library:nothing"]}, 400),
        ("pick", {"sounds": ["made:ffffff"]}, 404),
        ("path", {"points": [[0, 0]]}, 422),
        ("path", {"points": [[0, 0], [1, 1]], "steps": 1}, 422),
        ("play", {"count": 17}, 422),
        ("play", {"label": "nois"}, 404),
        ("play", {"sliders": {"values": {"brighter": 1}}}, 409),
        ("play", {"seed": -1}, 422),
        ("play", {"out": "/tmp/x"}, 422),
        ("morph", {"sounds": ["library:a"]}, 422),
        ("morph", {"sounds": ["library:a", "library:b"]}, 404),
        ("morph", {"sounds": ["/etc/passwd", "library:b"]}, 422),
    ],
)
def test_what_cannot_be_played_is_told(
    client: TestClient, room: str, wish: dict[str, Any], status: int
) -> None:
    asked = {**wish, **({"projection": "pca"} if room in ("pick", "path") else {})}
    answer = client.post(f"{TINY}/{room}", json=asked)
    if status == 400:  # or that nothing is there
        assert answer.status_code in (400, 404)
    told(answer, answer.status_code if status == 400 else status)
    other = client.post(f"/api/instruments/tinny/{room}", json=asked)
    assert other.status_code in (404, 422)


def test_the_history_is_read_back_as_it_was(own: Bench) -> None:
    page = visitor(own)
    sounds = [_made(page.post(f"{TINY}/play", json={"seed": seed}))[0] for seed in range(3)]
    first, second, third = (sound["id"] for sound in sounds)
    page.patch(f"/api/made/{first}", json={"starred": True, "name": "a/../\u2028bell\u0085 <b>"})
    page.patch(f"/api/made/{second}", json={"rejected": True})
    page.post("/api/made/rename", json={"ids": [second, first], "pattern": "{label} {n}-{seed}"})
    assert page.post("/api/made/delete", json={"ids": [third]}).status_code == 204
    for only, ids in (("starred", {first}), ("rejected", {second}), ("kept", {first})):
        found = page.get("/api/made", params={"only": only}).json()["made"]
        assert {one["id"] for one in found} == ids
    told(page.get(f"/api/made/{third}"), 404)
    told(page.get(f"/api/sounds/made:{third}"), 404)
    before = page.get("/api/made").json()
    journal = own.workspace.studio / JOURNAL
    whole = journal.read_bytes()
    for cut in ("", '{"id": "000001", "change": {"starred": fal', "\udcff", "[" * 100_000 + "\n"):
        journal.write_bytes(whole + cut.encode("utf-8", "surrogateescape"))
        again = MadeHistory(own.workspace.studio, own.workspace.root, lambda: None)
        assert again.listed(start=0, count=9).model_dump() == before
        assert again.next_id() > third  # an id is never given twice
        again.change(first, MadeChange(rejected=True))
        last = MadeHistory(own.workspace.studio, own.workspace.root, lambda: None)
        assert last.one(first).rejected


def test_a_name_with_a_line_s_end_of_its_own_stays_in_the_history(own: Bench) -> None:
    page = visitor(own)
    (made,) = _made(page.post(f"{TINY}/play", json={}))
    path = own.history.file(made["id"])
    kept = own.history.add(
        path, id_=own.history.next_id(), kind="play", instrument="tiny", command="", wish={},
        name="one\u2028two\u0085three\x1c",
    )  # fmt: skip
    again = MadeHistory(own.workspace.studio, own.workspace.root, lambda: None)
    assert again.one(kept.id) == kept


def test_a_journal_leads_to_no_file_outside(own: Bench, sounds: Path) -> None:
    (made,) = _made(visitor(own).post(f"{TINY}/play", json={}))
    journal = own.workspace.studio / JOURNAL
    text = journal.read_text()
    line = json.loads(text.splitlines()[0])
    for number, file in enumerate((str(sounds / "tön" / "tön 00.wav"), "../x.wav", "a\0b")):
        new = {**line["new"], "id": f"{number + 64:06x}"}
        text += json.dumps({**line, "new": new, "file": file}) + "\n"
    journal.write_text(text)
    again = MadeHistory(own.workspace.studio, own.workspace.root, lambda: None)
    assert [one.id for one in again.listed(start=0, count=9).made] == [made["id"]]


def test_a_pack_holds_all_and_points_at_nothing_else(own: Bench) -> None:
    page = visitor(own)
    made = [_made(page.post(f"{TINY}/play", json={"seed": seed}))[0] for seed in range(3)]
    ids = [one["id"] for one in made]
    page.post("/api/made/rename", json={"ids": ids, "pattern": "same <name>"})
    wish = {"ids": [*ids, ids[0]], "name": "../My päck", "formats": ["sfz", "decentsampler"]}
    pack = page.post("/api/packs", json=wish).json()
    answer = page.get(pack["address"])
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        assert sorted(names) == sorted(pack["files"])
        (root,) = {name.split("/")[0] for name in names}
        assert not [name for name in names if ".." in name.split("/") or name.startswith("/")]
        waves = [name for name in names if re.fullmatch(f"{root}/sounds/[^/]*wav", name)]
        assert len({name.casefold() for name in waves}) == 3
        for name, one in zip(waves, made, strict=True):
            assert len(_samples(opened.read(name))) == one["duration_s"] * one["sample_rate"]
        sampled = [name for name in names if name.endswith((".sfz", ".dspreset"))]
        assert {name.rpartition(".")[2] for name in sampled} == {"sfz", "dspreset"}
        for name in sampled:
            for file in _referred(opened.read(name).decode(), name):
                assert f"{name.rpartition('/')[0]}/{file}" in names
        rows = json.loads(opened.read(f"{root}/provenance.json"))["sounds"]
        assert [row["seed"] for row in rows] == [0, 1, 2]
        assert all(f"{root}/{row['file']}" in names and row["command"] for row in rows)
        assert "tiny" in opened.read(f"{root}/README.txt").decode()
    again = page.post("/api/packs", json=wish).json()
    assert page.get(again["address"]).content == answer.content
    flac = page.post("/api/packs", json={"ids": ids[:1], "name": "f", "audio": "flac"}).json()
    assert [name for name in flac["files"] if name.endswith(".flac")]
    told(page.post("/api/packs", json={"ids": ["ffff"], "name": "x"}), 404)
    told(page.get("/api/packs/nothing"), 404)
    assert not [path for path in (own.workspace.studio / "packs").iterdir() if path.is_dir()]


def _referred(text: str, name: str) -> list[str]:
    if name.endswith(".sfz"):
        found = re.findall(r"(?m)\bsample=(.+?)(?=\s+\w+=|\s*$)", text)
        begin = re.search(r"(?m)\bdefault_path=(.+)$", text)
        return [(begin[1].strip() if begin else "") + one.strip() for one in found]
    return [sample.attrib["path"] for sample in ElementTree.fromstring(text).iter("sample")]


def test_the_same_kind_twice_is_once(client: TestClient) -> None:
    (made,) = _made(client.post(f"{TINY}/play", json={}))
    wish = {"ids": [made["id"]], "name": "twice", "formats": ["sfz", "sfz"]}
    assert client.post("/api/packs", json=wish).status_code == 201


def test_recipes_and_trainings_are_told(client: TestClient) -> None:
    recipes = client.get("/api/recipes").json()["recipes"]
    assert recipes[0]["recommended"]
    assert {one["purpose"] for one in recipes} >= {"one-shots", "notes", "songs", "recording"}
    for one in recipes:
        assert client.get(f"/api/recipes/{one['name']}/warnings").status_code == 200
    assert "sample_rate" in client.get("/api/recipes/sample-vae-tiny").json()["toml"]
    (few,) = client.get("/api/recipes/sample-vae-tiny/warnings").json()["warnings"]
    assert "32 sounds" in few
    training = client.get("/api/trainings/tiny").json()
    assert (training["steps"], training["under_way"]) == (20, False)
    assert training["history"]["columns"]["step"][-1] == 20
    assert [preview["step"] for preview in training["previews"]] == [None, 0, 20]
    heard = client.get(f"/api/sounds/{training['previews'][-1]['sound']}")
    assert np.isfinite(_samples(heard.content)).all()
    for nothing in ("/api/recipes/no", "/api/trainings/no", "/api/instruments/no"):
        told(client.get(nothing), 404)
