"""The report of a listening test: from the answers to a folder that opens in a browser."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

from timbrel.atomic import new_folder
from timbrel.errors import TimbrelError
from timbrel.evaluation.listening import description as documents
from timbrel.evaluation.listening.answers import as_csv
from timbrel.evaluation.listening.description import Description, Key
from timbrel.evaluation.listening.findings import Exhibit, Findings, Words, caveats
from timbrel.evaluation.listening.found_choices import abx, preference
from timbrel.evaluation.listening.found_questionnaire import questionnaire
from timbrel.evaluation.listening.found_ratings import mos, mushra
from timbrel.evaluation.listening.judgements import Judgement, Rule, judgements, screened
from timbrel.evaluation.listening.kinds import kind_of
from timbrel.evaluation.listening.page import Summary, page
from timbrel.evaluation.listening.questions import checked
from timbrel.evaluation.listening.results import Listener, Results
from timbrel.evaluation.listening.tokens import receipt_of
from timbrel.evaluation.page import Shown, ShownExample
from timbrel.evaluation.pictures import compared, draw
from timbrel.evaluation.report import checked_folder
from timbrel.evaluation.results import FORMAT, Facts
from timbrel.instruments.document import finite
from timbrel.signal import files

KIND = "listening"


def report(folder: Path, out: Path, *, seed: int = 0, force: bool = False) -> Summary:
    """Writes the report of a test: ``index.html``, ``report.json``, ``answers.csv``, what to hear.

    Args:
        folder: The test's folder.
        out: Where the report shall stand.
        seed: Seed of drawn arrangements in permutation tests.
        force: Whether a report that stands there is replaced.

    Returns:
        What it says.

    Raises:
        UsageError: When the folder is no test.
        ExistsError: When `out` exists, and `force` is false or it holds no report.
        TimbrelError: When nobody has answered, or the rules left no answer over.
    """
    place = checked_folder(out, force=force)
    description = documents.read_description(folder)
    key = documents.read_key(folder, description)
    listeners = Results(folder / documents.RESULTS).everybody()
    answered = [one for one in listeners if one.answers]
    if not answered:
        raise TimbrelError(
            f"nobody has answered {folder} yet", advice=f"run `timbrel listen serve {folder}`"
        )
    found = judgements(answered, key)
    for one in found:  # whoever sent the results may have changed them
        checked(kind_of(description.kind).asked, one.given, sounds=len(one.sounds))
    kept, rules = screened(description.kind, found)
    if not kept:
        reasons = "; ".join(rule.text for rule in rules if rule.count)
        raise TimbrelError(f"the screening rules left no answer over ({reasons})")
    summary = _summary(description, key, answered, kept, rules, seed)
    with new_folder(place, force=force) as part:
        (part / "sounds").mkdir()
        (part / "pictures").mkdir()
        shown = [
            _shown(part, folder / documents.SOUNDS, number, exhibit)
            for number, exhibit in enumerate(summary.findings.exhibits, start=1)
        ]
        (part / "index.html").write_text(page(summary, shown), encoding="utf-8")
        (part / "report.json").write_text(as_json(description, summary), encoding="utf-8")
        (part / "answers.csv").write_text(as_csv(found, kept, answered), encoding="utf-8")
    return summary


def findings(kind: str, found: Sequence[Judgement], *, seed: int) -> Findings:
    """Says what a test found.

    Args:
        kind: The kind of test.
        found: The judgements that count, at least one.
        seed: Seed of drawn arrangements.

    Returns:
        The findings.
    """
    if kind == "abx":
        return abx(found)
    if kind == "preference":
        return preference(found)
    return {"questionnaire": questionnaire, "mos": mos, "mushra": mushra}[kind](found, seed=seed)


def _summary(
    description: Description,
    key: Key,
    answered: Sequence[Listener],
    kept: Sequence[Judgement],
    rules: Sequence[Rule],
    seed: int,
) -> Summary:
    found = findings(description.kind, kept, seed=seed)
    people = len({one.listener for one in kept})
    ended = sum(bool(one.ended_at) for one in answered)
    out = sum(rule.count for rule in rules)
    subtitle = (
        f"{description.kind} · {_count(len(answered), 'listener')}, of whom {ended} came to the "
        f"end · {_count(len(kept), 'answer')}" + (f", {out} left out" if out else "")
    )
    return Summary(
        description.title,
        subtitle,
        (*found.verdict[:1], *caveats(people), *found.verdict[1:]),
        found,
        tuple(rules),
        tuple(_closing(description, answered)),
        _facts(description, key, answered, kept, seed),
        key.notes,
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _closing(description: Description, answered: Sequence[Listener]) -> list[Words]:
    asked = {one.name: one.text for one in kind_of(description.kind).closing}
    return [
        Words(receipt_of(listener.id), asked.get(name, name), "", said)
        for listener in answered
        for name, said in listener.closing.items()
    ]


def _facts(
    description: Description,
    key: Key,
    answered: Sequence[Listener],
    kept: Sequence[Judgement],
    seed: int,
) -> Facts:
    kind, prepared = kind_of(description.kind), key.prepared
    checks = Counter(str(one.checks.get("headphones", "not done")) for one in answered)
    ends = ", ".join(f"{name} {hz:.0f} Hz" for name, hz in prepared.bandwidths_hz.items())
    return {
        "method": kind.source,
        "pages": len(description.trials),
        "pages a listener": description.per_listener,
        "listeners": len(answered),
        "headphone check": ", ".join(f"{name}: {count}" for name, count in sorted(checks.items())),
        "median time a page (s)": round(median(one.seconds for one in kept), 1),
        "sample rate (Hz)": prepared.sample_rate,
        "channels": prepared.channels,
        "loudness (LUFS)": description.loudness_lufs,
        "longest sound (s)": description.longest_s,
        "where sources end": ends,
        "originals cut off at (Hz)": (
            round(prepared.original_bandwidth_hz) if prepared.original_bandwidth_hz else "nowhere"
        ),
        "seed of the test": prepared.seed,
        "seed of the report": seed,
        "built by": f"timbrel {key.timbrel_version}",
    }


def _shown(folder: Path, sounds: Path, number: int, exhibit: Exhibit) -> ShownExample:
    """Writes an exhibit under names of our own: no name of a user's file."""
    heard = [(caption, files.read(sounds / f"{name}.wav")) for caption, name in exhibit.sounds]
    levels = compared({str(place): one for place, (_, one) in enumerate(heard)}, one_level=False)
    shown = []
    for place, ((caption, sound), level_db) in enumerate(zip(heard, levels, strict=True)):
        stem = f"{number:02d}-{place:02d}"
        one = Shown(caption, f"sounds/{stem}.wav", f"pictures/{stem}.png")
        files.write(folder / one.sound, sound, encoding="pcm_16")
        draw(folder / one.picture, level_db)
        shown.append(one)
    return ShownExample(exhibit.title, "", exhibit.note, tuple(shown))


def as_json(description: Description, summary: Summary) -> str:
    """Writes what a report says as strict JSON: numbers that are not finite become null.

    Args:
        description: The test.
        summary: What the report says.

    Returns:
        One JSON object, indented.
    """
    document = {
        "format": FORMAT,
        "kind": KIND,
        "test": {"id": description.id, "kind": description.kind},
        **asdict(summary),
    }
    return json.dumps(finite(document), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
