"""Numbers of listening tests against scipy, published ones, and what they promise."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import optimize, stats

from timbrel.evaluation.listening import contrasts
from timbrel.evaluation.listening.bradley_terry import PRIOR_WINS, strengths
from timbrel.evaluation.listening.contrasts import Rating
from timbrel.evaluation.listening.description import Source
from timbrel.evaluation.listening.detection import Detection
from timbrel.evaluation.listening.findings import contrast_sentences
from timbrel.evaluation.listening.found_questionnaire import questionnaire
from timbrel.evaluation.listening.inference import (
    binomial_p,
    enough,
    holm,
    relabelling_p,
    sign_flip_p,
    t_interval,
)
from timbrel.evaluation.listening.judgements import Judgement, screened


def test_t_intervals_are_scipys(rng: np.random.Generator) -> None:
    votes = rng.integers(1, 6, size=23).astype(float)
    ours = t_interval(votes.tolist())
    theirs = stats.t.interval(0.95, 22, loc=votes.mean(), scale=stats.sem(votes))
    assert (ours.low, ours.high) == pytest.approx(theirs)


@pytest.mark.parametrize("count", [3, 8, 14, 25])
def test_turning_signs_is_scipys_permutation_test(rng: np.random.Generator, count: int) -> None:
    differences = rng.normal(0.4, 1, size=count)
    theirs = stats.permutation_test(
        (differences, np.zeros(count)), lambda a, b: np.mean(a - b), permutation_type="samples",
        n_resamples=20_000, rng=rng,
    )  # fmt: skip
    close = 1e-12 if count <= 14 else 0.02
    assert sign_flip_p(differences.tolist()) == pytest.approx(theirs.pvalue, abs=close)


@pytest.mark.parametrize(("first", "second"), [(5, 6), (3, 9), (14, 14)])
def test_dealing_out_anew_is_scipys_permutation_test(
    rng: np.random.Generator, first: int, second: int
) -> None:
    a, b = rng.normal(0, 1, size=first), rng.normal(1, 1, size=second)
    theirs = stats.permutation_test(
        (a, b), lambda x, y: np.mean(x) - np.mean(y), permutation_type="independent",
        n_resamples=20_000, rng=rng,
    )  # fmt: skip
    close = 1e-9 if math.comb(first + second, first) <= 20_000 else 0.01
    # Its p doubles the smaller tail, which for sets of two sizes is another test than ours.
    extreme = np.abs(theirs.null_distribution) >= abs(theirs.statistic) - 1e-9
    assert relabelling_p(a.tolist(), b.tolist()) == pytest.approx(extreme.mean(), abs=close)


def test_the_same_seed_draws_the_same_arrangements(rng: np.random.Generator) -> None:
    values = rng.normal(0.3, 1, size=30).tolist()
    assert sign_flip_p(values, seed=2) == sign_flip_p(values, seed=2)
    assert sign_flip_p(values, seed=2) != sign_flip_p(values, seed=3)


def test_published_numbers_of_right_answers() -> None:
    # The usual table of ABX: 12 of 16, 15 of 20 and 9 of 10 are needed for p < 0.05, one-sided.
    assert [enough(count, alternative="greater") for count in (10, 16, 20)] == [9, 12, 15]
    assert binomial_p(12, 16, alternative="greater") == pytest.approx(0.0384, abs=1e-4)
    assert enough(5) is None
    assert enough(20) == 15


def test_holm_is_that_of_r() -> None:
    # p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm")
    assert holm([0.01, 0.02, 0.03, 0.04, 0.05]) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    assert holm([0.9, 0.001]) == pytest.approx([0.9, 0.002])


@pytest.mark.parametrize(
    ("hits", "fakes", "alarms", "originals"), [(20, 25, 10, 25), (10, 10, 0, 10), (1, 8, 1, 2)]
)
def test_sensitivity_follows_its_formula(
    hits: int, fakes: int, alarms: int, originals: int
) -> None:
    found = Detection(hits, fakes, alarms, originals)
    hit, alarm = (hits + 0.5) / (fakes + 1), (alarms + 0.5) / (originals + 1)
    assert found.d_prime.value == pytest.approx(stats.norm.ppf(hit) - stats.norm.ppf(alarm))
    assert found.criterion == pytest.approx(-(stats.norm.ppf(hit) + stats.norm.ppf(alarm)) / 2)
    assert math.isfinite(found.d_prime.high)


def test_the_interval_of_sensitivity_holds_the_truth_about_95_times_of_100(
    rng: np.random.Generator,
) -> None:
    true, held = 1.0, 0
    for _ in range(400):
        hits = rng.binomial(40, stats.norm.cdf(true / 2))
        alarms = rng.binomial(40, stats.norm.cdf(-true / 2))
        interval = Detection(int(hits), 40, int(alarms), 40).d_prime
        held += interval.low <= true <= interval.high
    assert 0.92 <= held / 400 <= 0.99


def test_random_listeners_score_chance(rng: np.random.Generator) -> None:
    found = [
        Detection(int(rng.binomial(10, 0.5)), 10, int(rng.binomial(10, 0.5)), 10)
        for _ in range(600)
    ]
    assert np.mean([one.share.value for one in found]) == pytest.approx(0.5, abs=0.02)
    assert np.mean([one.d_prime.value for one in found]) == pytest.approx(0, abs=0.08)
    assert np.mean([one.p < 0.05 for one in found]) <= 0.06


@pytest.mark.parametrize(("fakes", "originals"), [(10, 10), (8, 2), (18, 2)])
def test_who_always_says_fake_is_not_found_to_hear_anything(fakes: int, originals: int) -> None:
    always = Detection(fakes, fakes, originals, originals)
    assert always.p == 1
    assert always.d_prime.low < 0 < always.d_prime.high or always.d_prime.value == 0
    assert always.criterion < 0


def test_a_rule_is_found_and_its_opposite_is_told_apart_from_it() -> None:
    right, wrong = Detection(9, 10, 1, 10), Detection(1, 10, 9, 10)
    assert right.p == wrong.p < 0.001
    assert right.d_prime.low > 0 > wrong.d_prime.high


def test_strengths_are_the_most_likely_ones(rng: np.random.Generator) -> None:
    names = ["a", "b", "c", "d"]
    wins = {(i, j): int(rng.integers(0, 9)) for i in names for j in names if i != j}

    def surprise(logs: np.ndarray) -> float:
        level = dict(zip(names, [0.0, *logs], strict=True))
        return sum(
            (count + PRIOR_WINS) * np.log1p(np.exp(level[j] - level[i]))
            for (i, j), count in wins.items()
        )

    logs = np.array([0.0, *optimize.minimize(surprise, np.zeros(3), tol=1e-12).x])
    theirs = np.exp(logs) / np.exp(logs).sum()
    assert list(strengths(names, wins).values()) == pytest.approx(theirs, abs=1e-4)


def test_who_always_wins_has_a_finite_strength() -> None:
    found = strengths(["a", "b", "c"], {("a", "b"): 9, ("b", "c"): 9})
    assert 1 > found["a"] > found["b"] > found["c"] > 0


def _ratings(table: dict[str, dict[str, Sequence[float]]], *, grouped: bool) -> list[Rating]:
    return [
        Rating(listener, source, f"{'' if grouped else source}{item}", value, grouped=grouped)
        for listener, own in table.items()
        for source, values in own.items()
        for item, value in enumerate(values)
    ]


def test_with_many_listeners_listeners_are_compared(rng: np.random.Generator) -> None:
    table = {
        f"l{n}": {"a": rng.normal(4, 1, 5), "b": rng.normal(3, 1, 5)} for n in range(8)
    }  # fmt: skip
    (found,) = contrasts.contrasts(_ratings(table, grouped=True), ["a", "b"], seed=0)
    differences = [float(own["a"].mean() - own["b"].mean()) for own in table.values()]
    assert (found.unit, found.count) == (contrasts.LISTENERS, 8)
    assert found.p == pytest.approx(sign_flip_p(differences))
    assert found.difference.value == pytest.approx(np.mean(differences))


def test_with_few_listeners_originals_are_compared_or_single_sounds() -> None:
    table = {"l": {"a": [5, 4, 5, 4, 5], "b": [1, 2, 1, 1, 2]}}
    (paired,) = contrasts.contrasts(_ratings(table, grouped=True), ["a", "b"], seed=0)
    assert (paired.unit, paired.count, paired.p) == (contrasts.ITEMS, 5, 2 / 2**5)
    (single,) = contrasts.contrasts(_ratings(table, grouped=False), ["a", "b"], seed=0)
    assert (single.unit, single.count) == (contrasts.SOUNDS, 10)
    assert single.p == pytest.approx(2 / math.comb(10, 5))


def test_listeners_are_compared_only_where_that_can_come_out(rng: np.random.Generator) -> None:
    def unit(listeners: int, sources: str) -> str:
        table = {
            f"l{n}": {name: rng.normal(place, 0.1, 6) for place, name in enumerate(sources)}
            for n in range(listeners)
        }
        found = contrasts.contrasts(_ratings(table, grouped=True), list(sources), seed=0)
        assert all(one.corrected_p < 0.05 or one.unit != contrasts.LISTENERS for one in found)
        return found[0].unit

    assert [unit(n, "ab") for n in (5, 6)] == [contrasts.ITEMS, contrasts.LISTENERS]
    assert [unit(n, "abc") for n in (6, 7)] == [contrasts.ITEMS, contrasts.LISTENERS]


def test_where_nothing_can_come_out_that_is_said() -> None:
    table = {"l": {"a": [5, 4, 5], "b": [1, 2, 1]}}
    for grouped, least in ((True, 2 / 2**3), (False, 2 / math.comb(6, 3))):
        (found,) = contrasts.contrasts(_ratings(table, grouped=grouped), ["a", "b"], seed=0)
        assert found.p == pytest.approx(least)
        assert found.least_p == pytest.approx(least)
        assert found.is_hopeless
        assert "too few ratings to compare a and b" in contrast_sentences([found], "quality")[0]


def test_comparisons_are_corrected_together() -> None:
    table = {"l": {"a": [5, 4, 5, 4, 5, 5], "b": [1, 2, 1, 1, 2, 1], "c": [1, 1, 2, 2, 1, 1]}}
    found = contrasts.contrasts(_ratings(table, grouped=True), ["a", "b", "c"], seed=0)
    assert [one.corrected_p for one in found] == pytest.approx(holm([one.p for one in found]))
    assert {one.first for one in found[:2]} == {"a"}


def _source(role: str, system: str = "") -> Source:
    return Source.model_validate({"system": system or role, "role": role, "name": "x.wav"})


def _mushra(listener: str, page: int, *, reference: int, anchor: int) -> Judgement:
    sources = (_source("original"), _source("anchor", "anchor 7 kHz"), _source("system", "one"))
    return Judgement(listener, f"p{page}", ("a", "b", "c"), sources,
                     {"ratings": [reference, anchor, 60]})  # fmt: skip


def _left_out(found: list[Judgement]) -> list[tuple[str, ...]]:
    return [rule.left_out for rule in screened("mushra", found)[1] if rule.unit == "listeners"]


def test_who_misses_the_hidden_reference_on_more_than_15_percent_is_left_out() -> None:
    found = []
    for name, misses in (("none", 0), ("three", 3), ("four", 4)):
        # 15 % of 20 pages are 3: more than that is out
        found += [
            _mushra(name, page, reference=89 if page < misses else 90, anchor=40)
            for page in range(20)
        ]
    assert _left_out(found) == [("four",), ()]
    assert {one.listener for one in screened("mushra", found)[0]} == {"none", "three"}


def test_who_finds_the_mid_range_anchor_excellent_is_left_out_unless_many_do() -> None:
    found = [_mushra(f"l{n}", page, reference=100, anchor=95 if n == 0 else 50)
             for n in range(5) for page in range(8)]  # fmt: skip
    assert _left_out(found) == [(), ("l0",)]
    crowd = [_mushra(f"l{n}", page, reference=100, anchor=95 if n < 2 else 50)
             for n in range(5) for page in range(8)]  # fmt: skip
    assert _left_out(crowd) == [(), ()]


def test_one_grade_for_everything_and_sounds_that_were_not_played_do_not_count() -> None:
    def grade(listener: str, page: int, quality: str, unheard: int = 0) -> Judgement:
        given = {"quality": quality}
        return Judgement(listener, f"p{page}", ("a",), (_source("system", "one"),), given,
                         unheard=unheard)  # fmt: skip

    found = [grade("same", page, "3") for page in range(8)]
    found += [grade("short", page, "3") for page in range(7)]
    found += [grade("varied", page, "34"[page % 2], unheard=page == 5) for page in range(8)]
    kept, rules = screened("mos", found)
    assert [rule.left_out for rule in rules] == [("varied",), ("same",)]
    assert len(kept) == 14


def test_people_in_general_are_spoken_of_from_six_listeners_on() -> None:
    def judged(listeners: int) -> str:
        found = [
            Judgement(f"l{n}", f"p{page}", (f"s{page}",),
                      (_source("original" if page % 2 else "system"),),
                      {"real": "real" if page % 2 or page == n else "fake", "musicality": page,
                       "inspiring": "no"})
            for n in range(listeners) for page in range(10)
        ]  # fmt: skip
        return " ".join(questionnaire(found, seed=0).verdict)

    assert "People like these listeners do better than chance (p = 0.031)" in judged(6)
    assert "People like these" not in judged(5)


@pytest.mark.parametrize(("right", "says"), [(True, "do better than"), (False, "do worse")])
def test_people_who_are_wrong_throughout_do_not_do_better(right: bool, says: str) -> None:
    found = [
        Judgement(f"l{n}", f"p{page}", (f"s{page}",),
                  (_source("original" if page % 2 else "system"),),
                  {"real": "real" if (page % 2 == 1) == right else "fake", "musicality": 5,
                   "inspiring": "no"})
        for n in range(6) for page in range(10)
    ]  # fmt: skip
    assert f"People like these listeners {says}" in " ".join(questionnaire(found, seed=0).verdict)


def test_who_always_says_fake_hears_nothing_though_most_are_fakes() -> None:
    found = [
        Judgement(f"l{n}", f"p{page}", (f"s{page}",),
                  (_source("system" if page % 3 else "original"),),
                  {"real": "fake", "musicality": 5, "inspiring": "no"})
        for n in range(6) for page in range(9)
    ]  # fmt: skip
    said = " ".join(questionnaire(found, seed=0).verdict)
    assert "are not shown to do better than chance" in said
