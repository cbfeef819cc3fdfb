"""Searching: on the whole, by aspect, by label."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from library_sounds import RATE, pack, strike, write

from timbrel.errors import LibraryError, UnknownNameError, UsageError
from timbrel.library.analysis import analyse
from timbrel.library.catalogue import Catalogue, open_catalogue
from timbrel.library.rows import Facts
from timbrel.library.scan import scan
from timbrel.library.similarity import ASPECTS, Index


def facts_of(path: Path) -> Facts:
    facts = analyse(path)
    assert isinstance(facts, Facts)
    return facts


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    source = tmp_path_factory.mktemp("sounds") / "pack"
    pack(source, count=6, labels=("kick", "snare", "tom"))
    catalogue = open_catalogue(source.parent / "library", create=True)
    scan(source, catalogue, workers=1)
    return catalogue


def tone(hz: float, *, length_s: float = 0.5, level: float = 0.5) -> np.ndarray:
    """Four partials, so that the pitch is clear and the timbre the same at any pitch."""
    t = np.arange(round(length_s * RATE)) / RATE
    partials = sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, 5))
    return (level / 2 * partials).astype(np.float32)


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Each differs from the first in one aspect."""
    source = tmp_path_factory.mktemp("tones") / "tones"
    made = {
        "first": tone(220),
        "octave": tone(440),
        "twice": tone(220, length_s=1.0),
        "soft": tone(220, level=0.125),
        "noise": 0.1 * np.random.default_rng(1).standard_normal(RATE // 2).astype(np.float32),
    }
    for name, samples in made.items():
        write(source / f"{name}.wav", samples)
    catalogue = open_catalogue(source.parent / "library", create=True)
    scan(source, catalogue, workers=1)
    return Index(catalogue)


def asked(index: Index, by: dict[str, float], tmp_path: Path) -> dict[str, dict[str, float]]:
    wanted = facts_of(write(tmp_path / "wanted.wav", tone(220)))
    return {
        match.row.path.stem: {"distance": match.distance, **match.aspects}
        for match in index.nearest(wanted, top=10, by=by)
    }


def test_the_nearest_sound_is_itself_then_its_like(library: Catalogue, tmp_path: Path) -> None:
    wanted = facts_of(write(tmp_path / "a.wav", strike(2, pitch_hz=100)))
    matches = Index(library).nearest(wanted, top=5)
    assert matches[0].row.path.name == "kick_002.wav"
    assert matches[0].distance == pytest.approx(0, abs=1e-3)
    assert [match.distance for match in matches] == sorted(match.distance for match in matches)
    assert {match.row.label for match in matches[1:]} == {"kick"}


def test_the_distance_of_all_is_euclidean(library: Catalogue, tmp_path: Path) -> None:
    rows = {row.id: row.features for row in library.rows()}
    wanted = facts_of(write(tmp_path / "a.wav", strike(50, pitch_hz=180)))
    found = Index(library).nearest(wanted, top=99)
    assert len(found) == len(rows)
    for match in found:
        distance = np.linalg.norm(rows[match.row.id] - wanted.features)
        assert match.distance == pytest.approx(distance, rel=1e-3, abs=1e-3)


def test_each_aspect_hears_its_own_change_in_its_unit(tones: Index, tmp_path: Path) -> None:
    found = asked(tones, {"all": 1.0}, tmp_path)
    assert set(found["first"]) == {"distance", *ASPECTS}
    assert max(found["first"].values()) == pytest.approx(0, abs=1e-3)
    assert found["octave"]["pitch"] == pytest.approx(4, rel=0.03)  # four minor thirds
    assert found["twice"]["length"] == pytest.approx(1, abs=0.05)
    assert found["soft"]["loudness"] == pytest.approx(2, abs=0.02)  # 12 dB
    assert found["soft"]["all"] < 0.01  # level does not count there
    assert found["noise"]["pitch"] > 1
    assert found["twice"]["pitch"] < 0.1 > found["soft"]["pitch"]
    assert found["octave"]["length"] < 0.1 > found["octave"]["loudness"] / 10


def test_weights_decide_what_counts(tones: Index, tmp_path: Path) -> None:
    by_pitch = asked(tones, {"pitch": 1.0}, tmp_path)
    assert list(by_pitch)[-1] == "octave"
    assert list(asked(tones, {"length": 1.0, "pitch": 0.0}, tmp_path))[-1] == "twice"
    both = asked(tones, {"length": 4.0, "loudness": 1.0}, tmp_path)
    for one in both.values():
        assert one["distance"] == pytest.approx(np.hypot(2 * one["length"], one["loudness"]))


def test_a_label_narrows_the_search(library: Catalogue, tmp_path: Path) -> None:
    wanted = facts_of(write(tmp_path / "a.wav", strike(2, pitch_hz=100)))
    index = Index(library)
    assert {m.row.label for m in index.nearest(wanted, top=3, label="tom")} == {"tom"}
    assert len(index.nearest(wanted, top=99, label="tom")) == 6
    with pytest.raises(UnknownNameError, match="kick"):
        index.nearest(wanted, top=1, label="kik")


def test_a_sound_too_quiet_to_measure_is_far_by_loudness_only(tones: Index, tmp_path: Path) -> None:
    wanted = facts_of(write(tmp_path / "wanted.wav", tone(220)))
    hushed = replace(wanted, loudness_lufs=-np.inf)
    (nearest,) = tones.nearest(hushed, top=1)
    assert nearest.distance == pytest.approx(0, abs=1e-3)
    assert np.isfinite(nearest.aspects["loudness"])


def test_searches_for_nonsense_are_refused(library: Catalogue, tmp_path: Path) -> None:
    wanted = facts_of(write(tmp_path / "a.wav", strike(2)))
    index = Index(library)
    for features in (np.ones(1, np.float32), np.full(48, np.nan, np.float32)):
        with pytest.raises(UsageError, match="finite numbers"):
            index.nearest(replace(wanted, features=features), top=1)
    with pytest.raises(UsageError, match="top = 0"):
        index.nearest(wanted, top=0)
    with pytest.raises(UnknownNameError, match="did you mean 'pitch'"):
        index.nearest(wanted, top=1, by={"pitsch": 1})
    for weight in (-1, np.nan, np.inf):
        with pytest.raises(UsageError, match="weight"):
            index.nearest(wanted, top=1, by={"pitch": weight})
    with pytest.raises(UsageError, match="no aspect"):
        index.nearest(wanted, top=1, by={"pitch": 0})


def test_an_empty_library_says_so(catalogue: Catalogue, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", strike(1), RATE)
    with pytest.raises(LibraryError, match="empty"):
        Index(catalogue).nearest(facts_of(tmp_path / "a.wav"), top=1)
