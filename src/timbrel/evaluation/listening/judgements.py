"""Judgements: answers with the key beside them, and the rules by which some are left out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from timbrel.errors import UsageError
from timbrel.evaluation.listening.description import Key, Source
from timbrel.evaluation.listening.results import Listener
from timbrel.evaluation.listening.tokens import receipt_of

REFERENCE_AT_LEAST = 90
ANCHOR_AT_MOST = 90
MAY_MISS = 0.15  # of the pages
TOO_GOOD_FOR = 0.25  # of the listeners: then the anchor is at fault, not they
MID_ANCHOR = "anchor 7 kHz"
LEAST_VARIED = 8  # pages from which on one grade for everything is no judgement


@dataclass(frozen=True)
class Judgement:
    """What a listener said on one page, and of what.

    Attributes:
        listener: The listener's receipt.
        page: The page.
        sounds: Names of the judged sounds, place by place.
        sources: What they are, place by place.
        given: Question's name to answer.
        x: The place of the sound that was X; None where there was none.
        unheard: How many of the page's sounds were never played.
        plays: How often each was played.
        seconds: How long the page was open.
        changes: How often the answer was changed.
    """

    listener: str
    page: str
    sounds: tuple[str, ...]
    sources: tuple[Source, ...]
    given: Mapping[str, Any]
    x: int | None = None
    unheard: int = 0
    plays: tuple[int, ...] = ()
    seconds: float = 0.0
    changes: int = 0


@dataclass(frozen=True)
class Rule:
    """A screening rule and whom it left out.

    Attributes:
        text: What is left out.
        source: Where the rule comes from.
        unit: "answers" or "listeners".
        left_out: The listeners whose answers it left out.
        count: How many answers.
    """

    text: str
    source: str
    unit: str
    left_out: tuple[str, ...]
    count: int


def judgements(listeners: Sequence[Listener], key: Key) -> list[Judgement]:
    """Puts the key beside the answers.

    Args:
        listeners: Everybody who answered.
        key: Which sound is what.

    Returns:
        One judgement an answered page.

    Raises:
        UsageError: When an answer is about sounds that the key does not know.
    """
    found = []
    for listener in listeners:
        for answer in listener.answers:
            sounds = tuple(map(str, answer.shown.get("sounds", ())))
            if not set(sounds) <= set(key.sounds):
                raise UsageError(
                    "answers about sounds that this test does not have", "the results of this test"
                )
            x_is = answer.shown.get("x_is", "")
            found.append(
                Judgement(
                    receipt_of(listener.id),
                    answer.trial,
                    sounds,
                    tuple(key.sounds[sound] for sound in sounds),
                    answer.given,
                    sounds.index(x_is) if x_is in sounds else None,
                    sum(played == 0 for played in answer.plays),
                    tuple(answer.plays),
                    answer.seconds,
                    answer.changes,
                )
            )
    return found


def screened(kind: str, found: Sequence[Judgement]) -> tuple[list[Judgement], list[Rule]]:
    """Leaves out what the rules of a kind of test leave out.

    Args:
        kind: The kind of test.
        found: All judgements.

    Returns:
        What is kept, and the rules with whom they left out.
    """
    kept, rules = _without(
        found,
        [one for one in found if one.unheard],
        Rule("answers on pages of which not every sound was played", "", "answers", (), 0),
    )
    for of_kind, text, source, rejected in _RULES:
        if of_kind == kind:
            names = rejected(kept)
            kept, more = _without(
                kept,
                [one for one in kept if one.listener in names],
                Rule(text, source, "listeners", (), 0),
            )
            rules += more
    return kept, rules


def _without(
    found: Sequence[Judgement], out: Sequence[Judgement], rule: Rule
) -> tuple[list[Judgement], list[Rule]]:
    left_out = tuple(sorted({one.listener for one in out}))
    kept = [one for one in found if one not in out]
    return kept, [Rule(rule.text, rule.source, rule.unit, left_out, len(out))]


def _misses_reference(found: Sequence[Judgement]) -> set[str]:
    return _too_often(
        found, lambda source, rating: source.role == "original" and rating < REFERENCE_AT_LEAST
    )


def _overrates_anchor(found: Sequence[Judgement]) -> set[str]:
    """Pages on which many find the mid-range anchor that good do not count: there it is."""
    rated_high: dict[str, list[bool]] = {}
    for one in found:
        for source, rating in zip(one.sources, one.given["ratings"], strict=True):
            if source.system == MID_ANCHOR:
                rated_high.setdefault(one.page, []).append(rating > ANCHOR_AT_MOST)
    fair = {page for page, high in rated_high.items() if sum(high) <= TOO_GOOD_FOR * len(high)}
    return _too_often(
        [one for one in found if one.page in fair],
        lambda source, rating: source.system == MID_ANCHOR and rating > ANCHOR_AT_MOST,
    )


def _too_often(found: Sequence[Judgement], is_miss: Callable[[Source, int], bool]) -> set[str]:
    """Listeners with a miss on more than 15 % of their pages."""
    misses: dict[str, list[bool]] = {}
    for one in found:
        rated = zip(one.sources, one.given["ratings"], strict=True)
        misses.setdefault(one.listener, []).append(any(is_miss(*pair) for pair in rated))
    return {name for name, each in misses.items() if sum(each) > MAY_MISS * len(each)}


def _never_varies(found: Sequence[Judgement]) -> set[str]:
    grades: dict[str, list[str]] = {}
    for one in found:
        grades.setdefault(one.listener, []).append(one.given["quality"])
    return {
        name for name, each in grades.items() if len(each) >= LEAST_VARIED and len(set(each)) == 1
    }


_RULES: tuple[tuple[str, str, str, Callable[[Sequence[Judgement]], set[str]]], ...] = (
    (
        "mushra",
        "listeners who rate the hidden reference below 90 on more than 15 % of their pages",
        "ITU-R BS.1534-3, section 4.1.2",
        _misses_reference,
    ),
    (
        "mushra",
        "listeners who rate the mid-range anchor above 90 on more than 15 % of their pages, not "
        "counting pages on which more than a quarter of all listeners do",
        "ITU-R BS.1534-3, section 4.1.2",
        _overrates_anchor,
    ),
    (
        "mos",
        f"listeners who give one and the same grade to all of {LEAST_VARIED} or more sounds",
        "timbrel's own",
        _never_varies,
    ),
)
