"""The report of "does it copy?": a folder that opens in a browser with nothing running."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from timbrel.atomic import new_folder
from timbrel.evaluation.examples import Example
from timbrel.evaluation.markup import element, table, text
from timbrel.evaluation.originality.canvas import Picture
from timbrel.evaluation.originality.judging import Judged, Originality
from timbrel.evaluation.originality.pictures import pictures
from timbrel.evaluation.originality.sections import copying
from timbrel.evaluation.originality.tables import MONTAGE, groups, tables
from timbrel.evaluation.originality.words import verdict
from timbrel.evaluation.page import ShownExample, listen, whole
from timbrel.evaluation.report import checked_folder, shown_example
from timbrel.evaluation.results import Facts, as_json
from timbrel.evaluation.rows import Section
from timbrel.signal.files import Sound

KIND = "originality"
SHOWN, SHOWN_S = 4, 30.0  # sounds of a system, and how much of a recording, to hear
_HEARD = (
    "The first pieces of the seed, not the best ones. Spectrograms are 80 dB deep, 0 dB is each "
    "sound's own maximum, and frequency rises logarithmically from 40 Hz to 20 kHz."
)


@dataclass(frozen=True)
class Learned:
    """What instruments were judged, and against what.

    Attributes:
        title: Their names.
        recordings: Name of each recording to it.
        facts: System to what made it.
        notes: What to know before the numbers, a sentence each.
    """

    title: str
    recordings: Mapping[str, Sound]
    facts: Mapping[str, Facts]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class OriginalityReport:
    """All that a report says, plain and ready for JSON.

    Attributes:
        kind: "originality".
        title: Of what, for headings.
        recordings: What was learned from.
        systems: Who is judged, and the montage last: the columns of the tables.
        verdict: Plain sentences.
        notes: What to know before the numbers.
        sections: The tables.
        itself: The numbers of the recording against itself.
        outputs: System to the numbers of each of its outputs, with ``length_s``.
        facts: System to what made it.
    """

    kind: str
    title: str
    recordings: tuple[str, ...]
    systems: tuple[str, ...]
    verdict: tuple[str, ...]
    notes: tuple[str, ...]
    sections: tuple[Section, ...]
    itself: dict[str, float]
    outputs: dict[str, tuple[dict[str, float], ...]]
    facts: dict[str, dict[str, str | int | float | bool | None]]


def summed_up(found: Originality, learned: Learned) -> OriginalityReport:
    """Puts what was found into plain numbers and words.

    Args:
        found: What was found.
        learned: What was judged, and against what.

    Returns:
        The report.
    """
    return OriginalityReport(
        kind=KIND,
        title=learned.title,
        recordings=tuple(learned.recordings),
        systems=tuple(groups(found)),
        verdict=verdict(found),
        notes=learned.notes,
        sections=tables(found),
        itself=found.itself,
        outputs={name: tuple(map(_numbers, outputs)) for name, outputs in groups(found).items()},
        facts={name: dict(facts) for name, facts in learned.facts.items()},
    )


def _numbers(one: Judged) -> dict[str, float]:
    return {"length_s": one.sound.duration_s, **one.numbers}


def write_originality(
    folder: Path, found: Originality, learned: Learned, *, force: bool = False
) -> OriginalityReport:
    """Writes a report's folder whole or not at all.

    ``index.html``, ``report.json``, and what it shows in ``sounds/`` and ``pictures/``.

    Args:
        folder: Where it shall stand.
        found: What was found.
        learned: What was judged, and against what.
        force: Whether a report that stands there is replaced.

    Returns:
        The numbers, as they stand in ``report.json``.

    Raises:
        ExistsError: When the folder exists, and `force` is false or it holds no report.
        UsageError: When there can be no folder of that name.
    """
    report = summed_up(found, learned)
    drawn = pictures(found)
    with new_folder(checked_folder(folder, force=force), force=force) as part:
        (part / "sounds").mkdir()
        (part / "pictures").mkdir()
        paths = {name: f"pictures/{name}.png" for name in drawn}
        for name, picture in drawn.items():
            (part / paths[name]).write_bytes(picture.png)
        shown = [
            shown_example(part, f"heard-{number:02d}", example, one_level=False)
            for number, example in enumerate(examples(found, learned), start=1)
        ]
        html = _page(found, report, drawn, paths, shown)
        (part / "index.html").write_text(html, encoding="utf-8")
        (part / "report.json").write_text(as_json(report), encoding="utf-8")
    return report


def examples(found: Originality, learned: Learned) -> list[Example]:
    """Chooses what is heard: the recordings beside a montage, and the first outputs.

    Args:
        found: What was found.
        learned: What was judged, and against what.

    Returns:
        An example for the recordings, and one a system.
    """
    known = list(learned.recordings.items())[:SHOWN]
    real = {name: _beginning(sound) for name, sound in known}
    montage = found.montages[0].sound
    return [
        Example("What was learned from", "", {**real, f"{MONTAGE} of it": montage}),
        *(
            Example(name, "", {f"piece {n}": one.sound for n, one in _first(outputs)})
            for name, outputs in found.systems.items()
        ),
    ]


def _beginning(sound: Sound) -> Sound:
    return Sound(sound.samples[:, : round(SHOWN_S * sound.sample_rate)], sound.sample_rate)


def _first(outputs: Sequence[Judged]) -> list[tuple[int, Judged]]:
    return list(enumerate(outputs[:SHOWN], start=1))


def _page(
    found: Originality,
    report: OriginalityReport,
    drawn: Mapping[str, Picture],
    paths: Mapping[str, str],
    shown: Sequence[ShownExample],
) -> str:
    parts = [
        listen("To hear", _HEARD, shown, "four"),
        copying(found, drawn, paths),
        _about(report),
    ]
    return whole(report.title, _subtitle(found, report), (*report.verdict, *report.notes), parts)


def _subtitle(found: Originality, report: OriginalityReport) -> str:
    count = max(len(outputs) for outputs in found.systems.values())
    length_s = found.reference.original.duration_s
    return (
        f"Learned from {', '.join(report.recordings)} ({length_s:.1f} s) · {count} new pieces"
        + (" of each" if len(found.systems) > 1 else "")
        + f" · {len(found.montages)} montages"
    )


def _about(report: OriginalityReport) -> str:
    """A column an instrument, a row a fact that any of them has."""
    names = list(dict.fromkeys(name for facts in report.facts.values() for name in facts))
    rows = (
        [text(name), *(text(facts.get(name, "–")) for facts in report.facts.values())]
        for name in names
    )
    return element(
        "section", element("h2", "How it was made") + table(["Fact", *report.facts], rows)
    )
