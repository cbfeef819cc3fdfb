"""Which of many made sounds are kept: by place in each order, never a broken one or a copy."""

import math
from dataclasses import replace

import numpy as np
import pytest

from timbrel.errors import UsageError
from timbrel.evaluation.keeping import CRITIC, DATA, OTHERS, Candidate, keep, ranks
from timbrel.evaluation.sketches import distances


def crowd(count: int = 60, seed: int = 3) -> list[Candidate]:
    """Made sounds in three heaps, the best scores all in the first."""
    rng = np.random.default_rng(seed)
    return [
        Candidate(
            number,
            (20 * (number % 3) + rng.normal(0, 1, 8)).astype(np.float32),
            score=float(rng.normal() + (5 if number % 3 == 0 else 0)),
            nearest=f"song {number % 7}",
            distance_db=float(rng.uniform(2, 6)),
        )
        for number in range(count)
    ]


def numbers(candidates: list[Candidate], count: int, typical_db: float | None = None) -> list[int]:
    return [one.number for one in keep(candidates, count, typical_db=typical_db).kept]


def test_the_first_has_the_best_mean_rank_and_the_next_are_apart() -> None:
    made = crowd()
    found = keep(made, 6)
    of_score = ranks(-np.array([one.score for one in made]))
    of_data = ranks(np.array([one.distance_db for one in made]))
    assert found.kept[0].number == int(np.argmin(of_score + of_data))
    assert {number % 3 for number in numbers(made, 6)} == {0, 1, 2}, "one heap has all the scores"
    sketches = np.stack([made[one.number].sketch for one in found.kept])
    for place, one in enumerate(found.kept[1:], start=1):
        nearest = distances(sketches[place : place + 1], sketches[:place]).min()
        assert one.apart_db == pytest.approx(nearest)


def test_a_twin_of_the_best_is_not_the_second_best() -> None:
    made = crowd(50)
    first = made[keep(made, 1).kept[0].number]
    twin = replace(first, number=50, sketch=first.sketch + np.float32(0.01))
    assert set(numbers([*made, twin], 8)) == set(numbers(made, 8))


def test_without_other_criteria_the_farthest_is_always_next() -> None:
    made = [replace(one, score=None, distance_db=None) for one in crowd(20)]
    found = keep(made, 4)
    assert found.criteria == (OTHERS,)
    assert set(found.missing) == {CRITIC, DATA}
    chosen = [0]
    table = distances(*[np.stack([one.sketch for one in made])] * 2)
    while len(chosen) < 4:
        chosen.append(int(table[chosen].min(axis=0).argmax()))
    assert [one.number for one in found.kept] == chosen


def test_the_order_in_which_sounds_come_decides_nothing() -> None:
    made = crowd()
    shuffled = [made[row] for row in np.random.default_rng(0).permutation(len(made))]
    assert keep(made, 9).kept == keep(shuffled, 9).kept


def test_broken_sounds_and_copies_are_left_out_with_the_reason() -> None:
    made = crowd(12)
    made[0] = replace(made[0], score=99.0, distance_db=0.2, copied=1.0, nearest="song 5")
    made[1] = replace(made[1], score=99.0, flaw="silent")
    made[2] = replace(made[2], sketch=np.full(8, np.nan, np.float32))
    found = keep(made, 12)
    assert {one.number: one.reason for one in found.left_out} == {
        0: "a near copy of song 5",
        1: "silent",
        2: "not a number",
    }
    assert len(found.kept) == 9
    assert sorted(one.number for one in found.kept) == list(range(3, 12))


def test_half_a_copy_is_a_copy_and_a_little_of_one_is_none() -> None:
    made = crowd(2)
    half, little = replace(made[0], copied=0.5), replace(made[1], copied=0.49)
    assert numbers([half, little], 2) == [1]


def test_no_farther_than_real_sounds_is_near_enough() -> None:
    def made(number: int, distance_db: float) -> Candidate:
        return Candidate(number, np.zeros(4, np.float32), nearest="a", distance_db=distance_db)

    some = [made(0, 3.0), made(1, 1.5), made(2, 5.0)]
    assert numbers(some, 1) == [1]
    assert numbers(some, 1, typical_db=4.0) == [0], "0 and 1 are alike, so the first of them"
    assert [one.ranks[DATA] for one in keep(some, 3, typical_db=4.0).kept] == [1, 1, 1]


def test_a_criterion_that_is_not_known_of_all_ranks_none() -> None:
    made = [*crowd(5), replace(crowd(6)[5], score=math.nan)]
    assert keep(made, 3).criteria == (DATA, OTHERS)
    assert "critic" in keep(made, 3).missing


def test_reasons_name_every_criterion() -> None:
    first, second = keep(crowd(), 2).kept
    assert f"critic's score {first.score:.3g}, {first.ranks[CRITIC]} of 60" in first.reason
    assert f"{first.distance_db:.1f} dB from {first.nearest}" in first.reason
    assert "nearest kept" not in first.reason
    assert f"nearest kept before, {second.ranks[OTHERS]} of 59" in second.reason


def test_all_broken_keeps_none_and_nothing_asked_is_refused() -> None:
    silent = [replace(one, flaw="silent") for one in crowd(3)]
    assert keep(silent, 2).kept == ()
    with pytest.raises(UsageError, match="0 of 3"):
        keep(silent, 0)
    with pytest.raises(UsageError):
        keep([], 1)
