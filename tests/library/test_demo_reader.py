"""The demo reader as a user meets it: a folder that fills, goes on, and is nobody else's."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import soundfile

from timbrel import plugins
from timbrel.errors import ExistsError, LibraryError, SoundFileError, UsageError
from timbrel.library.demo_sounds import folder as demo_folder
from timbrel.library.demo_sounds.folder import MARK, ensure, path_of, plans, synthesise
from timbrel.library.demo_sounds.voices import VOICES, Plan, make
from timbrel.library.readers import Reader
from timbrel.progress import Progress


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def reader() -> Reader:
    loaded = plugins.load("library.readers", "demo")
    assert isinstance(loaded, Reader)
    return loaded


def test_the_reader_makes_each_sound_when_its_turn_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = list(islice(reader().find(Path("demo")), 3))
    assert [f.path for f in found] == [tmp_path / f"demo/clap/clap_00{n}.wav" for n in range(3)]
    assert [(f.label, f.group, f.pitch_semitones) for f in found] == [
        ("clap", f"kit-{n}", None) for n in range(3)
    ]
    assert len(list((tmp_path / "demo").rglob("*.wav"))) == 3


def test_the_reader_gives_800_sounds_or_more_with_kits_and_pitches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def skip(folder: Path, plan: Plan) -> Path:
        return path_of(folder, plan)

    monkeypatch.setattr(demo_folder, "ensure", skip)  # the sounds themselves are made elsewhere
    found = list(reader().find(tmp_path / "demo"))
    assert len({f.path for f in found}) == len(found) >= 800
    assert {f.label for f in found} == set(VOICES)
    assert len({f.group for f in found}) == 8
    pitched = {f.label for f in found if f.pitch_semitones is not None}
    assert pitched == {"mallet_drum", "plucked", "struck"}


def test_a_file_holds_its_sound_in_16_bits(tmp_path: Path) -> None:
    plan = Plan("snare", 2)
    path = ensure(tmp_path, plan)
    info = soundfile.info(path)
    assert (info.samplerate, info.channels, info.subtype) == (44_100, 1, "PCM_16")
    samples, _ = soundfile.read(path)
    assert np.abs(samples - make(plan)).max() <= 1 / 32768


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        synthesise(tmp_path / name, per_label=1, seed=seed)
    first, again, other = (files_of(tmp_path / name) for name in "abc")
    assert first == again
    assert len(first) == 15
    assert all(first[name] != other[name] for name in first)


def test_more_sounds_change_none_that_are_there(tmp_path: Path) -> None:
    synthesise(tmp_path, per_label=1)
    before = files_of(tmp_path)
    times_ns = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.wav")}
    synthesise(tmp_path, per_label=2)
    after = files_of(tmp_path)
    assert len(after) == 29
    assert before.items() <= after.items()
    assert all(path.stat().st_mtime_ns == time_ns for path, time_ns in times_ns.items())


def test_it_goes_on_where_it_stopped_and_mends_what_broke(tmp_path: Path) -> None:
    synthesise(tmp_path / "whole", per_label=1)
    cut = tmp_path / "cut"
    list(islice(demo_folder.fill(cut, per_label=1), 5))
    path_of(cut, Plan("clap", 0)).write_bytes(b"")
    path_of(cut, Plan("combo", 0)).write_bytes(b"RIFF half a header")
    synthesise(cut, per_label=1)
    assert files_of(cut) == files_of(tmp_path / "whole")


def test_someone_elses_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "song.txt").write_text("mine")
    with pytest.raises(ExistsError, match="no demo sounds"):
        next(reader().find(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["song.txt"]


@pytest.mark.parametrize("mark", ["", "not json", "[]", '{"seed": 7}', "\xff"])
def test_a_folder_of_another_seed_or_with_a_damaged_mark_is_left_alone(
    tmp_path: Path, mark: str
) -> None:
    (tmp_path / MARK).write_bytes(mark.encode("latin-1"))
    with pytest.raises(ExistsError, match="another seed or version"):
        synthesise(tmp_path, per_label=1)
    assert list(files_of(tmp_path)) == [MARK]


def test_a_hidden_file_of_the_desktop_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").write_bytes(b"")
    assert next(reader().find(tmp_path)).path.is_file()


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "kick.wav").write_bytes(b"mine")
    with pytest.raises(UsageError, match="is a file"):
        next(reader().find(tmp_path / "kick.wav"))


@pytest.mark.parametrize("name", ["kick.wav/demo", "x" * 300, "nul\0l"])
def test_a_folder_that_cannot_be_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "kick.wav").write_bytes(b"mine")
    with pytest.raises(LibraryError, match="cannot hold demo sounds"):
        next(reader().find(tmp_path / name))


def test_a_folder_of_any_name_will_do(tmp_path: Path) -> None:
    strange = tmp_path / "Trömmel 'n' \"Bass\" 鼓 -rf"
    assert next(reader().find(strange)).path.parent == strange / "clap"


@pytest.mark.parametrize(("per_label", "seed"), [(0, 0), (-3, 0), (1, -1)])
def test_numbers_out_of_range_are_errors(tmp_path: Path, per_label: int, seed: int) -> None:
    with pytest.raises(UsageError, match="or more"):
        synthesise(tmp_path / "demo", per_label=per_label, seed=seed)
    assert not (tmp_path / "demo").exists()


def test_progress_is_told(tmp_path: Path) -> None:
    seen: list[Progress] = []
    paths = synthesise(tmp_path, per_label=1, report=seen.append)
    assert paths == [path_of(tmp_path, plan) for plan in plans(per_label=1)]
    assert [moment.done for moment in seen] == list(range(1, 15))
    assert {moment.total for moment in seen} == {14}


def test_a_full_disk_is_told_and_leaves_whole_files_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise SoundFileError("no space left on the disk")

    list(islice(demo_folder.fill(tmp_path, per_label=1), 2))
    before = files_of(tmp_path)
    monkeypatch.setattr(demo_folder, "write", full)
    with pytest.raises(SoundFileError, match="no space"):
        synthesise(tmp_path, per_label=1)
    assert files_of(tmp_path) == before
