"""What choices come to: ABX, and which of two is preferred."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

from timbrel.evaluation.listening.bradley_terry import strengths
from timbrel.evaluation.listening.description import ORIGINAL
from timbrel.evaluation.listening.findings import (
    Chart,
    Column,
    Exhibit,
    Findings,
    Table,
    p_text,
    percent,
    share_text,
)
from timbrel.evaluation.listening.found_ratings import SHOWN_GROUPS, roles
from timbrel.evaluation.listening.inference import LEVEL, binomial_p, enough, holm
from timbrel.evaluation.listening.judgements import Judgement
from timbrel.evaluation.statistics import Interval, rate_interval

PLACES = {"a": 0, "b": 1}
Counts = dict[str, tuple[int, int]]


def abx(found: Sequence[Judgement]) -> Findings:
    """Says what an ABX test found.

    Args:
        found: Its judgements, at least one.

    Returns:
        The findings.
    """
    by_system: Counts = {}
    by_listener: Counts = {}
    for one in found:
        system = next(source.system for source in one.sources if source.system != ORIGINAL)
        is_right = PLACES[one.given["choice"]] == one.x
        for counts, name in ((by_system, system), (by_listener, one.listener)):
            right, all_ = counts.get(name, (0, 0))
            counts[name] = right + is_right, all_ + 1
    systems = _tested(by_system)
    sentences = [_heard(name, *by_system[name], p) for name, p in systems.items()]
    tables = (
        _abx_table("Told from its original, by system", "system", by_system, roles(found)),
        _abx_table("By listener", "listener", by_listener),
    )
    return Findings(tuple(sentences), tables, _pages_to_hear(found))


def _tested(counts: Counts) -> dict[str, float]:
    """Name to its corrected p, by rising p."""
    p_values = [binomial_p(*counts[name], alternative="greater") for name in counts]
    corrected = dict(zip(counts, holm(p_values), strict=True))
    return {name: corrected[name] for name in sorted(counts, key=lambda name: corrected[name])}


def _heard(name: str, right: int, count: int, p: float) -> str:
    said = (
        f"X was named rightly in {right} of {count} trials with {name} "
        f"({share_text(rate_interval(right, count))}; {p_text(p)}, corrected)"
    )
    if p < LEVEL:
        return f"{said}: the difference from the original is heard."
    needed = enough(count, alternative="greater")
    least = f"{needed} of {count} would have been" if needed else "not even all right would be"
    return f"{said}: no difference is shown to be heard; {least} more than chance."


def _abx_table(
    title: str, first: str, counts: Counts, kinds: Mapping[str, str] | None = None
) -> Table:
    corrected = _tested(counts)
    rows = []
    for name, p in corrected.items():
        right, count = counts[name]
        alone = binomial_p(right, count, alternative="greater")
        rows.append((name, rate_interval(right, count), right, count, alone, p))
    chart = None
    if kinds:
        shares = {name: percent(rate_interval(*counts[name])) for name in corrected}
        chart = Chart("X named rightly (chance is 50 %)", "%", shares, kinds)
    return Table(
        title,
        "X is one of the two, at random, so half right is chance. 95 % Wilson intervals; p is by "
        "the exact binomial test, one-sided, as if all trials were independent; corrected by "
        "Holm's method.",
        (
            Column(first, "words"),
            Column("right", "percent"),
            Column("trials right"),
            Column("trials"),
            Column("p", "p"),
            Column("p, corrected", "p"),
        ),
        tuple(rows),
        chart,
    )


def preference(found: Sequence[Judgement]) -> Findings:
    """Says what a test of preference found.

    Args:
        found: Its judgements, at least one.

    Returns:
        The findings.
    """
    wins: Counter[tuple[str, str]] = Counter()
    for one in found:
        place = PLACES[one.given["choice"]]
        wins[one.sources[place].system, one.sources[1 - place].system] += 1
    names = sorted({name for pair in wins for name in pair})
    duels = _duels(names, wins)
    sentences = [_preferred(*pair, wins, p) for pair, p in duels.items()]
    tables = [_duel_table(duels, wins)]
    if len(names) > 2:
        tables.insert(0, _strength_table(names, wins, roles(found)))
    return Findings(tuple(sentences), tuple(tables), _pages_to_hear(found))


def _duels(
    names: Sequence[str], wins: Mapping[tuple[str, str], int]
) -> dict[tuple[str, str], float]:
    """(more often preferred, less often) to its corrected p, by rising p."""
    pairs = [
        (one, other) if _won(wins, one, other) >= _won(wins, other, one) else (other, one)
        for one, other in combinations(names, 2)
        if _won(wins, one, other) + _won(wins, other, one)
    ]
    corrected = dict(zip(pairs, holm([_sign_test(pair, wins) for pair in pairs]), strict=True))
    return {pair: corrected[pair] for pair in sorted(pairs, key=lambda pair: corrected[pair])}


def _won(wins: Mapping[tuple[str, str], int], one: str, other: str) -> int:
    return wins.get((one, other), 0)


def _sign_test(pair: tuple[str, str], wins: Mapping[tuple[str, str], int]) -> float:
    won, lost = _won(wins, *pair), _won(wins, *pair[::-1])
    return binomial_p(won, won + lost)


def _preferred(one: str, other: str, wins: Mapping[tuple[str, str], int], p: float) -> str:
    won, count = _won(wins, one, other), _won(wins, one, other) + _won(wins, other, one)
    said = (
        f"{one} was preferred to {other} in {won} of {count} trials "
        f"({share_text(rate_interval(won, count))}; {p_text(p)}, corrected)"
    )
    return f"{said}." if p < LEVEL else f"{said}, which may be chance."


def _duel_table(
    duels: Mapping[tuple[str, str], float], wins: Mapping[tuple[str, str], int]
) -> Table:
    rows = []
    for (one, other), p in duels.items():
        won, lost = _won(wins, one, other), _won(wins, other, one)
        alone = _sign_test((one, other), wins)
        share = rate_interval(won, won + lost)
        rows.append((f"{one} – {other}", share, won, lost, alone, p))
    return Table(
        "Each against each",
        "How often the first was preferred to the second, with 95 % Wilson intervals; p is by the "
        "sign test, two-sided, as if all trials were independent; corrected by Holm's method.",
        (
            Column("preferred – other", "words"),
            Column("preferred", "percent"),
            Column("trials for"),
            Column("trials against"),
            Column("p", "p"),
            Column("p, corrected", "p"),
        ),
        tuple(rows),
    )


def _strength_table(
    names: Sequence[str], wins: Mapping[tuple[str, str], int], kinds: Mapping[str, str]
) -> Table:
    found = strengths(names, wins)
    order = sorted(names, key=lambda name: -found[name])
    rows = []
    for name in order:
        won = sum(count for (winner, _), count in wins.items() if winner == name)
        count = sum(count for pair, count in wins.items() if name in pair)
        rows.append((name, found[name], rate_interval(won, count), count))
    shares: dict[str, Interval] = {name: percent(share) for name, _, share, _ in rows}
    return Table(
        "Ranking",
        "Strength by the model of Bradley and Terry: of two, each is preferred in proportion to "
        "its strength; half a win each way is added to each pair. Beside it the share of all its "
        "trials that each won, with its 95 % Wilson interval.",
        (
            Column("source", "words"),
            Column("strength"),
            Column("trials won", "percent"),
            Column("trials"),
        ),
        tuple(rows),
        Chart("Trials won", "%", shares, kinds),
    )


def _pages_to_hear(found: Sequence[Judgement]) -> tuple[Exhibit, ...]:
    pages = {one.page: one for one in found}
    shown = {
        (one.sources[0].group, frozenset(source.system for source in one.sources)): one
        for one in pages.values()
    }
    return tuple(
        Exhibit(
            one.sources[0].group,
            "",
            tuple(
                sorted(
                    (source.system, sound)
                    for source, sound in zip(one.sources, one.sounds, strict=True)
                )
            ),
        )
        for one in list(shown.values())[:SHOWN_GROUPS]
    )
