"""Progress: estimates that come true."""

import time

import pytest

from timbrel.progress import Progress, Tracker


def test_the_first_estimate_leaves_out_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    seen: list[Progress] = []
    tracker = Tracker("reading sounds", 100, seen.append)
    now = 20.0  # imports and workers
    tracker.advance()
    assert seen[-1].seconds_left is None
    for _ in range(10):
        now += 0.1
        tracker.advance()
    assert seen[-1].seconds_left == pytest.approx(8.9)  # 89 to go, ten a second


def test_nothing_is_promised_of_what_has_no_end() -> None:
    seen: list[Progress] = []
    tracker = Tracker("hearing", 0, seen.append)
    tracker.advance(5)
    assert (seen[-1].done, seen[-1].seconds_left) == (5, None)
