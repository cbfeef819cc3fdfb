"""The folder of an experiment's report: written whole or not at all."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from timbrel.atomic import new_folder
from timbrel.evaluation.page import Shown
from timbrel.evaluation.pictures import compared, draw
from timbrel.evaluation.report import checked_folder
from timbrel.evaluation.results import FORMAT
from timbrel.experiments._findings import Exhibit, Findings, Table
from timbrel.experiments._page import Files, page
from timbrel.signal import files

KIND = "experiment"


def write(
    folder: Path, title: str, findings: Findings, facts: Mapping[str, Any], *, force: bool
) -> None:
    """Writes ``index.html``, ``report.json``, ``pictures/`` and ``sounds/``.

    Args:
        folder: Where the report shall stand.
        title: Of the experiment.
        findings: What it found.
        facts: What the numbers depend on.
        force: Whether a report that stands there is replaced.

    Raises:
        ExistsError: When the folder exists, and `force` is false or it holds no report.
    """
    with new_folder(checked_folder(folder, force=force), force=force) as part:
        (part / "sounds").mkdir()
        (part / "pictures").mkdir()
        pictures = []
        for place, picture in enumerate(findings.pictures, start=1):
            pictures.append(f"pictures/{place:02d}.png")
            (part / pictures[-1]).write_bytes(picture.png)
        sounds = [_sounds(part, place, one) for place, one in enumerate(findings.exhibits, 1)]
        html = page(title, findings, facts, Files(pictures, sounds))
        (part / "index.html").write_text(html, encoding="utf-8")
        (part / "report.json").write_text(
            as_json(title, findings, facts, pictures, sounds), encoding="utf-8"
        )


def _sounds(folder: Path, number: int, exhibit: Exhibit) -> list[Shown]:
    """Writes an exhibit under names of our own: no name of a user's file."""
    levels = compared(exhibit.sounds, one_level=exhibit.one_level)
    placed = []
    for place, ((caption, sound), level_db) in enumerate(
        zip(exhibit.sounds.items(), levels, strict=True)
    ):
        stem = f"{number:02d}-{place:02d}"
        one = Shown(caption, f"sounds/{stem}.wav", f"pictures/{stem}.png")
        files.write(folder / one.sound, sound, encoding="pcm_16", on_clip="scale")
        draw(folder / one.picture, level_db)
        placed.append(one)
    return placed


def as_json(
    title: str,
    findings: Findings,
    facts: Mapping[str, Any],
    pictures: Sequence[str] = (),
    sounds: Sequence[Sequence[Shown]] = (),
) -> str:
    """Writes findings as strict JSON: numbers that are not finite become null.

    Args:
        title: Of the experiment.
        findings: What it found.
        facts: What the numbers depend on.
        pictures: Paths of its pictures.
        sounds: For each exhibit its sounds.

    Returns:
        One JSON object, indented.
    """
    document = {
        "format": FORMAT,
        "kind": KIND,
        "title": title,
        "subtitle": findings.subtitle,
        "verdict": list(findings.verdict),
        "tables": [_table(one) for one in findings.tables],
        "pictures": [
            {"caption": one.caption, "path": path}
            for one, path in zip(findings.pictures, pictures, strict=False)
        ],
        "sounds": [
            {"title": one.title, "sounds": [asdict(sound) for sound in placed]}
            for one, placed in zip(findings.exhibits, sounds, strict=False)
        ],
        "facts": dict(facts),
    }
    return json.dumps(_strict(document), indent=1, ensure_ascii=False, allow_nan=False)


def _table(one: Table) -> dict[str, Any]:
    titles = [column.title for column in one.columns]
    return {
        "title": one.title,
        "note": one.note,
        "columns": [asdict(column) for column in one.columns],
        "rows": {
            name: dict(zip(titles, map(asdict, cells), strict=True))
            for name, cells in one.rows.items()
        },
    }


def _strict(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _strict(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(inner) for inner in value]
    return value if value is None or isinstance(value, str | int | bool) else str(value)
