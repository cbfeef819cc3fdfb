"""Reports on disk: a folder that opens in a browser with nothing running; and reports compared."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from timbrel.atomic import new_folder
from timbrel.errors import UsageError
from timbrel.evaluation.assessment import Assessment
from timbrel.evaluation.hearing import Example
from timbrel.evaluation.page import Shown, ShownExample, page
from timbrel.evaluation.pictures import compared, draw
from timbrel.evaluation.results import FORMAT, as_json
from timbrel.signal import files


def write_report(folder: Path, assessment: Assessment, *, force: bool = False) -> None:
    """Writes a report's folder whole or not at all.

    ``index.html``, ``report.json``, and the sounds and pictures of the examples in ``sounds/`` and
    ``pictures/``.

    Args:
        folder: Where it shall stand.
        assessment: What was found.
        force: Whether an existing folder is replaced.

    Raises:
        ExistsError: When the folder exists and `force` is false.
    """
    with new_folder(folder, force=force) as part:
        (part / "sounds").mkdir()
        (part / "pictures").mkdir()
        reconstructed = [
            _shown(part, f"held-out-{number:02d}", example, one_level=True)
            for number, example in enumerate(assessment.reconstructed, start=1)
        ]
        generated = [
            _shown(part, f"generated-{number:02d}", example, one_level=False)
            for number, example in enumerate(assessment.generated, start=1)
        ]
        html = page(assessment.report, reconstructed, generated)
        (part / "index.html").write_text(html, encoding="utf-8")
        (part / "report.json").write_text(as_json(assessment.report), encoding="utf-8")


def _shown(folder: Path, stem: str, example: Example, *, one_level: bool) -> ShownExample:
    """Writes an example's sounds and pictures under names of our own: no name of a user's file."""
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
