"""The experiment about long sounds: what it says of known figures, and a whole run."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from timbrel.errors import UsageError
from timbrel.evaluation.requirements import Piece, Pieces, load_sound_metrics
from timbrel.evaluation.steering import Steered, Steering
from timbrel.experiments._long_form_arms import arms_of, steering_of
from timbrel.experiments._long_form_tables import Player, nearer, tables, verdict
from timbrel.experiments._made_songs import song
from timbrel.experiments._running import run
from timbrel.signal.tempo import track_beats
from timbrel.tasks.workspace import Workspace


def test_arms_are_recipes_with_their_changes() -> None:
    plain, changed = arms_of(["growing", "own/growing.toml network.equalised=divided seed=1"])
    assert (plain.recipe, plain.settings, plain.title) == ("growing", (), "growing")
    assert changed.settings == ("network.equalised=divided", "seed=1")
    assert changed.title == "growing (network.equalised=divided seed=1)"
    assert changed.name == "growing-network-equalised-divided-seed-1"


@pytest.mark.parametrize("told", [[], [" "], ["growing", "growing"], ["growing inverted"]])
def test_arms_that_make_no_experiment_are_refused(told: list[str]) -> None:
    with pytest.raises(UsageError):
        arms_of(told)


def test_a_made_song_has_its_tempo() -> None:
    made = song(112.0, np.random.default_rng(0))
    assert track_beats(made.samples[0], made.sample_rate).tempo_bpm == pytest.approx(112, rel=0.01)


def measured(rng: np.random.Generator, count: int, shift: float, length_s: float) -> list[Piece]:
    """Sounds whose numbers all have a spread of one, `shift` off the songs'."""
    names = load_sound_metrics()
    return [
        Piece(
            f"song {n % 6}",
            {name: float(rng.normal(shift, 1)) for name in names} | {"audible_length": length_s},
        )
        for n in range(count)
    ]


def player(shift: float, length_s: float, seed: int) -> Player:
    rng = np.random.default_rng(seed)
    songs, unheard = (measured(rng, 60, 0.0, length_s) for _ in range(2))
    made = measured(rng, 40, shift, length_s)
    if length_s < 4:
        undefined = {"beat_clarity", "self_similarity", "tempo_drift", "spectral_change"}
        nothing = dict.fromkeys(undefined, float("nan"))
        made = [replace(one, values={**one.values, **nothing}) for one in made]
    return Player(
        facts={"Steps": 5.0}, sample_rate=16_000, length_s=length_s, plays_long=False,
        pieces=Pieces(songs, unheard, made), sets={"ndb": [1.0, 0.5, 1.5]},
        unheard_sets={"ndb": [0.5, 0.0, 1.0]}, steering=None, failed="", seed=0,
    )  # fmt: skip


PLAYERS = {"ours": player(0.2, 12, 0), "far": player(3, 11.9, 1), "short": player(0.2, 1, 2)}


def test_the_verdict_says_what_the_intervals_say() -> None:
    coherence, noise, lengths, *distances = verdict(PLAYERS)
    assert "ours is surely ahead (+2" in coherence
    assert coherence.count("surely ahead") == 2, "of sounds of a second there is no beat"
    assert coherence.endswith("of short, whose 1 s are too short for a form and count as farthest.")
    assert "of far; not told apart" in noise
    assert "too short" not in noise
    assert "ours 12 s (met), far 11.9 s (met), short 1 s (not met)" in lengths
    assert "short 5.00" in distances[0]


def test_ahead_is_behind_the_other_way_round() -> None:
    ours, far = PLAYERS["ours"], PLAYERS["far"]
    ahead, behind = nearer(ours, far, "R4"), nearer(far, ours, "R4")
    assert ahead is not None
    assert behind is not None
    assert ahead.value == pytest.approx(-behind.value)
    assert ahead.low > 0 > behind.high


def test_each_instrument_stands_above_the_songs_at_its_length() -> None:
    _, lengths, coherence, noise, sets = tables(PLAYERS)
    assert [cells[-1].text for cells in lengths.rows.values()] == ["met", "met", "not met"]
    assert list(coherence.rows)[:3] == [
        "ours",
        "songs, 12 s at 16 kHz",
        "songs, 12 s at 16 kHz, never heard",
    ]
    ours, far = (noise.cell(name, "Distance (spreads)").value for name in ("ours", "far"))
    assert ours is not None
    assert far is not None
    assert ours < 1 < far
    assert len(sets.rows) == 6


def test_an_instrument_that_makes_no_sound_is_told_of() -> None:
    silent = replace(
        PLAYERS["far"], pieces=replace(PLAYERS["far"].pieces, generated=[]), sets={}, failed="NaN"
    )
    told = {**PLAYERS, "far": silent}
    assert "not comparable with far" in verdict(told)[0]
    assert verdict(told)[-1] == "far made no sound: NaN."
    assert "far" not in tables(told)[2].rows


def test_sliders_are_told_where_they_were_found() -> None:
    good = Steered("brighter", "brightness", "octaves", 0.1, {"brightness": 9.0}, 0.95)
    bad = Steered("denser", "density", "Hz", 1.0, {"density": 2.0, "brightness": 1.9}, 0.5)
    told = {**PLAYERS, "ours": replace(PLAYERS["ours"], steering=Steering((good, bad), 20))}
    steered = tables(told)[4]
    names, one_way, alone, *_ = steered.rows["ours"]
    assert (names.text, one_way.value, alone.value) == ("brighter, denser", 1, 1)
    assert steered.rows["far"][0].value is None
    assert any(sentence.startswith("ours: R3") for sentence in verdict(told))


def test_sliders_survive_being_kept_as_values() -> None:
    good = Steered("brighter", "brightness", "octaves", 0.1, {"brightness": 9.0}, 0.95)
    found = Steering((good,), 20, {"tempo": "too short"})
    assert steering_of(json.loads(json.dumps(asdict(found)))) == found
    assert steering_of({}) is None
    assert steering_of({"failed": "it cannot"}) is None


@pytest.mark.slow
def test_songs_become_instruments_and_a_report(tmp_path: Path) -> None:
    few = [
        'recipes=["wavegan-tiny","specgan-tiny"]',
        "made=5",
        "songs=5",
        "heard=2",
    ]
    done = run(Workspace(tmp_path), "long-form", scale="smoke", settings=few)
    report = json.loads((done.folder / "report.json").read_text(encoding="utf-8"))
    assert set(report["tables"][0]["rows"]) == {"wavegan-tiny", "specgan-tiny"}
    assert [len(one["sounds"]) for one in report["sounds"]] == [3, 3], "a song and one of each"
    assert len(report["pictures"]) == 1
    figures = {one.name: one.stat().st_mtime_ns for one in (done.kept / "figures").iterdir()}
    again = run(Workspace(tmp_path), "long-form", scale="smoke", settings=few, force=True)
    assert again.findings.tables == done.findings.tables
    assert {one.name: one.stat().st_mtime_ns for one in (again.kept / "figures").iterdir()} == (
        figures
    )
