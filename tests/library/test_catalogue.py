"""The catalogue: opening, reading, searching, damage."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from library_sounds import pack, strike, write

from timbrel.errors import LibraryError
from timbrel.library.arrivals import Job, record_of
from timbrel.library.catalogue import Catalogue, open_catalogue
from timbrel.library.features import FEATURE_NAMES
from timbrel.library.readers import Found
from timbrel.library.rows import Facts
from timbrel.library.scan import scan


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    source = tmp_path_factory.mktemp("sounds") / "pack"
    pack(source, count=6, labels=("kick", "snare", "tom"))
    write(source / "kick" / "quiet.wav", 0.1 * strike(0, pitch_hz=100))
    write(source / "kick" / "zcopy.wav", strike(1, pitch_hz=100))
    catalogue = open_catalogue(source.parent / "library", create=True)
    scan(source, catalogue, workers=1)
    return catalogue


def records(count: int, start: int = 0) -> list[dict[str, object]]:
    """Rows of sounds that were never read."""
    made = []
    for n in range(start, start + count):
        features = np.full(len(FEATURE_NAMES), n, dtype=np.float32)
        facts = Facts(f"{n:032x}", 1.0, 44_100, 1, "WAV", -1.0, -20.0, features)
        made.append(record_of(Job(Found(Path(f"/pack/{n:06d}.wav"), "kick"), 1, 1), facts))
    return made


def test_rows_come_in_the_order_of_paths_and_by_condition(library: Catalogue) -> None:
    rows = list(library.rows())
    assert [row.path for row in rows] == sorted(row.path for row in rows)
    assert len(rows) == library.count() == 19
    assert {row.label for row in library.rows(label="tom")} == {"tom"}
    assert [row.path.name for row in library.rows(where="peak_db < -20")] == ["quiet.wav"]
    assert rows[0].features.shape == (len(FEATURE_NAMES),)
    assert library.get([rows[3].id, "nothing", rows[1].id]) == [] or [
        row.id for row in library.get([rows[3].id, "nothing", rows[1].id])
    ] == [rows[3].id, rows[1].id]
    with pytest.raises(LibraryError, match="cannot be read"):
        list(library.rows(where="no such column"))


def test_the_summary_says_what_to_know(library: Catalogue) -> None:
    summary = library.summary()
    assert summary.count == 19
    assert summary.labels == {"kick": 7, "snare": 6, "tom": 6}
    assert summary.hours == pytest.approx(19 * 0.3 / 3600)
    assert summary.skipped == {"duplicate": 1}
    assert "only 19 sounds" in summary.warnings[0]
    assert summary.as_dict()["sample_rates"] == {16_000: 19}


def test_a_fingerprint_follows_content_not_place(library: Catalogue, tmp_path: Path) -> None:
    source = library.folder.parent / "pack"
    shutil.copytree(source, tmp_path / "copy")
    other = open_catalogue(tmp_path / "library", create=True)
    scan(tmp_path / "copy", other, workers=1)
    assert other.fingerprint() == library.fingerprint()
    other.remove([next(other.rows()).id])
    assert other.fingerprint() != library.fingerprint()


def test_no_library_and_a_damaged_one_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="scan a folder"):
        open_catalogue(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    catalogue = open_catalogue(tmp_path / "library", create=True)
    catalogue.put(records(3))
    for path in (tmp_path / "library" / "sounds.lance" / "_versions").iterdir():
        path.write_bytes(b"damaged")
    with pytest.raises(LibraryError, match="cannot be opened"):
        open_catalogue(tmp_path / "library")


@pytest.mark.parametrize("damage", [b"", b"\xff" * 64, None])
@pytest.mark.parametrize("part", ["_versions", "data"])
def test_damage_in_any_part_is_one_clear_line(
    tmp_path: Path, part: str, damage: bytes | None
) -> None:
    """The database answers damage with errors of many kinds, and with panics."""
    open_catalogue(tmp_path, create=True).put(records(300))
    for path in (tmp_path / "sounds.lance" / part).iterdir():
        content = path.read_bytes()
        path.write_bytes(content[:-40] + damage if damage is not None else content[:40])

    def all_of_it() -> None:
        catalogue = open_catalogue(tmp_path)
        catalogue.count()
        list(catalogue.rows())

    with pytest.raises(LibraryError) as told:
        all_of_it()
    assert "\n" not in str(told.value)


def test_a_library_killed_at_birth_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "sounds.lance" / "data").mkdir(parents=True)
    assert open_catalogue(tmp_path, create=True).count() == 0


def test_many_batches_leave_few_fragments(catalogue: Catalogue) -> None:
    for start in range(0, 400, 10):
        catalogue.put(records(10, start))
    catalogue.put(records(10, 0))  # again: replaced, not added
    catalogue.compact()
    assert catalogue.count() == 400
    assert len(list((catalogue.folder / "sounds.lance" / "data").glob("*"))) < 100
    assert catalogue._table.stats()["fragment_stats"]["num_fragments"] <= 2
