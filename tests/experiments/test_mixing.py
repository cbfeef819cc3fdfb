"""The mixing experiment: which pairs it takes, what it says of known figures, and a whole run."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from timbrel.errors import UsageError
from timbrel.evaluation.morphs import MEASURES, Judged
from timbrel.experiments._mixing_tables import Outcome, rank_correlation, tables, verdict
from timbrel.experiments._mixtures import (
    Alike,
    Mixture,
    Note,
    alike,
    every_pair,
    lowest,
    spread,
    table_of,
)
from timbrel.experiments._running import run
from timbrel.tasks.workspace import Workspace


def note(label: str, pitch: float, number: int = 0) -> Note:
    return Note(f"{label}{pitch}{number}", f"{label}-{pitch:g}-{number}", label, pitch, True)


NOTES = [
    note(label, pitch, number)
    for label in ("brass", "guitar", "organ")
    for pitch in (48.0, 52.0, 72.0)
    for number in range(3)
]
TABLE = table_of(np.random.default_rng(5).normal(size=(len(NOTES), 8)).astype(np.float32))


def test_pairs_are_of_two_families_within_an_octave_and_in_order() -> None:
    pairs = every_pair(NOTES, TABLE)
    values = [one.correlation for one in pairs]
    assert values == sorted(values)
    assert all(one.first.label != one.second.label for one in pairs)
    assert {one.pitches for one in pairs} == {"48, 48", "52, 52", "72, 72", "48, 52", "52, 48"}
    assert len(pairs) == 3 * (6 * 6 + 3 * 3), "of 81 two families have, 36 are too far apart"


def test_the_lowest_are_of_one_pitch_and_of_two_and_no_note_is_taken_twice() -> None:
    pairs = every_pair(NOTES, TABLE)
    chosen = lowest(pairs, 6, always=("guitar", "brass"))
    assert {chosen[0].first.label, chosen[0].second.label} == {"guitar", "brass"}
    assert chosen[0].like_pitch
    assert sum(one.like_pitch for one in chosen) == 3
    more = spread(pairs, 4, beside=chosen)
    used = [x.id for one in (*chosen, *more) for x in (one.first, one.second)]
    assert len(used) == len(set(used))
    assert np.mean([one.correlation for one in chosen]) < np.mean([p.correlation for p in more])


def test_where_pitches_are_all_alike_there_are_as_many_pairs() -> None:
    same = [note(label, 60, n) for label in ("brass", "organ") for n in range(4)]
    pairs = every_pair(same, np.zeros((8, 8), dtype=np.float32))
    assert len(lowest(pairs, 4)) == 4
    assert lowest([], 3) == spread([], 3, beside=[]) == []


def test_notes_of_one_pitch_are_sorted_by_family() -> None:
    found = alike(NOTES, TABLE, ("brass", "guitar"))
    assert len(found.asked) == 3 * 9
    assert len(found.same) == 3 * 3 * 3
    assert len(found.other) == 3 * len(found.asked)
    assert set(found.asked) <= set(found.other)


def test_the_rank_correlation_is_scipys() -> None:
    rng = np.random.default_rng(3)
    first = rng.normal(size=12)
    second = np.append((first + rng.normal(size=12))[:-1], np.nan)
    found = rank_correlation(first.tolist(), second.tolist(), seed=0)
    assert found is not None
    assert found.count == 11
    assert found.value == pytest.approx(spearmanr(first[:-1], second[:-1]).statistic)
    assert found.low < found.value < found.high
    assert rank_correlation([1.0] * 8, list(range(8)), seed=0) is None
    assert rank_correlation([1.0, 2.0], [1.0, 2.0], seed=0) is None


def outcome(pairs: int = 8) -> Outcome:
    """Morphs whose second pitch is surely less, and grows with correlation."""
    mixtures = [
        Mixture(note("guitar", 48, n), note("brass", 50, n), n / pairs, like_pitch=False)
        for n in range(pairs)
    ]

    def judged(second: float) -> list[Judged]:
        numbers = dict.fromkeys(MEASURES, 0.5)
        return [
            Judged(one.title, {**numbers, "second_pitch": second + 0.01 * n}, {})
            for n, one in enumerate(mixtures)
        ]

    return Outcome(
        pairs=mixtures,
        figures={"m": judged(0.0), "m, energy off": judged(0.0), "m: crossfade": judged(0.3)},
        players={"m": ["m, energy off"]},
        correlated={"m": [one.correlation for one in mixtures]},
        alike={"m": Alike([0.1, 0.2], [0.8, 0.9, 0.8], [0.1, 0.2, 0.1])},
        asked=("guitar", "brass"),
        seed=0,
    )


def test_the_verdict_says_what_the_intervals_say() -> None:
    said = verdict(outcome())
    assert "m beside a crossfade, 8 pairs: surely better in a second pitch" in said[0]
    assert "energy off, 8 pairs: not surely better or worse in anything" in said[1]
    assert "4 % m, 34 % m: crossfade" in said[2]
    assert "goes with a second pitch (+1.00)" in said[3]
    assert "are more alike" in said[4]


def test_of_few_pairs_nothing_is_sure() -> None:
    said = verdict(outcome(pairs=3))
    assert "not surely better or worse" in said[0]
    assert "none of the measures" in said[3]


def test_every_table_has_a_row_of_each_player() -> None:
    good, two, ranked, families, listed = tables(outcome())
    assert list(good.rows) == list(two.rows) == ["m", "m, energy off", "m: crossfade"]
    assert good.best(good.columns[list(MEASURES).index("second_pitch")]) == "m"
    assert list(ranked.rows) == list(families.rows) == ["m"]
    assert len(listed.rows) == 8


def test_a_recipe_that_is_not_trained_chooses_no_pairs(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="correlations_of=morph-tiny"):
        run(Workspace(tmp_path), "mixing", scale="smoke", settings=["correlations_of=pca-tiny"])


@pytest.mark.slow
def test_notes_are_mixed_from_sounds_to_a_report(tmp_path: Path) -> None:
    done = run(Workspace(tmp_path), "mixing", scale="smoke")
    report = json.loads((done.folder / "report.json").read_text(encoding="utf-8"))
    rows = report["tables"][0]["rows"]
    assert {"morph-tiny", "slice-tiny", "slice-tiny, energy off", "slice-tiny: crossfade"} <= set(
        rows
    )
    assert rows["crossfade of the originals"]["No onset too many"]["count"] >= 2
    assert len(report["sounds"][0]["sounds"]) == 10
    assert len(report["pictures"]) == 1
    figures = {one.name: one.stat().st_mtime_ns for one in (done.kept / "figures").iterdir()}
    again = run(Workspace(tmp_path), "mixing", scale="smoke", force=True)
    assert again.findings.tables == done.findings.tables
    assert {one.name: one.stat().st_mtime_ns for one in (again.kept / "figures").iterdir()} == (
        figures
    )
