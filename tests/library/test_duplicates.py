"""Duplicates: the same recording, whatever was done to it; and none that is not."""

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from library_sounds import strike, write

from timbrel.library.candidates import near_pairs
from timbrel.library.catalogue import Catalogue
from timbrel.library.duplicates import duplicates
from timbrel.library.scan import scan
from timbrel.signal.recordings import agreement, prepare
from timbrel.signal.sketches import SIZE, VIEWS, heard, sketches

RATE = 44_100
BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def drum(seed: int, length_s: float = 0.6) -> np.ndarray:
    """A stroke with a body of several partials and a noise that no other seed has."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(length_s * RATE)) / RATE
    body = sum(np.sin(2 * np.pi * hz * t + hz) for hz in rng.uniform(90, 900, 4))
    noise = rng.standard_normal(len(t)) * np.exp(-t * rng.uniform(8, 20))
    return (0.1 * (body * np.exp(-t * 9) + 2 * noise)).astype(np.float32)


def codec(path: Path, sound: np.ndarray, kind: str) -> Path:
    container, subtype = {"mp3": ("MP3", "MPEG_LAYER_III"), "ogg": ("OGG", "VORBIS")}[kind]
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, RATE, format=container, subtype=subtype)
    return path


def found(folder: Path, catalogue: Catalogue) -> list[list[str]]:
    scan(folder, catalogue, workers=1)
    groups, skipped = duplicates(catalogue, threads=1)
    assert not skipped
    return [[row.path.name for row in group.rows] for group in groups]


def test_copies_of_every_kind_are_one_group_each(tmp_path: Path, catalogue: Catalogue) -> None:
    folder, sound = tmp_path / "in", [drum(n) for n in range(6)]
    for n, samples in enumerate(sound):
        write(folder / f"{n}.wav", samples, rate=RATE)
    codec(folder / "0 b.mp3", sound[0], "mp3")
    codec(folder / "1 b.ogg", 0.5 * sound[1], "ogg")
    write(folder / "2 b.wav", sound[2][round(0.05 * RATE) :], rate=RATE)
    write(folder / "3 b.wav", 2.0 * sound[3][: round(0.3 * RATE)], rate=RATE)
    write(folder / "4 b.wav", soxr.resample(sound[4], RATE, 22_050), rate=22_050)
    write(folder / "4 c.flac", sound[4], rate=RATE)
    assert found(folder, catalogue) == [
        ["4 b.wav", "4 c.flac", "4.wav"],
        *[[f"{n} b.{kind}", f"{n}.wav"] for n, kind in enumerate(("mp3", "ogg", "wav", "wav"))],
    ]


def test_strokes_of_one_drum_are_no_duplicates(tmp_path: Path, catalogue: Catalogue) -> None:
    for n in range(8):
        write(tmp_path / "in" / f"{n}.wav", strike(n, pitch_hz=200))
    assert found(tmp_path / "in", catalogue) == []


def test_a_mix_with_a_drum_is_no_copy_of_it(tmp_path: Path, catalogue: Catalogue) -> None:
    write(tmp_path / "in" / "drum.wav", drum(1), rate=RATE)
    write(tmp_path / "in" / "both.wav", drum(1) + 0.5 * drum(2), rate=RATE)
    assert found(tmp_path / "in", catalogue) == []


def test_the_whole_lossless_one_of_the_highest_rate_is_kept(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    sound, folder = drum(3), tmp_path / "in"
    write(folder / "a cut.wav", sound[: RATE // 3], rate=RATE)
    codec(folder / "b lossy.mp3", sound, "mp3")
    write(folder / "c low.wav", soxr.resample(sound, RATE, 22_050), rate=22_050)
    write(folder / "d best.wav", sound, rate=RATE)
    scan(folder, catalogue, workers=1)
    ((group,), _) = duplicates(catalogue)
    assert (len(group.rows), group.keep.path.name, group.exact) == (4, "d best.wav", False)


def test_exact_copies_are_called_so(tmp_path: Path, catalogue: Catalogue) -> None:
    for name in ("a", "b"):
        write(tmp_path / "in" / f"{name}.flac", drum(1), rate=RATE)
    scan(tmp_path / "in", catalogue, workers=1)
    ((group,), _) = duplicates(catalogue)
    assert ([row.path.name for row in group.rows], group.exact) == (["a.flac", "b.flac"], True)


def test_a_file_that_has_gone_is_named_and_the_rest_is_searched(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write(tmp_path / "in" / f"{name}.wav", (0.5 if name == "b" else 1) * drum(seed), rate=RATE)
    scan(tmp_path / "in", catalogue, workers=1)
    (tmp_path / "in" / "c.wav").unlink()
    groups, skipped = duplicates(catalogue)
    assert [[row.path.name for row in group.rows] for group in groups] == [["a.wav", "b.wav"]]
    assert [one.path.name for one in skipped] == ["c.wav"]


def test_progress_counts_sounds_and_an_empty_library_has_no_duplicates(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    assert duplicates(catalogue) == ([], [])
    write(tmp_path / "in" / "a.wav", drum(1), rate=RATE)
    scan(tmp_path / "in", catalogue, workers=1)
    seen = []
    assert duplicates(catalogue, report=seen.append) == ([], [])
    assert [(one.stage, one.done, one.total) for one in seen] == [("hearing sounds", 1, 1)]


@pytest.mark.parametrize("shift", [-3000, -1, 0, 7, 2500])
def test_the_shift_between_two_copies_is_found(shift: int) -> None:
    sound = np.random.default_rng(1).standard_normal(32_000).astype(np.float32)
    one, other = (
        prepare(heard(s, 32_000)) for s in (sound[max(0, -shift) :], sound[max(0, shift) :])
    )
    best = agreement(one, other)
    assert best is not None
    assert best.shift_s * 32_000 == shift
    assert best.coherence == pytest.approx(1, abs=1e-3)
    assert best.same_recording(lossy=False)


@pytest.mark.parametrize("length", [0, 1, 5, 500, 1500])
def test_sounds_of_a_few_samples_are_compared_without_a_fault(length: int) -> None:
    short = prepare(heard(np.ones(length, np.float32), 32_000))
    assert sketches(short.heard.samples).shape == (VIEWS, SIZE)
    assert np.isfinite(sketches(short.heard.samples)).all()
    for other in (short, prepare(heard(drum(1), RATE))):
        found = agreement(short, other)
        assert found is None or np.isfinite(found.difference_db)


def test_candidates_are_those_of_a_full_comparison(rng: np.random.Generator) -> None:
    drawn = (0.35 * rng.standard_normal((700, VIEWS, SIZE))).astype(np.float16)
    drawn[650, 4] = drawn[3, 2] + 0.01
    drawn[5] = np.nan
    exact = drawn.astype(np.float64)
    expected = set()
    for n in range(700):
        apart = np.linalg.norm(exact - exact[n, 2], axis=2).min(axis=1)
        apart[n] = np.inf
        for m in np.argsort(apart)[:5]:
            if apart[m] < 1.6:
                expected.add((min(n, int(m)), max(n, int(m))))
    pairs = near_pairs(drawn)
    assert (3, 650) in pairs
    assert not [pair for pair in pairs if 5 in pair]
    assert set(pairs) == expected


@pytest.mark.data
def test_planted_copies_among_real_drums_are_found_with_few_false_alarms(
    data: Path, tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.delitem(sys.modules, "duplicates", raising=False)
    from duplicates import judged, plant  # type: ignore[import-not-found]

    kinds = ("snare", "hi-hat", "wooden")
    for kind in kinds:
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / kind).symlink_to((data / "drums" / kind).resolve())
    chosen = tmp_path / "in" / "wooden"
    planted = plant(chosen, tmp_path / "copies", 20, 5)
    for source in (chosen, tmp_path / "copies"):
        scan(source, catalogue, workers=1)
    groups, _ = duplicates(catalogue)
    resolved = {copy: (original.resolve(), kind) for copy, (original, kind) in planted.items()}
    hits, pairs, false = judged([[row.path for row in group.rows] for group in groups], resolved)
    assert len(hits) >= 19, Counter(kind for copy, (_, kind) in planted.items() if copy not in hits)
    assert pairs["false"] <= 1, false
