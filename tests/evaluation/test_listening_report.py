"""The report of a listening test: what was said is found, and strangers' words do no harm."""

import csv
import itertools
import sqlite3
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from fixtures_listening import Says, knows, opened, read_json, take
from timbrel.errors import ExistsError, TimbrelError, UsageError
from timbrel.evaluation.listening.description import Source
from timbrel.evaluation.listening.page import Summary
from timbrel.tasks import listen
from timbrel.tasks.listen import Opened, Options

HOSTILE = "=1+1 <script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def _questionnaire(fake: bool, musicality: int, words: str = "") -> dict[str, Any]:
    said = {"real": "fake", "ease": "easy"} if fake else {"real": "real"}
    return {**said, "musicality": musicality, "inspiring": "maybe", "words": words}


def _is_fake(sources: Sequence[Source]) -> bool:
    return sources[0].role == "system"


def _knowing(sources: Sequence[Source], _x: int | None) -> dict[str, Any]:
    return _questionnaire(_is_fake(sources), 3 if _is_fake(sources) else 8)


def _half_knowing() -> Says:
    """Says the truth every other time, whatever order the sounds come in."""
    turns = itertools.count()

    def says(sources: Sequence[Source], _x: int | None) -> dict[str, Any]:
        turn = next(turns)
        return _questionnaire(_is_fake(sources) == (turn % 2 == 0), 5)

    return says


def _reported(test: Opened, out: Path) -> Summary:
    return listen.report(test.folder, out)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    root = tmp_path_factory.mktemp("asked")
    return opened(root, "questionnaire", count=10, options=Options(items=20, title=HOSTILE[:90]))


@pytest.fixture
def questionnaire(asked: Opened) -> Opened:
    asked.results.path.unlink(missing_ok=True)
    return asked


def test_a_rule_is_found_and_a_guess_is_chance(questionnaire: Opened, tmp_path: Path) -> None:
    rule, guess = take(questionnaire, _knowing), take(questionnaire, _half_knowing())
    found = _reported(questionnaire, tmp_path / "out")
    by_listener = found.findings.tables[0].rows
    rows = {row[0]: row for row in by_listener}
    assert rows[knows(rule)][1].value == 1  # type: ignore[union-attr]
    assert rows[knows(rule)][8] < 0.001  # type: ignore[operator]
    assert rows[knows(guess)][8] > 0.05  # type: ignore[operator]
    sure = next(line for line in found.verdict if "surely" in line)
    assert knows(rule) in sure
    assert knows(guess) not in sure
    assert any("2 listeners answered: too few" in line for line in found.verdict)


def test_what_strangers_wrote_is_shown_and_obeyed_nowhere(
    questionnaire: Opened, tmp_path: Path
) -> None:
    def hostile(sources: Sequence[Source], _x: int | None) -> dict[str, Any]:
        return _questionnaire(True, 5, HOSTILE)

    take(questionnaire, hostile, words=HOSTILE)
    _reported(questionnaire, tmp_path / "out")
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "default-src 'none'" in page.replace("&#x27;", "'")
    with (tmp_path / "out" / "answers.csv").open(encoding="utf-8", newline="") as file:
        words = [row["answer"] for row in csv.DictReader(file) if row["question"] == "words"]
    assert len(words) == 20
    assert all(word == f"'{HOSTILE}" for word in words)
    assert len(read_json(tmp_path / "out" / "report.json")["findings"]["words"]) == 20


def test_a_report_is_whole_and_has_something_to_hear(questionnaire: Opened, tmp_path: Path) -> None:
    take(questionnaire, _half_knowing())
    _reported(questionnaire, tmp_path / "out")
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"index.html", "report.json", "answers.csv", "sounds", "pictures"}
    sounds = sorted((tmp_path / "out" / "sounds").iterdir())
    assert sounds
    assert all(f"sounds/{path.name}" in page for path in sounds)
    assert len(list((tmp_path / "out" / "pictures").iterdir())) == len(sounds)
    assert "One listener answered" in page
    with pytest.raises(ExistsError):
        _reported(questionnaire, tmp_path / "out")
    listen.report(questionnaire.folder, tmp_path / "out", force=True)


def test_the_csv_holds_every_answer_with_what_it_is_about(
    questionnaire: Opened, tmp_path: Path
) -> None:
    token = take(questionnaire, _knowing)
    _reported(questionnaire, tmp_path / "out")
    with (tmp_path / "out" / "answers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    real = [row for row in rows if row["question"] == "real"]
    assert len(real) == 20
    assert {row["listener"] for row in rows} == {knows(token)}
    assert all((row["answer"] == "fake") == (row["source"] == "one") for row in real)
    assert all(row["sound"].endswith(".wav") for row in real)


def test_nobody_s_answers_make_no_report(questionnaire: Opened, tmp_path: Path) -> None:
    with pytest.raises(TimbrelError, match="nobody has answered"):
        _reported(questionnaire, tmp_path / "out")
    take(questionnaire, _knowing, pages=0)
    with pytest.raises(TimbrelError, match="listen serve"):
        _reported(questionnaire, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("given", ["{}", '{"real": 7}', '{"soul": "yes"}'])
def test_answers_that_nobody_could_give_make_no_report(
    questionnaire: Opened, tmp_path: Path, given: str
) -> None:
    take(questionnaire, _knowing)
    with sqlite3.connect(questionnaire.results.path) as database:
        database.execute("UPDATE answers SET given = ? WHERE place = 3", (given,))
    database.close()
    with pytest.raises(UsageError, match="answer"):
        _reported(questionnaire, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_who_left_early_counts_with_what_they_said(questionnaire: Opened, tmp_path: Path) -> None:
    take(questionnaire, _knowing, pages=3)
    found = _reported(questionnaire, tmp_path / "out")
    assert "1 listener, of whom 0 came to the end · 3 answers" in found.subtitle
    assert "not even all right would have been" in " ".join(found.verdict)


def test_mean_opinion_scores_rank_systems(tmp_path: Path) -> None:
    test = opened(tmp_path, "mos", options=Options(items=18))
    grades = {"original": "54", "one": "21", "two": "43"}

    def says(sources: Sequence[Source], _x: int | None) -> dict[str, Any]:
        return {"quality": grades[sources[0].system][int(sources[0].name[5]) % 2]}

    for _ in range(7):
        take(test, says)
    found = _reported(test, tmp_path / "out")
    ranking, compared = found.findings.tables
    assert [row[0] for row in ranking.rows] == ["original", "two", "one"]
    assert [round(row[1].value, 1) for row in ranking.rows] == [4.5, 3.5, 1.5]  # type: ignore[union-attr]
    assert {row[4] for row in compared.rows} == {"7 listeners"}
    assert all(row[3] == pytest.approx(3 * 2 / 2**7) for row in compared.rows)
    assert "In quality, original is rated higher than one" in " ".join(found.verdict)
    assert "too few" not in " ".join(found.verdict)


def test_mushra_leaves_out_who_misses_the_reference(tmp_path: Path) -> None:
    test = opened(tmp_path, "mushra")
    truth = {"original": 100, "two": 70, "one": 40, "anchor 3.5 kHz": 20}

    def careful(sources: Sequence[Source], _x: int | None) -> dict[str, Any]:
        return {"ratings": [truth[source.system] for source in sources]}

    def careless(sources: Sequence[Source], _x: int | None) -> dict[str, Any]:
        return {"ratings": [50 for _ in sources]}

    take(test, careful)
    out = take(test, careless)
    found = _reported(test, tmp_path / "out")
    assert [rule.left_out for rule in found.rules] == [(), (knows(out),), ()]
    assert "2 listeners, of whom 2 came to the end · 6 answers, 6 left out" in found.subtitle
    means = {row[0]: row[1].value for row in found.findings.tables[0].rows}  # type: ignore[union-attr]
    assert means == truth
    # Six originals, one listener: each system is compared on originals, anchors on nothing.
    compared = found.findings.tables[1].rows
    assert {row[0] for row in compared} == {"original – two", "original – one", "two – one"}
    assert {row[4] for row in compared} == {"6 originals"}
    assert all(row[2] == 2 / 2**6 for row in compared)
    assert len(found.findings.exhibits) == 3
    with (tmp_path / "out" / "answers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 6 * 4
    assert {row["listener"] for row in rows if row["left_out"]} == {knows(out)}


def test_abx_finds_who_hears_x(tmp_path: Path) -> None:
    test = opened(tmp_path, "abx", options=Options(repeats=2))

    guesses = cycle([True, False])  # half right: X lies anew each time, "a" may be so by chance

    def hears_one(sources: Sequence[Source], x: int | None) -> dict[str, Any]:
        knows_it = {source.system for source in sources} == {"original", "one"}
        is_right = knows_it or next(guesses)
        return {"choice": "ab"[x or 0] if is_right else "ba"[x or 0]}

    take(test, hears_one)
    found = _reported(test, tmp_path / "out")
    rows = {row[0]: row for row in found.findings.tables[0].rows}
    assert rows["one"][2:4] == (12, 12)
    assert rows["one"][5] == pytest.approx(2 / 2**12)
    assert rows["two"][2:4] == (6, 12)
    assert rows["two"][5] == pytest.approx(2510 / 2**12)  # six or more of twelve
    assert "12 of 12 trials with one" in found.verdict[0]


def test_preference_finds_the_preferred_and_ranks(tmp_path: Path) -> None:
    test = opened(tmp_path, "preference")
    order = ["two", "original", "one"]

    def says(sources: Sequence[Source], _x: int | None) -> dict[str, Any]:
        first = order.index(sources[0].system) < order.index(sources[1].system)
        return {"choice": "a" if first else "b"}

    take(test, says)
    take(test, says)
    found = _reported(test, tmp_path / "out")
    ranking, duels = found.findings.tables
    assert [row[0] for row in ranking.rows] == order
    assert {row[0] for row in duels.rows} == {"two – original", "two – one", "original – one"}
    assert all(row[5] < 0.05 for row in duels.rows)  # type: ignore[operator]
    assert any("two was preferred to original in 12 of 12" in line for line in found.verdict)
