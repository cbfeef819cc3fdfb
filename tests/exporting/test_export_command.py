"""`timbrel export`: a library of known notes, an instrument that morphs them, a sampler."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import sfz_reader
import torch
from sampler_sounds import PLAYED_HZ, Sampler, heard_cents, hz_of

from fixtures_command import Command
from timbrel.errors import UsageError
from timbrel.signal import files
from timbrel.signal.files import Sound
from timbrel.tasks.export import sounds
from timbrel.tasks.scan import scan
from timbrel.tasks.train import train
from timbrel.tasks.workspace import Workspace

RATE_HZ = 16_000
SETTINGS = (
    "sample_rate=16000",
    "duration_s=1.2",
    "front_end.n_fft=1024",
    "front_end.hop_samples=256",
    "phase.iterations=60",
    "network.latent_size=60",
    "training.previews=1",
)


def _tone(key: int, slope: float, velocity: int) -> Sound:
    """A held note; how bright it is, is its side's and its velocity's."""
    time_s = np.arange(round(1.2 * RATE_HZ)) / RATE_HZ
    hz = hz_of(key)
    tilt = slope + (127 - velocity) / 127
    numbers = np.arange(1, int(RATE_HZ / 2.2 / hz) + 1)
    tone = (np.sin(2 * np.pi * hz * numbers[:, None] * time_s + numbers[:, None] ** 2)
            * numbers[:, None] ** -tilt).sum(axis=0)  # fmt: skip
    shaped = tone * (1 - np.exp(-80 * time_s)) * np.minimum(1, (1.2 - time_s) * 40)
    return Sound(torch.from_numpy(0.5 * shaped / np.abs(shaped).max()).float()[None], RATE_HZ)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two instruments of NSynth's kind, and one of principal components that morphs them."""
    root = tmp_path_factory.mktemp("export")
    table = {}
    for side, slope in (("reed", 0.5), ("flute", 2.5)):
        for key in range(54, 83, 7):
            for velocity in (40, 110):
                name = f"{side}_acoustic_001-{key:03d}-{velocity:03d}"
                files.write(root / "notes/audio" / f"{name}.wav", _tone(key, slope, velocity))
                table[name] = {
                    "instrument_family_str": side,
                    "instrument_str": f"{side}_acoustic_001",
                    "pitch": key,
                }
    (root / "notes/examples.json").write_text(json.dumps(table))
    workspace = Workspace(root / "ws")
    scan(workspace, [root / "notes"], reader="nsynth")
    train(workspace, "pca-tiny", name="mix", settings=SETTINGS)
    return workspace


@pytest.fixture(scope="module")
def made(ready: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one export of the morph."""
    from timbrel.cli.main import run

    out = tmp_path_factory.mktemp("sfz") / "half"
    words = ["--workspace", ready.root, "export", "mix", "--morph", "reed,flute_acoustic_001"]
    more = ["--format", "sfz", "--keys", "54-82", "--every", "7", "--layers", "2", "--out", out]
    assert run([str(word) for word in [*words, *more]]) == 0
    return out


def test_a_morph_becomes_an_instrument(made: Path) -> None:
    regions = sfz_reader.read(made / "reed flute_acoustic_001 50.sfz")
    assert sorted({one.whole("pitch_keycenter") for one in regions}) == [54, 61, 68, 75, 82]
    ranges = {(one.whole("lovel"), one.whole("hivel")) for one in regions}
    assert ranges == {(1, 75), (76, 127)}
    assert min(one.whole("lokey") for one in regions) == 54
    assert max(one.whole("hikey") for one in regions) == 82


def test_it_says_what_it_is_made_of(made: Path) -> None:
    said = json.loads((made / "export.json").read_text("utf-8"))
    assert said["morph"] == ["reed", "flute_acoustic_001"]
    assert said["weight"] == 0.5
    soft = next(one for one in said["samples"] if one["file"] == "key-061-layer-1.wav")
    assert soft["sources"] == ["reed_acoustic_001-061-040.wav", "flute_acoustic_001-061-040.wav"]
    assert all(one["has_pitch"] for one in said["samples"])
    assert "reed_acoustic_001-061-110.wav" in (made / "README.txt").read_text("utf-8")


def test_an_independent_sampler_plays_it_in_tune(made: Path) -> None:
    sampler = Sampler(next(made.glob("*.sfz")))
    off = {
        (key, velocity): heard_cents(sampler.play(key, velocity, 0.9), PLAYED_HZ, key)
        for key in (54, 57, 58, 61, 66, 71, 75, 80, 82)
        for velocity in (50, 120)
    }
    assert max(map(abs, off.values())) < 5, off


def test_sustained_notes_are_held(made: Path) -> None:
    looped = [one for one in sfz_reader.read(next(made.glob("*.sfz"))) if "loop_end" in one.opcodes]
    assert len(looped) >= 8, "of ten samples of held notes"
    sampler = Sampler(next(made.glob("*.sfz")))
    one = looped[0]
    played = sampler.play(one.whole("pitch_keycenter"), one.whole("hivel"), 8.0)
    assert np.std(played[-PLAYED_HZ:]) > 0.3 * np.std(played[:PLAYED_HZ])
    late = heard_cents(played[4 * PLAYED_HZ :], PLAYED_HZ, one.whole("pitch_keycenter"))
    assert abs(late) < 5


def test_the_ends_of_the_weights_are_the_sides(
    timbrel: Command, ready: Workspace, tmp_path: Path
) -> None:
    """A sample at weight 0 is the reconstruction of the first side's note at that key, in tune."""
    ended = timbrel("--workspace", ready.root, "--json", "export", "mix", "--morph", "reed,flute",
                    "--weight", 0, "--keys", "61-61", "--layers", 1, "--format", "decentsampler",
                    "--phase", "heap_integration", "--out", "ds")  # fmt: skip
    assert ended.status == 0
    assert ended.document["samples"] == 1
    source = json.loads((tmp_path / "ds/export.json").read_text("utf-8"))["samples"][0]["sources"][
        0
    ]
    note = ready.root.parent / "notes/audio" / source
    again = timbrel("--workspace", ready.root, "reconstruct", "mix", note,
                    "--phase", "heap_integration", "--out", "re")  # fmt: skip
    assert again.status == 0
    sample = files.read(tmp_path / "ds/Samples/key-061.wav").samples[0].numpy()
    whole = files.read(tmp_path / f"re/{note.stem}-reconstructed.wav").samples[0].numpy()

    both = min(len(sample), len(whole), 12_000)

    def bright(samples: np.ndarray) -> np.ndarray:
        spectrum = np.abs(np.fft.rfft(samples[:both] * np.hanning(both)))
        bands = [np.sqrt((part**2).sum()) for part in np.array_split(spectrum, 16)]
        loudness_db = 20 * np.log10(np.array(bands) / np.linalg.norm(bands))
        return np.maximum(loudness_db, -60)  # an empty band says nothing

    assert np.abs(bright(sample) - bright(whole)).max() < 0.5, "the same timbre within 0.5 dB"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mix", "--morph", "reed,oboe"], "no label or group 'oboe'"),
        (["mix", "--morph", "reed"], "two labels or groups with a comma"),
        (["mix", "--morph", "reed,flute", "--weight", "3"], "--weight 3"),
        (["mix", "--morph", "reed,flute", "--keys", "90"], "--keys LOW-HIGH"),
        (["mix", "--morph", "reed,flute", "--keys", "80-60"], "--keys LOW-HIGH within 0-127"),
        (["mix", "--morph", "reed,flute", "--every", "0"], "--every of 1 or more"),
        (["mix", "--morph", "reed,flute", "--keys", "0-20"], "within an octave of a key"),
        (["mix", "--morph", "reed,flute", "--layout", "kit"], "a morph is always a keyboard"),
        (["mix"], "the instrument mix alone"),
        (["nothing"], "no folder nothing"),
        (["mox", "--morph", "reed,flute"], "no instrument 'mox' (did you mean 'mix'?)"),
        ([".", "--weight", "0.5"], "--weight together with a folder of sounds"),
        (["mix", "--morph", "reed,flute", "--format", "sfx"], "no format 'sfx'"),
        (["mix", "--format", "onxx"], "did you mean 'onnx'?"),
    ],
)
def test_wrong_commands_are_answered_in_one_line(
    timbrel: Command, ready: Workspace, tmp_path: Path, words: list[str], said: str
) -> None:
    form = [] if "--format" in words else ["--format", "sfz"]
    ended = timbrel("--workspace", ready.root, "export", *words, *form, "--out", "made")
    assert ended.status == 2
    assert said in ended.err.splitlines()[-1]
    assert not (tmp_path / "made").exists()


def _hits(folder: Path, keys: list[int], rng: np.random.Generator) -> None:
    for number, key in enumerate(keys):
        files.write(folder / f"Ton #{number} $x=1.wav", _tone(key, 1.0, 100))
    if not keys:
        hit = torch.from_numpy(0.2 * rng.standard_normal(6000) * np.exp(-np.arange(6000) / 900))
        for name in ("Kick <1>", "kick =1=", "KICK _1_"):
            files.write(folder / f"{name}.wav", Sound(hit.float()[None], RATE_HZ))


def test_renders_with_pitches_become_a_keyboard(
    timbrel: Command, tmp_path: Path, rng: np.random.Generator
) -> None:
    _hits(tmp_path / "töne", [50, 60, 67], rng)
    ended = timbrel("--json", "export", "töne", "--format", "sfz", "--out", "made")
    assert ended.document["keys"] == [38, 79]
    assert ended.document["looped"] == 3
    sampler = Sampler(tmp_path / "made" / "töne.sfz")
    for key in (45, 50, 62, 67, 75):
        assert abs(heard_cents(sampler.play(key, 100, 2.0), PLAYED_HZ, key)) < 5
    again = timbrel("--json", "export", "töne", "--format", "sfz", "--layout", "kit", "--out", "k")
    assert again.document["keys"] == [36, 38]


def test_more_sounds_than_keys_are_refused_before_all_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "many").mkdir()
    click = Sound(torch.tensor([[0.0, 0.5, -0.5]]), RATE_HZ)
    for number in range(140):
        files.write(tmp_path / "many" / f"{number}.wav", click)
    read: list[Path] = []
    monkeypatch.setattr(files, "read", lambda path: read.append(path) or click)
    with pytest.raises(UsageError, match="140 sounds for 128 keys"):
        sounds(tmp_path / "many", out=tmp_path / "made", format_name="sfz")
    assert len(read) == 128


def test_hits_become_a_kit_whatever_they_are_called(
    timbrel: Command, tmp_path: Path, rng: np.random.Generator
) -> None:
    _hits(tmp_path / "hits", [], rng)
    (tmp_path / "hits" / "bad.wav").write_bytes(b"no sound")
    ended = timbrel("--json", "export", "hits", "--format", "sfz", "--out", "made")
    assert ended.status == 3
    assert [one["path"] for one in ended.document["skipped"]] == ["hits/bad.wav"]
    regions = sfz_reader.read(tmp_path / "made" / "hits.sfz")
    assert len({one.path.name.casefold() for one in regions}) == 3
    assert Sampler(tmp_path / "made" / "hits.sfz").keys == [36, 37, 38]
    wanted = timbrel("export", "hits", "--format", "sfz", "--layout", "keyboard", "--out", "other")
    assert wanted.status == 2
    assert "has no clear pitch" in wanted.err


def test_a_note_whose_file_is_gone_is_left_out_and_named(
    timbrel: Command, ready: Workspace, tmp_path: Path
) -> None:
    shutil.copytree(ready.root.parent, tmp_path / "copy")
    workspace = tmp_path / "copy" / "ws"
    notes = ready.root.parent / "notes" / "audio"
    gone = [notes / f"reed_acoustic_001-061-{velocity}.wav" for velocity in ("040", "110")]
    kept = [path.read_bytes() for path in gone]
    for path in gone:
        path.unlink()
    try:
        ended = timbrel("--workspace", workspace, "--json", "export", "mix", "--morph",
                        "reed,flute", "--keys", "54-68", "--every", 7, "--layers", 1, "--format",
                        "sfz", "--out", "made")  # fmt: skip
    finally:
        for path, content in zip(gone, kept, strict=True):
            path.write_bytes(content)
    assert ended.status == 3
    assert {Path(one["path"]) for one in ended.document["skipped"]} <= set(gone)
    assert ended.document["samples"] == 2
    assert ended.document["keys"] == [54, 68]
