"""Reports on disk: a folder that opens in a browser with nothing running; and reports compared."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from timbrel.atomic import new_folder
from timbrel.errors import ExistsError, UsageError
from timbrel.evaluation.assessment import Assessment
from timbrel.evaluation.comparison import Comparison
from timbrel.evaluation.examples import Example
from timbrel.evaluation.page import Shown, ShownExample, comparison_page, page
from timbrel.evaluation.pictures import compared, draw
from timbrel.evaluation.results import FORMAT, as_json
from timbrel.signal import files

_PARTS = frozenset(
    {"index.html", "report.json", "answers.csv", "sounds", "pictures", "instruments"}
)
_OF_DESKTOPS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


def checked_folder(folder: Path, *, force: bool = False) -> Path:
    """Makes sure that a report may stand in a folder; nothing but a report is ever replaced.

    Args:
        folder: Where a report shall stand.
        force: Whether a report that stands there is replaced.

    Returns:
        The folder, absolute and without links.

    Raises:
        ExistsError: When something is there, and `force` is false or it is no report.
        UsageError: When there can be no folder of that name.
    """
    place = folder.expanduser().resolve()
    above = next(parent for parent in (place, *place.parents) if parent.exists())
    if not above.is_dir():
        raise UsageError(f"{above} is a file", "a folder for the report")
    if not place.exists():
        return place
    if not force:
        raise ExistsError(f"{folder} exists already", advice="choose another name or add --force")
    foreign = _foreign(place)
    if foreign:
        raise ExistsError(
            f"{folder} exists already and holds {foreign}",
            "a new folder, or with --force an empty one or one with nothing but a report",
            "choose another name",
        )
    if Path.cwd().is_relative_to(place):
        raise ExistsError(
            f"{folder} exists already and is the current folder", advice="choose another name"
        )
    return place


def _foreign(folder: Path) -> str:
    """What a folder holds that no report of ours has; nothing for a report or an empty folder."""
    names = {entry.name for entry in folder.iterdir()} - _OF_DESKTOPS
    others = sorted(names - _PARTS)
    if others:
        return f"{others[0]!r}" + (f" and {len(others) - 1} more" if len(others) > 1 else "")
    try:
        if names:
            read_report(folder)
    except UsageError as error:
        return f"{sorted(names)[0]!r} ({error.given})"
    return ""


def write_report(folder: Path, assessment: Assessment, *, force: bool = False) -> None:
    """Writes a report's folder whole or not at all.

    ``index.html``, ``report.json``, and the sounds and pictures of the examples in ``sounds/`` and
    ``pictures/``.

    Args:
        folder: Where it shall stand.
        assessment: What was found.
        force: Whether a report that stands there is replaced.

    Raises:
        ExistsError: When the folder exists, and `force` is false or it holds no report.
        UsageError: When there can be no folder of that name.
    """
    with new_folder(checked_folder(folder, force=force), force=force) as part:
        (part / "sounds").mkdir()
        (part / "pictures").mkdir()
        reconstructed = [
            shown_example(part, f"held-out-{number:02d}", example, one_level=True)
            for number, example in enumerate(assessment.reconstructed, start=1)
        ]
        generated = [
            shown_example(part, f"generated-{number:02d}", example, one_level=False)
            for number, example in enumerate(assessment.generated, start=1)
        ]
        morphed = [
            shown_example(part, f"morph-{number:02d}", example, one_level=False)
            for number, example in enumerate(assessment.morphed, start=1)
        ]
        html = page(assessment.report, reconstructed, generated, morphed)
        (part / "index.html").write_text(html, encoding="utf-8")
        (part / "report.json").write_text(as_json(assessment.report), encoding="utf-8")


def write_comparison(
    folder: Path,
    found: Comparison,
    assessments: Mapping[str, Assessment],
    *,
    force: bool = False,
) -> None:
    """Writes the report of several instruments whole or not at all.

    As `write_report`, and in ``instruments/`` the whole report of each.

    Args:
        folder: Where it shall stand.
        found: What was found.
        assessments: Instrument to what was found of it alone.
        force: Whether a report that stands there is replaced.

    Raises:
        ExistsError: When the folder exists, and `force` is false or it holds no report.
        UsageError: When there can be no folder of that name.
    """
    with new_folder(checked_folder(folder, force=force), force=force) as part:
        for name in ("sounds", "pictures", "instruments"):
            (part / name).mkdir()
        for name, assessment in assessments.items():
            write_report(part / "instruments" / name, assessment)
        reconstructed = [
            shown_example(part, f"held-out-{number:02d}", example, one_level=True)
            for number, example in enumerate(returned_together(assessments), start=1)
        ]
        generated = [
            shown_example(part, f"generated-{number:02d}", example, one_level=False)
            for number, example in enumerate(generated_together(assessments), start=1)
        ]
        html = comparison_page(found, reconstructed, generated)
        (part / "index.html").write_text(html, encoding="utf-8")
        (part / "report.json").write_text(as_json(found), encoding="utf-8")


def returned_together(assessments: Mapping[str, Assessment]) -> list[Example]:
    """Puts what instruments make of one held-out sound side by side.

    Args:
        assessments: Instrument to what was found of it.

    Returns:
        The held-out sounds that are shown of all of them.
    """
    shown = {
        n: {e.title: e for e in found.reconstructed}
        for n, found in assessments.items()
        if found.reconstructed
    }
    first, *others = shown.values() if shown else [{}]
    return [
        Example(
            title,
            example.label,
            {"original": example.sounds["original"]}
            | {name: list(own[title].sounds.values())[1] for name, own in shown.items()},
        )
        for title, example in first.items()
        if all(title in other for other in others)
    ]


def generated_together(assessments: Mapping[str, Assessment]) -> list[Example]:
    """Puts the first sound that each instrument generates of a label beside a real one.

    Args:
        assessments: Instrument to what was found of it.

    Returns:
        One a label that all of them generate.
    """
    shown = {n: _first_of_label(found.generated) for n, found in assessments.items()}
    first, *others = shown.values()
    return [
        Example(
            label or "any",
            label,
            {caption: sound for caption, sound in list(example.sounds.items())[1:]}
            | {name: own[label].sounds["generated"] for name, own in shown.items()},
        )
        for label, example in first.items()
        if all(label in other for other in others)
    ]


def _first_of_label(examples: Sequence[Example]) -> dict[str, Example]:
    found: dict[str, Example] = {}
    for example in examples:
        found.setdefault(example.label, example)
    return found


def shown_example(folder: Path, stem: str, example: Example, *, one_level: bool) -> ShownExample:
    """Writes an example's sounds and pictures under names of our own: no name of a user's file.

    Args:
        folder: A report's folder, with ``sounds`` and ``pictures`` in it.
        stem: What the names begin with.
        example: The sounds.
        one_level: Whether 0 dB is the first sound's maximum in all pictures, else each one's own.

    Returns:
        The example with the paths of its files, relative to the folder.
    """
    pictures = compared(example.sounds, one_level=one_level)
    shown = []
    for place, ((caption, sound), levels_db) in enumerate(
        zip(example.sounds.items(), pictures, strict=True)
    ):
        wav, png = f"sounds/{stem}-{place}.wav", f"pictures/{stem}-{place}.png"
        files.write(folder / wav, sound, encoding="pcm_16", on_clip="scale")
        draw(folder / png, levels_db)
        shown.append(Shown(caption, wav, png))
    return ShownExample(example.title, example.label, example.note, tuple(shown))


def read_report(folder: Path) -> dict[str, Any]:
    """Reads the numbers of a report.

    Args:
        folder: A report's folder.

    Returns:
        What ``report.json`` holds.

    Raises:
        UsageError: When there is none, or of another format.
    """
    path = folder / "report.json"
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise UsageError(f"no report in {str(folder)!r}", "a folder that evaluate wrote") from None
    if not isinstance(table, dict) or table.get("format") != FORMAT:
        raise UsageError(f"{str(path)!r} is of another format", f"format {FORMAT}")
    return table


def side_by_side(reports: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float | None]]:
    """Puts the main numbers of reports side by side.

    Only numbers of one set of held-out sounds can be compared; the log-spectral distance up to
    7.5 kHz compares instruments of different bandwidth.

    Args:
        reports: What `read_report` gave, each with a title of its own.

    Returns:
        Number's name to report's title to number.

    Raises:
        UsageError: When two reports have one title, or are of different held-out sounds.
    """
    titles = [str(report["title"]) for report in reports]
    if len(set(titles)) < len(titles):
        raise UsageError(
            f"reports of one title: {', '.join(titles)}", "a title of its own for each"
        )
    if len({json.dumps(report["counts"]["labels"]) for report in reports}) > 1:
        raise UsageError("reports of different held-out sounds", "one library, one split, one seed")
    columns = [_main_numbers(report) for report in reports]
    names = dict.fromkeys(name for column in columns for name in column)
    return {
        name: {title: column.get(name) for title, column in zip(titles, columns, strict=True)}
        for name in names
    }


def _main_numbers(report: Mapping[str, Any]) -> dict[str, float | None]:
    numbers: dict[str, float | None] = {}
    for measure in report["reconstruction"].values():
        unit = f" ({measure['unit']})" if measure["unit"] else ""
        for version, mean in measure["means"]["all"].items():
            numbers[f"{measure['title']}{unit}, {version.replace('_', ' ')}"] = mean["value"]
        numbers[f"{measure['title']}{unit}, gain over nearest"] = measure["gain_over_nearest"][
            "value"
        ]
    made, listening = report["generated_copying"], report["listening"]
    numbers["Generated: dB to the nearest training sound, median"] = (
        made["distance_db"]["median"] if made else None
    )
    numbers["Generated: near copies (share)"] = made["near_copies"]["value"] if made else None
    numbers["Generated named right / held-out named right"] = (
        listening["ratio"] if listening else None
    )
    return numbers
