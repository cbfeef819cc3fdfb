"""The site builds without a warning, fetches nothing, and every page of it stands somewhere."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from timbrel import plugins, recipes

ROOT = Path(__file__).resolve().parents[2]
TAGS = "script|link|img|iframe|audio|source"
FETCHES = re.compile(rf"""<(?:{TAGS})[^>]*(?:src|href)="?(https?:)?//""")
PLAYED = re.compile(r'<(?:img|audio|source)[^>]* src="([^":]+)"')
ROOMS = {
    "families": "families", "metrics": "evaluation.metrics", "phase": "signal.phase",
    "readers": "library.readers", "frontends": "signal.frontends",
    "projections": "mapping.projections", "formats": "exporting.formats",
    "experiments": "experiments",
}  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as a newcomer builds it but for the folder."""
    if find_spec("mkdocs") is None or find_spec("material") is None:
        pytest.skip("NO SITE BUILT: mkdocs is missing; pip install 'timbrel[docs]' to test it")
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        capture_output=True, text=True, check=False, cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_every_plugin_and_recipe_has_its_page(site: Path) -> None:
    wanted = {("recipes", name) for name in recipes.names()}
    for folder, room in ROOMS.items():
        wanted |= {(folder, name) for name in plugins.names(room)}
    reference = site / "reference"
    assert [one for one in wanted if not (reference / one[0] / f"{one[1]}.html").is_file()] == []


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 100
    foreign = [(page.name, FETCHES.search(page.read_text("utf-8"))) for page in pages]
    assert [(name, found.group(0)) for name, found in foreign if found] == []


def test_pictures_and_sounds_are_there(site: Path) -> None:
    missing = []
    for page in site.rglob("*.html"):
        for link in PLAYED.findall(page.read_text("utf-8")):
            if not (page.parent / link).resolve().is_file():
                missing.append((page.relative_to(site).as_posix(), link))
    assert missing == []


def test_every_written_page_is_in_the_site(site: Path) -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        made = page.relative_to(ROOT / "docs").with_suffix(".html")
        assert (site / made).is_file(), made
