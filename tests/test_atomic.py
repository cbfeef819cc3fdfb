"""Files and folders are written whole or not at all."""

from pathlib import Path

import pytest

from timbrel import atomic
from timbrel.errors import ExistsError


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "card.md"
    atomic.write_text(target, "old")

    def half_a_file() -> None:
        with atomic.new_file(target) as part:
            part.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_a_file()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_new_file_keeps_its_ending_while_it_is_written(tmp_path: Path) -> None:
    with atomic.new_file(tmp_path / "deep" / "map.png") as part:
        assert part.suffix == ".png"
        part.write_bytes(b"1")
    assert (tmp_path / "deep" / "map.png").read_bytes() == b"1"


def test_a_failed_folder_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "kit"
    with atomic.new_folder(target) as part:
        (part / "one").write_text("1")

    def half_a_folder() -> None:
        with atomic.new_folder(target, force=True) as part:
            (part / "two").write_text("2")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_a_folder()
    assert [file.name for file in target.iterdir()] == ["one"]
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_is_replaced_only_by_force(tmp_path: Path) -> None:
    target = tmp_path / "kit"
    with atomic.new_folder(target) as part:
        (part / "one").write_text("1")
    with pytest.raises(ExistsError, match="--force"), atomic.new_folder(target):
        pass
    with atomic.new_folder(target, force=True) as part:
        (part / "two").write_text("2")
    assert [file.name for file in target.iterdir()] == ["two"]
    assert list(tmp_path.iterdir()) == [target]
