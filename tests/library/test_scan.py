"""Scans: what is new, changed, moved, gone, copied or of no use."""

import os
import shutil
import stat
from pathlib import Path

import numpy as np
import pytest
from library_sounds import RATE, pack, strike, write

from timbrel.errors import LibraryError, UnknownNameError
from timbrel.library import arrivals
from timbrel.library.catalogue import Catalogue, open_catalogue
from timbrel.library.known import id_of
from timbrel.library.scan import ScanSummary, scan


def again(source: Path, catalogue: Catalogue, **options: object) -> ScanSummary:
    return scan(source, catalogue, workers=1, **options)  # type: ignore[arg-type]


def counts(summary: ScanSummary) -> dict[str, int]:
    fields = ("added", "changed", "unchanged", "relabelled", "removed")
    return {name: getattr(summary, name) for name in fields if getattr(summary, name)}


def paths(catalogue: Catalogue) -> list[str]:
    return [row.path.name for row in catalogue.rows()]


def kinds(summary: ScanSummary) -> dict[str, str]:
    return {skipped.path.name: skipped.kind for skipped in summary.skipped}


def test_a_pack_comes_in_with_labels_and_facts(tmp_path: Path, catalogue: Catalogue) -> None:
    summary = again(pack(tmp_path / "pack"), catalogue)
    assert counts(summary) == {"added": 8}
    assert catalogue.labels() == {"kick": 4, "snare": 4}
    row = next(iter(catalogue.rows(label="snare")))
    assert (row.sample_rate, row.channels, row.format) == (RATE, 1, "WAV")
    assert row.duration_s == pytest.approx(0.3)
    samples = strike(100, pitch_hz=300)
    assert row.peak_db == pytest.approx(20 * np.log10(np.abs(samples).max()), abs=1e-3)
    assert row.path.read_bytes()
    assert row.size_bytes == row.path.stat().st_size


def test_a_second_scan_follows_every_kind_of_change(tmp_path: Path, catalogue: Catalogue) -> None:
    source = pack(tmp_path / "pack", count=3)
    again(source, catalogue)
    assert counts(again(source, catalogue)) == {"unchanged": 6}

    touched, louder, gone = sorted((source / "kick").glob("*.wav"))
    moved = source / "snare" / "snare_000.wav"
    os.utime(touched, ns=(1, 1))
    write(louder, strike(77))
    gone.unlink()
    shutil.move(moved, source / "kick" / "zzz.wav")
    write(source / "tom" / "tom.wav", strike(78, pitch_hz=150))
    summary = again(source, catalogue)
    # the moved file is a sound of a new path and one of the two that are gone
    assert counts(summary) == {"added": 2, "changed": 1, "unchanged": 3, "removed": 2}
    assert not summary.skipped
    assert sorted(paths(catalogue)) == sorted(path.name for path in source.rglob("*.wav"))
    assert catalogue.labels() == {"kick": 3, "snare": 2, "tom": 1}
    assert counts(again(source, catalogue)) == {"unchanged": 6}


def test_unchanged_files_are_not_read_again(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = pack(tmp_path / "pack", count=1)
    write(source / "silent.wav", np.zeros(100, np.float32))
    again(source, catalogue)

    def nothing_to_read(jobs, **_):
        assert not list(jobs)
        yield from ()

    monkeypatch.setattr("timbrel.library.scan.analyse_all", nothing_to_read)
    summary = again(source, catalogue)
    assert counts(summary) == {"unchanged": 2}
    assert kinds(summary) == {"silent.wav": "silent"}  # remembered, and still told


def test_files_of_no_use_are_named_with_reasons(tmp_path: Path, catalogue: Catalogue) -> None:
    source = pack(tmp_path / "pack", count=1)
    (source / "garbage.wav").write_bytes(b"RIFF no sound at all" * 9)
    (source / "nothing.flac").write_bytes(b"")
    write(source / "no_samples.wav", np.zeros(0, np.float32))
    write(source / "silent.wav", np.full(999, 1e-5, np.float32))
    bad = strike(1)
    bad[RATE // 10] = np.nan
    write(source / "nan.wav", bad)
    shutil.copy(source / "kick" / "kick_000.wav", source / "zz_copy.wav")
    (source / "folder.wav").mkdir()
    (source / "lost.wav").symlink_to(source / "nowhere.wav")
    os.mkfifo(source / "pipe.wav")
    (source / "notes.txt").write_text("no sound, and none expected")
    summary = again(source, catalogue)
    assert counts(summary) == {"added": 2}
    assert kinds(summary) == {
        "garbage.wav": "unreadable",
        "nothing.flac": "empty",
        "no_samples.wav": "empty",
        "silent.wav": "silent",
        "nan.wav": "not_finite",
        "zz_copy.wav": "duplicate",
        "lost.wav": "missing",
        "pipe.wav": "unreadable",
    }
    reasons = {skipped.path.name: skipped.reason for skipped in summary.skipped}
    assert "kick_000.wav" in reasons["zz_copy.wav"]
    assert "0.100 s" in reasons["nan.wav"]
    assert str(source) not in reasons["garbage.wav"]


def test_a_copy_comes_in_when_its_first_is_gone(tmp_path: Path, catalogue: Catalogue) -> None:
    source = tmp_path / "pack"
    for name in ("a", "b", "c"):
        write(source / f"{name}.wav", strike(1))
    assert kinds(again(source, catalogue)) == {"b.wav": "duplicate", "c.wav": "duplicate"}
    (source / "a.wav").unlink()
    summary = again(source, catalogue)
    assert counts(summary) == {"added": 1, "removed": 1}
    assert (paths(catalogue), kinds(summary)) == (["b.wav"], {"c.wav": "duplicate"})


def test_two_files_that_swap_their_content_both_stay(tmp_path: Path, catalogue: Catalogue) -> None:
    one, two = (
        write(tmp_path / "s" / "1.wav", strike(1)),
        write(tmp_path / "s" / "2.wav", strike(2)),
    )
    again(tmp_path / "s", catalogue)
    write(one, strike(2))
    write(two, strike(1, length_s=0.3))
    os.utime(one, ns=(5, 5))
    os.utime(two, ns=(6, 6))
    assert counts(again(tmp_path / "s", catalogue)) == {"changed": 2}
    assert catalogue.count() == 2


def test_a_swap_is_seen_though_each_file_is_written_at_once(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a slow machine one row is written before the other file is read."""
    monkeypatch.setattr(arrivals, "_BATCH_ROWS", 1)
    test_two_files_that_swap_their_content_both_stay(tmp_path, catalogue)


def test_odd_names_are_kept_or_refused_by_name(tmp_path: Path, catalogue: Catalogue) -> None:
    source = tmp_path / "pack"
    names = ["grosse caisse é.wav", "大太鼓.wav", "quote'\"s.wav", "new\nline.wav", "100%.wav"]
    for number, name in enumerate(names):
        write(source / "l'été" / name, strike(number))
    shutil.move(write(tmp_path / "x.wav", strike(99)), os.fsencode(source) + b"/odd\xff.wav")
    summary = again(source, catalogue)
    assert sorted(paths(catalogue)) == sorted(names)
    assert catalogue.labels() == {"l'été": 5}
    assert len(list(catalogue.rows(label="l'été"))) == 5
    assert [skipped.kind for skipped in summary.skipped] == ["bad_name"]
    assert counts(again(source, catalogue)) == {"unchanged": 5}


def test_labels_of_a_table_go_first_and_need_no_second_reading(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    source = pack(tmp_path / "pack", count=2)
    table = tmp_path / "labels.csv"
    table.write_text(
        "path,label,kit,pitch\nkick/kick_000.wav,bass drum,909,36\n"
        f"{source}/snare/snare_001.wav,rim,909,\nkick/nowhere.wav,x,y,\n"
    )
    again(source, catalogue)
    summary = again(source, catalogue, labels_csv=table)
    assert counts(summary) == {"relabelled": 2, "unchanged": 2}
    assert catalogue.labels() == {"bass drum": 1, "kick": 1, "rim": 1, "snare": 1}
    row = catalogue.get([id_of(source / "kick" / "kick_000.wav")])[0]
    assert (row.group, row.pitch_semitones) == ("909", 36.0)
    assert "1 of the 3" in summary.warnings[0]


def test_a_label_set_by_hand_stays_when_its_file_changes(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    source = pack(tmp_path / "pack", count=1)
    again(source, catalogue)
    kick = source / "kick" / "kick_000.wav"
    with catalogue.writing():
        catalogue.relabel([id_of(kick)], "thump")
    write(kick, strike(77))
    assert counts(again(source, catalogue)) == {"changed": 1, "unchanged": 1}
    assert catalogue.get([id_of(kick)])[0].label == "thump"
    table = tmp_path / "labels.csv"
    table.write_text("path,label\nkick/kick_000.wav,bass drum\n")
    again(source, catalogue, labels_csv=table)
    assert catalogue.get([id_of(kick)])[0].label == "bass drum"


def test_a_scan_of_nothing_says_so_and_forgets_nothing(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    source = pack(tmp_path / "pack", count=1)
    again(source, catalogue)
    shutil.move(source, tmp_path / "elsewhere")
    with pytest.raises(LibraryError, match="does not exist"):
        again(source, catalogue)
    source.mkdir()  # a drive that is not connected looks like this
    with pytest.raises(LibraryError, match="no sound files"):
        again(source, catalogue)
    assert catalogue.count() == 2
    with pytest.raises(UnknownNameError, match="did you mean 'folder'"):
        again(source, catalogue, reader="foldr")


def test_a_part_of_a_source_forgets_nothing_outside_it(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    source = pack(tmp_path / "pack", count=2)
    again(source, catalogue)
    (source / "snare" / "snare_000.wav").unlink()
    assert counts(again(source / "kick", catalogue)) == {"unchanged": 2}
    assert catalogue.labels() == {"kick": 2, "snare": 2}  # and known labels stay
    one = source / "kick" / "kick_001.wav"
    assert counts(again(one, catalogue)) == {"unchanged": 1}


def test_two_scans_at_once_do_not_mix(tmp_path: Path, catalogue: Catalogue) -> None:
    source = pack(tmp_path / "pack", count=1)
    other = open_catalogue(catalogue.folder)
    with catalogue.writing(), pytest.raises(LibraryError, match="another scan"):
        again(source, other)
    assert counts(again(source, other)) == {"added": 2}
    assert catalogue.count() == 2  # an open library sees what others wrote


def test_a_folder_that_cannot_be_opened_is_named(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = pack(tmp_path / "pack", count=1)
    real = os.listdir

    def closed(path):
        if Path(path).name == "snare":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "listdir", closed)
    summary = again(source, catalogue)
    assert counts(summary) == {"added": 1}
    assert kinds(summary) == {"snare": "unreadable"}


def test_progress_counts_every_file(tmp_path: Path, catalogue: Catalogue) -> None:
    seen = []
    source = pack(tmp_path / "pack", count=2)
    again(source, catalogue, report=seen.append)
    assert (seen[-1].done, seen[-1].total) == (4.0, 4.0)


def test_sounds_stay_as_they_are(tmp_path: Path, catalogue: Catalogue) -> None:
    source = pack(tmp_path / "pack", count=1)
    for path in source.rglob("*.wav"):
        path.chmod(stat.S_IRUSR)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in source.rglob("*.wav")}
    again(source, catalogue)
    after = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in source.rglob("*.wav")}
    assert before == after


@pytest.mark.data
def test_every_bad_file_is_accounted_for(data: Path, catalogue: Catalogue) -> None:
    summary = scan(data / "bad", catalogue)
    files = [path for path in (data / "bad").iterdir() if path.suffix != ".csv"]
    assert summary.added + len(summary.skipped) == len(files)
    assert all(skipped.reason for skipped in summary.skipped)
    assert {"unreadable", "empty", "silent", "duplicate"} <= set(kinds(summary).values())
