"""What a questionnaire comes to: told from real or not, how easily, how musical, how inspiring."""

from collections import Counter
from collections.abc import Callable, Sequence
from math import isfinite

from timbrel.evaluation.listening.contrasts import FEWEST_LISTENERS
from timbrel.evaluation.listening.detection import Detection
from timbrel.evaluation.listening.findings import (
    Cell,
    Chart,
    Column,
    Exhibit,
    Findings,
    Table,
    Words,
    p_text,
    percent,
    share_text,
)
from timbrel.evaluation.listening.found_ratings import (
    MUSICALITY,
    SHOWN_SOUNDS,
    graded,
    rated,
    roles,
)
from timbrel.evaluation.listening.inference import LEVEL, enough, holm, sign_flip_p
from timbrel.evaluation.listening.judgements import Judgement
from timbrel.evaluation.listening.questions import QUESTIONNAIRE
from timbrel.evaluation.markup import plain
from timbrel.evaluation.statistics import Interval, rate_interval


def questionnaire(found: Sequence[Judgement], *, seed: int) -> Findings:
    """Says what a questionnaire found.

    Args:
        found: Its judgements, at least one.
        seed: Seed of drawn arrangements.

    Returns:
        The findings.
    """
    kinds = roles(found)
    musical, tables = rated(graded(found, "musicality"), kinds, MUSICALITY, seed=seed)
    verdict = [*told_apart(_detected(found)), *_by_people(found, seed), *musical]
    return Findings(
        tuple(verdict),
        (_listeners(found), _systems(found), *tables, _eases(found), _inspiring(found)),
        _fooled(found),
        tuple(
            Words(one.listener, one.sources[0].name, one.sources[0].system, one.given["words"])
            for one in found
            if one.given.get("words")
        ),
        "The fakes that were called real most often, and the originals that were called fake most "
        "often.",
    )


def _detected(found: Sequence[Judgement]) -> Detection:
    fakes = [one for one in found if one.sources[0].role != "original"]
    originals = [one for one in found if one.sources[0].role == "original"]
    return Detection(_called_fake(fakes), len(fakes), _called_fake(originals), len(originals))


def _called_fake(found: Sequence[Judgement]) -> int:
    return sum(one.given["real"] == "fake" for one in found)


def told_apart(found: Detection) -> list[str]:
    """Says whether fakes were told from originals.

    Args:
        found: All judgements together.

    Returns:
        What came out, and on what it stands.

    Example:
        >>> told_apart(Detection(9, 10, 1, 10))[0]
        'Fakes are told from originals: 18 of 20 answers are right, 90 %.'
    """
    right = f"{found.correct} of {found.count} answers are right, {100 * found.share.value:.0f} %"
    details = [f"{share_text(found.share)} right", *_sensitivity(found.d_prime)]
    stands = f"Real or fake, all together: {'; '.join(details)}; {found.test}, {p_text(found.p)}."
    if found.p < LEVEL and found.d_prime.value > 0:
        return [f"Fakes are told from originals: {right}.", stands]
    if found.p < LEVEL:
        return [f"Fakes pass for originals more than by chance: {right}.", stands]
    return [f"Fakes are told from originals no better than by chance: {right}.", stands,
            _power(found)]  # fmt: skip


def _sensitivity(d_prime: Interval) -> list[str]:
    if not isfinite(d_prime.value):
        return []
    value, low, high = (plain(one, 1) for one in (d_prime.value, d_prime.low, d_prime.high))
    return [f"d' {value}, {low} to {high}"]


def _power(found: Detection) -> str:
    needed = enough(found.count)
    if needed is None:
        return f"With {found.count} answers not even all right would have been more than chance."
    return (
        f"That is no proof that nobody hears it: {needed} right of {found.count} would have been "
        "more than chance."
    )


def _by_people(found: Sequence[Judgement], seed: int) -> list[str]:
    """Who is found to tell them apart, and whether people do so in general."""
    each = {name: _detected(own) for name, own in _split(found, lambda one: one.listener).items()}
    corrected = dict(zip(each, holm([one.p for one in each.values()]), strict=True))
    sentences = []
    if len(each) > 1:
        sure = [
            f"{name} ({100 * one.share.value:.0f} %, {p_text(corrected[name])}, corrected)"
            for name, one in each.items()
            if corrected[name] < LEVEL and one.beyond > 0
        ]
        sentences.append(
            f"Of {len(each)} listeners these surely tell fakes from originals: {', '.join(sure)}."
            if sure
            else f"None of the {len(each)} listeners surely tells fakes from originals alone."
        )
    beyond = [one.beyond for one in each.values() if isfinite(one.beyond)]
    if len(beyond) >= FEWEST_LISTENERS:
        p, does_better = sign_flip_p(beyond, seed=seed), sum(beyond) > 0
        way = "are not shown to do better"
        if p < LEVEL:
            way = "do better" if does_better else "do worse, which is a way of hearing it,"
        sentences.append(f"People like these listeners {way} than chance ({p_text(p)}).")
    return sentences


def _split(
    found: Sequence[Judgement], by: Callable[[Judgement], str]
) -> dict[str, list[Judgement]]:
    parts: dict[str, list[Judgement]] = {}
    for one in found:
        parts.setdefault(by(one), []).append(one)
    return parts


def _listeners(found: Sequence[Judgement]) -> Table:
    parts = _split(found, lambda one: one.listener)
    each = {name: _detected(own) for name, own in parts.items()}
    corrected = dict(zip(each, holm([one.p for one in each.values()]), strict=True))
    rows = [_detection_row(name, one, corrected[name]) for name, one in each.items()]
    if len(each) > 1:
        rows.append(_detection_row("all together", _detected(found), None))
    return Table(
        "Real or fake, by listener",
        "A hit is a fake that is called fake, a false alarm an original that is called fake. d' is "
        "0 for chance whatever one likes to say, with rates corrected log-linearly (Hautus 1995) "
        "and the interval of Gourevitch and Galanter; bias is below 0 for who likes to say fake. "
        "The share that is right has a 95 % Wilson interval. p is two-sided, by the exact "
        "binomial test against one half where half of the sounds are fakes, else by Fisher's "
        "exact test; the corrected one (Holm) takes into account that there are several listeners.",
        _DETECTION_COLUMNS,
        tuple(rows),
    )


_DETECTION_COLUMNS = (
    Column("listener", "words"),
    Column("right", "percent"),
    Column("sounds"),
    Column("hits", "percent"),
    Column("false alarms", "percent"),
    Column("d'"),
    Column("bias c"),
    Column("p", "p"),
    Column("p, corrected", "p"),
)


def _detection_row(name: str, one: Detection, corrected_p: float | None) -> tuple[Cell, ...]:
    return (
        name,
        one.share,
        one.count,
        _share(one.hits, one.fakes),
        _share(one.false_alarms, one.originals),
        one.d_prime,
        one.criterion,
        one.p,
        corrected_p,
    )


def _share(part: int, whole: int) -> Interval | None:
    return rate_interval(part, whole) if whole else None


def _systems(found: Sequence[Judgement]) -> Table:
    parts = _split(found, lambda one: one.sources[0].system)
    shares = {name: rate_interval(_called_fake(own), len(own)) for name, own in parts.items()}
    order = sorted(parts, key=lambda name: shares[name].value)
    return Table(
        "Called fake, by source",
        "How often sounds of each source were called fake, with 95 % Wilson intervals. A system "
        "that is called fake as seldom as the originals passes for real.",
        (Column("source", "words"), Column("called fake", "percent"), Column("judgements")),
        tuple((name, shares[name], len(parts[name])) for name in order),
        Chart("Called fake", "%", {name: percent(shares[name]) for name in order}, roles(found)),
    )


def _eases(found: Sequence[Judgement]) -> Table:
    return _counted(
        [one for one in found if one.given["real"] == "fake"],
        "ease",
        "How easy fakes were to spot",
        "Of the sounds that were called fake, rightly or not.",
    )


def _inspiring(found: Sequence[Judgement]) -> Table:
    return _counted(found, "inspiring", "Inspiring", "Whether the sounds give ideas for new music.")


def _counted(found: Sequence[Judgement], name: str, title: str, note: str) -> Table:
    question = next(one for one in QUESTIONNAIRE if one.name == name)
    rows: list[tuple[Cell, ...]] = []
    for source, own in _split(found, lambda one: one.sources[0].system).items():
        counts = Counter(one.given.get(name) for one in own)
        shares = (rate_interval(counts[value], len(own)) for value, _ in question.choices)
        rows.append((source, *shares, len(own)))
    columns = (
        Column("source", "words"),
        *(Column(label.lower(), "percent") for _, label in question.choices),
        Column("answers"),
    )
    return Table(title, f"{note} With 95 % Wilson intervals.", columns, tuple(rows))


def _fooled(found: Sequence[Judgement]) -> tuple[Exhibit, ...]:
    """Sounds that were most often taken for what they are not."""
    exhibits = []
    for wanted, wrong, title in (
        (False, "real", "Fakes that passed for real"),
        (True, "fake", "Originals that were called fake"),
    ):
        sounds = _split(
            [one for one in found if (one.sources[0].role == "original") == wanted],
            lambda one: one.sounds[0],
        )
        missed = {
            name: sum(one.given["real"] == wrong for one in own) / len(own)
            for name, own in sounds.items()
        }
        worst = [name for name in sorted(missed, key=lambda name: -missed[name]) if missed[name]]
        shown = tuple(
            (f"{sounds[name][0].sources[0].name}: {wrong} by {100 * missed[name]:.0f} %", name)
            for name in worst[:SHOWN_SOUNDS]
        )
        exhibits += [Exhibit(title, "", shown)] if shown else []
    return tuple(exhibits)
