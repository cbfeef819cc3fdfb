"""Ids and contents found by an index: the same answers, whatever came after it was made."""

from pathlib import Path

import pytest
from test_approximate import fill, vectors

from timbrel.library.catalogue import Catalogue, open_catalogue, quoted
from timbrel.library.lookup_index import LOOKED_UP_FROM


def indices(catalogue: Catalogue) -> set[str]:
    return {one.name for one in catalogue._table.list_indices()}


def ids(catalogue: Catalogue, hashes: list[str]) -> dict[str, int]:
    """Content hash -> the number of the file that has it."""
    return {key: int(path.stem) for key, (_, path) in catalogue.sounds_with(hashes).items()}


def hashed(*numbers: int) -> list[str]:
    return [f"{number:06d}".rjust(32, "0") for number in numbers]


@pytest.fixture
def looked_up(tmp_path: Path) -> Catalogue:
    catalogue = open_catalogue(tmp_path / "library", create=True)
    fill(catalogue, vectors(300, 1))
    catalogue.compact(looked_up_from=300)
    assert indices(catalogue) == {"id_index", "content_hash_index"}
    return catalogue


def test_a_small_library_has_none(tmp_path: Path) -> None:
    catalogue = open_catalogue(tmp_path / "library", create=True)
    fill(catalogue, vectors(20, 1))
    catalogue.compact()
    assert LOOKED_UP_FROM > 20
    assert not indices(catalogue)


def test_old_rows_new_rows_and_rows_that_are_gone(looked_up: Catalogue) -> None:
    fill(looked_up, vectors(20, 2), first=300)  # not taken in yet
    wanted = hashed(0, 299, 305, 900)
    assert ids(looked_up, wanted) == dict(zip(wanted[:3], (0, 299, 305), strict=True))
    gone = [row["id"] for row in looked_up.records("path IN ('/pack/000299.wav')")]
    looked_up.remove(gone)
    assert ids(looked_up, wanted) == dict(zip(wanted[::2], (0, 305), strict=True))
    looked_up.compact(looked_up_from=300)  # taken in
    assert ids(looked_up, wanted) == dict(zip(wanted[::2], (0, 305), strict=True))


def test_a_row_that_changes_is_found_by_what_it_is_now(looked_up: Catalogue) -> None:
    (row,) = looked_up.records("path = '/pack/000007.wav'")
    looked_up.put([{**row, "content_hash": "f" * 32}])
    assert ids(looked_up, [*hashed(7), "f" * 32]) == {"f" * 32: 7}
    assert looked_up.count() == 300  # put in its place, not beside it
    found = [one["content_hash"] for one in looked_up.records(f"id IN {quoted([row['id']])}")]
    assert found == ["f" * 32]
    looked_up.compact(looked_up_from=300)
    assert ids(looked_up, [*hashed(7), "f" * 32]) == {"f" * 32: 7}
