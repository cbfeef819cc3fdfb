"""Sounds of a test are alike in all but sound, and nothing about them says what they are."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from numpy.typing import NDArray
from scipy import signal

from fixtures_listening import RATE_HZ, hiss, material, opened, write_sounds
from timbrel.errors import ExistsError, UsageError
from timbrel.evaluation.listening.bandwidth import anchor, bandwidth_hz
from timbrel.evaluation.listening.description import Key, read_description, read_key, sounds_of
from timbrel.evaluation.listening.gathering import gathered, paired
from timbrel.evaluation.listening.kinds import KINDS
from timbrel.tasks import listen
from timbrel.tasks.listen import Options

Samples = NDArray[np.float64]


def _key(folder: Path) -> Key:
    return read_key(folder, read_description(folder))


def _sounds(folder: Path) -> dict[str, tuple[Samples, int]]:
    return {path.stem: soundfile.read(path, always_2d=True) for path in folder.glob("sounds/*.wav")}


def _share_above_db(samples: Samples, rate: int, hz: float) -> float:
    """Power above a frequency, in dB of all power, by Welch's method."""
    frequencies, power = signal.welch(samples[:, 0], rate, nperseg=512)
    return float(10 * np.log10(power[frequencies > hz].sum() / power.sum() + 1e-20))


@pytest.fixture(scope="module")
def tests(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("listening")
    few = Options(seed=4, items=6)
    return {kind: opened(root / kind, kind, options=few, count=3).folder for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_all_sounds_are_equally_loud_by_an_independent_meter(
    tests: dict[str, Path], kind: str
) -> None:
    meter = pyloudnorm.Meter
    lufs = [meter(rate).integrated_loudness(samples)
            for samples, rate in _sounds(tests[kind]).values()]  # fmt: skip
    assert max(lufs) - min(lufs) < 0.1
    # Its filters at 16 kHz differ a little from ours, which fit every rate (De Man 2018).
    assert np.mean(lufs) == pytest.approx(read_description(tests[kind]).loudness_lufs, abs=0.2)
    assert all(np.abs(samples).max() < 1 for samples, _ in _sounds(tests[kind]).values())


def _end_hz(samples: Samples, rate: int) -> float:
    """Above lies a hundred-thousandth of the power, by Welch's method."""
    frequencies, power = signal.welch(samples[:, 0], rate, nperseg=512)
    return float(frequencies[np.searchsorted(np.cumsum(power) / power.sum(), 1 - 1e-5)])


@pytest.mark.parametrize("kind", ["questionnaire", "mos", "abx"])
def test_originals_end_where_the_others_end(tests: dict[str, Path], kind: str) -> None:
    key, sounds = _key(tests[kind]), _sounds(tests[kind])
    ends: dict[str, list[float]] = {}
    for name, (samples, rate) in sounds.items():
        ends.setdefault(key.sounds[name].system, []).append(_end_hz(samples, rate))
    # system "one" works at 8 kHz, so nothing is left above 4 kHz
    assert np.median(ends["one"]) == pytest.approx(4000, rel=0.03)
    assert np.median(ends["original"]) == pytest.approx(np.median(ends["one"]), rel=0.03)


def test_a_bandwidth_is_found_where_a_sharp_filter_ends(rng: np.random.Generator) -> None:
    import torch

    for end_hz in (1000, 5000, 15_000):
        sharp = signal.firwin(2001, end_hz, fs=44_100, window=("kaiser", 10))
        noise = signal.fftconvolve(rng.normal(size=44_100), sharp, mode="valid")
        faded = noise * signal.windows.tukey(len(noise), 0.1)  # a hard edge is a click
        samples = torch.from_numpy(faded.astype(np.float32))[None]
        assert bandwidth_hz(samples, 44_100) == pytest.approx(end_hz, abs=120)


def test_mushra_keeps_the_bandwidth_of_originals_and_abx_can(
    tests: dict[str, Path], tmp_path: Path
) -> None:
    kept = opened(tmp_path, "abx", options=Options(bandwidth="keep", items=2), count=2).folder
    for folder in (tests["mushra"], kept):
        key, sounds = _key(folder), _sounds(folder)
        originals = [sounds[name] for name in sounds if key.sounds[name].role == "original"]
        assert all(_share_above_db(samples, rate, 5000) > -15 for samples, rate in originals)


@pytest.mark.parametrize(("cutoff_hz", "stops_hz"), [(3500, (4000, 4500)), (7000, (8000, 9000))])
def test_anchors_are_the_filters_of_bs_1534(
    rng: np.random.Generator, cutoff_hz: int, stops_hz: tuple[int, int]
) -> None:
    import torch

    noise = torch.from_numpy(rng.normal(size=(1, 6 * 44_100)).astype(np.float32))
    filtered = anchor(noise, 44_100, cutoff_hz=cutoff_hz)
    frequencies, before = signal.welch(noise[0].numpy(), 44_100, nperseg=4096)
    gain_db = 10 * np.log10(signal.welch(filtered[0].numpy(), 44_100, nperseg=4096)[1] / before)
    # At most 0.1 dB of ripple below, 25 dB down at 4 kHz and 50 dB at 4.5 kHz.
    assert np.abs(gain_db[(frequencies > 50) & (frequencies < cutoff_hz)]).max() < 0.1
    assert gain_db[(frequencies >= stops_hz[0] + 50)].max() < -25
    assert gain_db[(frequencies >= stops_hz[1])].max() < -50


def test_mushra_has_a_hidden_reference_and_its_anchor(tests: dict[str, Path]) -> None:
    folder = tests["mushra"]
    key, sounds = _key(folder), _sounds(folder)
    for trial in read_description(folder).trials:
        systems = sorted(key.sounds[name].system for name in trial.sounds)
        assert systems == ["anchor 3.5 kHz", "one", "original", "two"]
        hidden = next(name for name in trial.sounds if key.sounds[name].role == "original")
        assert hidden != trial.reference
        assert np.array_equal(sounds[hidden][0], sounds[trial.reference][0])
    # These originals end at 8 kHz, where the mid-range anchor would lose nothing.
    assert any("no anchor of 7 kHz" in note for note in key.notes)


@pytest.mark.parametrize("kind", ["questionnaire", "mos"])
def test_files_of_sounds_that_are_heard_alone_cannot_be_told_apart(
    tests: dict[str, Path], kind: str
) -> None:
    paths = list((tests[kind] / "sounds").iterdir())
    assert len({path.stat().st_size for path in paths}) == 1
    assert len({path.read_bytes()[:44] for path in paths}) == 1  # the whole header
    by_date = sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path.name))
    assert [path.name for path in by_date] == sorted(path.name for path in paths)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_the_key_says_what_a_sound_is(tests: dict[str, Path], kind: str) -> None:
    told = (tests[kind] / "test.json").read_text("utf-8")
    for word in ("kick", "one", "two", "original", "anchor", "reconstructed", "real"):
        assert f'"{word}' not in told
    assert "kick" in (tests[kind] / "key.json").read_text("utf-8")
    for path in (tests[kind] / "sounds").iterdir():
        content = path.read_bytes()
        assert (content[:4], content[12:16], content[36:40]) == (b"RIFF", b"fmt ", b"data")
        assert int.from_bytes(content[40:44], "little") == len(content) - 44  # and nothing behind


def test_order_of_names_says_nothing_of_the_source(tmp_path: Path) -> None:
    folder = opened(tmp_path, "questionnaire", count=20, options=Options(items=40)).folder
    key = _key(folder)
    roles = [key.sounds[trial.sounds[0]].role for trial in read_description(folder).trials]
    first = roles[:20].count("original")
    assert roles.count("original") == 20
    assert 4 <= first <= 16  # of 20; by chance outside once in 40,000 tests


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_names(tmp_path: Path) -> None:
    made = material(tmp_path, 2)
    built = {}
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        listen.build(tmp_path / name, "mos", originals=[made.real], systems=made.systems,
                     options=Options(seed=seed, items=6))  # fmt: skip
        built[name] = {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in sorted((tmp_path / name).rglob("*"))
            if path.is_file()
        }
    assert built["a"] == built["b"]
    assert not set(built["a"]) & set(built["c"]) - {Path("test.json"), Path("key.json")}


def test_names_cannot_be_worked_out_without_the_sounds(tmp_path: Path) -> None:
    made = material(tmp_path, 2)
    first = listen.build(tmp_path / "a", "mos", originals=[made.real], systems=made.systems)
    write_sounds(made.real, ["kick 0"], seed=99)
    second = listen.build(tmp_path / "b", "mos", originals=[made.real], systems=made.systems)
    assert not set(first.key.sounds) & set(second.key.sounds)


def test_silence_around_sounds_is_cut_off_and_ends_fade(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    for place, (before, behind) in enumerate([(0.0, 0.0), (0.7, 0.2), (0.1, 1.1)]):
        sound = np.concatenate([np.zeros(int(before * RATE_HZ)), hiss(rng, seconds=0.4),
                                np.zeros(int(behind * RATE_HZ))])  # fmt: skip
        for folder in ("real", "made"):
            (tmp_path / folder).mkdir(exist_ok=True)
            soundfile.write(tmp_path / folder / f"{place}.wav", sound, RATE_HZ)
    listen.build(tmp_path / "t", "mos", originals=[tmp_path / "real"],
                 systems={"made": tmp_path / "made"})  # fmt: skip
    for samples, rate in _sounds(tmp_path / "t").values():
        loud = np.flatnonzero(np.abs(samples[:, 0]) > 0.1 * np.abs(samples).max())
        assert loud[0] < 0.01 * rate
        assert len(samples) == pytest.approx(0.4 * rate, abs=0.01 * rate)
        assert np.abs(samples[0]) < 0.01


def test_versions_of_one_sound_are_cut_at_the_same_moments(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    (tmp_path / "real").mkdir()
    (tmp_path / "made").mkdir()
    sound = np.concatenate([np.zeros(4000), hiss(rng, seconds=2.0)])
    louder = sound.copy()
    louder[:9000] *= 1e-5  # a version that begins later: nothing of it may move
    soundfile.write(tmp_path / "real" / "a.wav", sound, RATE_HZ, subtype="FLOAT")
    soundfile.write(tmp_path / "made" / "a.wav", louder, RATE_HZ, subtype="FLOAT")
    listen.build(tmp_path / "t", "abx", originals=[tmp_path / "real"],
                 systems={"made": tmp_path / "made"}, options=Options(seconds=1.2))  # fmt: skip
    (trial,) = read_description(tmp_path / "t").trials
    one, other = (_sounds(tmp_path / "t")[name][0][:, 0] for name in trial.sounds)
    assert len(one) == len(other) == 1.2 * RATE_HZ
    late = slice(int(0.7 * RATE_HZ), int(1.1 * RATE_HZ))
    scale = np.abs(one[late]).max() / np.abs(other[late]).max()
    assert np.abs(one[late] - scale * other[late]).max() < 1e-3 * np.abs(one[late]).max()


def test_a_stretch_of_a_long_sound_is_never_its_silence(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    for folder in ("real", "made"):
        (tmp_path / folder).mkdir()
        for number in range(4):
            quiet = 1e-3 * rng.normal(size=20 * RATE_HZ)
            quiet[9 * RATE_HZ : 12 * RATE_HZ] = 0.3 * rng.normal(size=3 * RATE_HZ).clip(-3, 3)
            soundfile.write(tmp_path / folder / f"{number}.wav", quiet, RATE_HZ)
    listen.build(tmp_path / "t", "mos", originals=[tmp_path / "real"],
                 systems={"made": tmp_path / "made"},
                 options=Options(seconds=1.0, items=8))  # fmt: skip
    starts = set()
    for samples, rate in _sounds(tmp_path / "t").values():
        halves = [np.sqrt((half**2).mean()) for half in np.split(samples[:, 0], 2)]
        assert len(samples) == rate
        starts.add(round(float(samples[100, 0]), 6))
        assert min(halves) > 0.2 * max(halves)
    assert len(starts) == 8


def test_mono_and_stereo_low_and_high_rates_become_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    for folder in ("real", "made"):
        (tmp_path / folder).mkdir()
    soundfile.write(tmp_path / "real" / "a.wav", np.stack([hiss(rng, rate=96_000)] * 2, 1), 96_000)
    soundfile.write(tmp_path / "made" / "a.wav", hiss(rng, rate=12_000), 12_000)
    listen.build(tmp_path / "t", "abx", originals=[tmp_path / "real"],
                 systems={"made": tmp_path / "made"})  # fmt: skip
    assert {(samples.shape[1], rate) for samples, rate in _sounds(tmp_path / "t").values()} == {
        (1, 48_000)
    }


def test_half_of_a_questionnaire_are_originals_and_systems_share_the_rest(tmp_path: Path) -> None:
    made = material(tmp_path, 12)
    built = listen.build(tmp_path / "t", "questionnaire", originals=[made.real],
                         systems=made.systems, options=Options(items=20))  # fmt: skip
    systems = [one.system for one in built.key.sounds.values()]
    assert [systems.count(name) for name in ("original", "one", "two")] == [10, 5, 5]


def test_renders_are_paired_by_their_parents_before_their_names(tmp_path: Path) -> None:
    made = material(tmp_path, 3)
    (made.two / "kick 0.wav").rename(made.two / "morph.wav")
    parents = [{"name": "kick 1.wav", "weight": 0.2}, {"name": "kick 0.wav", "weight": 0.8}]
    (made.two / "morph.json").write_text(json.dumps({"parents": parents}), "utf-8")
    (made.two / "kick 2.json").write_text("{ no json", "utf-8")
    (made.two / "stranger.wav").write_bytes((made.two / "kick 1.wav").read_bytes())
    found = paired(
        gathered([made.real], "original"),
        {name: gathered([folder], name) for name, folder in made.systems.items()},
    )
    assert list(found.groups) == ["kick 0", "kick 1", "kick 2"]
    assert all(sorted(group) == ["one", "original", "two"] for group in found.groups.values())
    assert found.groups["kick 0"]["two"].path.name == "morph.wav"
    assert [(one.path.name, one.kind) for one in found.skipped] == [("stranger.wav", "unpaired")]


def test_names_that_only_begin_alike_are_not_paired(tmp_path: Path) -> None:
    write_sounds(tmp_path / "real", ["kick 1"], seed=0)
    write_sounds(tmp_path / "made", ["kick 10", "kick 1-b"], seed=0)
    found = paired(
        gathered([tmp_path / "real"], "original"),
        {"made": gathered([tmp_path / "made"], "made")},
    )
    assert found.groups["kick 1"]["made"].name == "kick 1-b"
    assert [one.path.name for one in found.skipped] == ["kick 10.wav"]


def test_preference_needs_no_originals(tmp_path: Path) -> None:
    made = material(tmp_path, 4)
    built = listen.build(tmp_path / "t", "preference", systems=made.systems)
    assert len(built.description.trials) == 4
    assert {one.system for one in built.key.sounds.values()} == {"one", "two"}


def test_bad_sounds_are_named_and_the_others_make_the_test(tmp_path: Path) -> None:
    made = material(tmp_path, 3)
    (made.one / "broken.wav").write_bytes(b"no sound at all")
    soundfile.write(made.one / "silent.wav", np.zeros(8000), RATE_HZ)
    soundfile.write(made.one / "short.wav", np.ones(40), RATE_HZ)
    soundfile.write(made.one / "nan.wav", np.full(8000, np.nan), RATE_HZ, subtype="FLOAT")
    built = listen.build(tmp_path / "t", "mos", systems={"one": made.one},
                         options=Options(items=7))  # fmt: skip
    reasons = {one.path.name: one.kind for one in built.skipped}
    assert reasons == {"broken.wav": "unreadable", "silent.wav": "silent", "short.wav": "empty",
                       "nan.wav": "not_finite"}  # fmt: skip
    assert len(built.description.trials) == 3
    assert "3 items, not 7" in built.key.notes[0]


def test_answers_are_never_replaced_and_nothing_but_a_test_is(tmp_path: Path) -> None:
    made = material(tmp_path, 2)

    def again(**more: bool) -> None:
        listen.build(tmp_path / "t", "mos", systems={"one": made.one}, **more)

    again()
    with pytest.raises(ExistsError, match="--force"):
        again()
    again(force=True)
    listen.open_test(tmp_path / "t").results.enlist()
    with pytest.raises(ExistsError, match="answers of listeners"):
        again(force=True)
    (tmp_path / "t" / "results.sqlite").unlink()
    (tmp_path / "t" / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(ExistsError, match="no listening test"):
        again(force=True)
    assert (tmp_path / "t" / "mine.txt").is_file()


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("mos", Options(items=0), "1 to 500"),
        ("mos", Options(items=2), "3 sources"),
        ("mos", Options(seconds=float("nan")), "0.05 to 120"),
        ("mos", Options(repeats=2), "abx or preference"),
        ("abx", Options(repeats=21), "1 to 20"),
        ("mos", Options(per_listener=0), "1 or more"),
        ("mos", Options(title=""), "characters"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(
    tmp_path: Path, kind: str, options: Options, message: str
) -> None:
    made = material(tmp_path, 2)
    with pytest.raises(UsageError, match=message):
        listen.build(tmp_path / "t", kind, originals=[made.real], systems=made.systems,
                     options=options)  # fmt: skip
    assert not (tmp_path / "t").exists()


@pytest.mark.parametrize("name", ["test.json", "key.json"])
@pytest.mark.parametrize("content", ["", "[]", "{}", "\x00", '{"format_version": 99}', "[" * 9999])
def test_damaged_documents_are_told(
    tests: dict[str, Path], tmp_path: Path, name: str, content: str
) -> None:
    folder = tmp_path / "t"
    shutil.copytree(tests["mos"], folder)
    (folder / name).write_text(content, "utf-8")
    with pytest.raises(UsageError, match=r"damaged|newer|no listening test"):
        _key(folder)


def test_names_in_documents_cannot_lead_elsewhere(tests: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "t"
    shutil.copytree(tests["mos"], folder)
    description = json.loads((folder / "test.json").read_text("utf-8"))
    description["trials"][0]["sounds"] = ["../../secret"]
    (folder / "test.json").write_text(json.dumps(description), "utf-8")
    with pytest.raises(UsageError, match=r"damaged \(at 'trials'"):
        listen.open_test(folder)


def test_sounds_that_are_missing_or_links_are_not_served(
    tests: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "t"
    shutil.copytree(tests["mos"], folder)
    name = sounds_of(read_description(folder).trials[0])[0]
    (folder / "sounds" / f"{name}.wav").unlink()
    os.symlink("/etc/hostname", folder / "sounds" / f"{name}.wav")
    with pytest.raises(UsageError, match="1 sounds"):
        listen.open_test(folder)
