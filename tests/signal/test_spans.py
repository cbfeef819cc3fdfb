"""Holes: taken in any order, refused where they make no sense."""

import itertools
import math

import pytest

from timbrel.errors import UsageError
from timbrel.signal.spans import MOST_HOLES, checked_holes

LENGTH_S = 10.0


def test_in_whatever_order_they_are_named_they_come_in_that_of_time() -> None:
    holes = [(0.0, 0.5), (1.0, 1.25), (9.0, 10.0)]
    for named in itertools.permutations(holes):
        assert checked_holes(named, LENGTH_S) == holes


@pytest.mark.parametrize(
    "holes",
    [
        [(0.0, 1.0)],
        [(9.0, LENGTH_S)],
        [(1.0, 2.0), (2.0, 3.0)],
        [(0.5, 9.5)],
        [(number / 10, number / 10 + 0.05) for number in range(MOST_HOLES)],
    ],
    ids=["at the start", "at the end", "side by side", "nine tenths", "as many as there may be"],
)
def test_what_leaves_something_to_go_by_is_taken(holes: list[tuple[float, float]]) -> None:
    assert checked_holes(holes, LENGTH_S) == holes


WRONG: dict[str, tuple[list[tuple[float, float]], str]] = {
    "none": ([], "0 holes; accepted: 1 to 64"),
    "too many": ([(n / 10, n / 10 + 0.01) for n in range(MOST_HOLES + 1)], "65 holes"),
    "beyond the end": ([(9.0, 10.001)], "within the 10 s"),
    "before the start": ([(-0.1, 1.0)], "a hole from -0.1 to 1 s"),
    "backwards": ([(2.0, 1.0)], "a hole from 2 to 1 s"),
    "empty": ([(2.0, 2.0)], "a hole from 2 to 2 s"),
    "no number": ([(math.nan, 1.0)], "a hole from nan"),
    "no end": ([(1.0, math.inf)], "a hole from 1 to inf s"),
    "one wrong among right ones": ([(1.0, 2.0), (11.0, 12.0)], "a hole from 11 to 12 s"),
    "overlapping": ([(1.0, 2.0), (1.9, 3.0)], "holes apart from each other"),
    "one within another": ([(1.0, 5.0), (2.0, 3.0)], "holes apart from each other"),
    "the same twice": ([(1.0, 2.0), (1.0, 2.0)], "holes apart from each other"),
    "all of it": ([(0.0, LENGTH_S)], "a tenth of the sound at least"),
    "nearly all of it": ([(0.0, 4.0), (4.0, 9.1)], "a tenth of the sound at least"),
}


@pytest.mark.parametrize("case", WRONG)
def test_holes_that_make_no_sense_are_refused(case: str) -> None:
    holes, says = WRONG[case]
    with pytest.raises(UsageError) as refused:
        checked_holes(holes, LENGTH_S)
    assert says in str(refused.value)
