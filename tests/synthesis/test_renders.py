"""Renders: files that tell how they were made, never clip, never leave their folder."""

import json
import unicodedata
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fixtures_instrument import RATE_HZ
from timbrel.errors import AbilityError, ExistsError, SoundFileError, UsageError
from timbrel.instruments.instrument import Instrument
from timbrel.signal import files
from timbrel.signal.files import Sound
from timbrel.signal.levels import peak_db
from timbrel.synthesis import renders
from timbrel.synthesis.generate import generate
from timbrel.synthesis.reconstruct import reconstruct
from timbrel.synthesis.renders import Render, at, safe_name, trim, write


def render_of(samples: torch.Tensor, name: str = "a", **facts: object) -> Render:
    said = {"name": name, "made_by": "timbrel x", "settings": {}, "parents": [], **facts}
    return Render(Sound(samples, RATE_HZ, name), torch.zeros(2), said)


def test_the_same_seed_writes_the_same_bytes(tiny_instrument: Instrument, tmp_path: Path) -> None:
    for encoding in ("pcm_24", "float_32"):
        for folder in ("one", "two"):
            made = generate(tiny_instrument, count=3, seed=9)
            write(tmp_path / encoding / folder, made, encoding=encoding)  # type: ignore[arg-type]
        one = sorted((tmp_path / encoding / "one").iterdir())
        assert len(one) == 6
        for path in one:
            assert path.read_bytes() == (path.parents[1] / "two" / path.name).read_bytes()


def test_the_sidecar_holds_all_it_takes_to_make_it_again(
    tiny_instrument: Instrument, tmp_path: Path
) -> None:
    [path] = write(tmp_path, generate(tiny_instrument, count=1, seed=2), encoding="float_32")
    said = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    again = at(tiny_instrument, torch.tensor(said["latent"]), seed=said["seed"])
    assert torch.equal(again.sound.samples, files.read(path).samples)
    assert said["instrument_fingerprint"] == tiny_instrument.fingerprint
    assert said["made_by"].startswith("timbrel ")
    assert "date" not in said


def test_the_file_itself_tells_too(tiny_instrument: Instrument, tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    for suffix in (".wav", ".flac"):
        [path] = write(
            tmp_path, generate(tiny_instrument, count=1, seed=2), suffix=suffix, force=True
        )
        assert soundfile.info(path).subtype == "PCM_24"
        with soundfile.SoundFile(path) as file:
            said = json.loads(file.comment)
            assert (said["instrument"], said["seed"]) == ("tiny", 2)
            assert file.title == path.stem


def test_long_names_of_parents_stay_in_the_sidecar(tmp_path: Path) -> None:
    parents = [{"name": "ö" * 500, "weight": 0.25}] * 4
    [path] = write(tmp_path, [render_of(torch.zeros(1, 9), parents=parents, seed=4)])
    soundfile = pytest.importorskip("soundfile")
    with soundfile.SoundFile(path) as file:
        assert json.loads(file.comment)["seed"] == 4
    assert json.loads(path.with_suffix(".json").read_text())["parents"] == parents


def test_what_would_clip_is_turned_down_and_says_so(tmp_path: Path) -> None:
    loud = torch.tensor([[0.0, 2.0, -1.0]])
    [path] = write(tmp_path, [render_of(loud)])
    said = json.loads(path.with_suffix(".json").read_text())
    assert said["gain_db"] == pytest.approx(-6.12, abs=0.01)
    assert peak_db(files.read(path).samples) == pytest.approx(-0.1, abs=0.01)
    [path] = write(tmp_path, [render_of(loud, "float")], encoding="float_32")
    assert torch.equal(files.read(path).samples, loud)


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    write(tmp_path, [render_of(torch.full((1, 9), 0.5))])
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ExistsError, match="--force"):
        write(tmp_path, [render_of(torch.zeros(1, 9))])
    (tmp_path / "a.json").rename(tmp_path / "kept.json")
    with pytest.raises(ExistsError):
        write(tmp_path, [render_of(torch.zeros(1, 9))])
    assert not (tmp_path / "a.json").exists()
    assert (tmp_path / "a.wav").read_bytes() == before[tmp_path / "a.wav"]
    write(tmp_path, [render_of(torch.zeros(1, 9))], force=True)
    assert (tmp_path / "a.wav").read_bytes() != before[tmp_path / "a.wav"]


def test_equal_names_of_one_call_get_numbers(tmp_path: Path) -> None:
    same = [render_of(torch.zeros(1, 9), "kick") for _ in range(3)]
    names = [path.name for path in write(tmp_path, same)]
    assert names == ["kick.wav", "kick-2.wav", "kick-3.wav"]


def test_renders_are_written_as_they_come(tmp_path: Path) -> None:
    def two_then_failure() -> object:
        yield render_of(torch.zeros(1, 9), "one")
        assert (tmp_path / "one.wav").exists()
        raise AbilityError("broken")

    with pytest.raises(AbilityError):
        write(tmp_path, two_then_failure())  # type: ignore[arg-type]
    assert {path.name for path in tmp_path.iterdir()} == {"one.wav", "one.json"}


def test_a_full_disk_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is the sidecar or the sound that finds no room, neither is left."""

    def full(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    for method in ("write_text", "write_bytes"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, method, full)
            with pytest.raises(SoundFileError, match="No space left"):
                write(tmp_path, [render_of(torch.zeros(1, 9))])
        assert list(tmp_path.iterdir()) == []


def test_the_silent_end_is_trimmed_with_a_fade() -> None:
    samples = torch.cat([torch.full((1, 2000), 0.5), torch.zeros(1, 6000)], dim=1)
    short = trim(render_of(samples))
    assert short.sound.samples.shape == (1, 2000)
    assert abs(float(short.sound.samples[0, -1])) < 0.01
    assert torch.equal(short.sound.samples[0, :1900], samples[0, :1900])
    assert short.provenance["settings"] == {"trimmed_to_samples": 2000}


@pytest.mark.parametrize("length", [100, 8000])
def test_at_least_fifty_milliseconds_stay(length: int) -> None:
    click = torch.zeros(1, length)
    click[0, 0] = 1.0
    assert trim(render_of(click)).sound.samples.shape[1] == min(length, 800)
    assert trim(render_of(torch.zeros(1, length))).sound.samples.shape[1] == min(length, 800)


def test_a_tail_above_the_threshold_stays() -> None:
    samples = torch.full((1, 8000), 0.001)  # -60 dB below the peak
    samples[0, 0] = 1.0
    assert torch.equal(trim(render_of(samples)).sound.samples, samples)


def test_pick_checks_its_latent(tiny_instrument: Instrument) -> None:
    with pytest.raises(UsageError):
        at(tiny_instrument, torch.zeros(3))


@given(st.text(max_size=200))
def test_any_text_makes_a_harmless_file_name(text: str) -> None:
    name = safe_name(text)
    assert 0 < len(name.encode()) <= renders.LONGEST_NAME_BYTES + 1
    assert not set(name) & set('/\\:*?"<>|\0\n\r')
    assert name == name.strip(" .")
    assert name == unicodedata.normalize("NFC", name)
    assert (Path("x") / name).parent == Path("x")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("../../etc/passwd", "etc_passwd"),
        ("Große Trommel", "Große Trommel"),
        ("大太鼓", "大太鼓"),
        ("C:\\kick", "C__kick"),
        ("NUL.wav", "_NUL.wav"),
        ("...", "sound"),
        ("", "sound"),
    ],
)
def test_names_stay_readable(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_hostile_labels_stay_in_the_folder(tiny_instrument: Instrument, tmp_path: Path) -> None:
    hostile = render_of(torch.zeros(1, 9), "../../../evil\x00/name")
    [path] = write(tmp_path / "out", [hostile])
    assert path.parent == tmp_path / "out"
    assert {p.name for p in tmp_path.iterdir()} == {"out"}


def test_a_reconstruction_is_named_after_its_sound(tiny_instrument: Instrument) -> None:
    tone = torch.sin(torch.arange(8000) * 0.2)[None] * 0.5
    sounds = [Sound(tone, RATE_HZ, "/home/someone/kick.wav"), Sound(tone, RATE_HZ, "")]
    first, second = reconstruct(tiny_instrument, iter(sounds))
    assert (first.name, second.name) == ("kick-reconstructed", "sound-reconstructed")
    assert first.provenance["parents"] == [
        {"name": "kick.wav", "weight": 1.0, "id": "", "label": ""}
    ]
    assert torch.equal(first.sound.samples, second.sound.samples)
