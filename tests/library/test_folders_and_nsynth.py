"""The readers of folders and of NSynth, on good, odd and hostile sources."""

import json
import os
from pathlib import Path

import pytest
from library_sounds import strike, write

from timbrel.errors import LibraryError
from timbrel.library.labels import read_labels
from timbrel.library.readers import Found, folder, nsynth


def test_folders_are_labels_and_hidden_things_are_passed_over(tmp_path: Path) -> None:
    names = ["top.wav", "kick/1.WAV", "kick/soft/2.flac", ".hidden/3.wav", "kick/._4.wav", "x.txt"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "kick" / "loop").symlink_to(tmp_path)
    found = list(folder.find(tmp_path))
    assert [(one.path.relative_to(tmp_path).as_posix(), one.label) for one in found] == [
        ("kick/1.WAV", "kick"),
        ("kick/soft/2.flac", "soft"),
        ("top.wav", ""),
    ]


def test_a_manifest_speaks_for_its_folder(tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav", "c.wav"):
        write(tmp_path / "pack" / "sounds" / name, strike(1))
    (tmp_path / "pack" / "manifest.csv").write_text(
        "cls,file,kit\nkick,sounds/a.wav,808\nsnare,sounds\\b.wav,909\n"
    )
    expected = [("kick", "808"), ("snare", "909"), ("sounds", "")]
    for source in (tmp_path, tmp_path / "pack"):
        assert [(one.label, one.group) for one in folder.find(source)] == expected


@pytest.mark.parametrize("text", ["", "name,size\nx,1\n", "file\na.wav\n", "\0\0\xff"])
def test_a_manifest_of_another_kind_is_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.csv").write_text(text)
    (tmp_path / "a.wav").touch()
    assert list(folder.find(tmp_path)) == [Found(tmp_path / "a.wav")]


@pytest.mark.parametrize(
    ("content", "fault"),
    [(None, "cannot be read"), (b"a,b\n1,2\n", "no columns"), (b"path,label\n\xff,x\n", "UTF-8")],
)
def test_a_table_of_labels_that_is_none_is_refused(
    tmp_path: Path, content: bytes | None, fault: str
) -> None:
    path = tmp_path / "labels.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LibraryError, match=fault):
        read_labels(path, tmp_path)


@pytest.mark.data
def test_the_drums_have_their_classes_and_kits(data: Path) -> None:
    found = list(folder.find(data / "drums"))
    assert len(found) == 2469
    assert len({one.group for one in found}) == 37
    assert all(one.label == one.path.parent.name for one in found)


def nsynth_folder(folder: Path, entries: object) -> Path:
    (folder / "audio").mkdir(parents=True, exist_ok=True)
    text = entries if isinstance(entries, str) else json.dumps(entries)
    (folder / "examples.json").write_text(text)
    return folder


def test_nsynth_tells_family_instrument_and_pitch(tmp_path: Path) -> None:
    entry = {"instrument_family_str": "bass", "instrument_str": "bass_1", "pitch": 36}
    source = nsynth_folder(tmp_path, {"bass_1-036-100": entry, "bass_1-037-100": {"pitch": 37}})
    path = write(source / "audio" / "bass_1-036-100.flac", strike(1))
    assert list(nsynth.find(source)) == [
        Found(path, "bass", "bass_1", 36.0),
        Found(source / "audio" / "bass_1-037-100.wav", "", "", 37.0),
    ]


@pytest.mark.data
@pytest.mark.parametrize("piece", [1, 7, 1 << 16])
def test_nsynth_in_pieces_is_what_json_reads(
    data: Path, monkeypatch: pytest.MonkeyPatch, piece: int, tmp_path: Path
) -> None:
    monkeypatch.setattr(nsynth, "_PIECE_CHARACTERS", piece)
    table = json.loads((data / "nsynth_gm" / "examples.json").read_text())
    part = dict(list(table.items())[: 3 if piece == 1 else 470])
    found = list(nsynth.find(nsynth_folder(tmp_path, json.dumps(part, indent=1))))
    assert [(one.path.stem, one.label, one.pitch_semitones) for one in found] == [
        (name, entry["instrument_family_str"], entry["pitch"]) for name, entry in part.items()
    ]


HOSTILE = {
    "an escape": {"../../etc/passwd": {}},
    "an absolute path": {"/etc/passwd": {}},
    "a hidden name": {"..": {}},
    "a list of names": [["a"]],
    "a text": '"audio"',
    "an entry that is no object": {"a": 3},
    "a label that is no text": {"a": {"instrument_family_str": ["x"]}},
    "a label without end": {"a": {"instrument_family_str": "x" * 1000}},
    "a pitch out of range": {"a": {"pitch": 1e9}},
    "a pitch that is no number": {"a": {"pitch": "36"}},
    "half a file": '{"a": {"pitch": 36}, "b": {"pi',
    "nothing": "",
    "a number as a name": "{3: {}}",
    "an entry without end": '{"a": "' + "x" * 3_000_000,
    "brackets without end": '{"a": ' + "[" * 300_000,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_examples_json_is_refused(tmp_path: Path, case: str) -> None:
    source = nsynth_folder(tmp_path, HOSTILE[case])
    with pytest.raises(LibraryError, match=r"examples\.json"):
        list(nsynth.find(source))


def test_no_examples_json_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="a folder with examples"):
        list(nsynth.find(tmp_path))
    (tmp_path / "examples.json").write_bytes(b'{"\xff": {}}')
    with pytest.raises(LibraryError, match="cannot be read"):
        list(nsynth.find(tmp_path))


def test_names_that_are_no_unicode_are_found(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.wav")
    Path(path).touch()
    assert [str(one.path) for one in folder.find(tmp_path)] == [path]
