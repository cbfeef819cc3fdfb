"""The studio in a real browser, from an empty folder to a pack of sounds, with only the page.

Needs the package playwright and a Chromium; says so loudly where one is missing.
"""

import io
import json
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import numpy as np
import pytest
import soundfile

import timbrel
from fixtures_browser import browser, sync_api
from task_sounds import make_sounds
from timbrel.instruments import document
from timbrel.instruments.folder import open_instrument
from timbrel.synthesis import slider_file
from timbrel.synthesis.sliders import Slider, Sliders
from timbrel.tasks.workspace import Workspace

WEB = Path(__file__).resolve().parents[2] / "web"
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
VIEWS = ("library", "map", "play", "recording", "train", "judge", "history")
SOON_MS = 60_000
LONG_MS = 240_000
CHEAP = "training.batch_size=4\nnetwork.hidden_size=16\nphase.iterations=4\ntraining.previews=1"
expect = sync_api.expect
__all__ = ["browser"]


@dataclass
class Studio:
    """A studio that runs, and how to ask it beside the page."""

    workspace: Path
    address: str
    process: "subprocess.Popen[str]"

    def get(self, path: str) -> Any:
        return httpx.get(self.address + path, timeout=60).raise_for_status().json()

    def sound(self, reference: str) -> np.ndarray:
        answer = httpx.get(f"{self.address}/api/sounds/{reference}?kind=wav", timeout=60)
        samples, _ = soundfile.read(io.BytesIO(answer.content))
        return np.asarray(samples)


def begin(workspace: Path) -> Studio:
    """Starts a studio as a person does, on a port that is free."""
    command = [sys.executable, "-m", "timbrel", "--workspace", str(workspace), "--json"]
    process = subprocess.Popen(
        [*command, "studio", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    text = ""
    for line in process.stdout:
        text += line
        if line == "}\n":
            break
    return Studio(workspace, json.loads(text)["address"].rstrip("/"), process)


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    running = begin(tmp_path / "workspace")
    yield running
    running.process.send_signal(signal.SIGINT)
    running.process.wait(60)
    running.process.stdout.close()


@pytest.fixture
def page(browser: Any, studio: Studio) -> Iterator[Any]:
    """A page that is open; what it complains about is a fault."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page, complaints = context.new_page(), []
    page.set_default_timeout(SOON_MS)
    page.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(studio.address)
    yield page
    context.close()
    assert complaints == []


def see(page: Any, view: str) -> None:
    page.goto(page.url.split("#")[0] + f"#/{view}")


def audible(samples: np.ndarray) -> bool:
    return bool(np.isfinite(samples).all()) and float(np.abs(samples).max()) > 0.01


def bring_sounds(page: Any, studio: Studio, sounds: Path) -> None:
    see(page, "library")
    page.get_by_label("Or name a folder").fill(str(sounds))
    page.get_by_role("button", name="Scan").click()
    count = 32
    expect(page.get_by_text(f"{count} sounds").first).to_be_visible(timeout=LONG_MS)
    assert studio.get("/api/state")["library"]["count"] == count


def train_stop_and_resume(page: Any, studio: Studio) -> None:
    see(page, "train?tab=new")
    page.get_by_role("button", name="recipes", exact=False).first.click()
    page.get_by_role("radio", name="sample-vae-tiny").click()
    page.get_by_label("Name", exact=True).fill("tiny")
    page.get_by_role("radio", name="Steps", exact=True).click()
    page.get_by_label("Steps", exact=True).last.fill("4000")
    page.get_by_role("button", name="Seed, beginning and settings").click()
    page.get_by_label("Settings").fill(CHEAP)
    page.get_by_role("button", name="Start training").click()
    stop = page.get_by_role("button", name="Stop and keep")
    expect(stop).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("loss", exact=False).first).to_be_visible(timeout=LONG_MS)
    until(lambda: _steps(studio) > 0)
    stop.click()
    go_on = page.get_by_role("button", name="Go on", exact=True)
    expect(go_on).to_be_visible(timeout=LONG_MS)
    steps = _steps(studio)
    go_on.click()
    expect(stop).to_be_visible(timeout=LONG_MS)
    until(lambda: _steps(studio) > steps)
    stop.click()
    expect(go_on).to_be_visible(timeout=LONG_MS)
    assert _steps(studio) > steps > 0
    assert "tiny" in [one["name"] for one in studio.get("/api/state")["instruments"]]


def until(true: Callable[[], bool]) -> None:
    """Waits for something that the page does not show."""
    for _ in range(LONG_MS // 500):
        if true():
            return
        time.sleep(0.5)
    raise AssertionError("it never came to be")


def _steps(studio: Studio) -> float:
    history = studio.get("/api/trainings/tiny")["history"]["columns"]
    return max((step or 0 for step in history.get("step", [])), default=0)


def click_on_the_map(page: Any, studio: Studio) -> None:
    see(page, "map?instrument=tiny")
    page.get_by_label("Layout").select_option("pca")
    page.get_by_role("button", name="Lay it out").click()
    stage = page.locator(".t-scatter-stage")
    expect(stage).to_be_visible(timeout=LONG_MS)
    box = stage.bounding_box()
    with page.expect_response(lambda answer: answer.url.endswith("/pick")) as asked:
        stage.click(position={"x": box["width"] * 0.5, "y": box["height"] * 0.31})
    picked = asked.value.json()
    assert audible(studio.sound(picked["made"]["sound"]))
    expect(page.get_by_text(picked["made"]["name"]).first).to_be_visible()
    assert page.get_by_text(picked["made"]["name"]).first.is_visible()


def draw_a_way(page: Any, studio: Studio) -> None:
    see(page, "map?instrument=tiny")
    page.get_by_label("Layout").select_option("pca")
    stage = page.locator(".t-scatter-stage")
    expect(stage).to_be_visible(timeout=LONG_MS)
    page.get_by_role("radio", name="Path").click()
    box = stage.bounding_box()
    left, top, width, height = box["x"], box["y"], box["width"], box["height"]
    with page.expect_response(
        lambda answer: answer.url.endswith("/path"), timeout=LONG_MS
    ) as asked:
        page.mouse.move(left + 0.3 * width, top + 0.3 * height)
        page.mouse.down()
        for step in range(1, 9):
            page.mouse.move(left + (0.3 + 0.05 * step) * width, top + (0.3 + 0.04 * step) * height)
        page.mouse.up()
    made = asked.value.json()["made"]
    assert made["kind"] == "path"
    assert audible(studio.sound(made["sound"]))


def play_and_undo(page: Any, studio: Studio) -> None:
    see(page, "play?instrument=tiny")
    with page.expect_response(_plays) as first:
        page.get_by_role("button", name="New sound", exact=True).click()
    made = first.value.json()["made"][0]
    assert audible(studio.sound(made["sound"]))
    with page.expect_response(_plays) as second:
        page.get_by_role("button", name="New sound", exact=True).click()
    assert second.value.json()["made"][0]["seed"] != made["seed"]
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("textbox", name="Seed")).to_have_value(str(made["seed"]))


def _plays(answer: Any) -> bool:
    return bool(answer.url.endswith("/play"))


def move_a_slider(page: Any, studio: Studio) -> None:
    give_a_slider(studio.workspace, "tiny")
    page.reload()
    with page.expect_response(_plays) as first:
        page.get_by_role("button", name="New sound", exact=True).click()
    with page.expect_response(_plays) as second:
        page.get_by_role("slider", name="brighter").focus()
        page.keyboard.press("PageUp")
    before, after = first.value.json()["made"][0], second.value.json()["made"][0]
    assert before["seed"] == after["seed"]
    assert after["settings"]["sliders"]["brighter"] > 0
    one, other = studio.sound(before["sound"]), studio.sound(after["sound"])
    count = min(len(one), len(other))
    assert np.abs(one[:count] - other[:count]).max() > 0.001


def give_a_slider(workspace: Path, name: str) -> None:
    """Writes a slider such as a search finds in minutes."""
    folder = Workspace(workspace).existing_instrument(name)
    fingerprint, size = document.read(folder).fingerprint, open_instrument(folder).latent_size
    one = Slider(
        name="brighter", descriptor="brightness", unit="octaves", step=0.1, low=-4.0, high=4.0,
        monotone=1.0, strictly=1.0, moved={"brightness": 8.0}, cross_talk=0.1,
        move=(0.5,) * size, read=(1.0 / size,) * size,
    )  # fmt: skip
    all_ = Sliders(
        fingerprint=fingerprint, origin=(0.0,) * size, asked=8, seeds=20, sliders=(one,), without={}
    )
    slider_file.write(folder, all_)


def make_a_report(page: Any, studio: Studio) -> None:
    see(page, "judge")
    page.get_by_role("button", name="Make a report").click()
    page.get_by_role("dialog").get_by_role("button", name="Make the report").click()
    report = page.locator(".judge-report")
    expect(report.first).to_be_visible(timeout=LONG_MS)
    report.first.click()
    frame = page.frame_locator("iframe")
    expect(frame.locator("h1").first).to_be_visible(timeout=SOON_MS)


def take_a_pack_away(page: Any, studio: Studio) -> None:
    see(page, "history")
    expect(page.get_by_role("table").or_(page.get_by_role("grid")).first).to_be_visible()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Make a pack").click()
    page.get_by_role("dialog").get_by_role("button", name="Make the pack").click()
    with page.expect_download(timeout=SOON_MS) as fetched:
        page.get_by_role("dialog").get_by_role("button", name="Download").click()
    made = studio.get("/api/made")["total"]
    with zipfile.ZipFile(fetched.value.path()) as pack:
        names = pack.namelist()
        waves = [name for name in names if "/sounds/" in name and name.endswith(".wav")]
        assert len(waves) == made
        for name in waves:
            samples, _ = soundfile.read(io.BytesIO(pack.read(name)))
            assert audible(samples)
        assert {Path(name).suffix for name in names} >= {".sfz", ".dspreset", ".txt", ".json"}


def complaints_of_axe(page: Any) -> list[tuple[str, str]]:
    """What keeps people from using the page as it is shown."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa']})")
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]]


def look_at_every_view(page: Any) -> None:
    """Each view, dark and light, at a desk and on a phone: usable by everybody, never too wide."""
    for width, height in ((1280, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.reload()  # colours that are still on their way are nobody's
            for view in VIEWS:
                see(page, f"{view}?instrument=tiny")
                expect(page.locator("h1").first).to_be_visible()
                page.wait_for_timeout(500)
                assert page.evaluate("() => document.documentElement.scrollWidth") <= width
                if AXE.is_file():
                    assert (view, scheme, complaints_of_axe(page)) == (view, scheme, [])


@pytest.mark.slow
def test_from_an_empty_folder_to_a_pack_with_only_the_page(
    page: Any, studio: Studio, tmp_path: Path
) -> None:
    bring_sounds(page, studio, make_sounds(tmp_path / "samples"))
    train_stop_and_resume(page, studio)
    click_on_the_map(page, studio)
    draw_a_way(page, studio)
    play_and_undo(page, studio)
    move_a_slider(page, studio)
    make_a_report(page, studio)
    take_a_pack_away(page, studio)
    look_at_every_view(page)
    if not AXE.is_file():
        pytest.skip("NO ACCESSIBILITY TEST: npm ci in web brings axe-core")


def test_the_page_that_ships_is_the_page_that_is_written(tmp_path: Path) -> None:
    """Builds the page anew and compares; needs npm and what it has fetched."""
    if not (AXE.is_file() and shutil.which("npx")):
        pytest.skip("NO TEST OF THE BUILT PAGE: npm ci in web brings what builds it")
    subprocess.run(
        ["npx", "vite", "build", "--outDir", str(tmp_path / "page"), "--emptyOutDir"],
        cwd=WEB, check=True, capture_output=True,
    )  # fmt: skip
    shipped = Path(timbrel.__file__).parent / "studio" / "workbench" / "page"
    built = {p.relative_to(tmp_path / "page"): p.read_bytes() for p in _files(tmp_path / "page")}
    assert built == {path.relative_to(shipped): path.read_bytes() for path in _files(shipped)}


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
