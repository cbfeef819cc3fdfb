"""What ratings come to: mean opinion scores, MUSHRA, and how musical sounds are found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from timbrel.evaluation.listening.contrasts import Rating, contrasts
from timbrel.evaluation.listening.findings import (
    Chart,
    Column,
    Exhibit,
    Findings,
    Table,
    contrast_sentences,
    contrast_table,
)
from timbrel.evaluation.listening.inference import t_interval
from timbrel.evaluation.listening.judgements import Judgement
from timbrel.evaluation.statistics import Interval, spread

SHOWN_GROUPS = 3
SHOWN_SOUNDS = 4


@dataclass(frozen=True)
class Scale:
    """What was rated.

    Attributes:
        what: In a word or two.
        range: Its ends in words.
        quartiles: Whether the median and quartiles are told.
        note: How the intervals are made.
    """

    what: str
    range: str
    quartiles: bool
    note: str


MOS = Scale(
    "quality",
    "from 1, bad, to 5, excellent",
    False,
    "The mean opinion score with its 95 % interval by Student's t over all votes (ITU-T P.1401). "
    "Votes of one listener, or on one sound, are alike, so the true interval is somewhat wider.",
)
MUSHRA = Scale(
    "quality",
    "from 0, bad, to 100, excellent",
    True,
    "Mean with its 95 % interval by Student's t, median and quartiles over all ratings "
    "(ITU-R BS.1534-3, section 9). Ratings of one listener, or of one sound, are alike, so the "
    "true interval is somewhat wider.",
)
MUSICALITY = Scale(
    "musicality",
    "from 0, terrible, to 10, quite good",
    False,
    "The mean with its 95 % interval by Student's t over all ratings. Ratings of one listener, or "
    "of one sound, are alike, so the true interval is somewhat wider.",
)


def graded(found: Sequence[Judgement], question: str) -> list[Rating]:
    """Collects the grades of sounds that were heard alone.

    Args:
        found: Judgements of one sound each.
        question: The question whose answer is the grade.

    Returns:
        The ratings.
    """
    return [
        Rating(one.listener, one.sources[0].system, one.sounds[0], float(one.given[question]))
        for one in found
        if question in one.given
    ]


def compared(found: Sequence[Judgement]) -> list[Rating]:
    """Collects the ratings of versions that were heard side by side.

    Args:
        found: Judgements of a MUSHRA test.

    Returns:
        The ratings, each with the original that it belongs to.
    """
    return [
        Rating(one.listener, source.system, source.group, float(value), grouped=True)
        for one in found
        for source, value in zip(one.sources, one.given["ratings"], strict=True)
    ]


def roles(found: Sequence[Judgement]) -> dict[str, str]:
    """Lists the sources of a test.

    Args:
        found: Judgements.

    Returns:
        Source to "original", "system" or "anchor".
    """
    return {source.system: source.role for one in found for source in one.sources}


def rated(
    ratings: Sequence[Rating], kinds: Mapping[str, str], scale: Scale, *, seed: int
) -> tuple[list[str], list[Table]]:
    """Says how sources were rated.

    Args:
        ratings: All ratings, at least one.
        kinds: Source to "original", "system" or "anchor".
        scale: What was rated.
        seed: Seed of drawn arrangements.

    Returns:
        Sentences, and the tables: sources by falling mean, and their comparisons. Anchors are not
        compared: they are there to be low.
    """
    means = _means(ratings)
    order = sorted(means, key=lambda name: -means[name].value)
    found = contrasts(ratings, [name for name in order if kinds[name] != "anchor"], seed=seed)
    sentences = [_ranked(order, means, scale), *contrast_sentences(found, scale.what)]
    tables = [_ranking(ratings, means, order, kinds, scale)]
    return sentences, tables + ([contrast_table(found, scale.what)] if found else [])


def _ranked(order: Sequence[str], means: Mapping[str, Interval], scale: Scale) -> str:
    told = [
        f"{name} {mean.value:.1f}" + (f" ({mean.low:.1f} to {mean.high:.1f})" * (mean.count > 1))
        for name, mean in ((name, means[name]) for name in order)
    ]
    return f"Mean {scale.what}, {scale.range}: {', '.join(told)}."


def _means(ratings: Sequence[Rating]) -> dict[str, Interval]:
    values: dict[str, list[float]] = {}
    for one in ratings:
        values.setdefault(one.source, []).append(one.value)
    return {name: t_interval(each) for name, each in values.items()}


def _ranking(
    ratings: Sequence[Rating],
    means: Mapping[str, Interval],
    order: Sequence[str],
    kinds: Mapping[str, str],
    scale: Scale,
) -> Table:
    columns = [Column("source", "words"), Column("mean")]
    if scale.quartiles:
        columns += [Column("median"), Column("lower quartile"), Column("upper quartile")]
    columns += [Column("ratings"), Column("listeners")]
    rows = []
    for name in order:
        own = [one for one in ratings if one.source == name]
        middle = spread([one.value for one in own])
        quartiles = (middle.median, middle.lower_quartile, middle.upper_quartile)
        rows.append(
            (
                name,
                means[name],
                *(quartiles if scale.quartiles else ()),
                len(own),
                len({one.listener for one in own}),
            )
        )
    chart = Chart(f"Mean {scale.what}", "", {name: means[name] for name in order}, kinds)
    title = f"{scale.what.capitalize()}, {scale.range}"
    return Table(title, scale.note, tuple(columns), tuple(rows), chart)


def mos(found: Sequence[Judgement], *, seed: int) -> Findings:
    """Says what a test of mean opinion scores found.

    Args:
        found: Its judgements, at least one.
        seed: Seed of drawn arrangements.

    Returns:
        The findings.
    """
    ratings = graded(found, "quality")
    sentences, tables = rated(ratings, roles(found), MOS, seed=seed)
    means = {name: mean.value for name, mean in _by_sound(ratings).items()}
    made = {one.sounds[0]: one.sources[0] for one in found if one.sources[0].role == "system"}
    ordered = sorted(made, key=lambda name: -means[name])
    ends = dict.fromkeys([*ordered[:2], *ordered[-2:]])
    shown = tuple((f"{made[name].system}, {means[name]:.1f}: {made[name].name}", name)
                  for name in ends)  # fmt: skip
    exhibit = Exhibit("Made sounds with the highest and the lowest mean", "", shown)
    return Findings(tuple(sentences), tuple(tables), (exhibit,) if shown else ())


def _by_sound(ratings: Sequence[Rating]) -> dict[str, Interval]:
    values: dict[str, list[float]] = {}
    for one in ratings:
        values.setdefault(one.item, []).append(one.value)
    return {name: t_interval(each) for name, each in values.items()}


def mushra(found: Sequence[Judgement], *, seed: int) -> Findings:
    """Says what a MUSHRA test found.

    Args:
        found: Its judgements, at least one.
        seed: Seed of drawn arrangements.

    Returns:
        The findings.
    """
    sentences, tables = rated(compared(found), roles(found), MUSHRA, seed=seed)
    pages = {one.page: one for one in found}
    exhibits = tuple(_page_to_hear(one) for one in list(pages.values())[:SHOWN_GROUPS])
    return Findings(tuple(sentences), tuple(tables), exhibits)


def _page_to_hear(one: Judgement) -> Exhibit:
    ranks = {"original": 0, "system": 1, "anchor": 2}
    placed = sorted(
        (ranks[source.role], source.system, sound)
        for source, sound in zip(one.sources, one.sounds, strict=True)
    )
    return Exhibit(one.sources[0].group, "", tuple((name, sound) for _, name, sound in placed))
