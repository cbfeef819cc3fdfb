"""The folder of an export: whole or not there, nobody else's files touched, names harmless."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import sfz_reader
import torch
from sampler_sounds import note

from timbrel import plugins
from timbrel.errors import ExistsError, SoundFileError, UnknownNameError, UsageError
from timbrel.exporting import build, folder, readme
from timbrel.exporting.build import Part
from timbrel.exporting.folder import Export
from timbrel.exporting.formats import sfz
from timbrel.exporting.samples import Sample
from timbrel.signal.files import Sound

FORMATS = plugins.names("exporting.formats")


@pytest.fixture(scope="module")
def export() -> Export:
    """Two notes, made without training or listening."""
    parts = [
        Part(f"note {key}", Sample(note(key, seconds=0.3), key, tune_cents=3)) for key in (50, 60)
    ]
    made = build.pitched("Zwei Töne", parts)
    facts = {"made_by": "timbrel 0", **made.provenance}
    return replace(made, provenance=facts, about=readme.about(made.patch, facts))


@pytest.mark.parametrize("name", FORMATS)
def test_it_holds_an_instrument_its_samples_and_words(
    tmp_path: Path, export: Export, name: str
) -> None:
    file = folder.write(tmp_path / "made", export, name)
    assert file.is_file()
    samples = sorted(path.name for path in tmp_path.glob("made/[sS]amples/*"))
    assert samples == ["note 50.wav", "note 60.wav"]
    said = (tmp_path / "made" / "README.txt").read_text("utf-8")
    assert f"Open {file.name}" in said
    assert "licences" in said
    manifest = json.loads((tmp_path / "made" / "export.json").read_text("utf-8"))
    assert manifest["file"] == file.name
    assert [one["key"] for one in manifest["samples"]] == [50, 60]


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_export_has_the_same_bytes(tmp_path: Path, export: Export, name: str) -> None:
    for out in ("one", "other"):
        folder.write(tmp_path / out, export, name)
    files = [path.relative_to(tmp_path / "one") for path in tmp_path.glob("one/**/*.*")]
    assert len(files) == 5
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes()


def test_nothing_is_replaced_unasked_and_nothing_but_an_export_at_all(
    tmp_path: Path, export: Export
) -> None:
    out = tmp_path / "made"
    folder.write(out, export, "sfz")
    with pytest.raises(ExistsError, match="--force"):
        folder.write(out, export, "sfz")
    assert folder.write(out, export, "decentsampler", force=True).is_file()
    assert not list(out.glob("*.sfz")), "the old one is gone as a whole"
    (out / "my song.mid").touch()
    with pytest.raises(ExistsError, match=r"holds 'my song\.mid'"):
        folder.write(out, export, "sfz", force=True)
    with pytest.raises(UsageError, match="is a file"):
        folder.write(out / "my song.mid" / "deeper", export, "sfz")
    home = tmp_path / "home"
    home.mkdir()
    (home / "letter.txt").touch()
    with pytest.raises(ExistsError, match=r"holds 'letter\.txt'"):
        folder.write(home, export, "sfz", force=True)


@pytest.mark.parametrize("wrong", ["lokey=38", "pitch_keycenter=50", "tune=3"])
def test_what_does_not_read_back_does_not_stand(
    tmp_path: Path, export: Export, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = replace(sfz.FORMAT, write=lambda patch: sfz.write(patch).replace(wrong, wrong + "0"))
    monkeypatch.setattr(sfz, "FORMAT", broken)
    with pytest.raises(SoundFileError):
        folder.write(tmp_path / "made", export, "sfz")
    assert list(tmp_path.iterdir()) == []


def test_a_sample_that_was_written_otherwise_does_not_stand(
    tmp_path: Path, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = folder.files.write

    def off(path: Path, sound: Sound, **rest: object) -> None:
        write(path, Sound(sound.samples * 0.999, sound.sample_rate), **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(folder.files, "write", off)
    with pytest.raises(SoundFileError, match=r"note 50\.wav did not read back"):
        folder.write(tmp_path / "made", export, "sfz")
    assert list(tmp_path.iterdir()) == []


def test_sources_whose_names_are_no_unicode_are_named_all_the_same(
    tmp_path: Path, export: Export
) -> None:
    odd = replace(export, about="Made of a\udcff.wav", provenance={"sources": ['"a\udcff\n".wav']})
    folder.write(tmp_path / "made", odd, "sfz")
    assert "a\\udcff.wav" in (tmp_path / "made" / "README.txt").read_text("utf-8")
    manifest = json.loads((tmp_path / "made" / "export.json").read_text("utf-8"))
    assert manifest["sources"] == ['"a\udcff\n".wav']


def test_an_unknown_format_is_told_what_there_is(tmp_path: Path, export: Export) -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'sfz'.*decentsampler, sfz"):
        folder.write(tmp_path / "made", export, "sf")


def test_stereo_stays_stereo(tmp_path: Path) -> None:
    sound = Sound(torch.stack([note(60).samples[0], note(67).samples[0]]), 44_100)
    file = folder.write(tmp_path / "made", build.kit("kit", [Part("hit", Sample(sound, 0))]), "sfz")
    assert sfz_reader.read(file)[0].length_samples == sound.samples.shape[1]


def test_two_sounds_of_one_key_are_no_keyboard() -> None:
    parts = [Part(name, Sample(note(60, seconds=0.2), 60)) for name in ("one", "two")]
    with pytest.raises(UsageError, match=r"both sound at C4.*--layout kit"):
        build.pitched("keys", parts)
