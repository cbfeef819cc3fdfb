"""The tables of the mixing experiment, and what they say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from timbrel.evaluation.morph_table import FEWEST_PAIRS, better, difference_of, mean_of
from timbrel.evaluation.morphs import MEASURES, Judged
from timbrel.evaluation.statistics import Interval, set_interval
from timbrel.experiments import _findings as findings
from timbrel.experiments._findings import NOTHING, Cell, Column, Table
from timbrel.experiments._mixtures import Alike, Mixture

CROSSFADE = "crossfade"
DIGITS = {"share": 2, "dB": 1, "LU": 1, "": 2}
# S4's correlation of its guitar and its brass, by the end of a recipe's name.
S4_CORRELATIONS = {
    "mel-single": 0.31, "mel-double": 0.62, "mel-triple": 0.53,
    "single": 0.16, "double": 0.0052, "triple": -0.17,
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """All that was measured.

    Attributes:
        pairs: The pairs that every player could morph.
        figures: Name of a row to what was measured of each pair.
        players: Name of an instrument to the names of its rows with other energy corrections.
        correlated: Name of an instrument to how alike the notes of each pair are to it.
        alike: Name of an instrument to how alike notes of one pitch are to it.
        asked: The two families that S4 gives figures of.
        seed: Seed of the bootstrap.
    """

    pairs: Sequence[Mixture]
    figures: Mapping[str, Sequence[Judged]]
    players: Mapping[str, Sequence[str]]
    correlated: Mapping[str, Sequence[float]]
    alike: Mapping[str, Alike]
    asked: tuple[str, str]
    seed: int


def tables(of: Outcome) -> tuple[Table, ...]:
    """Makes the tables.

    Args:
        of: What was measured.

    Returns:
        How good the morphs are: of all pairs, of those of one pitch, of those of two; whether lower
        correlations make better mixtures; how alike families are; and the pairs.
    """
    about = "; ".join(f"{one.title}: {one.about}" for one in MEASURES.values())
    like = [row for row, pair in enumerate(of.pairs) if pair.like_pitch]
    unlike = [row for row, pair in enumerate(of.pairs) if not pair.like_pitch]
    parts: dict[str, tuple[Sequence[int], str]] = {
        "How good is a morph": (
            range(len(of.pairs)),
            f"Means over {len(of.pairs)} pairs, with 95 % bootstrap intervals. {about}.",
        ),
        "Pairs of one pitch": (like, f"The {len(like)} of them."),
        "Pairs of two pitches": (unlike, f"The {len(unlike)} of them, up to an octave apart."),
    }
    goodness = [_goodness(title, note, rows, of) for title, (rows, note) in parts.items() if rows]
    return (*goodness, _of_correlation(of), _families(of), _listed(of.pairs))


def _goodness(title: str, note: str, rows: Sequence[int], of: Outcome) -> Table:
    columns = tuple(
        Column(
            f"{one.title} ({one.unit})" if one.unit and one.unit != "share" else one.title,
            {True: "higher", False: "lower", None: ""}[one.higher_is_better],
            DIGITS[one.unit],
        )
        for one in MEASURES.values()
    )
    cells = {
        name: [
            findings.mean([judged[row].numbers[measure] for row in rows], seed=of.seed)
            for measure in MEASURES
        ]
        for name, judged in of.figures.items()
    }
    return Table(title, note, columns, cells)


def _of_correlation(of: Outcome) -> Table:
    """Do lower correlations make better mixtures?"""
    return Table(
        "Do lower correlations make better mixtures?",
        f"Spearman's rank correlation, over the {len(of.pairs)} pairs, of the correlation of a "
        "pair's embeddings with each measure of its morph, with its 95 % bootstrap interval: above "
        "0, pairs that are alike have more of it. Each instrument's own embeddings.",
        tuple(Column(one.title) for one in MEASURES.values()),
        {
            name: [
                findings.of(found) if (found := _ranked(of, name, measure)) else NOTHING
                for measure in MEASURES
            ]
            for name in of.players
        },
    )


def _ranked(of: Outcome, name: str, measure: str) -> Interval | None:
    numbers = [one.numbers[measure] for one in of.figures[name]]
    return rank_correlation(of.correlated[name], numbers, seed=of.seed)


def rank_correlation(
    first: Sequence[float], second: Sequence[float], *, seed: int
) -> Interval | None:
    """Measures whether two numbers rise together, with an interval over pairs.

    Args:
        first: One number a pair.
        second: Another; where it is no number, the pair is left out.
        seed: Seed of the bootstrap.

    Returns:
        Spearman's rank correlation, -1 to 1; None of fewer than five pairs, or where one number is
        the same for all.

    Source:
        Spearman, "The proof and measurement of association between two things" (1904).

    Example:
        >>> found = rank_correlation(range(8), [x**3 for x in range(8)], seed=0)
        >>> found.value
        1.0
    """
    kept = np.array([[a, b] for a, b in zip(first, second, strict=True) if np.isfinite(b)])
    if len(kept) < FEWEST_PAIRS or not kept.std(axis=0).all():
        return None
    found = set_interval(lambda rows: _spearman(kept[rows]), len(kept), seed=seed, lowest=-1.0)
    return Interval(found.value, found.low, min(1.0, found.high), found.count)


def _spearman(table: np.ndarray[Any, Any]) -> float:
    from scipy.stats import rankdata

    ranks = rankdata(table, axis=0)
    if not ranks.std(axis=0).all():
        return 0.0  # a drawn set in which one number is the same throughout
    return round(float(np.corrcoef(ranks.T)[0, 1]), 12)


def _families(of: Outcome) -> Table:
    """The correlation of S4's own pair of families, beside S4's figures."""
    rows = {}
    for name, one in of.alike.items():
        theirs = next((v for k, v in S4_CORRELATIONS.items() if name.endswith(k)), None)
        means = [
            findings.mean(some, seed=of.seed) if some else NOTHING
            for some in (one.asked, one.same, one.other)
        ]
        rows[name] = [means[0], NOTHING if theirs is None else Cell(value=theirs), *means[1:]]
    pair = " and ".join(of.asked)
    return Table(
        f"How alike are {pair}?",
        "Mean correlation of the embeddings of two notes of one pitch. S4 gives one figure a "
        "network, of two notes of NSynth, and says that notes of one family are more alike.",
        (Column(pair), Column("S4", digits=3), Column("One family"), Column("Two families")),
        rows,
    )


def _listed(pairs: Sequence[Mixture]) -> Table:
    return Table(
        "The pairs",
        "The lowest correlations first, as many pairs of one pitch as of two, no note twice; then "
        "pairs along the whole range.",
        (Column("Correlation"), Column("Families"), Column("Pitches")),
        {
            f"{number}. {pair.title}": [
                Cell(value=pair.correlation),
                findings.words(f"{pair.first.label}, {pair.second.label}"),
                findings.words(pair.pitches),
            ]
            for number, pair in enumerate(pairs, start=1)
        },
    )


def verdict(of: Outcome) -> list[str]:
    """Says what the tables say.

    Args:
        of: What was measured.

    Returns:
        Sentences, the most important first.
    """
    names = list(of.players)
    against = [(name, f"{name}: {CROSSFADE}", f"a {CROSSFADE}") for name in names]
    against += [(names[0], other, f"those of {other}") for other in names[1:]]
    against += [(name, other, other) for name, others in of.players.items() for other in others]
    return [
        *(_against(of, ours, theirs, word) for ours, theirs, word in against),
        *_two_notes(of),
        *(_of_rank(of, name) for name in names),
        *_more_alike(of),
    ]


def _against(of: Outcome, ours: str, theirs: str, word: str) -> str:
    """In what one way is surely better or worse than another, on the same pairs."""
    wins: dict[bool, list[str]] = {True: [], False: []}
    for name, measure in MEASURES.items():
        found = difference_of(of.figures[ours], of.figures[theirs], name, seed=of.seed)
        won = better(found, measure)
        if won is not None:
            wins[won].append(f"{measure.title.lower()} ({_pair_of(of, ours, theirs, name)})")
    parts = [
        f"surely {verb} in {', '.join(wins[won])}"
        for won, verb in ((True, "better"), (False, "worse"))
        if wins[won]
    ]
    said = "; ".join(parts) or "not surely better or worse in anything measured"
    return f"Morphs of {ours} beside {word}, {len(of.pairs)} pairs: {said}."


def _pair_of(of: Outcome, ours: str, theirs: str, name: str) -> str:
    digits = DIGITS[MEASURES[name].unit]
    values = (mean_of(of.figures[row], name, seed=of.seed).value for row in (ours, theirs))
    return " against ".join(f"{value:.{digits}f}" for value in values)


def _two_notes(of: Outcome) -> list[str]:
    rows = [row for row, pair in enumerate(of.pairs) if not pair.like_pitch]
    told = []
    for name in (*of.players, *(f"{name}: {CROSSFADE}" for name in of.players)):
        some = [of.figures[name][row] for row in rows]
        found = mean_of(some, "second_pitch", seed=of.seed)
        if found.count:
            told.append(f"{round(100 * found.value)} % {name}")
    return [f"A second pitch in mixtures of two pitches: {', '.join(told)}."] if told else []


def _of_rank(of: Outcome, name: str) -> str:
    """Which measures surely go with the correlation of a pair."""
    found = {measure: _ranked(of, name, measure) for measure in MEASURES}
    sure = [
        f"{MEASURES[measure].title.lower()} ({one.value:+.2f})"
        for measure, one in found.items()
        if one and (one.low > 0 or one.high < 0)
    ]
    return (
        f"Do lower correlations make better mixtures? To {name}, the correlation of a pair surely "
        f"goes with {', '.join(sure) or 'none of the measures'} (Spearman; below 0, less alike "
        "pairs have more of it)."
    )


def _more_alike(of: Outcome) -> list[str]:
    """Whether notes of one family are more alike, as S4 says."""
    said = []
    for name, one in of.alike.items():
        if one.same and one.other:
            same, other = (findings.mean(some, seed=of.seed) for some in (one.same, one.other))
            apart = (same.low or 0) > (other.high or 0)
            word = "are more alike" if apart else "are not surely more alike"
            said.append(
                f"To {name}, notes of one family and pitch {word} than notes of two "
                f"({same.value:.2f} against {other.value:.2f})."
            )
    return said
