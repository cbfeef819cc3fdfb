"""What "does it copy?" comes to, in plain sentences derived from the figures."""

from __future__ import annotations

import math
from collections.abc import Sequence

from timbrel.evaluation.originality.judging import Judged, Originality
from timbrel.evaluation.originality.tables import mean_of
from timbrel.evaluation.statistics import Interval

WHOLE = 0.8  # of an output in one run
MOSTLY, HARDLY = 0.5, 0.05  # of the moments
REPEATS = 0.5  # of a recording, from which on its copied moments say little
LIKE, UNLIKE = 1.0, 2.0  # halves


def verdict(found: Originality) -> tuple[str, ...]:
    """Says what the figures mean.

    Args:
        found: What was found.

    Returns:
        Sentences: two or three on each system, and one where the recording itself makes the answer
        doubtful.
    """
    said = [
        sentence
        for name, outputs in found.systems.items()
        for sentence in _of_system(found, name, outputs)
    ]
    return tuple(said + _doubt(found))


def _of_system(found: Originality, name: str, outputs: Sequence[Judged]) -> list[str]:
    ratio = mean_of(outputs, lambda one: one.copies.ratio, seed=found.seed)
    if not ratio.count:
        return [f"{name} is silent: there is nothing to judge."]
    return [
        _copies(found, name, outputs, ratio),
        *_narrow(name, outputs),
        *_mixes(found, outputs),
        _likeness(found, outputs),
    ]


def _copies(found: Originality, name: str, outputs: Sequence[Judged], ratio: Interval) -> str:
    longest_s = max(one.copies.longest_run_s for one in outputs)
    runs = f", in runs of up to {longest_s:.1f} s" if longest_s else ""
    pasted = mean_of(found.montages, lambda one: one.copies.ratio, seed=found.seed)
    return (
        f"{name} copies {_percent(ratio.value)} of the time{runs} (a montage"
        f" {_percent(pasted.value)}; {_repeats(found)}): {_judged(found, outputs, ratio)}."
    )


def _repeats(found: Originality) -> str:
    share = found.itself["copy_ratio"]
    if math.isnan(share):
        return "the recording is too short to be held against itself"
    if share < HARDLY:
        return "the recording hardly repeats itself"
    longest_s = found.itself["longest_run_s"]
    return f"the recording repeats {_percent(share)} of itself, for up to {longest_s:.1f} s"


def _judged(found: Originality, outputs: Sequence[Judged], ratio: Interval) -> str:
    """What is more than the recording repeats itself, in share or in length, is copying."""
    chance, repeat_s = _or_zero(found.itself["copy_ratio"]), found.itself["longest_run_s"]
    longest = [one.copies.longest_run_s for one in outputs]
    lasting = [
        run_s >= WHOLE * one.copies.audible_s and run_s > repeat_s
        for one, run_s in zip(outputs, longest, strict=True)
    ]
    if all(lasting):
        return "it plays the recording back"
    if ratio.value < HARDLY:
        return "it does not copy"
    if ratio.low <= chance and max(longest) <= repeat_s:
        return "no more than the recording repeats itself"
    if ratio.low > MOSTLY:
        return "it mostly pastes pieces of the recording together"
    return "it copies in part"


def _narrow(name: str, outputs: Sequence[Judged]) -> list[str]:
    narrow = [one for one in outputs if one.is_narrow]
    if 2 * len(narrow) <= len(outputs):
        return []
    reach_hz = max(one.reach_hz[0] for one in narrow)
    return [
        f"{name} sounds up to {reach_hz / 1000:.1f} kHz only, the recording up to"
        f" {narrow[0].reach_hz[1] / 1000:.1f} kHz: what it copies within that is not found, so that"
        " neither figure says that it is original."
    ]


def _mixes(found: Originality, outputs: Sequence[Judged]) -> list[str]:
    mixed = mean_of(outputs, lambda one: one.mixing.share, seed=found.seed)
    if not mixed.count or mixed.value < HARDLY:
        return []
    return [
        f"In {_percent(mixed.value)} of its moments low and high parts are copies of different"
        " moments of the recording: these are new, though their parts are not."
    ]


def _likeness(found: Originality, outputs: Sequence[Judged]) -> str:
    novelty = mean_of(outputs, lambda one: one.copies.novelty, seed=found.seed)
    far = mean_of(outputs, lambda one: one.unlikeness, seed=found.seed)
    own = found.itself["novelty"]
    beside = "" if math.isnan(own) else f" (the recording's own passages {own:.2f})"
    return (
        f"Its novelty is {novelty.value:.2f}{beside}, and its statistics are {far.value:.1f} times"
        " as far from the recording's as those of one half of it are from the other's:"
        f" {_like(far)}."
    )


def _like(far: Interval) -> str:
    if far.value <= LIKE:
        return "as a whole it is like the recording"
    if far.low <= UNLIKE:
        return "as a whole it is near the recording, but not like it"
    return "as a whole it is unlike the recording, so that being new is no merit"


def _doubt(found: Originality) -> list[str]:
    chance = _or_zero(found.itself["copy_ratio"])
    if chance < REPEATS:
        return []
    return [
        f"The recording repeats {_percent(chance)} of itself, as a loop does: what is made in its"
        " manner must repeat it too, so that a high share of copied moments says little here. Look"
        " for runs that are longer than its own repeats."
    ]


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if math.isfinite(share) else "an unknown share"
