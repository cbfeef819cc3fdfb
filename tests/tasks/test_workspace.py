"""The workspace: names that are folders, and what is missing said clearly."""

import unicodedata
from pathlib import Path

import pytest

from timbrel.errors import LibraryError, UnknownNameError, UsageError
from timbrel.tasks import library
from timbrel.tasks.instruments import describe, open_named, overview
from timbrel.tasks.scan import scan
from timbrel.tasks.workspace import Workspace, open_library

UNSAFE = [
    "", " ", ".", "..", "../drums", "a/b", "a\\b", "/drums", ".hidden", "drums.", "drums ",
    " drums", "con", "NUL", "com1.x", "a:b", "a*", "a\0b", "a\nb", "d" * 81, "鼓" * 27, "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("name", UNSAFE)
def test_a_name_that_is_no_safe_folder_is_refused(name: str, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with pytest.raises(UsageError, match="letters, digits"):
        workspace.instrument_folder(name)
    with pytest.raises(UsageError):
        workspace.training_folder(name)


@pytest.mark.parametrize("name", ["drums", "Große Trommel 2", "太鼓", "a.b", "x-1_y+z"])
def test_a_usual_name_of_any_script_is_a_folder_inside(name: str, tmp_path: Path) -> None:
    folder = Workspace(tmp_path).instrument_folder(name)
    assert folder.parent == tmp_path / "instruments"
    folder.mkdir(parents=True)
    assert Workspace(tmp_path).instrument_names() == [name]


def test_a_name_is_found_however_its_accents_were_typed(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.instrument_folder("große-ähre").mkdir(parents=True)
    typed = unicodedata.normalize("NFD", "große-ähre")
    assert workspace.existing_instrument(typed) == workspace.instrument_folder(typed)


def test_an_unknown_instrument_is_answered_with_those_there_are(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with pytest.raises(UnknownNameError, match="timbrel train RECIPE"):
        workspace.existing_instrument("drums")
    (tmp_path / "instruments" / "drums").mkdir(parents=True)
    (tmp_path / "instruments" / ".other.training").mkdir()
    with pytest.raises(UnknownNameError, match=r"did you mean 'drums'.*accepted: drums\."):
        workspace.existing_instrument("durms")
    with pytest.raises(UnknownNameError):
        workspace.existing_instrument("../instruments/drums")


def test_a_missing_library_says_what_to_do(tmp_path: Path) -> None:
    for ask in (library.summarise, library.listed, library.skipped):
        with pytest.raises(LibraryError, match="timbrel scan FOLDER"):
            ask(Workspace(tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_a_workspace_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LibraryError, match="cannot make the workspace"):
        open_library(Workspace(tmp_path / "file" / "ws"), create=True)


def test_a_workspace_inside_the_scanned_folder_is_passed_over(
    trained: Workspace, tmp_path: Path
) -> None:
    source = trained.root.parent
    assert list(source.rglob("previews/*.wav"))
    with pytest.raises(LibraryError, match="no sound files"):
        scan(Workspace(tmp_path / "other"), [source])


def test_a_damaged_instrument_is_listed_with_its_problem(tmp_path: Path) -> None:
    (tmp_path / "instruments" / "broken").mkdir(parents=True)
    (said,) = overview(Workspace(tmp_path))
    assert said["name"] == "broken"
    assert "instrument.json" in said["problem"]


def test_an_instrument_is_described_with_its_card(trained: Workspace) -> None:
    (line,) = overview(trained)
    said = describe(trained, "tiny")
    assert line["labels"] == said["labels"] == ["noise", "tön"]
    assert {"reconstruct", "generate", "morph"} <= set(said["abilities"])
    assert said["card"].startswith("# tiny")
    assert open_named(trained, "tiny").name == "tiny"
