"""Listeners: an order of their own that never changes, answers that are kept, and that can go."""

import sqlite3
import threading
from collections import Counter
from pathlib import Path

import pytest

from timbrel.errors import TimbrelError, UsageError
from timbrel.evaluation.listening.description import Description, Trial
from timbrel.evaluation.listening.order import shown_to
from timbrel.evaluation.listening.questions import (
    QUALITY,
    QUESTIONNAIRE,
    RATINGS,
    WHICH_IS_X,
    checked,
)
from timbrel.evaluation.listening.results import Answer, Results, UnknownListener
from timbrel.evaluation.listening.tokens import listener_of, new_token

FULL = {"real": "fake", "ease": "easy", "musicality": 10, "inspiring": "maybe"}


def _description(*, pages: int = 12, per_listener: int = 12, twins: bool = False) -> Description:
    trials = tuple(
        Trial(
            id=f"{n:032x}",
            sounds=(f"a{n:031x}", f"b{n:031x}"),
            twins=(f"c{n:031x}", f"d{n:031x}") if twins else (),
        )
        for n in range(pages)
    )
    return Description(
        format_version=1, id="test", kind="abx" if twins else "preference", title="t",
        per_listener=per_listener, longest_s=1, loudness_lufs=-23, trials=trials,
    )  # fmt: skip


def test_order_differs_by_listener_and_stays_for_one() -> None:
    description = _description()
    orders = {tuple(page.trial for page in shown_to(description, f"l{n}")) for n in range(40)}
    assert len(orders) == 40
    assert shown_to(description, "l7") == shown_to(description, "l7")
    assert all(len(set(order)) == 12 for order in orders)


def test_every_place_is_as_likely() -> None:
    description = _description(pages=4, per_listener=4)
    pages = [shown_to(description, f"l{n}") for n in range(800)]
    first = Counter(page[0].trial for page in pages)
    assert all(150 < count < 250 for count in first.values())  # of 200; 4 standard deviations
    left = sum(page.sounds[0].startswith("a") for order in pages for page in order)
    assert left / 3200 == pytest.approx(0.5, abs=0.04)


def test_x_is_either_and_has_a_name_of_its_own() -> None:
    pages = [page for n in range(100) for page in shown_to(_description(twins=True), f"l{n}")]
    for page in pages:
        assert page.x not in page.sounds
        assert page.x_is in page.sounds
        assert page.x[1:] == page.x_is[1:]
        assert (page.x[0], page.x_is[0]) in {("c", "a"), ("d", "b")}
    assert sum(page.x_is == page.sounds[0] for page in pages) / 1200 == pytest.approx(0.5, abs=0.06)


def test_each_listener_can_be_given_some_of_the_pages() -> None:
    description = _description(per_listener=5)
    given = Counter(page.trial for n in range(400) for page in shown_to(description, f"l{n}"))
    assert sum(given.values()) == 2000
    assert len(given) == 12
    assert min(given.values()) > 110  # of 167


def _answer(words: str = "lovely") -> Answer:
    return Answer("page", {"sounds": ["x"]}, {"words": words}, [1], 2.0)


def test_answers_are_on_the_disk_as_soon_as_they_are_given(tmp_path: Path) -> None:
    results = Results(tmp_path / "results.sqlite")
    id_ = listener_of(results.enlist())
    results.answer(id_, 0, _answer())
    with sqlite3.connect(f"file:{tmp_path}/results.sqlite?mode=ro", uri=True) as other:
        assert other.execute("SELECT given FROM answers").fetchall() == [('{"words": "lovely"}',)]
    results.answer(id_, 0, _answer("better"))
    (answer,) = results.listener(id_).answers
    assert (answer.given, answer.changes, answer.seconds) == ({"words": "better"}, 1, 4.0)


def test_who_deletes_leaves_not_a_word_in_the_file(tmp_path: Path) -> None:
    results = Results(tmp_path / "results.sqlite")
    gone, stays = (listener_of(results.enlist()) for _ in range(2))
    for id_, words in ((gone, "unmistakable secret"), (stays, "something else")):
        results.answer(id_, 0, _answer(words))
        results.close(id_, {"remarks": words})
    assert b"unmistakable secret" in (tmp_path / "results.sqlite").read_bytes()
    results.forget(gone)
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"unmistakable secret" not in left
    assert gone.encode() not in left
    assert [one.id for one in results.everybody()] == [stays]
    with pytest.raises(UnknownListener):
        results.answer(gone, 0, _answer())


def test_the_file_does_not_hold_what_a_listener_needs_to_answer(tmp_path: Path) -> None:
    results = Results(tmp_path / "results.sqlite")
    token = results.enlist()
    content = (tmp_path / "results.sqlite").read_bytes()
    assert token.encode() not in content
    assert token.replace("-", "").encode() not in content
    assert listener_of(token).encode() in content


def test_many_listeners_at_once_lose_nothing(tmp_path: Path) -> None:
    results = Results(tmp_path / "results.sqlite")

    def sit() -> None:
        id_ = listener_of(results.enlist())
        for place in range(4):
            results.answer(id_, place, Answer(f"p{place}", {}, {}, [], 1.0))

    threads = [threading.Thread(target=sit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(one.answers) for one in results.everybody()] == [4] * 8


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "results.sqlite").write_bytes(b"no database, whatever it is called" * 100)
    with pytest.raises(TimbrelError, match="cannot be used"):
        Results(tmp_path / "results.sqlite").everybody()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("shown", "no JSON"),
        ("shown", "[1]"),
        ("given", b"\xff\xfe"),
        ("given", "[" * 100_000),
        ("plays", '{"0": 1}'),
        ("plays", '["many"]'),
        ("seconds", "long"),
        ("trial", b"\x80"),
    ],
)
def test_answers_that_were_damaged_are_told(tmp_path: Path, column: str, value: object) -> None:
    results = Results(tmp_path / "results.sqlite")
    id_ = listener_of(results.enlist())
    results.answer(id_, 0, _answer())
    with sqlite3.connect(results.path) as database:
        database.execute(f"UPDATE answers SET {column} = CAST(? AS TEXT)", (value,))
    database.close()
    with pytest.raises(TimbrelError, match="cannot be used") as told:
        results.everybody()
    assert "\n" not in str(told.value)


def test_tokens_are_never_twice_the_same_and_forgive_how_they_are_typed() -> None:
    tokens = {new_token() for _ in range(500)}
    assert len(tokens) == 500
    token = tokens.pop()
    assert listener_of(token.upper().replace("-", " ")) == listener_of(token)


def test_answers_that_fit_are_taken_and_nothing_else_with_them() -> None:
    assert checked(QUESTIONNAIRE, FULL | {"words": "  so so \x00\x1b "}, sounds=1) == FULL | {
        "words": "so so"
    }
    # Whoever says real is not asked how easy the fake was to spot.
    real = checked(QUESTIONNAIRE, FULL | {"real": "real"}, sounds=1)
    assert "ease" not in real
    assert checked(RATINGS, {"ratings": [0, 100, 55]}, sounds=3) == {"ratings": [0, 100, 55]}


@pytest.mark.parametrize(
    ("questions", "given"),
    [
        (QUESTIONNAIRE, {}),
        (QUESTIONNAIRE, FULL | {"real": "perhaps"}),
        (QUESTIONNAIRE, {k: v for k, v in FULL.items() if k != "ease"}),
        (QUESTIONNAIRE, FULL | {"musicality": 11}),
        (QUESTIONNAIRE, FULL | {"musicality": 2.5}),
        (QUESTIONNAIRE, FULL | {"musicality": True}),
        (QUESTIONNAIRE, FULL | {"words": "x" * 2001}),
        (QUESTIONNAIRE, FULL | {"words": ["x"]}),
        (QUESTIONNAIRE, FULL | {"system": "one"}),
        (QUALITY, {"quality": 5}),
        (WHICH_IS_X, {"choice": "x"}),
        (RATINGS, {"ratings": [1, 2]}),
        (RATINGS, {"ratings": [1, 2, 101]}),
        (RATINGS, {"ratings": "123"}),
        (RATINGS, {"ratings": [1, 2, None]}),
    ],
)
def test_answers_that_do_not_fit_are_refused(questions: tuple, given: dict) -> None:  # type: ignore[type-arg]
    with pytest.raises(UsageError):
        checked(questions, given, sounds=3)
