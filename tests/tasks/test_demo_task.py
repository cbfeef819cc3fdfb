"""The demo: all of it, on sounds that timbrel makes itself; small here."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from timbrel.errors import ExistsError, UsageError
from timbrel.tasks.demo import demo
from timbrel.tasks.demo_page import DemoResult

# 28 sounds, some seconds of training, and the projection that needs no compiler.
SMALL = {"minutes": 0.02, "per_label": 2, "recipe": "sample-vae-tiny", "projection": "pca"}


def run(folder: Path, **options: object) -> DemoResult:
    return demo(folder, **{**SMALL, **options})  # type: ignore[arg-type]


def links(page: Path) -> list[Path]:
    found = re.findall(r'(?:src|href)="([^"]+)"', page.read_text(encoding="utf-8"))
    return [page.parent / unquote(link) for link in found]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    return run(tmp_path_factory.mktemp("demo") / "mein demo")


def test_the_page_shows_what_was_made(made: DemoResult) -> None:
    shown = links(made.page)
    assert all(path.is_file() for path in shown)
    assert {*made.sounds, *made.morph, made.picked} <= set(shown)
    assert {made.map_picture, made.map_page, made.report_page} <= set(shown)
    assert (len(made.sounds), len(made.morph), made.made_before) == (16, 8, [])


def test_a_second_run_keeps_what_is_there_and_makes_what_is_missing(made: DemoResult) -> None:
    before = {path: path.stat().st_mtime_ns for path in made.folder.rglob("*.safetensors")}
    made.picked.unlink()
    made.map_picture.unlink()
    again = run(made.folder)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert made.picked.is_file()
    assert made.map_picture.is_file()
    assert "the instrument" in again.made_before
    assert "the map" not in again.made_before


def test_a_demo_stays_out_of_what_is_not_its_own(made: DemoResult, tmp_path: Path) -> None:
    with pytest.raises(ExistsError, match="other settings"):
        run(made.folder, seed=5)
    (tmp_path / "song.wav").touch()
    with pytest.raises(ExistsError, match="no demo"):
        run(tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        run(tmp_path / "song.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["song.wav"]
