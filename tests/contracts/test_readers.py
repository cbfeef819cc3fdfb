"""Every reader: declared in full, lazy, of a stable order, honest about foreign folders."""

import runpy
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from timbrel import plugins
from timbrel.errors import LibraryError
from timbrel.library.readers import Found, Reader

NAMES = plugins.names("library.readers")
SOURCES = {"folder": "drums", "nsynth": "nsynth_gm"}
MADE = Path(__file__).parent / "sources"  # a newcomer's NAME.py there makes a small source


def sounds_of(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A real source for a reader, or a made one; who brings its own sounds gets an empty folder."""
    if name in SOURCES:
        return Path(request.getfixturevalue("data")) / SOURCES[name]
    if not plugins.load("library.readers", name).makes_sounds:
        runpy.run_path(str(MADE / f"{name}.py"))["make"](tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_it_is_declared_in_full(name: str) -> None:
    reader = plugins.load("library.readers", name)
    assert isinstance(reader, Reader)
    assert reader.title
    assert reader.licence


@pytest.mark.data
@pytest.mark.parametrize("name", NAMES)
def test_it_finds_sounds_lazily_and_in_a_stable_order(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    reader: Reader = plugins.load("library.readers", name)
    source = sounds_of(name, request, tmp_path)
    found = reader.find(source)
    assert isinstance(found, Iterator)
    first = list(islice(found, 12))
    assert first == list(islice(reader.find(source), 12))
    assert len({one.path for one in first}) == 12
    for one in first:
        assert isinstance(one, Found)
        assert one.path.is_absolute()
        assert one.path.is_file()
        assert one.label


@pytest.mark.parametrize(
    "name", [n for n in NAMES if not plugins.load("library.readers", n).makes_sounds]
)
def test_a_folder_without_sounds_gives_none_or_one_clear_error(name: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no sound")
    reader = plugins.load("library.readers", name)
    if name == "nsynth":
        with pytest.raises(LibraryError, match="cannot be read"):
            list(reader.find(tmp_path))
    elif name == "folder":
        assert list(reader.find(tmp_path)) == []
    else:
        assert _found_or_refused(reader, tmp_path) == []


def _found_or_refused(reader: Reader, folder: Path) -> list[Found]:
    try:
        return list(reader.find(folder))
    except LibraryError:
        return []
