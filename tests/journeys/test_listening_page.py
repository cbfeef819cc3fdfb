"""A listening test in a real browser: taken at random and by a rule, left, resumed, deleted.

Needs the package playwright and a Chromium; says so loudly where one is missing.
"""

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from fixtures_browser import browser, sync_api
from fixtures_listening import RATE_HZ, hiss, opened
from timbrel.studio.listening import ADDRESS, bound
from timbrel.tasks import listen
from timbrel.tasks.listen import Opened, Options

ITEMS = 8
TREMOLO_HZ = 20.0
expect = sync_api.expect
__all__ = ["browser"]


@contextmanager
def _page(browser: Any, width: int = 390, height: int = 844) -> Iterator[Any]:
    """A page of a browser that knows nothing yet; what it complains about is a fault."""
    context = browser.new_context(viewport={"width": width, "height": height})
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    assert complaints == []


@contextmanager
def _served(test: Opened) -> Iterator[str]:
    import uvicorn

    from timbrel.studio.listening.app import make_app

    listening = bound(0)
    port = listening.getsockname()[1]
    app = make_app(test, port=port)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://{ADDRESS}:{port}/"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def trembling(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Fakes tremble twenty times a second, originals do not: a machine can hear it."""
    root = tmp_path_factory.mktemp("trembling")
    rng = np.random.default_rng(1)
    for name, depth in (("real", 0.0), ("made", 0.8)):
        (root / name).mkdir()
        for number in range(ITEMS // 2):
            sound = hiss(rng, seconds=1.0)
            tremolo = np.sin(2 * np.pi * TREMOLO_HZ * np.arange(len(sound)) / RATE_HZ)
            soundfile.write(root / name / f"{number}.wav", sound * (1 + depth * tremolo) / 2,
                            RATE_HZ)  # fmt: skip
    listen.build(root / "test", "questionnaire", originals=[root / "real"],
                 systems={"made": root / "made"}, options=Options(items=ITEMS))  # fmt: skip
    return listen.open_test(root / "test")


def _trembles(content: bytes) -> bool:
    samples, rate = soundfile.read(io.BytesIO(content))
    blocks = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    level = np.log(np.sqrt((blocks**2).mean(axis=1)) + 1e-4)
    level -= np.polyval(np.polyfit(np.arange(len(level)), level, 2), np.arange(len(level)))
    spectrum = np.abs(np.fft.rfft(level))
    hz = np.fft.rfftfreq(len(level), 160 / rate)
    return bool(spectrum[np.abs(hz - TREMOLO_HZ) < 1].max() > 4 * np.median(spectrum))


def _begin(page: Any, address: str) -> None:
    page.goto(address)
    expect(page.locator("#welcome")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#volume")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#headphones")).to_be_visible()
    page.click("#skip")


def _is_at(page: Any, place: int, count: int) -> None:
    expect(page.locator("#where")).to_have_text(f"{place + 1} of {count}")
    expect(page.locator(".time span").last).not_to_have_text("…")


def _sound(page: Any, address: str) -> bytes:
    """The sound of the page that is shown, as the page itself fetches it."""
    place = int(page.inner_text("#where").split()[0]) - 1
    token = page.evaluate("Object.values(localStorage)[0]")
    told = page.request.get(f"{address}api/pages/{place}", headers={"x-listener": token})
    content: bytes = page.request.get(f"{address}sounds/{told.json()['sounds'][0]}").body()
    return content


def _take_by_keys(page: Any, address: str) -> None:
    """Everything by the keyboard, real or fake by a rule."""
    _begin(page, address)
    for place in range(ITEMS):
        _is_at(page, place, ITEMS)
        page.keyboard.press("Space")
        expect(page.locator(".play")).to_have_attribute("aria-pressed", "true")
        fake = _trembles(_sound(page, address))
        page.keyboard.type("fe" if fake else "r")
        page.keyboard.type("3n" if fake else "10y")
        page.keyboard.press("Enter")
    expect(page.locator("#closing")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#end")).to_be_visible()


def _take_at_random(page: Any, address: str) -> None:
    """Everything by touch, and half-way the browser is closed and comes back."""
    rng = np.random.default_rng(4)
    _begin(page, address)
    tops = set()
    for place in range(ITEMS):
        _is_at(page, place, ITEMS)
        page.click(".play")
        tops.add(page.locator("#questions").bounding_box()["y"])
        said = ("real", "fake")[rng.integers(2)]
        page.check(f"input[name=real][value={said}]", force=True)
        if said == "fake":
            page.check("input[name=ease][value=unsure]", force=True)
        page.check(f"input[name=musicality][value='{rng.integers(11)}']", force=True)
        page.check("input[name=inspiring][value=maybe]", force=True)
        page.click("#next")
        if place == ITEMS // 2 - 1:
            _is_at(page, place + 1, ITEMS)
            page.goto("about:blank")
            page.goto(address)
            expect(page.locator("#facts li").first).to_contain_text(f"{place + 1} of {ITEMS}")
            page.click("#next")
            expect(page.locator("#volume")).to_be_visible()
            page.click("#next")
    expect(page.locator("#closing")).to_be_visible()
    page.fill("#words-helps", "<i>Nothing</i> to add")
    page.click("#next")
    expect(page.locator("#end")).to_be_visible()
    assert len(tops) == 1  # nothing on the page ever jumps


def test_random_answers_score_chance_and_a_rule_is_found(
    browser: Any, trembling: Opened, tmp_path: Path
) -> None:
    with _served(trembling) as address:
        with _page(browser) as page:
            _take_at_random(page, address)
            random_one = page.inner_text("#receipt")
        with _page(browser, 1280, 900) as page:
            _take_by_keys(page, address)
            by_rule = page.inner_text("#receipt")
    found = listen.report(trembling.folder, tmp_path / "report")
    rows = {row[0]: row for row in found.findings.tables[0].rows}
    assert rows[random_one][8] > 0.05
    assert rows[by_rule][8] < 0.05
    assert [one.said for one in found.closing] == ["<i>Nothing</i> to add"]
    musicality = {row[0]: row[1].value for row in found.findings.tables[2].rows}
    assert musicality["original"] > musicality["made"]


def test_a_page_tells_what_is_missing_and_answers_can_be_deleted(
    browser: Any, trembling: Opened
) -> None:
    with _served(trembling) as address, _page(browser) as page:
        before = len(trembling.results.everybody())
        _begin(page, address)
        _is_at(page, 0, ITEMS)
        page.click("#next", force=True)  # which says that it is disabled, and why
        expect(page.locator("#hint")).to_have_text("Listen to the sound first.")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        expect(page.locator("#hint")).to_contain_text("real or a fake")
        page.keyboard.type("fd7y")
        page.keyboard.press("Enter")
        _is_at(page, 1, ITEMS)
        page.click("#back")
        _is_at(page, 0, ITEMS)
        assert page.input_value("input[name=musicality]:checked") == "7"
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for width in (320, 390, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.click("#mine")
        page.click("#delete")
        page.click("#delete")
        expect(page.locator("#welcome")).to_be_visible()
        expect(page.locator("#hint")).to_have_text("Your answers are deleted.")
        assert len(trembling.results.everybody()) == before


@pytest.mark.parametrize("kind", ["abx", "mushra", "mos"])
def test_each_kind_is_answered_by_the_keyboard(browser: Any, tmp_path: Path, kind: str) -> None:
    test = opened(tmp_path, kind, options=Options(items=3), count=3)
    with _served(test) as address, _page(browser, 1280, 900) as page:
        _begin(page, address)
        for place in range(3):
            _is_at(page, place, 3)
            page.keyboard.press("Space")
            tiles = page.locator(".stimulus").count()
            for number in range(max(tiles, 1) - 1):
                page.keyboard.press("ArrowRight")
                if kind == "mushra":
                    page.keyboard.type(str(10 * number + 5))
                    page.keyboard.press("ArrowUp")
            page.keyboard.press("2")
            page.keyboard.press("Enter")
        expect(page.locator("#closing")).to_be_visible()
    (listener,) = test.results.everybody()
    given = [answer.given for answer in listener.answers]
    assert all(min(answer.plays) > 0 for answer in listener.answers)
    wanted = {"mos": {"quality": "2"}, "mushra": {"ratings": [6, 16, 26, 2]}}
    assert given == [wanted.get(kind, {"choice": "b"})] * 3
