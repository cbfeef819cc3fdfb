"""A real browser for tests of pages; they say so loudly where there is none."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST: pip install playwright to run it"
)
CHROMIUM = os.environ.get("TIMBREL_CHROMIUM") or shutil.which("chromium")
FLAGS = (
    *("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
    *("--autoplay-policy=no-user-gesture-required", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium that draws without a graphics card."""
    if not CHROMIUM:
        pytest.skip("NO BROWSER TEST: there is no chromium; set TIMBREL_CHROMIUM to one")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield started
        started.close()
