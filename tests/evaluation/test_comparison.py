"""Instruments side by side: the same sounds, and no winner that is not surely one."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from test_assessment import LABELS, MATERIAL, SOME, a_good_one, generated, judged, noisy
from test_report import parsed

from timbrel.errors import UsageError
from timbrel.evaluation.assessment import Assessment
from timbrel.evaluation.comparison import Comparison, compare_instruments
from timbrel.evaluation.report import checked_folder, write_comparison
from timbrel.evaluation.rows import Row, surely_better
from timbrel.evaluation.statistics import Interval, rate_interval


@pytest.fixture(scope="module")
def found() -> dict[str, Assessment]:
    """A good instrument; one that adds noise and only knows hiss; and the good one again."""
    hiss = [replace(made, label=made.label) for made in generated(range(200, 206))]
    for place, made in enumerate(hiss):
        same = generated(range(300 + place, 301 + place))[1].sound
        hiss[place] = replace(made, sound=same)
    bad = replace(MATERIAL, reconstruct=noisy(0.05), generated=hiss)
    return {"good": a_good_one(), "bad": judged(bad, SOME), "again": a_good_one()}


@pytest.fixture(scope="module")
def two(found: dict[str, Assessment]) -> Comparison:
    return compare_instruments({name: found[name] for name in ("good", "bad")}, seed=0)


def rows(comparison: Comparison) -> dict[str, dict[str, Row]]:
    return {one.title: {row.title: row for row in one.rows} for one in comparison.sections}


def test_the_better_one_is_marked_where_it_surely_is(two: Comparison) -> None:
    table = rows(two)
    returned = table["What comes back of held-out sounds"]
    for title in ("Log-spectral distance", "Signal-to-noise ratio"):
        assert returned[title].best == "good"
        assert set(returned[title].values) == {"good", "bad"}
        assert returned[title].values["good"].count == 24
        assert returned[title].real is not None
    sets = table["Generated sounds, like real ones as a whole"]
    assert sets["Fréchet distance on spectrogram statistics"].best == "good"
    listened = table["Generated sounds, named right by a listener"]
    assert listened["all"].best == "good"
    assert listened["hiss"].best == "", "both generate hiss that is named right"
    assert any(line.startswith("good is surely ahead in: ") for line in two.verdict)


def test_front_ends_that_are_one_have_no_winner(two: Comparison) -> None:
    floors = rows(two)["What their front ends could do"]
    assert all(not row.best for row in floors.values())
    assert floors["Log-spectral distance"].real is None


def test_equal_instruments_have_no_winner(found: dict[str, Assessment]) -> None:
    equal = compare_instruments({name: found[name] for name in ("good", "again")}, seed=0)
    assert not any(row.best for section in equal.sections for row in section.rows)
    assert equal.verdict[0].startswith("No instrument is surely ahead in: ")
    three = compare_instruments(found, seed=0)
    assert not rows(three)["What comes back of held-out sounds"]["Log-spectral distance"].best


def test_grades_stand_label_by_label_with_the_best_and_all_joined(two: Comparison) -> None:
    grades = rows(two)["Objective difference grade, label by label"]
    assert {"joined end to end", "all, mean", "all, best"} <= set(grades)
    assert {f"{label}, best" for label in LABELS} <= set(grades)
    joined = grades["joined end to end"].values
    assert joined["good"].value > joined["bad"].value


def test_few_sounds_have_no_winner(two: Comparison) -> None:
    """Grades were asked of three sounds: nobody is surely ahead in them."""
    grades = rows(two)["Objective difference grade, label by label"]
    assert grades["all, mean"].values["good"].count == 3
    assert not any(row.best for row in grades.values())


def test_variety_has_intervals(two: Comparison) -> None:
    varied = rows(two)["Generated sounds, varied within a label"]
    ratio = varied["pluck"].values["good"]
    assert 0 < ratio.low < ratio.value < ratio.high
    assert ratio.count == 6


def test_only_sounds_that_all_were_judged_on_count(found: dict[str, Assessment]) -> None:
    fewer = replace(found["bad"], scored=found["bad"].scored[:10])
    part = compare_instruments({"good": found["good"], "bad": fewer}, seed=0)
    assert part.held_out == 10
    row = rows(part)["What comes back of held-out sounds"]["Log-spectral distance"]
    assert row.values["good"].count == row.values["bad"].count == 10
    with pytest.raises(UsageError, match="in common"):
        compare_instruments({"a": found["good"], "b": replace(fewer, scored=[])}, seed=0)
    with pytest.raises(UsageError, match="fewer than two"):
        compare_instruments({"a": found["good"]}, seed=0)


def test_a_difference_is_sure_where_its_interval_excludes_zero() -> None:
    """Newcombe's example: 56 of 70 against 48 of 80 has the interval 0.0524 to 0.3339."""
    ours, theirs = rate_interval(56, 70), rate_interval(48, 80)
    near = ours.value - ours.low
    far = theirs.high - theirs.value
    assert ours.value - theirs.value - math.hypot(near, far) == pytest.approx(0.0524, abs=1e-4)
    assert surely_better(ours, theirs, higher=True)
    assert not surely_better(theirs, ours, higher=True)
    assert surely_better(theirs, ours, higher=False)
    assert not surely_better(Interval(5, 3, 7, 9), Interval(4, 2, 6, 9), higher=True)
    undefined = Interval(math.nan, math.nan, math.nan, 0)
    assert not surely_better(ours, undefined, higher=True)


def test_the_folder_holds_the_comparison_and_each_report(
    two: Comparison, found: dict[str, Assessment], tmp_path: Path
) -> None:
    own = {name: found[name] for name in two.instruments}
    write_comparison(tmp_path / "r", two, own)
    links = [link for link in parsed(tmp_path / "r").links if not link.startswith("data:")]
    assert "instruments/good/index.html" in links
    for link in links:
        assert (tmp_path / "r" / link).is_file(), link
    assert (tmp_path / "r" / "instruments" / "bad" / "report.json").is_file()
    table = json.loads((tmp_path / "r" / "report.json").read_text(encoding="utf-8"))
    assert table["instruments"] == ["good", "bad"]
    assert len(list((tmp_path / "r" / "pictures").glob("generated-*.png"))) == 3 * 3
    assert checked_folder(tmp_path / "r", force=True)
    write_comparison(tmp_path / "r", two, own, force=True)
