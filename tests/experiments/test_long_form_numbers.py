"""How far made sounds are from songs: known differences, and who is surely ahead."""

import math

import numpy as np
import pytest

from timbrel.experiments._long_form_numbers import FARTHEST, Pair, ahead, away, away_interval
from timbrel.experiments._made_songs import song
from timbrel.signal.tempo import track_beats

RNG = np.random.default_rng(11)
SONGS = RNG.normal(10, 2, 60)


def test_a_distance_is_in_spreads_of_the_songs_on_either_side() -> None:
    assert away(SONGS + 3 * SONGS.std(), SONGS) == pytest.approx(3)
    assert away(SONGS - 3 * SONGS.std(), SONGS) == pytest.approx(3)
    assert away(SONGS, SONGS) == 0
    assert away(SONGS * 1000, SONGS) == FARTHEST


def test_songs_that_are_all_alike_have_a_spread_of_a_part_of_their_mean() -> None:
    alike = np.full(8, 2.0)
    assert away(np.full(8, 2.1), alike) == pytest.approx(1)
    assert away(np.zeros(8), np.zeros(8)) == 0
    assert away(np.ones(8), np.zeros(8)) == FARTHEST


def test_what_songs_have_and_sounds_lack_is_as_far_as_can_be() -> None:
    nothing = np.full(60, math.nan)
    assert away(nothing, SONGS) == FARTHEST
    assert math.isnan(away(SONGS, nothing)), "too short to have it: no fault of the sounds"
    half = np.where(np.arange(60) < 31, SONGS, math.nan)
    assert away(half, SONGS) < 1


def pair(shift: float, count: int = 40, *, seed: int = 0) -> Pair:
    rng = np.random.default_rng(seed)
    made = {"a": (rng.normal(shift, 1, count)).tolist(), "b": [None] * count}
    songs = {"a": rng.normal(0, 1, count).tolist(), "b": [None] * count}
    return Pair(made, songs)


def test_the_interval_holds_the_distance_and_undefined_measures_are_left_out() -> None:
    found = away_interval(pair(2, count=400), ["a", "b"], seed=0)
    assert found is not None
    assert found.low < 2 < found.high
    assert away_interval(pair(2), ["b"], seed=0) is None
    assert away_interval(pair(2, count=4), ["a"], seed=0) is None


def test_who_is_surely_ahead() -> None:
    near, far = pair(0.2), pair(2, seed=1)
    found = ahead(near, far, ["a", "b"], seed=0)
    assert found is not None
    assert found.low > 0
    back = ahead(far, near, ["a", "b"], seed=0)
    assert back is not None
    assert back.value == pytest.approx(-found.value)
    equal = ahead(near, pair(0.2, seed=2), ["a"], seed=0)
    assert equal is not None
    assert equal.low < 0 < equal.high
    assert ahead(near, far, ["b"], seed=0) is None


def test_half_of_intervals_that_mean_nothing_do_not_say_ahead() -> None:
    """Instruments that are as good as each other are told apart rarely."""
    said = [ahead(pair(1, seed=n), pair(1, seed=100 + n), ["a"], seed=n) for n in range(10)]
    assert sum(one is not None and one.low > 0 for one in said) <= 2


def test_a_made_song_has_its_tempo() -> None:
    made = song(112.0, np.random.default_rng(0))
    assert track_beats(made.samples[0], made.sample_rate).tempo_bpm == pytest.approx(112, rel=0.01)
