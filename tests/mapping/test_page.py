"""The page: whole in one file, deaf to hostile names, honest about sounds that found no room."""

import base64
import hashlib
import json
import re
import shlex
import threading
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from mapping_clouds import mapped

from timbrel.errors import ExistsError, SoundFileError
from timbrel.mapping.layout import SoundMap
from timbrel.mapping.page import write_page
from timbrel.mapping.palette import SHAPES
from timbrel.progress import Progress

HOSTILE = (
    "</script><script>alert(1)</script>", "<!--<script>", "\"'><img src=x onerror=alert(1)>",
    "{{data}}", "{{script}}", "&lt;b&gt;", "a\u2028b", "キック 🥁", "\udc80.wav", "\\", "$(rm -rf)",
)  # fmt: skip


class Page(HTMLParser):
    """Reads a page as a browser would: elements, their attributes, and the text of each."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.sink: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.sink = []
        self.found.append((tag, dict(attrs), self.sink))

    def handle_endtag(self, tag: str) -> None:
        self.sink = []

    def handle_data(self, data: str) -> None:
        self.sink.append(data)

    def elements(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(attributes, "".join(text)) for name, attributes, text in self.found if name == tag]

    def scripts(self, kind: str | None) -> list[tuple[dict[str, str | None], str]]:
        return [entry for entry in self.elements("script") if entry[0].get("type") == kind]

    @property
    def data(self) -> dict:
        ((_, text),) = self.scripts("application/json")
        return json.loads(text)


def unpacked(page: Page, name: str, kind: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(page.data[name]), dtype=kind)


def labels_of(page: Page) -> list[str]:
    labels = [label["label"] for label in page.data["labels"]]
    return [labels[own] for own in unpacked(page, "own", "<u2")]


def tone(_id: str) -> bytes:
    buffer = BytesIO()
    soundfile.write(buffer, np.sin(np.arange(400) * 0.2), 8000, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def nothing(_id: str) -> None:
    return None


def hostile_map(rng: np.random.Generator) -> SoundMap:
    labels = HOSTILE * 2
    return mapped(rng.normal(size=(len(labels), 3)), labels)


def test_every_sound_is_on_the_page_with_its_own_samples(
    sound_map: SoundMap, tmp_path: Path
) -> None:
    def own(id_: str) -> bytes:
        return b"RIFF" + id_.encode()

    summary = write_page(sound_map, tmp_path / "map.html", audio=own)
    page = Page(tmp_path / "map.html")
    assert (summary.sounds, summary.heard) == (400, 400)
    assert summary.size_bytes == (tmp_path / "map.html").stat().st_size
    places = unpacked(page, "places", "<u2").reshape(-1, 2) / 65535
    assert places == pytest.approx(sound_map.positions, abs=1e-5)
    assert labels_of(page) == list(sound_map.labels)
    assert page.data["names"] == list(sound_map.names)
    labels = page.data["labels"]
    assert {label["shape"] for label in labels} <= set(SHAPES)
    for attributes, text in page.scripts("text/plain"):
        index = int(str(attributes["id"]).removeprefix("sound-"))
        assert base64.b64decode(text) == own(sound_map.ids[index])
        assert attributes["data-kind"] == "audio/wav"


def test_embedded_sounds_are_playable_files(sound_map: SoundMap, tmp_path: Path) -> None:
    write_page(sound_map, tmp_path / "map.html", audio=tone)
    _, text = Page(tmp_path / "map.html").scripts("text/plain")[0]
    samples, sample_rate = soundfile.read(BytesIO(base64.b64decode(text)))
    assert (len(samples), sample_rate) == (400, 8000)


def test_hostile_names_stay_names(rng: np.random.Generator, tmp_path: Path) -> None:
    made = hostile_map(rng)
    write_page(made, tmp_path / "map.html", audio=tone)
    page = Page(tmp_path / "map.html")
    assert len(page.scripts(None)) == 1, "the page's own script and no other"
    assert not page.elements("img")
    assert not page.elements("b")
    assert set(labels_of(page)) == set(HOSTILE)
    raw = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert "alert(1)</script>" not in raw


def test_hostile_instrument_names_stay_text(rng: np.random.Generator, tmp_path: Path) -> None:
    made = hostile_map(rng)
    object.__setattr__(made, "instrument", "</title><script>alert(1)</script>")
    write_page(made, tmp_path / "map.html", audio=nothing)
    page = Page(tmp_path / "map.html")
    assert len(page.scripts(None)) == 1
    assert page.data["command"].startswith("timbrel pick '<"), "quoted for the shell"


def test_the_command_names_the_map_it_stands_on(sound_map: SoundMap, tmp_path: Path) -> None:
    made = replace(sound_map, instrument="my drums; rm -rf /")
    write_page(made, tmp_path / "map.html", audio=nothing)
    page = Page(tmp_path / "map.html")
    assert shlex.split(page.data["command"]) == [
        *("timbrel", "pick", "my drums; rm -rf /", "--projection", "pca", "--seed", "3"),
    ]
    ((_, script),) = page.scripts(None)
    assert "`${data.command} --at ${at} --out picked.wav`" in script


def test_the_page_says_which_of_the_library_it_shows(sound_map: SoundMap, tmp_path: Path) -> None:
    write_page(replace(sound_map, library_sounds=1469), tmp_path / "map.html", audio=nothing)
    ((_, note),) = [
        e for e in Page(tmp_path / "map.html").elements("p") if e[0].get("id") == "note"
    ]
    assert "400 of the library's 1,469 sounds: those it learned from." in note


def test_sounds_come_from_several_threads_and_stand_in_order(
    sound_map: SoundMap, tmp_path: Path
) -> None:
    seen: list[Progress] = []
    all_asked = threading.Barrier(2, timeout=20)

    def slow(id_: str) -> bytes | None:
        if id_ in ("id0", "id1"):
            all_asked.wait()  # no single thread would get past this
        return None if id_ == "id7" else b"RIFF" + id_.encode()

    two = replace(sound_map, labels=("kick",) * 400)
    summary = write_page(two, tmp_path / "map.html", audio=slow, report=seen.append)
    elements = Page(tmp_path / "map.html").scripts("text/plain")
    assert [base64.b64decode(text)[4:].decode() for _, text in elements] == [
        id_ for id_ in sound_map.ids if id_ != "id7"
    ]
    assert summary.missing == ("id7",)
    assert [moment.done for moment in seen] == list(range(1, 401))


def test_a_fault_in_a_thread_is_heard_and_leaves_no_page(
    sound_map: SoundMap, tmp_path: Path
) -> None:
    def broken(_id: str) -> bytes:
        raise SoundFileError("gone")

    with pytest.raises(SoundFileError, match="gone"):
        write_page(sound_map, tmp_path / "map.html", audio=broken)
    assert not list(tmp_path.iterdir())


def test_the_policy_allows_the_shipped_script_and_style_and_nothing_else(
    sound_map: SoundMap, tmp_path: Path
) -> None:
    write_page(sound_map, tmp_path / "map.html", audio=tone)
    page = Page(tmp_path / "map.html")
    (policy,) = [
        str(attributes["content"])
        for attributes, _ in page.elements("meta")
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";")}
    assert rules["default-src"] == ["'none'"]
    assert rules["media-src"] == ["data:"]
    for rule, element in (
        ("script-src", page.scripts(None)),
        ("style-src", page.elements("style")),
    ):
        digest = hashlib.sha256(element[0][1].encode()).digest()
        assert rules[rule] == [f"'sha256-{base64.b64encode(digest).decode()}'"]


def test_the_page_asks_for_nothing_from_afar(sound_map: SoundMap, tmp_path: Path) -> None:
    write_page(sound_map, tmp_path / "map.html", audio=nothing)
    page = Page(tmp_path / "map.html")
    for _, attributes, _ in page.found:
        assert not {"src", "href", "srcset", "action", "onclick", "style"} & set(attributes)
    raw = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|@import|url\(|\beval\b|innerHTML", raw)


def test_every_element_that_the_script_asks_for_is_there(
    sound_map: SoundMap, tmp_path: Path
) -> None:
    write_page(sound_map, tmp_path / "map.html", audio=nothing)
    page = Page(tmp_path / "map.html")
    ((_, script),) = page.scripts(None)
    there = {attributes.get("id") for _, attributes, _ in page.found}
    assert set(re.findall(r'byId\("([\w-]+)"\)', script)) <= there
    for shape in SHAPES:
        assert re.search(rf"\b{shape}: ", script), "the page can draw every shape of the palette"


def test_a_full_page_says_how_many_are_silent_and_every_label_is_heard(
    sound_map: SoundMap, tmp_path: Path
) -> None:
    size_bytes = len(base64.b64encode(tone("")))
    summary = write_page(
        sound_map, tmp_path / "map.html", audio=tone, limit_bytes=12 * size_bytes + 1
    )
    page = Page(tmp_path / "map.html")
    assert summary.heard == 12
    heard = unpacked(page, "heard", "u1") > 0
    assert heard.sum() == len(page.scripts("text/plain")) == 12
    assert set(np.array(labels_of(page))[heard]) == set(sound_map.labels)
    ((_, note),) = [e for e in page.elements("p") if e[0].get("id") == "note"]
    assert "12 can be heard" in note
    assert "388 are silent" in note


@pytest.mark.parametrize("content", [None, b"", b"MZ not a sound"])
def test_what_is_no_sound_stays_out(
    content: bytes | None, sound_map: SoundMap, tmp_path: Path
) -> None:
    summary = write_page(sound_map, tmp_path / "map.html", audio=lambda _id: content)
    assert summary.heard == 0
    assert "no sounds to hear" in (tmp_path / "map.html").read_text(encoding="utf-8")


def test_nothing_is_overwritten_unasked(sound_map: SoundMap, tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    path.write_text("mine")
    with pytest.raises(ExistsError):
        write_page(sound_map, path, audio=nothing)
    assert path.read_text() == "mine"
    write_page(sound_map, path, audio=nothing, force=True)
    assert "<canvas" in path.read_text(encoding="utf-8")
